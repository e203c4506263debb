"""An import keeps no list that grows with the rows of its file. At full size: `make bench ARGS="--only imports"`."""

import gc
import json
from collections import OrderedDict, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.reports.importer import storing
from app.reports.importer.forms import form_of
from app.reports.importer.learn import learn
from app.reports.importer.load import ImportTerms, LoadedRow, take
from app.reports.importer.opening import Source
from app.reports.importer.row import ImportOptions
from app.reports.importer.storing import Storing

ROWS, LOOKED_AT = 2_500, 2_400
MOST = 1_500  # members of any list, set or table; above what is bounded on purpose


@pytest.fixture(autouse=True)
def table_that_swallows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "store_together", list)


def source_of(folder: Path, format_: str) -> Source:
    path = folder / f"reports.{format_}"
    with path.open("w") as out:
        if format_ == "csv":
            out.write("kind_id,incident_id,lat,lon,time\n")
            out.writelines(f"{n % 9},{n},{n % 7}.5,{n % 9}.5,2020-02-18\n" for n in range(ROWS))
        else:
            features = [
                {
                    "type": "Feature",
                    "id": n,
                    "properties": {"time": "2020-02-18"},
                    "geometry": {"type": "Point", "coordinates": [n % 9, n % 7 + 0.5]},
                }
                for n in range(ROWS)
            ]
            out.write(json.dumps({"type": "FeatureCollection", "features": features}))
    return Source(path)


def large() -> set[int]:
    """Return all lists, sets and tables of this process that are large."""
    kinds = (list, set, dict, deque, OrderedDict)
    return {id(each) for each in gc.get_objects() if isinstance(each, kinds) and len(each) > MOST}


@pytest.mark.parametrize("format_", ["csv", "geojson"])
def test_no_list_grows_with_the_rows(tmp_path: Path, format_: str) -> None:
    source = source_of(tmp_path, format_)
    form = form_of(source, "auto")
    before, grown = large(), []

    def look(row: int) -> None:
        if row == LOOKED_AT:
            grown.extend(large() - before)

    learned = learn(source, form, ImportOptions(), progress=look)
    for number, _ in enumerate(Storing().run(take(source, form, learned, ImportTerms())), 1):
        look(number)

    assert not grown
    naive = [object()] * ROWS  # what a list of all rows would look like
    assert large() - before == {id(naive)}


def test_reading_stays_within_a_window_of_what_is_stored(tmp_path: Path) -> None:
    source = source_of(tmp_path, "csv")
    form = form_of(source, "csv")
    learned = learn(source, form, ImportOptions())
    read = [0]

    def counted() -> Iterator[LoadedRow]:
        for taken in take(source, form, learned, ImportTerms()):
            read[0] += 1
            yield taken

    run: Any = Storing().run(counted())
    for number, _ in zip(range(1, 600), run, strict=False):
        assert read[0] - number <= storing._WINDOW
    run.close()
