"""A place in a frame on another site's page."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient

from app.core import dynamodb
from app.warnings import kept, last_good
from tests.factories import make_report
from tests.warning_making import announce, message

LONDON = "/embed?place=London"


def test_frame_says_the_place_what_is_in_force_and_when(client: FlaskClient, noon: Any) -> None:
    announce(message("Bath"))

    text = client.get(LONDON).text

    assert '<h1 dir="auto">Act now: flooding near London</h1>' in text
    assert "1 area with an official warning." in text and "No reports of flooding at the moment." in text
    assert "Saturday 21 November, 12:00 GMT" in text
    assert "In danger? Call 999" in text


def test_frame_says_what_the_page_says(client: FlaskClient) -> None:
    announce(message("Bath"))
    make_report()

    framed, whole = (client.get(f"{path}?place=London").text for path in ("/embed", "/"))

    sentence = re.search(r'<meta name="description" content="([^"]+)"', whole)
    assert sentence and sentence[1] in framed


def test_every_link_opens_a_window_of_its_own(client: FlaskClient) -> None:
    announce(message("Bath"))

    links = re.findall(r"<a [^>]+>", client.get(LONDON).text)

    assert len(links) == 2
    assert all('target="_blank" rel="noopener"' in link for link in links)


def test_any_site_may_frame_it_and_no_other_page(client: FlaskClient) -> None:
    framed, whole = client.get(LONDON), client.get("/?place=London", headers={"Accept": "text/html"})

    assert framed.headers["Content-Security-Policy"].endswith("frame-ancestors *")
    assert whole.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_frame_has_no_cookie_no_form_and_a_validator(client: FlaskClient, noon: Any) -> None:
    first = client.get(LONDON)

    again = client.get(LONDON, headers={"If-None-Match": first.headers["ETag"]})

    assert "Set-Cookie" not in first.headers and "<form" not in first.text
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("query", "headline"),
    [
        ("", "Where are you?"),
        ("?place=Nowhereham+Danger+to+life", "We could not find that place"),
    ],
)
def test_frame_without_a_place_says_nothing_of_floods(client: FlaskClient, query: str, headline: str) -> None:
    announce(message("Bath"))

    text = client.get(f"/embed{query}").text

    assert f'<h1 dir="auto">{headline}</h1>' in text
    assert "Nowhereham" not in text and "official warning" not in text


@pytest.fixture
def nothing_answers(tables: None) -> Iterator[None]:
    """The database is away."""

    def fail(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.example")

    events = dynamodb.connection().client.meta.events
    events.register("before-call.dynamodb", fail)
    kept.forget(), last_good.forget()
    yield
    events.unregister("before-call.dynamodb", fail)


def test_frame_that_can_read_nothing_says_so_in_the_frame(client: FlaskClient, nothing_answers: None) -> None:
    answer = client.get("/embed?lat=51.5&lon=-0.12")

    assert answer.status_code == 503
    assert "Official warnings cannot be read at the moment." in answer.text
    assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors *")
