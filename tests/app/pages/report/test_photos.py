"""Photos on the pages of a report: a ticket for each, what becomes of it, and who sees it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from app.photos.keys import kept_key
from app.reports.entry import Status
from app.reports.models import Report
from app.reports.photo_column import Photo, PhotoDecision, PhotoState
from tests.app.pages.conftest import Visitor
from tests.app.pages.frame import markup
from tests.app.pages.reporting_form import JSON, id_in, sent, stored
from tests.configured import settings_of

ID, OTHER = "a" * 22, "b" * 22


@pytest.fixture(autouse=True)
def bucket(photos_bucket: str) -> Iterator[str]:
    yield photos_bucket


def give(report: Report, *photos: Photo, **other: Any) -> Report:
    """Give a report photos, as the cleaning function and responders do."""
    now = Report.find(report.id, consistent=True)
    assert now is not None
    now.photos = photos
    for name, value in other.items():
        setattr(now, name, value)
    now.save()
    return now


def ready(photo_id: str = ID, **more: Any) -> Photo:
    return Photo(photo_id, PhotoState.READY, 1, width=1600, height=1200, **more)


def tickets_at(address: str) -> str:
    return re.sub(r"(/report/sent/\w+)", r"\1/photos", address)


def ask(visitor: Visitor, address: str, **fields: str) -> Any:
    said = {"media_type": "image/jpeg", "size_bytes": "90000"} | fields
    return visitor.client.post(tickets_at(address), data=said, headers=JSON)


def own_words(visitor: Visitor, address: str) -> list[str]:
    page = visitor.get(address)
    assert page.status_code == 200
    return [one.words() for one in markup.named(page.text, "p") if one.attributes.get("class") == "state"]


def test_script_gets_a_form_for_its_file(visitor: Visitor, bucket: str) -> None:
    address = sent(visitor)

    answer = ask(visitor, address, alt="Water at the third step")

    assert answer.status_code == 200, answer.text
    assert answer.json["fields"]["key"] == f"uploads/{id_in(address)}/{answer.json['photo']}"
    [photo] = stored(address).photos
    assert (photo.id, photo.state, photo.alt) == (answer.json["photo"], "awaiting", "Water at the third step")
    assert "private" in answer.headers["Cache-Control"]


def test_second_try_for_a_file_takes_the_place_of_the_first(visitor: Visitor) -> None:
    address = sent(visitor)
    first = ask(visitor, address).json["photo"]

    second = ask(visitor, address, instead=first).json["photo"]

    assert [photo.id for photo in stored(address).photos] == [second]


def test_file_whose_reply_was_lost_is_not_sent_again(visitor: Visitor) -> None:
    address = sent(visitor)
    give(stored(address), ready())

    answer = ask(visitor, address, instead=ID)

    assert answer.json == {"is_there": True}
    assert [photo.id for photo in stored(address).photos] == [ID]


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"media_type": "image/svg+xml"}, 422, "JPEG, PNG, WebP or HEIC"),
        ({"media_type": ""}, 422, "JPEG, PNG, WebP or HEIC"),
        ({"size_bytes": "8388609"}, 413, "larger than 8 MB"),
        ({"size_bytes": "0"}, 413, "8 MB"),
        ({"size_bytes": "²"}, 413, "8 MB"),
        ({"size_bytes": "9" * 5000}, 413, "8 MB"),
    ],
)
def test_wrong_kind_and_size_are_told_for_good(
    visitor: Visitor, fields: dict[str, str], status: int, words: str
) -> None:
    address = sent(visitor)

    answer = ask(visitor, address, **fields)

    assert answer.status_code == status
    assert words in answer.json["mistake"]
    assert stored(address).photos == []


def test_fifth_photo_is_refused_for_good_only_if_four_have_come(visitor: Visitor) -> None:
    address = sent(visitor)
    for _ in range(4):
        assert ask(visitor, address).status_code == 200

    waiting = ask(visitor, address)
    give(stored(address), *(ready(letter * 22) for letter in "abcd"))
    full = ask(visitor, address)

    assert (waiting.status_code, list(waiting.json)) == (409, ["waits"])
    assert (full.status_code, list(full.json)) == (409, ["mistake"])


def test_words_that_cannot_be_shown_do_not_stop_a_photo(visitor: Visitor) -> None:
    address = sent(visitor)

    assert ask(visitor, address, alt="<b>deep</b>").status_code == 200
    assert stored(address).photos[0].alt is None


def test_report_that_is_over_takes_no_photo(visitor: Visitor) -> None:
    address = sent(visitor)
    give(stored(address), status=Status.WITHDRAWN)

    answer = ask(visitor, address)

    assert (answer.status_code, list(answer.json)) == (409, ["mistake"])


def test_photo_of_another_report_is_refused(visitor: Visitor) -> None:
    address, other = sent(visitor), sent(visitor, title="Another one")
    token = address.partition("?")[2]

    answer = ask(visitor, f"/report/sent/{id_in(other)}?{token}")

    assert answer.status_code in (401, 404)
    assert stored(other).photos == []


def test_without_a_script_a_page_has_the_form_for_the_bucket(visitor: Visitor) -> None:
    address = sent(visitor)

    answer = visitor.post(tickets_at(address), media_type="image/png")

    assert answer.status_code == 200, answer.text
    fields = [one.attributes for one in markup.named(answer.text, "input")]
    [redirect] = [one["value"] for one in fields if one.get("name") == "success_action_redirect"]
    assert redirect.startswith("http://localhost/report/sent/") and "token=" in redirect and "said=added" in redirect
    files = [one for one in fields if one.get("type") == "file"]
    assert (files[-1]["name"], files[-1]["accept"], fields[-1]["type"]) == ("file", "image/png", "file")
    assert "We wait for the photo." in visitor.get(redirect.removeprefix("http://localhost")).text


@pytest.mark.parametrize(
    ("photo", "words"),
    [
        (Photo(ID, PhotoState.AWAITING, 2_000_000_000_000), "Not here yet, or being prepared"),
        (Photo(ID, PhotoState.REFUSED, 1, reason="too_large"), "It was not taken. The file is larger than 8 MB"),
        (Photo(ID, PhotoState.REFUSED, 1, reason="of_a_later_release"), "It was not taken. The photo cannot be shown"),
        (ready(), "Not yet shown to others"),
        (ready(decision=PhotoDecision.SHOWN), "Others can see it"),
        (ready(decision=PhotoDecision.HIDDEN), "A responder has hidden it"),
        (ready(decision=PhotoDecision.SHOWN, blur=[[0, 0, 0.5, 0.5]]), "parts of it blurred"),
        (ready(decision="of a later release"), "Not yet shown to others"),
    ],
)
def test_reporter_reads_what_became_of_a_photo(visitor: Visitor, photo: Photo, words: str) -> None:
    address = sent(visitor)
    give(stored(address), photo)

    [told] = own_words(visitor, address)

    assert words in told


def test_reporter_describes_and_removes_a_photo(visitor: Visitor) -> None:
    address = sent(visitor)
    give(stored(address), ready(), ready(OTHER))
    at = tickets_at(address).replace("/photos", f"/photos/{ID}")

    described = visitor.post(at, act="describe", alt="The bridge, under water")
    refused = visitor.post(at, act="describe", alt="<script>")
    words = stored(address).photos[0].alt
    removed = visitor.post(at, act="remove")

    assert (described.status_code, refused.status_code, removed.status_code) == (303, 422, 303)
    assert words == "The bridge, under water"
    assert [photo.id for photo in stored(address).photos] == [OTHER]
    assert "The photo was removed" in visitor.get(removed.headers["Location"]).text


def test_photo_not_shown_to_others_is_sent_to_its_reporter_alone(visitor: Visitor, bucket: str) -> None:
    address = sent(visitor)
    give(stored(address), ready())
    boto3.client("s3").put_object(Bucket=bucket, Key=kept_key(id_in(address), f"{ID}-1", "small"), Body=b"pixels")
    [picture] = [one for one in markup.named(visitor.get(address).text, "img") if one.attributes.get("alt", "")]
    at = picture.attributes["src"]

    own, stranger = visitor.get(at), Visitor(visitor.client.application.test_client()).get(at.partition("?")[0])

    assert (own.status_code, own.data, own.content_type) == (200, b"pixels", "image/jpeg")
    assert "private" in own.headers["Cache-Control"]
    assert stranger.status_code == 404
    assert visitor.get(at.replace("small", "huge")).status_code == 404
    assert visitor.get(at.replace(f"{ID}-1", f"{OTHER}-1")).status_code == 404


def test_others_see_shown_ones_alone_with_words_and_size(visitor: Visitor) -> None:
    address = sent(visitor)
    give(stored(address), ready(), ready(OTHER, decision=PhotoDecision.SHOWN, alt="Water at the door"))

    page = visitor.get(f"/reports/{id_in(address)}").text

    [picture] = [one.attributes for one in markup.named(page, "img") if "/photos/" in one.attributes["src"]]
    assert picture["src"] == f"/photos/{OTHER}-1/small.jpg"
    assert [picture[name] for name in ("alt", "width", "height", "loading")] == [
        "Water at the door",
        "320",
        "240",
        "lazy",
    ]
    assert f'content="http://localhost/photos/{OTHER}-1/large.jpg"' in page
    assert ID not in page


def test_lists_show_the_first_public_photo_small(visitor: Visitor) -> None:
    address = sent(visitor)
    report = give(stored(address), ready(decision=PhotoDecision.SHOWN))

    assert report.entry().photo == f"{ID}-1"
    page = visitor.get("/reports?lat=51.5004&lon=-0.1246").text
    frame = visitor.get("/embed?lat=51.5004&lon=-0.1246").text

    assert f'src="/photos/{ID}-1/small.jpg" width="96" height="72"' in page
    assert "/photos/" not in frame


def test_only_pages_with_a_field_may_reach_the_bucket(visitor: Visitor, bucket: str) -> None:
    address = sent(visitor)
    origin = f"https://{bucket}.s3.eu-west-2.amazonaws.com"
    ticket = ask(visitor, address).json["url"]

    for path in ("/report", address):
        policy = dict(one.split(" ", 1) for one in visitor.get(path).headers["Content-Security-Policy"].split("; "))
        assert policy["connect-src"].split() == ["'self'", origin]
        assert policy["form-action"].split() == ["'self'", origin]
        assert policy["img-src"].split() == ["'self'", "data:", "blob:"]
    for path in ("/", f"/reports/{id_in(address)}", "/reports", "/about"):
        assert bucket not in visitor.get(path).headers["Content-Security-Policy"]
        assert "blob:" not in visitor.get(path).headers["Content-Security-Policy"]
    assert ticket.startswith(f"{origin}/")


def test_worker_may_send_photos_that_wait(visitor: Visitor, bucket: str) -> None:
    answer = visitor.get("/service-worker.js")

    assert (
        f"connect-src 'self' https://{bucket}.s3.eu-west-2.amazonaws.com" in answer.headers["Content-Security-Policy"]
    )
    assert '"photos": "/static/' in answer.text


def test_form_has_a_field_for_photos_that_sends_nothing_by_itself(visitor: Visitor) -> None:
    page = visitor.get("/report").text

    [field] = [one.attributes for one in markup.named(page, "input") if one.attributes.get("type") == "file"]
    assert "name" not in field
    assert "Do not go into danger for a photo. Leave out faces and number plates." in page
    assert "only once a responder has shown it or verified the report" in page


def test_account_adds_a_photo_without_a_private_link(signed_in: Callable[..., Visitor]) -> None:
    visitor = signed_in()
    address = sent(visitor)
    assert "token=" not in address

    answer = ask(visitor, address)
    give(stored(address), ready())

    assert answer.status_code == 200
    assert own_words(visitor, address) == ["Not yet shown to others."]


def test_limit_is_told_with_its_wait(visitor: Visitor, bucket: str) -> None:
    address = sent(visitor)
    with settings_of(FLOOD_PHOTOS_BUCKET=bucket, FLOOD_PHOTOS_PER_HOUR="1"):
        ask(visitor, address)
        script = ask(visitor, address)
        page = visitor.post(tickets_at(address), media_type="image/jpeg")

    assert (script.status_code, list(script.json)) == (429, ["waits"])
    assert int(script.headers["Retry-After"]) > 0
    assert page.status_code == 429 and "No more photos are taken from here for now." in page.text


def test_held_photos_wait_for_a_word_about_themselves(visitor: Visitor, bucket: str) -> None:
    with settings_of(FLOOD_PHOTOS_BUCKET=bucket, FLOOD_PHOTOS="held"):
        page = visitor.get("/report").text

    assert "Others see a photo only once a responder has shown it." in page


def test_worker_keeps_the_files_of_the_field(visitor: Visitor) -> None:
    form, worker = visitor.get("/report?offline=1").text, visitor.get("/service-worker.js").text

    for name in ("photo_queue.js", "report_photos.js"):
        [path] = set(re.findall(rf'"(/static/\w+/{name})"', form))
        assert f'"{path}"' in worker


def test_page_shows_photos_of_reports_that_were_joined_to_it(visitor: Visitor) -> None:
    target, other = stored(sent(visitor)), stored(sent(visitor, title="The same water"))
    give(other, ready(decision=PhotoDecision.SHOWN), ready(OTHER), status=Status.MERGED, merged_into=target.id)
    give(target, ready("c" * 22, decision=PhotoDecision.SHOWN), duplicates=[other.id])

    page = visitor.get(f"/reports/{target.id}").text

    sources = [one.attributes["src"] for one in markup.named(page, "img") if "/photos/" in one.attributes["src"]]
    assert sources == [f"/photos/{'c' * 22}-1/small.jpg", f"/photos/{ID}-1/small.jpg"]
