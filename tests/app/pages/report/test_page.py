"""The page of one report: what everybody may see of it, and nothing else."""

import re

import pytest
from flask.testing import FlaskClient

from app.reports.entry import Status
from tests.app.pages.conftest import HTML
from tests.app.pages.frame import markup
from tests.factories import make_report
from tests.reporting import DOOR, filed
from tests.warning_making import announce_at, square

AS_BROWSER = {"Accept": HTML}


def show(client: FlaskClient, report_id: str) -> str:
    answer = client.get(f"/reports/{report_id}", headers=AS_BROWSER)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_report_is_told_in_words(client: FlaskClient) -> None:
    report = filed(client, depth_cm=120, title="Water in the hall", description="Still rising.", place="public")

    text = show(client, report["id"])

    assert markup.named(text, "h1")[0].words() == "Water in the hall"
    for words in ("1.2 m", "Still rising.", "No one has checked it", "just now", report["id"]):
        assert words in text
    assert "The exact place." in text


def test_home_is_nowhere_on_its_page_but_on_the_grid(client: FlaskClient) -> None:
    report = filed(client, title="At my door")

    text = show(client, report["id"])

    assert "Within about 100 m" in text
    for degrees in DOOR.values():
        assert str(degrees) not in text
        assert f"{degrees:.4f}" not in text


def test_page_is_the_same_for_its_reporter(client: FlaskClient) -> None:
    report = filed(client, title="At my door")

    plain = show(client, report["id"])
    with_token = client.get(f"/reports/{report['id']}?token={report['edit_token']}", headers=AS_BROWSER)

    assert report["edit_token"] not in plain
    assert str(DOOR["lat"]) not in with_token.text


@pytest.mark.parametrize("status", [Status.REJECTED, Status.MERGED, Status.WITHDRAWN])
def test_what_is_not_public_has_no_page(client: FlaskClient, status: str) -> None:
    report = make_report(status=status, title="Not for everybody")

    answer = client.get(f"/reports/{report.id}", headers=AS_BROWSER)

    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "Not for everybody" not in answer.text


@pytest.mark.parametrize("bent", ["rep_nothing", "x" * 300, "%00", "..%2f..", "rep_%E2%80%AE"])
def test_bent_reference_is_a_page_that_helps_on(client: FlaskClient, bent: str) -> None:
    answer = client.get(f"/reports/{bent}", headers=AS_BROWSER)

    assert answer.status_code == 404
    assert "What is happening now" in answer.text


def test_history_says_that_it_is_history(client: FlaskClient) -> None:
    report = make_report(expires_at_ms=1_600_000_000_000)

    assert "This report is old" in show(client, report.id)


def test_warnings_over_the_place_are_named(client: FlaskClient) -> None:
    over = announce_at(square(), "over")
    beside = announce_at(square(west=1.0), "beside")
    report = make_report()

    text = show(client, report.id)

    assert f"/warnings/{over}" in text
    assert f"/warnings/{beside}" not in text


def test_picture_is_drawn_without_a_script(client: FlaskClient) -> None:
    announce_at(square(), severity="extreme")
    report = make_report(radius_m=300)

    [picture] = [one for one in markup.named(show(client, report.id), "svg") if "picture" in one.attributes["class"]]

    assert picture.attributes["role"] == "img"
    paths = [
        one.attributes["d"]
        for one in markup.named(show(client, report.id), "path")
        if one.attributes["class"] == "area extreme"
    ]
    assert len(paths) == 1
    assert re.fullmatch(r"M-?\d+ -?\d+(L-?\d+ -?\d+){2,}Z", paths[0])


def test_preview_of_a_link_tells_no_place_finer_than_the_public_one(client: FlaskClient) -> None:
    report = filed(client, title='Say "help" & go', depth_cm=40)

    text = show(client, report["id"])
    told = {
        one.attributes.get("property", ""): one.attributes["content"]
        for one in markup.named(text, "meta")
        if "content" in one.attributes
    }

    assert told["og:title"] == 'Say "help" & go'
    assert told["og:url"].endswith(f"/reports/{report['id']}?lang=en")
    assert told["og:image"].endswith("preview.png")
    assert "40 cm" in told["og:description"]
    assert not re.search(r"\d\.\d{3}", told["og:description"])


@pytest.mark.parametrize(
    "title", ["مياه في الشارع", "הצפה ברחוב", "W" * 120, "a\u202eb", "</title><script>alert(1)</script>"]
)
def test_any_title_is_shown_as_text_of_its_own_direction(client: FlaskClient, title: str) -> None:
    report = make_report(title=title)

    text = show(client, report.id)

    assert markup.named(text, "h1")[0].attributes["dir"] == "auto"
    assert markup.named(text, "h1")[0].words() == title
    assert "<script>alert" not in text


def test_page_is_for_everybody_and_may_be_shared(client: FlaskClient) -> None:
    report = make_report()

    answer = client.get(f"/reports/{report.id}", headers=AS_BROWSER)

    assert "private" not in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    again = client.get(f"/reports/{report.id}", headers=AS_BROWSER | {"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
