"""Values without bounds, as the first server took them, are fitted to a report's; the answer says what was changed."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.legacy.fitting import fit_texts
from app.reports.models import Report
from tests.app.legacy.old_clients import floods_of, registered, report, string_map

LONG = "The water in the lower street is over the wall of the churchyard and runs into the cellars on both sides, " * 3
LARGEST = "Radius: 5000 metres, the largest there is."
SMALLEST = "Radius: 1 metres, the smallest there is."
CUT = "Title: its first 120 characters; all of it stands in the description."
UNSHOWN = "without what cannot be shown there."


def stored(client: FlaskClient, **wanted: Any) -> tuple[dict[str, Any], str]:
    """Return the report that was stored of a flood, and what the answer says of it."""
    answer = report(client, **wanted)
    said = string_map(answer)
    assert (answer.status_code, said.pop("message")) == (201, "Flood reported successfully"), answer.text
    assert said.keys() <= {"stored"}
    return client.get(answer.headers["Location"]).json, said.get("stored", "")


@pytest.mark.parametrize(
    ("radius", "kept", "said"),
    [
        (100, 100, ""),
        (99.6, 100, ""),
        (5000.4, 5000, ""),
        ("250.0", 250, ""),
        (0, 1, SMALLEST),
        (0.2, 1, SMALLEST),
        (5001, 5000, LARGEST),
        (1e6, 5000, LARGEST),
        ("12000", 5000, LARGEST),
    ],
)
def test_radius_is_brought_within_the_bounds(client: FlaskClient, radius: Any, kept: int, said: str) -> None:
    registered(client)

    found, told = stored(client, radius=radius)

    assert (found["radius_m"], told) == (kept, said)
    assert [flood["radius"] for flood in floods_of(client.get("/view_floods"))] == [kept]


def test_place_in_text_is_a_place(client: FlaskClient) -> None:
    registered(client)

    found, told = stored(client, gps_latitude="51.50041", gps_longitude=" -0.12463 ")

    assert (found["location"], told) == ({"lat": 51.5, "lon": -0.125}, "")


@pytest.mark.parametrize("length", [120, 121, 255, 400])
def test_no_word_of_a_long_title_is_lost(client: FlaskClient, length: int) -> None:
    registered(client)
    title = (LONG * 2)[:length].strip()

    found, told = stored(client, title=title)

    if len(title) <= 120:
        assert (found["title"], found["description"], told) == (title, "Up to the kerb", "")
    else:
        assert (len(found["title"]) <= 120, found["title"][-1], told) == (True, "…", CUT)
        assert title.startswith(found["title"][:-1])
        assert found["description"] == f"{title}\n\nUp to the kerb"


def test_long_description_is_cut_and_says_so(client: FlaskClient) -> None:
    registered(client)

    found, told = stored(client, description="word " * 2000)

    assert (len(found["description"]) <= 4000, found["description"][-1]) == (True, "…")
    assert told == "Description: its first 4000 characters."


@pytest.mark.parametrize(
    ("title", "kept", "told"),
    [
        ("Water\r\nin the\nroad", "Water in the road", "Title: in one line."),
        ("Water\tin the road", "Water in the road", ""),
        ("<b>Water</b> in the road", "Water in the road", f"Title: {UNSHOWN}"),
        ("Water <a metre", "Water < a metre", f"Title: {UNSHOWN}"),
        ("Water\x00 in\u202e the road", "Water in the road", f"Title: {UNSHOWN}"),
        ("<script>alert(1)</script>", None, f"Title: {UNSHOWN}"),
    ],
)
def test_title_is_one_line_of_plain_words(client: FlaskClient, title: str, kept: str | None, told: str) -> None:
    registered(client)

    found, said = stored(client, title=title)

    assert (found["title"], said) == (kept, told)


def test_description_keeps_its_lines(client: FlaskClient) -> None:
    registered(client)

    found, told = stored(client, description="Kerb\r\nDoor <b>step</b>\rCellar")

    assert (found["description"], told) == ("Kerb\nDoor step\nCellar", f"Description: {UNSHOWN}")


def test_all_changes_are_told_in_one_text(client: FlaskClient) -> None:
    registered(client)

    _, told = stored(client, radius=9000, title=LONG)

    assert told == f"{CUT} {LARGEST}"


def test_fitted_flood_that_is_sent_again_is_one_report_and_told_alike(client: FlaskClient, noon: Any) -> None:
    registered(client)

    answers = [report(client, radius=9000, title=LONG) for _ in range(2)]

    assert string_map(answers[0]) == string_map(answers[1])
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert len([row for row in Report.scan() if row.id.startswith("rep_")]) == 1


def test_titles_of_every_kind_are_taken(client: FlaskClient, shared_data: Path) -> None:
    registered(client)
    strings = json.loads((shared_data / "hostile" / "blns.json").read_text(encoding="utf-8"))

    for text in strings:
        changes: list[str] = []
        title, description = fit_texts({"title": text, "description": text}, changes)
        assert title is None or len(title) <= 120
        assert len(description) <= 4000
    for text in strings[::60]:
        assert report(client, title=text, description=text).status_code == 201, text
