"""Stage the artifact: our code, its dependencies, reduced botocore data, compressed static files, and byte code.

infra/package.py zips such a folder; the benchmark measures it, so that it measures what runs.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from infra import botocore_data, compiled_templates, deployed, docstrings, elf, precompressed
from infra.target import Target, uv_command

ROOT = Path(__file__).parents[1]
OWN = ("app", "handlers")
WEB = "app/pages"
COMMANDS = "app/cli"  # for a terminal: app/factory.py does not load them in Lambda
REMOTE = "remote"  # the module of those that operators may run in a deployment
STATIC = f"{WEB}/static"
# File suffixes in our packages. Any other is refused instead of left out, lest Lambda miss data.
KINDS = frozenset(
    ".py .json .txt .gz .zip .csv .mo .html .js .css .svg .png .webp .ico .woff2 .webmanifest .xml .xsd .xsl".split()
)
LEGAL = ("LICENSE", "NOTICE")
REQUIREMENTS = ROOT / "requirements.txt"
INSTALL_TIMEOUT_S = 300
COMPILE_TIMEOUT_S = 300
# Path where Lambda unpacks a function: byte code with the right path needs no change at each start.
TASK = "/var/task"
NOT_NEEDED = (
    "bin",
    ".lock",
    "*/tests",
    "*/testing",
    "**/__pycache__",
    "**/*.pyi",
    "**/py.typed",
    "**/*.c",
    "**/*.h",
    "**/*.md",
    # A second copy of the time zones, calendars and other systems' clocks, a part for browsers.
    "dateutil/zoneinfo",
    "dateutil/easter.py",
    "dateutil/rrule.py",
    "dateutil/tz/win.py",
    "dateutil/tzwin.py",
    "urllib3/contrib/emscripten",
    # Other ways to connect, each of which needs a package that is not here; a language of templates for strangers.
    "urllib3/contrib/pyopenssl.py",
    "urllib3/contrib/socks.py",
    "urllib3/http2/connection.py",
    "jinja2/sandbox.py",
    # What serves and debugs on a desk, what tests call, and other frameworks' readers of requests.
    "botocore/stub.py",
    "click/_termui_impl.py",
    "click/_winconsole.py",
    "click/shell_completion.py",
    "click/testing.py",
    "flask/testing.py",
    "jinja2/meta.py",
    "jinja2/nativetypes.py",
    "ulid/__main__.py",
    "webargs/[abdpt]*parser.py",
    "webargs/falconparser.py",
    "webargs/testing.py",
    "werkzeug/_reloader.py",
    "werkzeug/debug",
    "werkzeug/middleware",
    "werkzeug/testapp.py",
    # Commands and codes of contacts and networks; only plain codes are drawn.
    "segno/cli.py",
    "segno/helpers.py",
    "share",
    # apispec and webargs compare versions, and need nothing else of it.
    "packaging/licenses",
    "packaging/[a-uw-z]*.py",
    "packaging/_[a-z]*.py",
    # argon2's binding is compiled: it loads _cffi_backend, and not the parser of C.
    "cffi",
    "pycparser",
    "pycparser-*.dist-info",
)


class StageFailed(Exception):
    """The folder could not be filled. The message says why."""


def stage(
    folder: Path,
    *,
    target: Target | None = None,
    interpreter: Path | None = Path(sys.executable),
    requirements: Path = REQUIREMENTS,
) -> None:
    """Fill an empty or new folder; without a target, for this system; without an interpreter, without byte code.

    Raises StageFailed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise StageFailed(f"{folder} is not empty.")
    for name in OWN:
        _copy_own(ROOT / name, folder / name)
    deployed.keep_reached(folder / COMMANDS, REMOTE)
    precompressed.pack(folder / STATIC)
    compiled_templates.put(folder / WEB)
    install(folder, requirements, target=target)
    deployed.remove_unreached(folder, OWN)
    for pattern in NOT_NEEDED:
        for path in list(folder.glob(pattern)):
            deployed.remove(path)
    deployed.cut_metadata(folder)
    elf.cut(folder)
    botocore_data.cut(folder / "botocore" / "data")
    if target and (faults := deployed.faults_of_compiled(folder, target)):
        raise StageFailed("\n".join(faults))
    if interpreter:
        for file in _of_libraries(folder):
            docstrings.empty(file)
        compile_all(folder, interpreter)
        _empty_sources(folder)


def _empty_sources(folder: Path) -> None:
    """Empty the sources of libraries and compiled templates: their byte code is taken without looking at them.

    They were a seventh of the artifact. The files stay, because Python looks for byte code beside a source; our own
    sources stay whole, so that a traceback in the log shows their lines.
    """
    for file in _of_libraries(folder):
        if any((file.parent / "__pycache__").glob(f"{file.stem}.*.pyc")):
            file.write_bytes(b"")


def _of_libraries(folder: Path) -> list[Path]:
    """Return the modules that are not written by us: those of libraries, and compiled templates."""
    made_of_templates = folder / WEB / "compiled"
    files = [(file, file.relative_to(folder).parts[0] in OWN) for file in sorted(folder.rglob("*.py"))]
    return [file for file, is_own in files if not is_own or made_of_templates in file.parents]


def _copy_own(source: Path, folder: Path) -> None:
    """Copy one of our packages, by file suffix. Raises StageFailed for an unknown suffix."""
    for file in sorted(source.rglob("*")):
        name = file.relative_to(source)
        if file.is_dir() or _is_no_part(name):
            continue
        if file.suffix not in KINDS and file.name not in LEGAL:
            raise StageFailed(f"{source.name}/{name} is of no kind that is deployed: remove it, or add to KINDS.")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(file.read_bytes())


def _is_no_part(name: Path) -> bool:
    """Return whether a file is left out: other byte code, files of editors and systems, tests, catalogue sources."""
    is_hidden = any(part.startswith(".") or part in ("__pycache__", "tests") for part in name.parts)
    is_test = name.name.startswith("test_") or name.name == "conftest.py"
    return is_hidden or is_test or name.name.endswith("~") or name.suffix in (".po", ".pot")


def install(folder: Path, requirements: Path, *, target: Target | None = None) -> None:
    """Install with uv if available, which is faster, else with pip. Both check every hash. Raises StageFailed."""
    wanted = ["--target", str(folder), "--require-hashes", "-r", str(requirements), "--quiet"]
    if uv := uv_command():
        # Copies: a change here must not change an installer's cache, or environments that share it.
        command = [uv, "pip", "install", "--python", sys.executable, "--link-mode", "copy", *_for_uv(target), *wanted]
        # The hashes decide, so files in the cache need no look at an index.
        if not _run([*command, "--offline"], INSTALL_TIMEOUT_S).returncode:
            return
    else:
        pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-compile"]
        command = [*pip, *_for_pip(target), *wanted]
    done = _run(command, INSTALL_TIMEOUT_S)
    if done.returncode:
        raise StageFailed(f"The dependencies could not be installed:\n{done.stderr[-2000:]}")


def _for_uv(target: Target | None) -> list[str]:
    if not target:
        return []
    # uv does not know 2.26; the files themselves are checked for newer requirements.
    system = f"{target.machine}-manylinux_2_{max(28, target.glibc_minor)}"
    return ["--python-platform", system, "--python-version", target.version, "--only-binary", ":all:"]


def _for_pip(target: Target | None) -> list[str]:
    if not target:
        return []
    systems = [f"manylinux_2_{minor}_{target.machine}" for minor in range(target.glibc_minor, 16, -1)]
    platforms = [part for one in (*systems, f"manylinux2014_{target.machine}") for part in ("--platform", one)]
    version = ["--implementation", "cp", "--python-version", target.version]
    return [*platforms, *version, "--only-binary", ":all:", "--no-deps"]  # the lock names all packages


def compile_all(
    folder: Path,
    interpreter: Path = Path(sys.executable),
    *,
    place: str = TASK,
    mode: str = "unchecked-hash",
    is_strict: bool = True,
) -> None:
    """Compile to unchecked byte code: a zip's dates never match the source, and checking costs time.

    `place`: the folder's later path. Strict: a file that does not compile raises StageFailed; libraries carry templates
    that are not Python. The same bytes each time: one process, files in order, no random hashes, no path of this
    folder.
    """
    asked = ["--invalidation-mode", mode, "-qq", "-f", "-d", place, "."]
    command = [str(interpreter), "-S", "-s", "-P", "-m", "compileall", *asked]
    done = _run(command, COMPILE_TIMEOUT_S, folder=folder, environment={"PYTHONHASHSEED": "0"})
    if is_strict and done.returncode:
        raise StageFailed("Some file could not be compiled.")


def _run(
    command: Sequence[str], timeout_s: int, *, folder: Path | None = None, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False
    )
