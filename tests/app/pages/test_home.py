"""The root: a page for whom it is one, and the health answer of the first phone clients for all others."""

import pytest
from flask.testing import FlaskClient

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
AS_BROWSER = {"Accept": BROWSER}
HEALTH = {"message": "Flood Reporting API is running"}


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/*", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("application/json, text/html;q=0.9", "application/json"),
        ("text/html;q=0.5, */*", "application/json"),
        ("text/html;q=0, */*", "application/json"),
        ("image/png", "application/json"),
        ("text/plain, */*", "application/json"),
        ("text/html;q=nonsense", "application/json"),
        (BROWSER, "text/html"),
        ("text/html", "text/html"),
        ("TEXT/HTML", "text/html"),
        ("text/*", "text/html"),
        ("text/html, application/json", "text/html"),
        ("text/html, application/json;q=0.9", "text/html"),
        ("text/html, */*", "text/html"),
        ("application/json;q=0, */*", "text/html"),
    ],
)
def test_home_is_a_page_only_for_those_who_prefer_one(client: FlaskClient, accept: str | None, media_type: str) -> None:
    answer = client.get("/", headers={} if accept is None else {"Accept": accept})

    assert answer.status_code == 200
    assert answer.mimetype == media_type
    assert answer.vary.as_set() >= {"accept"}


def test_programs_get_the_health_answer(client: FlaskClient) -> None:
    assert client.get("/").get_json() == HEALTH


def test_home_never_sends_one_form_for_the_validator_of_the_other(client: FlaskClient) -> None:
    page = client.get("/", headers=AS_BROWSER)

    data = client.get("/", headers={"If-None-Match": page.headers["ETag"]})

    assert data.status_code == 200
    assert data.get_json() == HEALTH


def test_link_to_a_place_is_a_page_for_what_accepts_anything(client: FlaskClient) -> None:
    """Fetchers of link previews accept any media type; so do the first phone clients, but those never name a place."""
    assert client.get("/?place=London", headers={"Accept": "*/*"}).mimetype == "text/html"
    assert client.get("/", headers={"Accept": "*/*"}).get_json() == HEALTH
