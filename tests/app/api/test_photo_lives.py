"""Lives of photos, from a ticket to the file that everyone sees, and away again: over HTTP, with all behind it."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from handlers import clean_photo
from tests.photo_acts import CAR, Scene, begin, removal
from tests.photographing import event_of, keys_in, send
from tests.queueing import Responder, Streams


def picture(colour: str = "navy", size: tuple[int, int] = (640, 480)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


class Life(Scene):
    """A report with what works behind it: the bucket's events, and the stream of its table."""

    def __init__(self, client: FlaskClient, bucket: str) -> None:
        super().__init__(client, bucket)
        self.streams = Streams()
        self.streams.catch_up()

    def upload(self, content: bytes, **wanted: Any) -> str:
        ticket = begin(self.client, self.id, self.own, **wanted).json
        self.handle(send(ticket["upload"], content, bucket=self.bucket))
        return str(ticket["id"])

    def handle(self, key: str) -> None:
        assert clean_photo.handler(event_of(key, bucket=self.bucket), None) == {"batchItemFailures": []}
        self.streams.catch_up()

    def act(self, photo_id: str, **said: Any) -> None:
        assert self.judge(photo_id, **said).status_code == 200
        self.streams.catch_up()

    def file(self, photo_id: str, number: int = 1, size: str = "small") -> Any:
        return self.client.get(f"/photos/{photo_id}-{number}/{size}.jpg")


@pytest.fixture
def life(client: FlaskClient, photos_bucket: str, noon: Any) -> Life:
    return Life(client, photos_bucket)


def test_photo_comes_is_shown_and_is_hidden(life: Life) -> None:
    photo = life.upload(picture())
    (own,) = life.photos(life.own)
    assert (own["state"], own["width"], own["height"], life.photos()) == ("ready", 640, 480, [])
    assert life.client.get(own["urls"]["large"], headers=life.own).status_code == 200
    assert life.file(photo).status_code == 404

    life.act(photo, decision="shown")
    shown = life.file(photo)
    life.act(photo, decision="hidden")

    assert Image.open(io.BytesIO(shown.data)).size == (320, 240)
    assert (shown.mimetype, shown.headers["Cache-Control"]) == ("image/jpeg", "public, max-age=60")
    assert (life.file(photo).status_code, life.photos()) == (404, [])
    assert life.client.get(own["urls"]["large"], headers=life.staff).status_code == 200


def test_blurred_photo_has_a_new_address_and_none_at_the_former(life: Life) -> None:
    photo = life.upload(picture())
    life.act(photo, decision="shown")

    life.act(photo, blur=[CAR], decision="shown")
    assert (life.file(photo).status_code, life.photos()) == (404, [])
    life.handle(f"orders/{life.id}/{photo}-1.json")

    assert [one["urls"]["small"] for one in life.photos()] == [f"/photos/{photo}-2/small.jpg"]
    assert (life.file(photo).status_code, life.file(photo, 2).status_code) == (404, 200)
    assert not [key for key in keys_in(life.bucket) if f"{photo}-1" in key]


def test_removed_photo_leaves_nothing(life: Life) -> None:
    photo = life.upload(picture())
    life.act(photo, decision="shown")

    assert removal(life.client, life.id, photo, life.own).status_code == 204
    life.streams.catch_up()

    assert (life.file(photo).status_code, life.photos(life.own), keys_in(life.bucket)) == (404, [], [])


def test_upload_after_the_photo_was_removed_changes_nothing(life: Life) -> None:
    ticket = begin(life.client, life.id, life.own).json
    assert removal(life.client, life.id, ticket["id"], life.own).status_code == 204

    life.handle(send(ticket["upload"], picture(), bucket=life.bucket))

    assert (life.photos(life.own), keys_in(life.bucket)) == ([], [])


def test_file_that_is_no_photo_is_refused_with_words_and_room_for_another(life: Life) -> None:
    for _ in range(4):
        life.upload(b"<svg xmlns='http://www.w3.org/2000/svg'/>")

    states = [(one["state"], bool(one["reason"]), one["urls"]) for one in life.photos(life.own)]

    assert states == [("refused", True, None)] * 4
    assert life.photos() == []
    assert life.upload(picture()) in [one["id"] for one in life.photos(life.own)]


def test_verified_report_shows_its_photo_until_it_is_rejected(life: Life) -> None:
    photo = life.upload(picture())
    assert Responder(life.client).verify(life.id).status_code == 200
    life.streams.catch_up()
    assert (life.file(photo).status_code, life.report()["photo"]) == (200, f"{photo}-1")

    said, match = {"decision": "rejected", "reason": "personal_data"}, {"If-Match": "*"}
    path = f"/v1/reports/{life.id}/verification"
    assert life.client.put(path, json=said, headers=life.staff | match).status_code == 200
    life.streams.catch_up()

    assert life.file(photo).status_code == 404


def test_photo_of_a_merged_report_is_shown_at_the_target_by_its_decision(life: Life) -> None:
    target, photo = Scene(life.client, life.bucket), life.upload(picture())
    said = {"decision": "merged", "into": target.id}
    path = f"/v1/reports/{life.id}/verification"
    assert life.client.put(path, json=said, headers=life.staff | {"If-Match": "*"}).status_code == 200
    life.streams.catch_up()
    assert life.file(photo).status_code == 404

    assert target.show(photo)["is_public"]
    life.streams.catch_up()

    assert life.client.get(target.photos()[0]["urls"]["small"]).status_code == 200
