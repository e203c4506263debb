"""Keys of photos on pages: a ticket asked for again after a lost answer is for the same photo."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.reports.models import Report
from app.reports.photo_column import PhotoState
from tests.app.pages.conftest import Visitor
from tests.app.pages.frame import markup
from tests.app.pages.reporting_form import JSON, id_in, sent, stored

KEY = "0123456789abcdef"


@pytest.fixture(autouse=True)
def bucket(photos_bucket: str) -> Iterator[str]:
    yield photos_bucket


def ask(visitor: Visitor, address: str, **fields: str) -> Any:
    said = {"media_type": "image/jpeg", "size_bytes": "90000", "key": KEY} | fields
    return visitor.client.post(address.replace("?", "/photos?"), data=said, headers=JSON)


def let_come(report: Report, state: PhotoState = PhotoState.READY) -> None:
    [photo] = report.photos
    report.photos = [photo._replace(state=state, width=1600, height=1200)]
    report.save()


def test_lost_answer_leaves_no_second_photo(visitor: Visitor) -> None:
    address = sent(visitor)
    first = ask(visitor, address, alt="The ford").json

    second = ask(visitor, address).json
    third = ask(visitor, address, instead=first["photo"]).json

    assert first["photo"] == second["photo"] == third["photo"]
    assert second["fields"]["key"] == first["fields"]["key"]
    [photo] = stored(address).photos
    assert (photo.alt, KEY in str(photo)) == ("The ford", False)


def test_another_key_or_none_is_another_photo(visitor: Visitor) -> None:
    address = sent(visitor)

    for key in (KEY, KEY[::-1], "", "", "short"):
        ask(visitor, address, key=key)

    assert len({photo.id for photo in stored(address).photos}) == len(stored(address).photos) == 4
    assert ask(visitor, address).json["photo"] == stored(address).photos[0].id, (
        "four are the most, and it is one of them"
    )


@pytest.mark.parametrize("state", [PhotoState.READY, PhotoState.REFUSED])
def test_photo_that_has_come_is_not_sent_again(visitor: Visitor, state: PhotoState) -> None:
    address = sent(visitor)
    ask(visitor, address)
    let_come(stored(address), state)

    assert ask(visitor, address).json == {"is_there": True}
    assert len(stored(address).photos) == 1


def test_form_without_a_script_that_is_sent_twice_is_for_one_photo(visitor: Visitor) -> None:
    address = sent(visitor)
    inputs = [one.attributes for one in markup.named(visitor.get(address).text, "input")]
    [key] = [one["value"] for one in inputs if one.get("name") == "key"]
    fields = {"media_type": "image/jpeg", "key": key}

    pages = [visitor.post(address.replace("?", "/photos?"), **fields) for _ in range(2)]
    count = len(stored(address).photos)
    let_come(stored(address))
    led = visitor.post(address.replace("?", "/photos?"), **fields)

    assert [page.status_code for page in pages] == [200, 200] and count == 1
    assert f"/report/sent/{id_in(address)}" in led.headers["Location"]
    assert "The photo is here." in visitor.get(led.headers["Location"]).text


def test_of_an_awaited_photo_only_what_is_known_is_said(visitor: Visitor) -> None:
    address = sent(visitor)
    ask(visitor, address)

    words = [one.words() for one in markup.named(visitor.get(address).text, "p")]

    assert "Not here yet, or being prepared." in words
