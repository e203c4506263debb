"""Photos where reports are read: each reader sees those that they may see, under addresses that they can open."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.photos import reasons
from tests.configured import settings_of
from tests.factories import sign_in_as
from tests.photo_acts import CAR, Scene, begun, come
from tests.photo_rows import alter_photo
from tests.queueing import Responder, Streams
from tests.reporting import bearer, filed
from tests.voices import Visitor


@pytest.fixture
def scene(client: FlaskClient, photos_bucket: str, noon: Any) -> Scene:
    return Scene(client, photos_bucket)


def ids(photos: list[dict[str, Any]]) -> list[str]:
    return [photo["id"] for photo in photos]


def merge(scene: Scene, into: Scene) -> None:
    said = {"decision": "merged", "into": into.id}
    path = f"/v1/reports/{scene.id}/verification"
    answer = scene.client.put(path, json=said, headers=scene.staff | {"If-Match": "*"})
    assert answer.status_code == 200, answer.text


def test_reader_sees_what_they_may_see(scene: Scene) -> None:
    awaited = begun(scene.client, scene.id, scene.own)
    ready, shown = scene.photo(), scene.photo()
    scene.show(shown)
    outside = [sign_in_as(), Visitor(scene.client).headers, sign_in_as("responder", within=()), {}]

    assert [ids(scene.photos(headers)) for headers in outside] == [[shown]] * 4
    assert ids(scene.photos(scene.own)) == [awaited, ready, shown]
    assert ids(scene.photos(scene.staff)) == [awaited, ready, shown]
    assert ids(Responder(scene.client).one(scene.id).json["report"]["photos"]) == [awaited, ready, shown]
    by_id = {photo["id"]: photo for photo in scene.photos(scene.own)}
    assert (by_id[awaited]["state"], by_id[awaited]["urls"]) == ("awaiting", None)
    private = f"/v1/reports/{scene.id}/photos/{ready}-1"
    assert by_id[ready]["urls"] == {"large": f"{private}/large.jpg", "small": f"{private}/small.jpg"}
    assert by_id[shown]["urls"] == {size: f"/photos/{shown}-1/{size}.jpg" for size in ("large", "small")}
    assert [by_id[one]["is_public"] for one in (awaited, ready, shown)] == [False, False, True]
    assert (by_id[shown]["width"], by_id[shown]["height"]) == (1600, 1200)


def test_reporter_reads_why_a_photo_was_refused(scene: Scene) -> None:
    photo = begun(scene.client, scene.id, scene.own)
    alter_photo(scene.id, photo, state="refused", reason=reasons.BROKEN)

    (seen,) = scene.photos(scene.own)

    assert (seen["state"], seen["reason"], seen["urls"]) == ("refused", reasons.sentence(reasons.BROKEN), None)
    assert scene.photos() == []


def test_verified_report_shows_the_photos_that_it_had_then(scene: Scene, noon: Any) -> None:
    early, late = scene.photo(), begun(scene.client, scene.id, scene.own)
    noon.shift(1)
    assert Responder(scene.client).verify(scene.id).status_code == 200
    noon.shift(1)

    come(scene.bucket, scene.id, late)

    assert ids(scene.photos()) == [early]
    assert ids(scene.photos(scene.own)) == [early, late]


def test_setting_holds_back_photos_of_verified_reports(client: FlaskClient, photos_bucket: str, noon: Any) -> None:
    with settings_of(FLOOD_PHOTOS_BUCKET=photos_bucket, FLOOD_PHOTOS="held"):
        scene = Scene(client, photos_bucket)
        first, second = scene.photo(), scene.photo()
        assert Responder(client).verify(scene.id).status_code == 200
        assert scene.photos() == []

        scene.show(second)

        assert ids(scene.photos()) == [second]
        assert ids(scene.photos(scene.own)) == [first, second]


def test_folded_report_shows_no_photo(scene: Scene, noon: Any) -> None:
    photo = scene.photo()
    scene.show(photo)
    noon.shift(7200)

    for _ in range(3):
        assert Visitor(scene.client).flag(scene.id).status_code == 204

    assert (scene.report()["is_disputed"], scene.photos(), scene.report()["photo"]) == (True, [], None)
    assert ids(scene.photos(scene.own)) == [photo]


def test_etag_changes_with_the_photos_that_the_reader_sees(scene: Scene) -> None:
    tags = [scene.etag()]
    photo = scene.photo()
    scene.show(photo)
    tags.append(scene.etag())
    scene.judge(photo, scene.own, alt="Water at the mill")
    tags.append(scene.etag())
    scene.judge(photo, blur=[CAR])
    tags.append(scene.etag())
    alter_photo(scene.id, photo, number=2, blur=None)
    tags.append(scene.etag())

    assert len(set(tags)) == 5
    kept = scene.client.get(f"/v1/reports/{scene.id}", headers={"If-None-Match": tags[-1]})
    assert kept.status_code == 304
    old = scene.client.get(f"/v1/reports/{scene.id}", headers={"If-None-Match": tags[-2]})
    assert old.status_code == 200


def test_photos_of_a_merged_report_show_on_the_target_until_it_is_undone(scene: Scene) -> None:
    target = Scene(scene.client, scene.bucket)
    own, shown, waiting = target.photo(), scene.photo(), scene.photo()
    scene.show(shown)
    target.show(own)
    tag = target.etag()

    merge(scene, target)

    assert ids(target.photos()) == [own, shown]
    assert target.etag() != tag
    assert [photo["report_id"] for photo in target.photos()] == [target.id, scene.id]
    assert ids(target.photos(target.own)) == [own, shown]
    assert ids(target.photos(target.staff)) == [own, shown, waiting]
    assert ids(scene.photos(scene.own)) == [shown, waiting]
    undone = scene.client.delete(f"/v1/reports/{scene.id}/verification", headers=scene.staff | {"If-Match": "*"})
    assert undone.status_code == 200
    assert (ids(target.photos()), ids(scene.photos())) == ([own], [shown])


def test_merged_report_says_which_of_its_photos_are_public_at_the_target(client: FlaskClient, scene: Scene) -> None:
    account = sign_in_as()
    report_id = filed(client, headers=account)["id"]
    shown, waiting = (begun(client, report_id, account) for _ in range(2))
    for photo in (shown, waiting):
        come(scene.bucket, report_id, photo)
    alter_photo(report_id, shown, decision="shown")
    path = f"/v1/reports/{report_id}/verification"
    said = {"decision": "merged", "into": scene.id}
    assert client.put(path, json=said, headers=scene.staff | {"If-Match": "*"}).status_code == 200

    for headers in (account, scene.staff):
        photos = client.get(f"/v1/reports/{report_id}", headers=headers).json["photos"]
        assert [(one["id"], one["is_public"]) for one in photos] == [(shown, True), (waiting, False)]
        assert photos[0]["urls"]["small"] == f"/photos/{shown}-1/small.jpg"
    (own,) = client.get("/v1/me/reports", headers=account).json["items"]
    assert [one["is_public"] for one in own["photos"]] == [True, False]
    assert client.delete(f"/v1/reports/{scene.id}", headers=scene.own | {"If-Match": "*"}).status_code == 204
    photos = client.get(f"/v1/reports/{report_id}", headers=account).json["photos"]
    assert [one["is_public"] for one in photos] == [False, False]


def test_photo_of_a_merged_report_is_decided_about_at_the_target(scene: Scene) -> None:
    target = Scene(scene.client, scene.bucket)
    photo = scene.photo()
    merge(scene, target)
    tag = target.etag()

    assert target.judge(photo, target.own, alt="not mine").status_code == 404
    assert target.show(photo)["is_public"]

    assert (ids(target.photos()), target.etag() == tag) == ([photo], False)
    assert target.judge(photo, decision="hidden").status_code == 200
    assert target.photos() == []


def test_lists_name_the_first_shown_photo(scene: Scene) -> None:
    hidden, shown = scene.photo(), scene.photo()
    scene.show(shown)
    Streams().catch_up()

    def listed(suffix: str = "", base: str = "") -> Any:
        with settings_of(FLOOD_PHOTOS_BUCKET=scene.bucket, FLOOD_PUBLIC_BASE_URL=base):
            return scene.client.get(f"/v1/reports{suffix}?lat=51.5&lon=-0.125&radius_km=5")

    (item,) = listed().json["items"]
    assert (item["photo"], "photo_urls" in item) == (f"{shown}-1", False)
    (feature,) = listed(".geojson").json["features"]
    paths = {size: f"/photos/{shown}-1/{size}.jpg" for size in ("large", "small")}
    assert (feature["properties"]["photo"], feature["properties"]["photo_urls"]) == (f"{shown}-1", paths)
    (absolute,) = listed(".geojson", "https://flood.example.org").json["features"]
    assert absolute["properties"]["photo_urls"]["small"] == f"https://flood.example.org/photos/{shown}-1/small.jpg"
    header, row, *_ = listed(".csv").text.splitlines()
    assert dict(zip(header.split(","), row.split(","), strict=True))["photo"] == f"{shown}-1"
    assert hidden not in listed().text
    feed = scene.client.get("/feeds/reports.geojson?lat=51.5&lon=-0.125&radius_km=5").json["features"]
    assert feed[0]["properties"]["photo_urls"] == paths


def test_feature_without_a_photo_has_no_addresses(scene: Scene) -> None:
    scene.photo()
    Streams().catch_up()

    (feature,) = scene.client.get("/v1/reports.geojson?lat=51.5&lon=-0.125&radius_km=5").json["features"]

    assert feature["properties"]["photo"] is None
    assert "photo_urls" not in feature["properties"]


def test_own_list_and_export_hold_all_photos_of_ones_own(scene: Scene) -> None:
    account = sign_in_as()
    report_id = filed(scene.client, headers=account)["id"]
    photo = begun(scene.client, report_id, account, alt="Water at the mill")
    come(scene.bucket, report_id, photo)
    other = scene.photo()
    said = {"decision": "merged", "into": report_id}
    path, match = f"/v1/reports/{scene.id}/verification", {"If-Match": "*"}
    assert scene.client.put(path, json=said, headers=scene.staff | match).status_code == 200
    scene.show(other)

    (listed,) = scene.client.get("/v1/me/reports", headers=account).json["items"]
    (exported,) = scene.client.get("/v1/me/export", headers=account).json["reports"]

    assert ids(listed["photos"]) == [photo, other]
    assert [(one["id"], one["alt"]) for one in exported["photos"]] == [(photo, "Water at the mill")]


def test_answers_to_filing_and_deciding_have_the_photos_too(scene: Scene) -> None:
    assert filed(scene.client)["photos"] == []
    photo = scene.photo()

    edited = scene.client.patch(
        f"/v1/reports/{scene.id}", json={"title": "At the mill"}, headers=scene.own | {"If-Match": "*"}
    )
    many = Responder(scene.client).decide(
        {"report_id": scene.id, "version": 2, "decision": "verified", "reason": "photo"}
    )

    assert ids(edited.json["photos"]) == [photo]
    assert ids(many.json["results"][0]["report"]["photos"]) == [photo]


def test_token_of_another_report_shows_no_more(scene: Scene) -> None:
    scene.photo()

    assert scene.photos(bearer(filed(scene.client)["edit_token"])) == []
