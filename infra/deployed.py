"""Remove from a staged folder what is not deployed: libraries that the product does not import, and their metadata."""

import ast
import re
import shutil
from collections.abc import Iterable, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path

from infra.target import ELF_MACHINES, Target

# Libraries ask for their own versions; a licence goes with its library. No other metadata is read.
METADATA = re.compile(r"METADATA|(LICEN[CS]E|NOTICE|COPYING|AUTHORS).*")
_COMPILED_FOR = re.compile(r"\.(cpython-\d+|abi3)\b")
_GLIBC = re.compile(rb"GLIBC_2\.(\d+)")


def remove_unreached(folder: Path, own: Sequence[str]) -> None:
    """Keep only libraries that the packages `own` import, and their requirements by metadata.

    A library that is only locked for other uses (boto3, of which only the core is imported) is removed this way.
    """
    installed = {_normal(distribution.name): distribution for distribution in distributions(path=[str(folder)])}
    reached: set[str] = set()
    imported = imported_names(folder / name for name in own)
    waiting = [name for name, one in installed.items() if imported & _top_names(one)]
    while waiting:
        if (name := waiting.pop()) in installed and name not in reached:
            reached.add(name)
            waiting.extend(_required(installed[name]))
    kept = {top for name in reached for top in _tops(installed[name])}
    for name in installed.keys() - reached:
        for top in _tops(installed[name]) - kept:
            remove(folder / top)


def keep_reached(package: Path, start: str) -> None:
    """Remove from a package all but one module and those of the package that it imports, directly or not."""
    reached, waiting, prefix = {"__init__"}, [start], ".".join(package.parts[-2:])
    while waiting:
        if (stem := waiting.pop()) not in reached:
            reached.add(stem)
            tree = ast.parse((package / f"{stem}.py").read_text(encoding="utf-8"))
            names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
            waiting += [name.removeprefix(f"{prefix}.") for name in names if name.startswith(f"{prefix}.")]
    for path in list(package.iterdir()):
        if path.stem not in reached:
            remove(path)


def imported_names(packages: Iterable[Path]) -> set[str]:
    """Return the top-level names of all imports in these packages, in functions too."""
    names: set[str] = set()
    for package in packages:
        for file in package.rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names.update(alias.name.partition(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names.add(node.module.partition(".")[0])
    return names


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _required(one: Distribution) -> list[str]:
    """Return required names without versions; a marker for another Python does no harm, extras are ignored."""
    asked = [text for text in one.requires or () if "extra ==" not in text]
    return [_normal(found[0]) for text in asked if (found := re.match(r"[\w.-]+", text))]


def _tops(one: Distribution) -> set[str]:
    """Return the first parts of a library's paths, except its commands (../../bin)."""
    return {file.parts[0] for file in one.files or () if file.parts[0] != ".."}


def _top_names(one: Distribution) -> set[str]:
    return {top.partition(".")[0] for top in _tops(one)}


def cut_metadata(folder: Path) -> None:
    """Keep only the name, version and licence in each library's metadata."""
    for info in folder.glob("*.dist-info"):
        for file in [file for file in info.rglob("*") if file.is_file()]:
            if not METADATA.fullmatch(file.name):
                file.unlink()
        headers = (info / "METADATA").read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
        kept = [line for line in headers if line.startswith(("Metadata-Version:", "Name:", "Version:"))]
        (info / "METADATA").unlink()  # never through a hard link into an installer's cache
        (info / "METADATA").write_text("\n".join(kept) + "\n", encoding="utf-8")


def remove(path: Path) -> None:
    """Delete a file or a whole folder, if it exists."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def faults_of_compiled(folder: Path, target: Target) -> list[str]:
    """List what is wrong with compiled files for the target (processor, Python, glibc), a sentence each."""
    faults: list[str] = []
    for file in sorted(folder.rglob("*.so*")):
        raw, name = file.read_bytes(), file.relative_to(folder)
        if raw[:4] != b"\x7fELF" or int.from_bytes(raw[18:20], "little") != ELF_MACHINES[target.architecture]:
            faults.append(f"{name} is not for {target.architecture}.")
        if (tag := _COMPILED_FOR.search(file.name)) and tag[1] not in (target.tag, "abi3"):
            faults.append(f"{name} is not for Python {target.version}.")
        if max((int(minor) for minor in _GLIBC.findall(raw)), default=0) > target.glibc_minor:
            faults.append(f"{name} asks for a glibc newer than 2.{target.glibc_minor}.")
    return faults
