"""Measure the effect of each optimisation of the artifact: one undone at a time in a copy, beside the whole."""

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import botocore

from bench import cold, instructions, variants
from bench.fixed_database import Server
from bench.variants import BUILD, Variant
from infra import package, stage

WHOLE = "as deployed"
FIGURES = ("cold_cpu_ms", "import_ms", "first_ms")


def _without(file: str, pattern: str) -> Callable[[Path], None]:
    """Remove the lines that match; a pattern without a match is out of date."""

    def edit(folder: Path) -> None:
        text, count = re.subn(pattern, "", (folder / file).read_text(encoding="utf-8"), flags=re.M)
        assert count, (file, pattern)
        (folder / file).write_text(text, encoding="utf-8")
        stage.compile_all(folder, place=str(folder))

    return edit


def _with_whole_botocore(folder: Path) -> None:
    shutil.rmtree(folder / "botocore" / "data")
    shutil.copytree(Path(botocore.__file__).parent / "data", folder / "botocore" / "data")


def _without_byte_code(folder: Path) -> None:
    for path in list(folder.rglob("__pycache__")):
        shutil.rmtree(path)


def _compiled(**options: str) -> Callable[[Path], None]:
    return lambda folder: stage.compile_all(folder, **({"place": str(folder)} | options))


UNDONE: dict[str, Callable[[Path], None]] = {
    "no byte code": _without_byte_code,
    "byte code checked by its source's hash": _compiled(mode="checked-hash"),
    "byte code that was compiled at another path": _compiled(place="/elsewhere"),
    "botocore's data whole": _with_whole_botocore,
    "garbage collection during the imports": _without("handlers/api.py", r"^gc\.\w+\(\).*$"),
    "client made and keys read when needed": _without("handlers/api.py", r"^connect\(\)$"),
    "keys read when needed": _without("app/factory.py", r"^    keys\.keys\(\)$"),
}


def measure(server: Server, preload: Sequence[str], rounds: int) -> Iterator[dict[str, Any]]:
    """Measure sizes, CPU time and instructions of each, with ratios to the whole."""
    prepared = [_prepare(name, undo) for name, undo in {WHOLE: _compiled(), **UNDONE}.items()]
    taken = cold.in_turns(prepared, rounds, lambda variant: _sample(variant, server, preload))
    counted = instructions.counts(prepared, server, preload) if shutil.which("valgrind") else iter(())
    for variant in prepared:
        record = cold.figures(taken, variant.name, FIGURES, yardstick=WHOLE)
        record |= next(counted, {})
        yield {
            "measure": "tricks",
            "variant": variant.name,
            "rounds": rounds,
            **record,
            **_sizes(Path(variant.paths[0])),
        }


def _prepare(name: str, undo: Callable[[Path], None]) -> Variant:
    folder = BUILD / "tricks" / re.sub(r"\W+", "-", name)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(BUILD / "stage", folder)
    stage.compile_all(folder, place=str(folder))
    undo(folder)
    return variants.our_variant(name, folder)


def _sample(variant: Variant, server: Server, preload: Sequence[str]) -> dict[str, Any]:
    sample = cold.run(variant, server, preload)
    return sample | {"first_ms": sample["cold_cpu_ms"] - sample["import_ms"]}


def _sizes(folder: Path) -> dict[str, float]:
    packed = folder.with_suffix(".zip")
    entries = package.write_zip(folder, packed)
    return {
        "packed_mb": round(packed.stat().st_size / 1e6, 2),
        "unpacked_mb": round(sum(entry.file_size for entry in entries) / 1e6, 1),
    }
