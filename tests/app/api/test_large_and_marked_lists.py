"""Lists for maps have up to 1,000 features a page, and tables a byte order mark for spreadsheets that need one."""

import csv
import io

import pytest
from flask.testing import FlaskClient

from tests.factories import make_report
from tests.reporting import mistakes_of
from tests.warning_making import announce, message

TABLES = ("/v1/reports.csv", "/v1/warnings.csv", "/feeds/reports.csv", "/feeds/warnings.csv")
MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize("path", TABLES)
def test_table_begins_with_a_mark_only_when_asked(client: FlaskClient, path: str) -> None:
    make_report(title="Überflutung")
    announce(message("Bath"))

    plain, marked = client.get(path), client.get(f"{path}?bom=1")

    assert marked.data == MARK + plain.data
    assert marked.mimetype == "text/csv"
    assert len(list(csv.reader(io.StringIO(marked.data.decode("utf-8-sig"))))) == 2


@pytest.mark.parametrize("path", TABLES)
def test_marked_pages_go_on(client: FlaskClient, path: str) -> None:
    make_report(), make_report()
    announce(message("Bath"), message("Wells"))

    link = client.get(f"{path}?bom=1&limit=1").headers["Link"].partition("<")[2].partition(">")[0]

    assert "bom=1" in link
    assert client.get(link).data.startswith(MARK)


@pytest.mark.parametrize(
    ("address", "mistake"),
    [
        ("/v1/reports.csv?bom=yes", ("bom", "choice")),
        ("/v1/reports?bom=1", ("bom", "unknown")),
        ("/v1/reports.geojson?bom=1", ("bom", "unknown")),
        ("/feeds/reports.atom?bom=1", ("bom", "unknown")),
        ("/v1/reports.geojson?limit=1001", ("limit", "range")),
        ("/v1/warnings.geojson?limit=0", ("limit", "range")),
        ("/v1/reports?limit=101", ("limit", "range")),
        ("/v1/reports.csv?limit=101", ("limit", "range")),
    ],
)
def test_other_values_are_refused(client: FlaskClient, address: str, mistake: tuple[str, str]) -> None:
    assert mistakes_of(client.get(address)) == {mistake}


def test_map_reads_more_than_a_hundred_reports_at_once(dynoxide_client: FlaskClient) -> None:
    made = {make_report(lat=51.5 + number / 1e5).id for number in range(130)}

    page = dynoxide_client.get("/v1/reports.geojson?limit=1000").json

    assert {feature["id"] for feature in page["features"]} == made
    assert page["next_cursor"] is None


def test_map_of_warnings_goes_on_where_a_page_was_full(client: FlaskClient) -> None:
    announce(*(message(f"E{number}") for number in range(105)))

    first = client.get("/v1/warnings.geojson?limit=1000").json
    second = client.get(f"/v1/warnings.geojson?limit=1000&cursor={first['next_cursor']}").json

    assert (len(first["features"]), len(second["features"]), second["next_cursor"]) == (100, 5, None)
