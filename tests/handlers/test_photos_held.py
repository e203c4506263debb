"""Photos held back later (FLOOD_PHOTOS): all readers obey at once, and show them again once they are set free."""

import re

import pytest
import time_machine
from flask.testing import FlaskClient

from app.photos import keys
from tests.configured import settings_of
from tests.followed import Stream
from tests.photo_acts import Scene, put
from tests.reporting import filed

NEAR = "lat={lat}&lon={lon}&radius_km=5"
READERS = ("/v1/reports?", "/v1/reports.geojson?", "/v1/reports.csv?", "/reports?", "/?")
NAME = re.compile(r"[A-Za-z0-9_-]{22}-\d+(?=[/\",\s])")


@pytest.fixture
def scene(client: FlaskClient, photos_bucket: str, noon: time_machine.Traveller) -> Scene:
    return Scene(client, photos_bucket)


def named(scene: Scene) -> list[set[str]]:
    """The names of photos that each surface tells or shows: lists, the report as JSON and as a page, the map's tile."""
    report = scene.report()
    near = NEAR.format(**report["location"])
    paths = [*(f"{path}{near}" for path in READERS), f"/v1/reports/{scene.id}", f"/reports/{scene.id}"]
    texts = [scene.client.get(path, headers={"Accept": "*/*"}).text for path in paths]
    assert all(scene.id in text for text in texts)
    return [{*NAME.findall(text)} for text in texts]


def files(scene: Scene, name: str) -> list[int]:
    return [scene.client.get(f"/photos/{name}/{size}.jpg").status_code for size in keys.SIZES]


def verified(scene: Scene, stream: Stream) -> None:
    seen = scene.staff | {"If-Match": scene.etag(scene.staff)}
    body = {"decision": "verified", "reason": "photo"}
    answer = scene.client.put(f"/v1/reports/{scene.id}/verification", json=body, headers=seen)
    assert answer.status_code == 200, answer.text
    stream.run()


def test_photo_of_a_verified_report_is_told_and_served_by_nobody_while_it_is_held(scene: Scene) -> None:
    stream, name = Stream(), f"{scene.photo()}-1"
    verified(scene, stream)
    assert named(scene) == [{name}] * 7 and files(scene, name) == [200, 200]

    with settings_of(FLOOD_PHOTOS_BUCKET=scene.bucket, FLOOD_PHOTOS="held"):
        assert named(scene) == [set()] * 7 and files(scene, name) == [404, 404]

    assert named(scene) == [{name}] * 7 and files(scene, name) == [200, 200]


def test_photo_that_a_responder_shows_stays_and_takes_the_place_of_the_first(scene: Scene) -> None:
    stream, first, second = Stream(), scene.photo(), scene.photo()
    scene.show(second)
    verified(scene, stream)
    lists = len(READERS)
    assert named(scene)[:lists] == [{f"{first}-1"}] * lists

    with settings_of(FLOOD_PHOTOS_BUCKET=scene.bucket, FLOOD_PHOTOS="held"):
        assert named(scene) == [{f"{second}-1"}] * 7
        assert files(scene, f"{second}-1") == [200, 200] and files(scene, f"{first}-1") == [404, 404]


def test_what_was_verified_while_photos_were_held_is_shown_once_they_are_free(scene: Scene) -> None:
    stream, name = Stream(), f"{scene.photo()}-1"
    with settings_of(FLOOD_PHOTOS_BUCKET=scene.bucket, FLOOD_PHOTOS="held"):
        verified(scene, stream)
        assert named(scene) == [set()] * 7 and files(scene, name) == [404, 404]

    assert named(scene) == [{name}] * 7 and files(scene, name) == [200, 200]


def test_entry_of_the_release_before_names_no_photo_while_it_is_held(client: FlaskClient, photos_bucket: str) -> None:
    """It says of no photo whether a responder shows it."""
    from app.reports.models import Report

    report = Report.find(filed(client)["id"])
    assert report is not None
    entry = report.entry()._replace(photo="a" * 22 + "-1")
    put(photos_bucket, keys.public_key(str(entry.photo), "large"))

    assert entry.shown_photo == entry.photo
    with settings_of(FLOOD_PHOTOS_BUCKET=photos_bucket, FLOOD_PHOTOS="held"):
        assert entry.shown_photo is None
        assert client.get(f"/photos/{entry.photo}/large.jpg").status_code == 404
