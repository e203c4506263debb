"""Ids of imported rows stay what they were: the same file imported by a later release doubles nothing.

Made by the importer as it was before it read files as streams, with the keys of the tests: file, format, source, the
number of different ids, and a digest of them in the order of the file.
"""

import hashlib
from pathlib import Path

import pytest

from app.reports.importer.load import ImportTerms
from app.reports.importer.row import ImportOptions
from tests.importing import import_file

SAMPLES = Path(__file__).parents[3] / "samples" / "reports"


def digest(path: Path, format_: str, source: str = "") -> tuple[int, str]:
    """Return how many ids there are, and a digest of them."""
    options = ImportOptions(takes_any_kind=True)  # as in those releases
    reports = import_file(path.read_bytes(), format_, options, ImportTerms(source)).reports
    ids = list(dict.fromkeys(report.id for report in reports))
    return len(ids), hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16]


@pytest.mark.parametrize(
    ("name", "format_", "source", "ids", "digest_before"),
    [
        ("kml-geometry.csv", "csv", "", 2, "9064284bf7607ccf"),
        ("kml-geometry.csv", "csv", "Named", 2, "4562159a4ec6d449"),
        ("petabencana-answer.json", "petabencana", "", 1, "c4e5681bf68873e4"),
        ("petabencana-answer.json", "petabencana", "Named", 1, "96c25a4b995fb6b3"),
        ("petabencana-answer.json", "geojson", "", 1, "1c12209864954174"),
        ("petabencana-answer.json", "geojson", "Named", 1, "96c25a4b995fb6b3"),
        ("petabencana.geojson", "petabencana", "", 5, "5887ee52195b0249"),
        ("petabencana.geojson", "petabencana", "Named", 5, "7625678394c894f0"),
        ("petabencana.geojson", "geojson", "", 6, "aed828cc3e2c0794"),
        ("petabencana.geojson", "geojson", "Named", 6, "3195b7e4eebc2b2a"),
        ("python-geometry.csv", "csv", "", 2, "01a6b418b7e2a183"),
        ("python-geometry.csv", "csv", "Named", 2, "1e8caff7f6c23de1"),
        ("semicolons-windows-1252.csv", "csv", "", 2, "203cf641d67d213e"),
        ("semicolons-windows-1252.csv", "csv", "Named", 2, "104a4e181b2c2fcf"),
        ("streets.csv", "csv", "", 2, "505dcb635d2d9735"),
        ("streets.csv", "csv", "Named", 2, "5dcc9cc18be99d32"),
        ("utf-16-tabs.csv", "csv", "", 2, "b7975bd4b7398a65"),
        ("utf-16-tabs.csv", "csv", "Named", 2, "a23c74c63c265f50"),
    ],
)
def test_samples_have_the_ids_of_the_release_before(
    name: str, format_: str, source: str, ids: int, digest_before: str
) -> None:
    assert digest(SAMPLES / name, format_, source) == (ids, digest_before)


@pytest.mark.parametrize(
    ("name", "format_", "ids", "digest_before"),
    [
        ("gfd-events-2000-2018-sample.csv", "csv", 100, "2de00d36e36c29cb"),
        ("norfolk-flooded-streets-2010-2016-sample.csv", "csv", 300, "46567c3c13fa27d7"),
        ("petabencana-2017-02-20.geojson", "petabencana", 69, "9d50ed3af59c64fa"),
        ("petabencana-2017-02-20.geojson", "geojson", 69, "c6da9cce7d2562b7"),
        ("petabencana-2017-02-22.geojson", "petabencana", 78, "21aa21dbf2adb90b"),
        ("petabencana-2017-02-22.geojson", "geojson", 78, "053cc657e096ebe2"),
        ("petabencana-flooded-areas-2017-02-21T130000.geojson", "petabencana", 168, "07221c4e397a5950"),
        ("petabencana-flooded-areas-2017-02-21T130000.geojson", "geojson", 168, "386de59fbd9cb2a2"),
        ("uflood-chennai-2017-11-23.geojson", "geojson", 187, "f8076439e3a598d3"),
        ("usgs-high-water-marks-louisiana-2016-sample.csv", "csv", 80, "e3105bd735e1cc07"),
    ],
)
def test_real_files_have_the_ids_of_the_release_before(
    shared_data: Path, name: str, format_: str, ids: int, digest_before: str
) -> None:
    assert digest(shared_data / "reports" / name, format_) == (ids, digest_before)
    assert digest(shared_data / "reports" / name, "auto")[0] == ids
