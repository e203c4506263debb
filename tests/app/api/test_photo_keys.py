"""Idempotency-Key of a photo: a ticket asked for again is for the same photo."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.photos import present
from app.reports.models import Report
from app.reports.photo_column import Photo
from tests.photo_acts import Scene, begin, come
from tests.reporting import mistakes_of

KEY = {"Idempotency-Key": "b0a7c9a2-6f2e-4a53-9f0e-3c1d6a0f9b11"}


@pytest.fixture
def scene(client: FlaskClient, photos_bucket: str, noon: Any) -> Scene:
    return Scene(client, photos_bucket)


def test_ticket_asked_for_again_is_for_the_same_photo_with_a_new_form(scene: Scene, noon: Any) -> None:
    first = begin(scene.client, scene.id, scene.own | KEY).json
    noon.shift(present.AWAITED_MS // 1000 - 1)

    second = begin(scene.client, scene.id, scene.own | KEY).json

    assert first["id"] == second["id"] and first["expires_at"] < second["expires_at"]
    noon.shift(5)
    assert [photo["id"] for photo in scene.photos(scene.own)] == [first["id"]], "its hour begins again"
    assert Report.find(scene.id).photos[0].at_ms < clock.now_ms()


def test_photo_that_has_come_is_named_in_a_conflict(scene: Scene) -> None:
    first = begin(scene.client, scene.id, scene.own | KEY).json["id"]
    come(scene.bucket, scene.id, first)

    answer = begin(scene.client, scene.id, scene.own | KEY)

    assert answer.status_code == 409 and first in answer.json["detail"]
    assert len(scene.photos(scene.own)) == 1


def test_keys_of_two_reports_and_two_keys_of_one_are_different_photos(scene: Scene) -> None:
    other = Scene(scene.client, scene.bucket)

    told = [begin(scene.client, one.id, one.own | KEY).json["id"] for one in (scene, other)]
    told.append(begin(scene.client, scene.id, scene.own | {"Idempotency-Key": "12345678"}).json["id"])

    assert len(set(told)) == 3
    assert Report.find(scene.id).photos[0].key_hash != Report.find(other.id).photos[0].key_hash


def test_malformed_key_is_refused(scene: Scene) -> None:
    answer = begin(scene.client, scene.id, scene.own | {"Idempotency-Key": "short"})

    assert {code for _, code in mistakes_of(answer)} == {"length"}
    assert scene.photos(scene.own) == []


def test_row_keeps_a_hash_of_the_key_and_nothing_for_a_photo_without_one(scene: Scene) -> None:
    begin(scene.client, scene.id, scene.own | KEY)
    begin(scene.client, scene.id, scene.own)

    with_key, without = Report.find(scene.id).photos
    assert KEY["Idempotency-Key"] not in str(with_key.members()) and len(with_key.members()["k"]) == 20
    assert "k" not in without.members() and Photo.read(with_key.members()) == with_key


def test_key_is_described(client: FlaskClient) -> None:
    described = client.get("/openapi.json").json["paths"]["/v1/reports/{report_id}/photos"]["post"]["parameters"]

    [key] = [one for one in described if one.get("name") == "Idempotency-Key"]
    assert key["in"] == "header" and not key.get("required", False)
