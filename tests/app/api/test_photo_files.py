"""Files of photos: the public ones for everyone, all others for those who may see them, and nothing else."""

from typing import Any
from unittest.mock import patch

import pytest
from flask.testing import FlaskClient

from app.accounts import visitors
from app.aws import buckets
from app.photos import keys
from tests.configured import settings_of
from tests.factories import make_account, sign_in_as
from tests.photo_acts import JPEG, Scene, begun, come, put
from tests.photo_rows import alter_photo
from tests.reporting import bearer, file_report, filed
from tests.voices import Visitor

NAME = f"{'a' * 22}-1"


@pytest.fixture
def scene(client: FlaskClient, photos_bucket: str, noon: Any) -> Scene:
    return Scene(client, photos_bucket)


def path_of(scene: Scene, photo_id: str, size: str = "large", number: int = 1) -> str:
    return f"/v1/reports/{scene.id}/photos/{photo_id}-{number}/{size}.jpg"


def test_public_file_is_served_with_a_fixed_type_for_a_minute(scene: Scene) -> None:
    put(scene.bucket, keys.public_key(NAME, "small"))

    answer = scene.client.get(f"/photos/{NAME}/small.jpg")

    assert (answer.status_code, answer.data) == (200, JPEG)
    expected = {"Content-Type": "image/jpeg", "Cache-Control": "public, max-age=60", "Content-Length": str(len(JPEG))}
    expected |= {"X-Content-Type-Options": "nosniff", "Access-Control-Allow-Origin": "*"}
    assert {name: answer.headers[name] for name in expected} == expected
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Content-Encoding" not in answer.headers
    assert "Set-Cookie" not in answer.headers


def test_public_file_is_asked_for_once(scene: Scene) -> None:
    put(scene.bucket, keys.public_key(NAME, "large"))
    tag = scene.client.get(f"/photos/{NAME}/large.jpg").headers["ETag"]

    again = scene.client.get(f"/photos/{NAME}/large.jpg", headers={"If-None-Match": tag})
    head = scene.client.head(f"/photos/{NAME}/large.jpg")
    put(scene.bucket, keys.public_key(NAME, "large"), JPEG + b"!")
    changed = scene.client.get(f"/photos/{NAME}/large.jpg", headers={"If-None-Match": tag})

    assert (again.status_code, again.data) == (304, b"")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", tag)
    assert (changed.status_code, changed.data) == (200, JPEG + b"!")


@pytest.mark.parametrize(
    "path",
    [
        f"/photos/{NAME}/large.jpg",
        f"/photos/{NAME}/huge.jpg",
        f"/photos/{'a' * 22}/small.jpg",
        f"/photos/{'a' * 22}-0/small.jpg",
        f"/photos/{'a' * 21}-1/small.jpg",
        "/photos/..-1/small.jpg",
        f"/photos/{NAME}/small.png",
        f"/photos/{NAME}/small",
        f"/photos/%2e%2e%2fkept/{NAME}/small.jpg",
        f"/photos/{NAME}%0A/small.jpg",
        f"/photos/{'é' * 22}-1/small.jpg",
        "/photos/",
    ],
)
def test_what_is_not_there_is_a_problem(scene: Scene, path: str) -> None:
    put(scene.bucket, keys.public_key(NAME, "small"))
    put(scene.bucket, f"kept/{NAME}/small.jpg")

    assert scene.client.get(path).status_code == 404


def test_what_is_not_there_is_told_as_all_errors_are(scene: Scene) -> None:
    answer = scene.client.get(f"/photos/{NAME}/small.jpg")

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json["type"] == "/docs/errors/not-found"
    assert answer.headers["Cache-Control"] == "no-store"


def test_photo_that_everyone_may_see_is_no_longer_found_once_its_copy_has_gone(scene: Scene) -> None:
    put(scene.bucket, keys.public_key(NAME, "small"))
    assert scene.client.get(f"/photos/{NAME}/small.jpg").status_code == 200

    buckets.delete(scene.bucket, keys.public_key(NAME, "small"))

    assert scene.client.get(f"/photos/{NAME}/small.jpg").status_code == 404


def test_bucket_that_is_away_is_no_missing_photo(scene: Scene) -> None:
    photo = scene.photo()

    with patch.object(buckets, "get", side_effect=buckets.BucketFailed("away")):
        answers = [
            scene.client.get(f"/photos/{NAME}/small.jpg"),
            scene.client.get(path_of(scene, photo), headers=scene.own),
        ]

    for answer in answers:
        assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
        assert int(answer.headers["Retry-After"]) > 0


def test_without_a_bucket_there_is_no_photo(client: FlaskClient, noon: Any) -> None:
    assert client.get(f"/photos/{NAME}/small.jpg").status_code == 404


def test_reporter_and_responder_see_a_photo_before_everyone_may(scene: Scene) -> None:
    photo = scene.photo()

    for headers in (scene.own, scene.staff):
        for size in ("large", "small"):
            answer = scene.client.get(path_of(scene, photo, size), headers=headers)
            assert (answer.status_code, answer.data, answer.mimetype) == (200, JPEG, "image/jpeg")
            assert answer.headers["Cache-Control"] == "private, no-store"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    strangers = [{}, sign_in_as(), bearer(filed(scene.client)["edit_token"]), Visitor(scene.client).headers]
    strangers.append(sign_in_as("responder", within=()))
    for stranger in strangers:
        assert scene.client.get(path_of(scene, photo), headers=stranger).status_code == 404
    for other in (path_of(scene, photo, number=2), path_of(scene, photo, "huge"), path_of(scene, "b" * 22)):
        assert scene.client.get(other, headers=scene.own).status_code == 404
    assert scene.client.get(f"/photos/{photo}-1/large.jpg").status_code == 404


def test_pixels_that_the_report_names_no_more_are_not_served(scene: Scene) -> None:
    photo = scene.photo()
    alter_photo(scene.id, photo, number=2)
    put(scene.bucket, keys.kept_key(scene.id, f"{photo}-2", "large"), JPEG + b"blurred")
    put(scene.bucket, keys.kept_key(scene.id, f"{'b' * 22}-1", "large"))

    assert scene.client.get(path_of(scene, photo, number=2), headers=scene.staff).data == JPEG + b"blurred"
    assert scene.client.get(path_of(scene, photo), headers=scene.staff).status_code == 404
    assert scene.client.get(path_of(scene, "b" * 22), headers=scene.staff).status_code == 404


def test_addresses_of_the_full_form_lead_to_the_files(scene: Scene) -> None:
    shown, waiting = scene.photo(), scene.photo()
    scene.show(shown)
    put(scene.bucket, keys.public_key(f"{shown}-1", "large"))

    urls = [photo["urls"]["large"] for photo in scene.photos(scene.own)]

    assert [scene.client.get(url, headers=scene.own).status_code for url in urls] == [200, 200]
    assert [scene.client.get(url).status_code for url in urls] == [200, 404]
    assert waiting in urls[1]


def test_pictures_of_pages_are_seen_by_their_cookie_or_private_link(scene: Scene) -> None:
    photo, token = scene.photo(), scene.own["Authorization"].removeprefix("Bearer ")
    account = make_account("responder")
    assert scene.client.get(path_of(scene, photo)).status_code == 404
    assert scene.client.get(f"{path_of(scene, photo)}?token={token}").status_code == 200
    assert scene.client.get(f"{path_of(scene, photo)}?token={token}x").status_code == 404

    sign_in = {"username": account.username, "password": "a long and rainy night in november"}
    scene.client.post("/sign-in", data=sign_in, headers={"Origin": "http://localhost"})
    answer = scene.client.get(path_of(scene, photo))

    assert (answer.status_code, answer.data) == (200, JPEG)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in answer.vary


def test_visitor_who_filed_the_report_sees_it_by_the_cookie_of_pages(scene: Scene) -> None:
    visitor = Visitor(scene.client)
    report_id = file_report(scene.client, headers=visitor.headers).json["id"]
    photo = begun(scene.client, report_id, visitor.headers)
    come(scene.bucket, report_id, photo)
    path = f"/v1/reports/{report_id}/photos/{photo}-1/small.jpg"
    assert scene.client.get(path, headers=visitor.headers).status_code == 200
    assert scene.client.get(path).status_code == 404

    with scene.client.application.test_request_context():
        name = visitors.cookie_name()
    scene.client.set_cookie(name, visitor.headers["Authorization"].removeprefix("Bearer "))

    assert scene.client.get(path).status_code == 200


def test_photos_that_were_taken_stay_private_without_a_bucket(scene: Scene) -> None:
    photo = scene.photo()

    with settings_of(FLOOD_PHOTOS_BUCKET=""):
        assert scene.client.get(path_of(scene, photo), headers=scene.own).status_code == 404
