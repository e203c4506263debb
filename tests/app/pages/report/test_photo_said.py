"""Words on the page of a sent report after a form about a photo: true of what is stored, whatever the address says."""

from collections.abc import Iterator

import pytest

from app.reports.photo_column import Photo, PhotoState
from tests.app.pages.conftest import Visitor
from tests.app.pages.frame import markup
from tests.app.pages.reporting_form import sent, stored

ID, OTHER = "a" * 22, "b" * 22
REFUSED = Photo(ID, PhotoState.REFUSED, 1, reason="too_large")
AWAITED = Photo(ID, PhotoState.AWAITING, 2_000_000_000_000)
READY = Photo(ID, PhotoState.READY, 1, width=1600, height=1200)
WAITS = "We wait for the photo. If you sent the file, it appears below in some seconds."


@pytest.fixture(autouse=True)
def bucket(photos_bucket: str) -> Iterator[str]:
    yield photos_bucket


def first_words(text: str) -> list[str]:
    """Paragraphs before the list of photos that tell what happened."""
    paragraphs = markup.named(text, "p")
    return [one.words() for one in paragraphs if one.attributes.get("class") in ("note done", "mistake")]


@pytest.mark.parametrize(
    ("said", "photos", "expected"),
    [
        (f"said=added&photo={ID}", [AWAITED], [WAITS]),
        (f"said=added&photo={ID}", [READY], ["The photo is here."]),
        (
            f"said=added&photo={ID}",
            [REFUSED],
            ["It was not taken. The file is larger than 8 MB. Send a smaller photo."],
        ),
        (f"said=added&photo={ID}", [], []),
        ("said=added", [AWAITED], []),
        (f"said=removed&photo={ID}", [READY], []),
        (f"said=removed&photo={ID}", [], ["The photo was removed."]),
        ("said=removed", [], []),
        (f"said=described&photo={ID}", [READY], ["The words are stored."]),
        (f"said=described&photo={OTHER}", [READY], []),
        (f"said=more&photo={ID}", [READY], []),
    ],
)
def test_page_says_what_is_stored_of_the_named_photo(
    visitor: Visitor, said: str, photos: list[Photo], expected: list[str]
) -> None:
    address = sent(visitor)
    report = stored(address)
    report.photos = photos
    report.save()

    assert first_words(visitor.get(f"{address}&{said}").text) == expected


def test_upload_leads_back_to_the_photo_of_its_form(visitor: Visitor) -> None:
    address = sent(visitor)

    page = visitor.post(address.replace("?", "/photos?"), media_type="image/jpeg").text

    [photo] = stored(address).photos
    [back] = [
        one.attributes["value"]
        for one in markup.named(page, "input")
        if one.attributes.get("name") == "success_action_redirect"
    ]
    assert f"photo={photo.id}" in back
    assert first_words(visitor.get(back.removeprefix("http://localhost")).text) == [WAITS]
    assert "A second file that is sent with it is not kept" in page


@pytest.mark.parametrize("act", ["remove", "describe"])
def test_act_on_a_photo_that_is_not_there_claims_nothing(visitor: Visitor, act: str) -> None:
    address = sent(visitor)

    led = visitor.post(address.replace("?", f"/photos/{OTHER}?"), act=act, alt="Water")

    assert first_words(visitor.get(led.headers["Location"]).text) == ["That photo is not here, so nothing was changed."]


def test_form_for_the_bucket_says_what_is_taken_before_the_bucket_refuses_it(visitor: Visitor) -> None:
    address = sent(visitor)

    page = visitor.post(address.replace("?", "/photos?"), media_type="image/jpeg").text

    words = " ".join(one.words() for one in markup.named(page, "p"))
    assert "Taken are JPEG, PNG, WebP and HEIC files that are not empty and have at most 8 MB." in words
    assert "go back with your browser's Back until the page of your report comes, and add the photo again." in words
