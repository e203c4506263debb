"""Tickets for uploads of photos: a form for one file, for those who may add it."""

import base64
import json
from datetime import datetime
from typing import Any
from unittest.mock import patch

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.photos import tickets
from app.reports.models import Report
from tests.configured import settings_of
from tests.factories import make_report, sign_in_as
from tests.photo_acts import Scene, begin, begun, come, removal
from tests.photo_rows import alter_photo
from tests.queueing import Responder
from tests.reporting import bearer, file_report, filed, mistakes_of
from tests.voices import Visitor


@pytest.fixture
def scene(client: FlaskClient, photos_bucket: str, noon: Any) -> Scene:
    return Scene(client, photos_bucket)


def policy_of(form: dict[str, Any]) -> list[Any]:
    """The conditions that the bucket itself checks."""
    return list(json.loads(base64.b64decode(form["fields"]["policy"]))["conditions"])


def test_ticket_is_a_form_for_one_file_of_this_key_and_type_within_five_minutes(scene: Scene) -> None:
    answer = begin(scene.client, scene.id, scene.own, content_type="image/webp")

    ticket = answer.json
    assert (answer.status_code, set(ticket)) == (201, {"id", "upload", "expires_at"})
    assert answer.headers["Location"] == f"/v1/reports/{scene.id}/photos/{ticket['id']}"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert clock.to_ms(datetime.fromisoformat(ticket["expires_at"])) - clock.now_ms() == 5 * clock.MINUTE_MS
    form, key = ticket["upload"], f"uploads/{scene.id}/{ticket['id']}"
    assert set(form) == {"url", "fields"}
    assert (form["fields"]["key"], form["fields"]["Content-Type"]) == (key, "image/webp")
    conditions = policy_of(form)
    for condition in (["content-length-range", 1, 8 * 1024 * 1024], {"key": key}, {"Content-Type": "image/webp"}):
        assert condition in conditions
    assert scene.photos(scene.own)[0] | {"mark": ""} == {
        "id": ticket["id"],
        "report_id": scene.id,
        "state": "awaiting",
        "mark": "",
        "urls": None,
        **dict.fromkeys(("reason", "width", "height", "alt", "decision")),
        "is_public": False,
        "is_blurring": False,
    }
    assert scene.photos() == []


def test_words_about_the_photo_come_with_the_ticket(scene: Scene) -> None:
    begun(scene.client, scene.id, scene.own, alt="  A car in brown water ")

    assert [photo["alt"] for photo in scene.photos(scene.own)] == ["A car in brown water"]


@pytest.mark.parametrize(
    ("said", "mistake"),
    [
        ({"content_type": "image/gif"}, ("/content_type", "choice")),
        ({"content_type": "image/svg+xml"}, ("/content_type", "choice")),
        ({"content_type": None}, ("/content_type", "null")),
        ({"size_bytes": 0}, ("/size_bytes", "range")),
        ({"size_bytes": 8 * 1024 * 1024 + 1}, ("/size_bytes", "range")),
        ({"size_bytes": "many"}, ("/size_bytes", "type")),
        ({"size_bytes": 10.5}, ("/size_bytes", "type")),
        ({"alt": "x" * 301}, ("/alt", "length")),
        ({"alt": "<b>water</b>"}, ("/alt", "markup")),
        ({"name": "photo.jpg"}, ("/name", "unknown")),
    ],
)
def test_other_types_sizes_and_words_are_refused(scene: Scene, said: dict[str, Any], mistake: tuple[str, str]) -> None:
    assert mistakes_of(begin(scene.client, scene.id, scene.own, **said)) == {mistake}
    assert scene.photos(scene.own) == []


@pytest.mark.parametrize("size_bytes", [1, 8 * 1024 * 1024])
def test_smallest_and_largest_file_are_taken(scene: Scene, size_bytes: int) -> None:
    assert begin(scene.client, scene.id, scene.own, size_bytes=size_bytes).status_code == 201


def test_report_of_another_or_none_is_not_there(scene: Scene) -> None:
    strangers = [sign_in_as(), bearer(filed(scene.client)["edit_token"]), Visitor(scene.client).headers]
    strangers.append(sign_in_as("responder", within=()))

    for stranger in strangers:
        assert begin(scene.client, scene.id, stranger).status_code == 404
    for absent in (f"rep_{'z' * 26}", "no-id", "rep_"):
        assert begin(scene.client, absent, scene.staff).status_code == 404
    assert begin(scene.client, scene.id, {}).status_code == 401
    assert scene.photos(scene.own) == []


def test_account_visitor_and_responder_may_add_too(scene: Scene) -> None:
    account = sign_in_as()
    by_account = filed(scene.client, headers=account)["id"]
    visitor = Visitor(scene.client)
    by_visitor = file_report(scene.client, headers=visitor.headers).json["id"]

    assert begin(scene.client, by_account, account).status_code == 201
    assert begin(scene.client, by_visitor, visitor.headers).status_code == 201
    assert begin(scene.client, scene.id, scene.staff).status_code == 201
    assert [photo.is_by_staff for photo in Report.find(scene.id).photos] == [True]
    assert [photo.is_by_staff for photo in Report.find(by_visitor).photos] == [False]
    seen = scene.client.get(f"/v1/reports/{by_visitor}", headers=visitor.headers)
    assert [photo["state"] for photo in seen.json["photos"]] == ["awaiting"]
    assert seen.headers["Cache-Control"] == "private, no-store"


def test_fifth_of_awaited_and_ready_ones_is_a_conflict(scene: Scene) -> None:
    first, *_ = [begun(scene.client, scene.id, scene.own) for _ in range(4)]
    come(scene.bucket, scene.id, first)
    assert begin(scene.client, scene.id, scene.own).status_code == 409
    assert begin(scene.client, scene.id, scene.staff).status_code == 409

    assert removal(scene.client, scene.id, first, scene.own).status_code == 204
    assert begin(scene.client, scene.id, scene.own).status_code == 201
    assert len(scene.photos(scene.own)) == 4


def test_refused_ones_do_not_count_and_few_of_them_stay(scene: Scene) -> None:
    refused = [begun(scene.client, scene.id, scene.own) for _ in range(4)]
    for photo_id in refused:
        alter_photo(scene.id, photo_id, state="refused", reason="broken")
    further = [begun(scene.client, scene.id, scene.own) for _ in range(4)]
    for photo_id in further:
        alter_photo(scene.id, photo_id, state="refused", reason="broken")

    last = begun(scene.client, scene.id, scene.own)

    assert [photo["id"] for photo in scene.photos(scene.own)] == [*further, last]
    reasons = {photo["reason"] for photo in scene.photos(scene.own) if photo["state"] == "refused"}
    assert len(reasons) == 1
    assert "broken" not in str(reasons)


def test_upload_that_never_came_is_gone_after_an_hour(scene: Scene, noon: Any) -> None:
    for _ in range(4):
        begun(scene.client, scene.id, scene.own)
    tag = scene.etag(scene.own)
    noon.shift(3599)
    assert begin(scene.client, scene.id, scene.own).status_code == 409

    noon.shift(1)

    assert scene.photos(scene.own) == []
    assert scene.etag(scene.own) != tag
    assert begin(scene.client, scene.id, scene.own).status_code == 201
    assert len(Report.find(scene.id).photos) == 1


@pytest.mark.parametrize("decision", ["rejected", "merged"])
def test_report_that_is_not_public_takes_no_more(scene: Scene, decision: str) -> None:
    other = filed(scene.client)["id"]
    said = {"reason": "spam"} if decision == "rejected" else {"into": other}
    decided = scene.client.put(
        f"/v1/reports/{scene.id}/verification",
        json={"decision": decision} | said,
        headers=scene.staff | {"If-Match": "*"},
    )
    assert decided.status_code == 200, decided.text

    assert begin(scene.client, scene.id, scene.own).status_code == 409
    assert begin(scene.client, scene.id, scene.staff).status_code == 409


def test_withdrawn_report_takes_no_more(scene: Scene) -> None:
    assert scene.client.delete(f"/v1/reports/{scene.id}", headers=scene.own).status_code == 204

    assert begin(scene.client, scene.id, scene.own).status_code == 409


def test_photo_that_was_kept_without_a_connection_is_taken_after_the_report_has_ended(
    client: FlaskClient, photos_bucket: str, noon: Any
) -> None:
    report = filed(client, headers=(own := sign_in_as()), observed_at=clock.rfc3339(clock.now_ms() - 6 * clock.DAY_MS))

    assert begin(client, report["id"], own).status_code == 201


def test_without_a_bucket_nothing_is_offered(client: FlaskClient, noon: Any) -> None:
    report = filed(client)

    answer = begin(client, report["id"], bearer(report["edit_token"]))

    assert (answer.status_code, answer.json["detail"]) == (404, "No photos are taken here.")
    assert client.get(f"/v1/reports/{report['id']}").json["photos"] == []


def test_person_and_network_have_their_limits(client: FlaskClient, photos_bucket: str, noon: Any) -> None:
    limits = {"FLOOD_PHOTOS_BUCKET": photos_bucket, "FLOOD_PHOTOS_PER_HOUR": "2", "FLOOD_NETWORK_PHOTOS_PER_HOUR": "3"}
    with settings_of(**limits):
        account = sign_in_as()
        own = filed(client, headers=account)["id"]
        of_account = [begin(client, own, account) for _ in range(3)]
        of_token = []
        for _ in range(2):
            report = filed(client)
            of_token.append([begin(client, report["id"], bearer(report["edit_token"])) for _ in range(3)])

    assert [answer.status_code for answer in of_account] == [201, 201, 429]
    assert of_account[0].headers["RateLimit-Policy"] == '"photo";q=2;w=3600'
    assert of_account[1].headers["RateLimit"].startswith('"photo";r=0;t=')
    assert int(of_account[2].headers["Retry-After"]) > 0
    assert [answer.status_code for answer in of_token[0]] == [201, 201, 429]
    assert [answer.status_code for answer in of_token[1]].count(429) >= 1
    assert len(Report.find(own).photos) == 2


def test_of_two_last_tickets_at_once_one_is_given(scene: Scene) -> None:
    for _ in range(3):
        begun(scene.client, scene.id, scene.own)
    answers, take = [], tickets._take

    def meanwhile(person: Any) -> None:
        with patch.object(tickets, "_take", take):
            answers.append(begin(scene.client, scene.id, scene.staff))
        take(person)

    with patch.object(tickets, "_take", meanwhile):
        answers.append(begin(scene.client, scene.id, scene.own))

    assert [answer.status_code for answer in answers] == [201, 409]
    assert len(Report.find(scene.id).photos) == 4


def test_ticket_moves_neither_version_nor_time_of_change(scene: Scene) -> None:
    before = scene.report()

    begun(scene.client, scene.id, scene.own)

    after = scene.report()
    assert (after["version"], after["updated_at"]) == (before["version"], before["updated_at"])
    assert Responder(scene.client).verify(scene.id).status_code == 200


def test_photos_of_a_report_made_before_are_none(client: FlaskClient) -> None:
    report = make_report()

    assert client.get(f"/v1/reports/{report.id}").json["photos"] == []
