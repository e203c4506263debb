"""Decisions about photos: shown, hidden, blurred, described, removed; by those who may, and each on record."""

import json
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from flask.testing import FlaskClient

from app.aws import buckets
from app.photos import deciding
from app.review import audit
from tests.factories import sign_in_as
from tests.photo_acts import CAR, Scene, begun, judge, removal
from tests.photo_rows import alter_photo
from tests.photographing import keys_in
from tests.queueing import Responder, Streams
from tests.reporting import bearer, filed, mistakes_of
from tests.voices import Visitor


@pytest.fixture
def scene(client: FlaskClient, photos_bucket: str, noon: Any) -> Scene:
    return Scene(client, photos_bucket)


def acts_on(report_id: str) -> list[tuple[str, Any, Any]]:
    """The audit of photos of a report, the first act first."""
    rows = [row for row in audit.history_of(report_id) if row.action.startswith("photo.")]
    return [(row.action, row.before, row.after) for row in reversed(rows)]


def test_photo_that_a_responder_adds_to_anothers_report_is_on_record_once(scene: Scene) -> None:
    key = {"Idempotency-Key": "photo-of-a-responder"}
    own = begun(scene.client, scene.id, scene.own)
    photo = begun(scene.client, scene.id, scene.staff | key)
    assert begun(scene.client, scene.id, scene.staff | key) == photo, "the same photo gets a new form"

    assert acts_on(scene.id) == [("photo.added", None, {"photo": photo.lower()})]
    assert {one["id"] for one in scene.photos(scene.staff)} == {own, photo}


def test_responder_shows_and_hides_a_photo_and_each_is_on_record(scene: Scene) -> None:
    photo = scene.photo()
    assert (scene.photos(), scene.report()["photo"]) == ([], None)

    shown = scene.show(photo)
    seen = scene.report()
    hidden = scene.judge(photo, decision="hidden").json

    assert (shown["decision"], shown["is_public"], shown["mark"]) == ("shown", True, "1-shown")
    assert (seen["photo"], [one["id"] for one in seen["photos"]]) == (f"{photo}-1", [photo])
    assert (hidden["decision"], hidden["is_public"]) == ("hidden", False)
    assert (scene.photos(), scene.report()["photo"]) == ([], None)
    assert [one["id"] for one in scene.photos(scene.own)] == [photo]
    low = photo.lower()
    assert acts_on(scene.id) == [
        ("photo.shown", {"decision": None}, {"photo": low, "decision": "shown"}),
        ("photo.hidden", {"decision": "shown"}, {"photo": low, "decision": "hidden"}),
    ]


def test_decision_leaves_the_version_and_moves_the_time_of_change(scene: Scene, noon: Any) -> None:
    photo, before = scene.photo(), scene.report()
    noon.shift(120)

    scene.show(photo)

    after = scene.report()
    assert after["version"] == before["version"]
    assert after["updated_at"] > before["updated_at"]
    delta = scene.client.get(f"/v1/reports?updated_since={after['updated_at']}").json
    assert [item["photo"] for item in delta["items"]] == [f"{photo}-1"]


def test_photo_that_a_responder_shows_supports_its_report(scene: Scene, noon: Any) -> None:
    photo, streams = scene.photo(), Streams()
    streams.catch_up()
    before = {reason["code"] for reason in scene.report()["confidence"]["reasons"]}
    noon.shift(60)

    scene.show(photo)
    streams.catch_up()

    after = {reason["code"] for reason in scene.report()["confidence"]["reasons"]}
    assert after - before == {"photo_shown"}


def test_reporter_describes_and_does_not_decide(scene: Scene) -> None:
    photo = scene.photo()

    described = scene.judge(photo, scene.own, alt="  Water at the door ")
    emptied = scene.judge(photo, scene.own, alt=None)
    refused = [scene.judge(photo, scene.own, **said) for said in ({"decision": "shown"}, {"blur": [CAR]})]

    assert (described.status_code, described.json["alt"]) == (200, "Water at the door")
    assert (emptied.status_code, emptied.json["alt"]) == (200, None)
    assert [answer.status_code for answer in refused] == [403, 403]
    assert acts_on(scene.id) == []
    assert scene.photos() == []


def test_words_of_a_responder_are_on_record_without_the_words(scene: Scene) -> None:
    photo = scene.photo()

    scene.judge(photo, alt="Water at the door")

    assert acts_on(scene.id) == [("photo.described", None, {"photo": photo.lower()})]


def test_others_find_no_photo_to_change(scene: Scene) -> None:
    photo = scene.photo()
    scene.show(photo)
    strangers = [sign_in_as(), bearer(filed(scene.client)["edit_token"]), Visitor(scene.client).headers]

    for stranger in strangers:
        for said in ({"decision": "hidden"}, {"alt": "mine"}):
            assert scene.judge(photo, stranger, **said).status_code == 404
        assert removal(scene.client, scene.id, photo, stranger).status_code == 404
    assert judge(scene.client, scene.id, photo, {}, decision="hidden").status_code == 401
    assert scene.judge("b" * 22, decision="shown").status_code == 404
    assert judge(scene.client, f"rep_{'z' * 26}", photo, scene.staff, decision="shown").status_code == 404
    assert [one["id"] for one in scene.photos()] == [photo]


def test_responder_elsewhere_is_forbidden_what_is_public_and_does_not_find_the_rest(scene: Scene) -> None:
    photo, elsewhere = scene.photo(), sign_in_as("responder", within=())

    assert scene.judge(photo, elsewhere, decision="shown").status_code == 403
    assert removal(scene.client, scene.id, photo, elsewhere).status_code == 403
    scene.client.delete(f"/v1/reports/{scene.id}", headers=scene.own)
    assert scene.judge(photo, elsewhere, decision="shown").status_code == 404
    assert removal(scene.client, scene.id, photo, elsewhere).status_code == 404


@pytest.mark.parametrize("state", ["awaiting", "refused"])
def test_photo_that_is_not_ready_is_not_decided_about(scene: Scene, state: str) -> None:
    photo = begun(scene.client, scene.id, scene.own)
    alter_photo(scene.id, photo, state=state, reason="broken" if state == "refused" else None)

    assert scene.judge(photo, decision="shown").status_code == 409
    assert scene.judge(photo, blur=[CAR]).status_code == 409
    assert acts_on(scene.id) == []


def test_blur_hides_the_photo_at_once_and_orders_new_pixels(scene: Scene) -> None:
    photo = scene.photo()
    scene.show(photo)

    answer = scene.judge(photo, blur=[CAR, CAR | {"x": 0.5}], decision="shown")

    assert (answer.status_code, answer.json["is_blurring"], answer.json["is_public"]) == (200, True, False)
    assert scene.photos() == []
    order = f"orders/{scene.id}/{photo}-1.json"
    held = boto3.client("s3").get_object(Bucket=scene.bucket, Key=order)["Body"].read()
    assert json.loads(held) == {"blur": [[0.1, 0.2, 0.3, 0.15], [0.5, 0.2, 0.3, 0.15]]}
    assert acts_on(scene.id)[-1] == ("photo.blurred", None, {"photo": photo.lower(), "places": 2})
    alter_photo(scene.id, photo, number=2, blur=None)
    assert [one["urls"]["large"] for one in scene.photos()] == [f"/photos/{photo}-2/large.jpg"]


def test_blur_whose_order_was_lost_is_sent_again(scene: Scene) -> None:
    photo = scene.photo()
    with patch.object(buckets, "put", side_effect=buckets.BucketFailed("away")):
        failed = scene.judge(photo, blur=[CAR])
    assert (failed.status_code, keys_in(scene.bucket)[0].startswith("kept/")) == (503, True)
    assert int(failed.headers["Retry-After"]) > 0

    again = scene.judge(photo, blur=[CAR])

    assert again.status_code == 200
    assert f"orders/{scene.id}/{photo}-1.json" in keys_in(scene.bucket)
    assert [act for act, *_ in acts_on(scene.id)] == ["photo.blurred"]


BOX = {"x": 0, "y": 0, "width": 1, "height": 1}


@pytest.mark.parametrize(
    ("said", "mistake"),
    [
        ({}, ("", "empty")),
        ({"seen": "1-waiting"}, ("", "empty")),
        ({"decision": "gone"}, ("/decision", "choice")),
        ({"decision": None}, ("/decision", "null")),
        ({"blur": [BOX] * 21}, ("/blur", "length")),
        ({"blur": [BOX | {"x": -0.1}]}, ("/blur/0/x", "range")),
        ({"blur": [BOX | {"y": 0.5}]}, ("/blur/0/height", "range")),
        ({"blur": [BOX | {"width": 0}]}, ("/blur/0/width", "range")),
        ({"blur": [BOX | {"height": 1.2}]}, ("/blur/0/height", "range")),
        ({"blur": [{"x": 0, "y": 0, "width": 1}]}, ("/blur/0/height", "required")),
        ({"blur": {"x": 0}}, ("/blur", "type")),
        ({"blur": None}, ("/blur", "null")),
        ({"alt": "x" * 301}, ("/alt", "length")),
        ({"alt": "\u202ewater"}, ("/alt", "bidi")),
        ({"decision": "shown", "seen": 3}, ("/seen", "type")),
    ],
)
def test_mistakes_in_what_is_said_are_named(scene: Scene, said: dict[str, Any], mistake: tuple[str, str]) -> None:
    photo = scene.photo()

    assert mistakes_of(scene.judge(photo, **said)) == {mistake}
    assert scene.photos(scene.own)[0]["decision"] is None


def test_twenty_places_to_the_very_edge_are_taken(scene: Scene) -> None:
    edge = {"x": 0.7, "y": 0.1, "width": 0.3, "height": 0.9}

    assert scene.judge(scene.photo(), blur=[edge] * 20).status_code == 200
    assert scene.judge(scene.photo(), blur=[], decision="shown").json["is_public"]


def test_of_two_responders_the_second_gets_a_conflict_and_the_first_decision_stays(scene: Scene) -> None:
    photo, other = scene.photo(), sign_in_as("responder")
    mark = scene.photos(scene.own)[0]["mark"]

    first = scene.judge(photo, decision="hidden", seen=mark)
    second = scene.judge(photo, other, decision="shown", seen=mark)
    again = scene.judge(photo, decision="hidden", seen=mark)

    assert [answer.status_code for answer in (first, second, again)] == [200, 409, 200]
    assert scene.photos(scene.own)[0]["decision"] == "hidden"
    assert [act for act, *_ in acts_on(scene.id)] == ["photo.hidden"]


def test_of_two_responders_at_the_same_moment_one_wins(scene: Scene) -> None:
    photo, other = scene.photo(), sign_in_as("responder")
    answers, store = [], deciding.is_stored

    def meanwhile(*said: Any) -> bool:
        with patch.object(deciding, "is_stored", store):
            answers.append(scene.judge(photo, other, decision="hidden"))
        return store(*said)

    with patch.object(deciding, "is_stored", meanwhile):
        answers.append(scene.judge(photo, decision="shown"))

    assert [answer.status_code for answer in answers] == [200, 409]
    assert scene.photos(scene.own)[0]["decision"] == "hidden"
    assert [act for act, *_ in acts_on(scene.id)] == ["photo.hidden"]


def test_vote_in_between_does_no_harm(scene: Scene) -> None:
    photo, store = scene.photo(), deciding.is_stored

    def meanwhile(*said: Any) -> bool:
        with patch.object(deciding, "is_stored", store):
            assert scene.judge(photo, scene.own, alt="Water").status_code == 200
        return store(*said)

    with patch.object(deciding, "is_stored", meanwhile):
        assert scene.judge(photo, decision="shown").status_code == 200
    assert [(one["alt"], one["decision"]) for one in scene.photos()] == [("Water", "shown")]


def test_while_another_responder_looks_at_the_report_there_is_no_decision(scene: Scene) -> None:
    photo, other = scene.photo(), Responder(scene.client)
    assert other.hold(scene.id).status_code == 200

    refused = scene.judge(photo, decision="shown")

    assert (refused.status_code, "until" in refused.json) == (409, True)
    assert removal(scene.client, scene.id, photo, scene.staff).status_code == 409
    assert scene.judge(photo, other.headers, decision="shown").status_code == 200
    assert removal(scene.client, scene.id, photo, scene.own).status_code == 204


def test_photo_is_removed_by_its_reporter_or_a_responder_and_again(scene: Scene) -> None:
    first, second = scene.photo(), scene.photo()
    scene.show(first)

    for _ in range(2):
        assert removal(scene.client, scene.id, first, scene.own).status_code == 204
        assert removal(scene.client, scene.id, second, scene.staff).status_code == 204

    assert (scene.photos(), scene.photos(scene.own)) == ([], [])
    assert [act for act, *_ in acts_on(scene.id)] == ["photo.shown", "photo.removed"]


def test_report_that_was_withdrawn_can_still_lose_its_photos(scene: Scene) -> None:
    photo = scene.photo()
    scene.client.delete(f"/v1/reports/{scene.id}", headers=scene.own)

    assert removal(scene.client, scene.id, photo, scene.own).status_code == 204
