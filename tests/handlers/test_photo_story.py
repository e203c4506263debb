"""A photo from its ticket to the public and back, through HTTP, the bucket's event and the stream of reports."""

from typing import Any

import boto3
import pytest
from flask.testing import FlaskClient

from app.photos import keys, reasons
from tests.followed import Stream
from tests.photo_acts import CAR, Scene, begin
from tests.photo_files import UPRIGHT, assert_only_pixels, corners, telling_jpeg
from tests.photographed import told
from tests.photographing import keys_in, send


@pytest.fixture
def scene(client: FlaskClient, photos_bucket: str) -> Scene:
    return Scene(client, photos_bucket)


def sent(scene: Scene, content: bytes, **wanted: Any) -> str:
    """The id of a photo that was sent by the form of its ticket, and whose event was handled."""
    ticket = begin(scene.client, scene.id, scene.own, **wanted).json
    assert told(scene.bucket, send(ticket["upload"], content, bucket=scene.bucket)) == []
    return str(ticket["id"])


def test_photo_is_upright_and_only_pixels_before_and_after_it_is_shown(scene: Scene) -> None:
    stream = Stream()
    photo = sent(scene, telling_jpeg(6, size=(80, 40)))
    (seen,) = scene.photos(scene.own)
    assert (seen["state"], seen["width"], seen["height"], seen["is_public"]) == ("ready", 80, 40, False)
    private = scene.client.get(seen["urls"]["large"], headers=scene.own)
    assert corners(private.data) == UPRIGHT

    scene.show(photo)
    stream.run()

    (shown,) = scene.photos()
    public = scene.client.get(shown["urls"]["large"])
    assert public.status_code == 200 and public.data == private.data
    assert_only_pixels(public.data)


def test_photo_is_blurred_hidden_and_ends_with_its_report(scene: Scene) -> None:
    stream = Stream()
    photo = sent(scene, telling_jpeg())
    scene.show(photo)
    assert scene.judge(photo, decision="shown", blur=[CAR]).status_code == 200
    stream.run()
    assert scene.client.get(f"/photos/{photo}-1/large.jpg").status_code == 404

    assert told(scene.bucket, keys.order_key(scene.id, f"{photo}-1")) == []
    stream.run()
    (blurred,) = scene.photos()
    assert blurred["urls"]["large"] == f"/photos/{photo}-2/large.jpg"
    assert_only_pixels(scene.client.get(blurred["urls"]["large"]).data)

    assert scene.judge(photo, decision="hidden").status_code == 200
    stream.run()
    assert scene.photos() == [] and scene.client.get(blurred["urls"]["large"]).status_code == 404

    assert scene.client.delete(f"/v1/reports/{scene.id}", headers=scene.own | {"If-Match": "*"}).status_code == 204
    stream.run()
    assert keys_in(scene.bucket) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<!doctype html><script>alert(1)</script>", reasons.NO_PHOTO),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", reasons.NO_PHOTO),
        (telling_jpeg()[:1000], reasons.BROKEN),
    ],
)
def test_reporter_reads_in_plain_words_why_a_photo_was_refused(scene: Scene, content: bytes, code: str) -> None:
    sent(scene, content)

    (seen,) = scene.photos(scene.own)

    assert (seen["state"], seen["reason"], seen["urls"]) == ("refused", reasons.sentence(code), None)
    assert scene.photos() == [] and keys_in(scene.bucket) == []


def test_form_of_one_report_puts_nothing_into_another(scene: Scene, client: FlaskClient) -> None:
    other = Scene(client, scene.bucket)
    photo = begin(client, scene.id, scene.own).json["id"]
    stolen = keys.upload_key(other.id, photo)
    boto3.client("s3").put_object(Bucket=scene.bucket, Key=stolen, Body=telling_jpeg())

    assert told(scene.bucket, stolen) == []

    assert other.photos(other.own) == [] and keys_in(scene.bucket) == []
