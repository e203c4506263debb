"""One table of every recording and small case: how many messages hold, how many end, and why the others are left out.

Each line of tests/samples/official/outcomes.txt was checked against the words, codes and status in the file.
"""

from pathlib import Path

import pytest

from app.warnings.sources.message import Answer
from app.warnings.sources.registry import Source
from tests.rig.official import flood, floods

TABLE = Path(__file__).parents[3] / "samples" / "official" / "outcomes.txt"
# No answers of sources: keys, tables, texts, and what imports and the gazetteer read.
NO_ANSWERS = {".tsv", ".md", ".txt", ".csv", ".kml"}
NO_MESSAGES = {"cases/32-crs-27700.geojson", "cases/34-swapped.geojson", "cases/51-titles.json"}
NO_MESSAGES |= {"cases/streets-without-times.geojson"}


def outcomes() -> dict[str, tuple[int, int, dict[str, int]]]:
    _, *lines = TABLE.read_text(encoding="utf-8").splitlines()
    found = {}
    for line in lines:
        file, taken, ended, reasons = (part.strip() for part in line.split("|"))
        counted = [reason.rpartition(" ")[::2] for reason in reasons.split(", ") if reason]
        found[file] = int(taken), int(ended), {reason: int(count) for reason, count in counted}
    return found


def kind_of(file: str) -> str:
    if file.startswith("ea/") or "ea-" in file:
        return "ea"
    return "nws" if file.endswith(".geojson") or "nws-" in file else "cap"


def answer_of(file: Path, name: str) -> Answer:
    return Source(kind_of(name), "").reader.parse(file.read_bytes(), now_ms=0)


@pytest.mark.parametrize("name", outcomes())
def test_file_becomes_what_the_table_says(shared_data: Path, name: str) -> None:
    answer = answer_of(shared_data / name, name)

    assert (answer.taken, answer.ended, answer.left_out) == outcomes()[name]
    assert answer.read == answer.taken + answer.ended + sum(answer.left_out.values())


def test_every_file_is_in_the_table(shared_data: Path) -> None:
    files = [file for folder in ("cap", "ea", "nws", "cases") for file in (shared_data / folder).rglob("*.*")]
    names = {str(file.relative_to(shared_data)) for file in files if file.suffix not in NO_ANSWERS}

    assert names - NO_MESSAGES == set(outcomes())


def test_area_that_comes_twice_and_an_item_that_says_nothing_are_counted() -> None:
    raw = floods(flood("A1"), flood("A1", timeRaised="2026-01-10T09:00:00"), {"x": 1}, flood("A2", severityLevel=4))
    answer = Source("ea", "").reader.parse(raw, now_ms=0)

    assert (answer.read, answer.taken, answer.ended) == (4, 1, 1)
    assert answer.left_out == {"duplicate": 1, "refused:incomplete": 1}
