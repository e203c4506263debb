"""Lists in each format, the tile, what is near, and the old phones' list say the same about how a report stands."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.legacy.listing import flood_id
from app.reports.models import Report
from app.review.confidence import Facts, rate
from app.review.rating import put, rate_decided
from tests.factories import make_report, tell_consumer

CIRCLE = "lat=51.5&lon=-0.12&radius_km=2"
SAID = ("status", "condition", "confidence", "is_disputed", "title")
Said = dict[str, dict[str, Any]]


def judged(**columns: Any) -> Report:
    """A report with words, and with columns that others have set; rated by its status."""
    report = make_report(title="Water over the road", description="Up to the kerb", **columns)
    rate_decided(report)
    report.save()
    return report


@pytest.fixture
def reports(at_noon: FlaskClient) -> list[Report]:
    """Reports in each standing that is shown, and some that are not shown any more."""
    likely = judged()
    put(likely, rate(Facts(partner_key=1, in_warning=1)))
    likely.ratings = 2  # so that the consumer leaves it as it is
    likely.save()
    shown = [
        judged(),
        likely,
        judged(status="verified"),
        judged(status="verified", condition="may_be_over"),
        judged(is_disputed=True),
    ]
    gone = [
        judged(status="rejected"),
        judged(status="merged", merged_into=shown[0].id),
        judged(condition="receded", expires_at_ms=clock.now_ms()),
    ]
    tell_consumer([*shown, *gone])
    return shown


def of_items(items: list[dict[str, Any]]) -> Said:
    return {item["id"]: {name: item[name] for name in SAID} for item in items}


def in_json(client: FlaskClient) -> Said:
    return of_items(client.get(f"/v1/reports?{CIRCLE}").json["items"])


def in_history(client: FlaskClient) -> Said:
    items = client.get(f"/v1/reports?{CIRCLE}&since=2026-11-20T00:00:00Z").json["items"]
    return of_items([item for item in items if item["condition"] != "receded"])


def in_geojson(client: FlaskClient) -> Said:
    features = client.get(f"/v1/reports.geojson?{CIRCLE}").json["features"]
    return of_items([{"id": feature["id"], **feature["properties"]} for feature in features])


def in_csv(client: FlaskClient) -> Said:
    words = {"": None, "true": True, "false": False}
    rows = csv.DictReader(io.StringIO(client.get(f"/v1/reports.csv?{CIRCLE}").get_data(as_text=True).lstrip("\ufeff")))
    return of_items([{name: words.get(value, value) for name, value in row.items()} for row in rows])


def in_tile(client: FlaskClient) -> Said:
    features = client.get("/tiles/13/4093/2724").json["features"]
    return of_items([{"id": feature["id"], **feature["properties"]} for feature in features])


def nearby(client: FlaskClient) -> Said:
    return of_items([item["report"] for item in client.get(f"/v1/nearby?{CIRCLE}").json["items"]])


def similar(client: FlaskClient) -> Said:
    return of_items(client.get("/v1/reports/similar?lat=51.5&lon=-0.12").json["items"])


@pytest.mark.parametrize("read", [in_json, in_history, in_geojson, in_csv, in_tile, nearby, similar])
def test_a_list_says_what_the_row_says(
    at_noon: FlaskClient, reports: list[Report], read: Callable[[FlaskClient], Said]
) -> None:
    plain, likely, verified, over, disputed = (report.id for report in reports)
    open_ = {"status": "pending", "condition": "flooded", "confidence": "low", "is_disputed": False}
    open_["title"] = "Water over the road"

    assert read(at_noon) == {
        plain: open_,
        likely: open_ | {"confidence": "likely"},
        verified: open_ | {"status": "verified", "confidence": "high"},
        over: open_ | {"status": "verified", "confidence": "high", "condition": "may_be_over"},
        disputed: open_ | {"is_disputed": True, "title": None},
    }


def test_a_single_report_says_the_same_as_the_lists(at_noon: FlaskClient, reports: list[Report]) -> None:
    single = {report.id: at_noon.get(f"/v1/reports/{report.id}").json for report in reports}

    assert of_items([form | {"confidence": form["confidence"]["level"]} for form in single.values()]) == in_json(
        at_noon
    )


def test_the_old_phones_list_holds_the_same_reports_and_no_hidden_words(
    at_noon: FlaskClient, reports: list[Report]
) -> None:
    words = {item["flood_id"]: (item["title"], item["description"]) for item in at_noon.get("/view_floods").json}
    said = ("Water over the road", "Up to the kerb")
    *shown, disputed = (flood_id(report.id) for report in reports)

    assert words == dict.fromkeys(shown, said) | {disputed: ("", "")}
