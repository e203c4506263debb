"""Photos leave with their report and with their person: whole in the export before, and nowhere after."""

import json
import logging
from contextlib import suppress
from typing import Any

import boto3
import pytest
from flask.testing import FlaskClient

from app.core import packed_json, telemetry
from app.reports import entry_encoding
from tests.conftest import PREFIX
from tests.factories import PASSWORD, erase_left, make_account, sign_in_as
from tests.photo_acts import begun, come, judge
from tests.photographing import keys_in
from tests.queueing import Responder, Streams
from tests.reporting import filed

ALT = "Our green door at number eleven"
TABLES = ("reports", "tiles", "accounts", "tokens", "throttles", "votes", "review", "audit")


class Person:
    """A person with an account, a report and two photos: one shown by a responder, one that waits."""

    def __init__(self, client: FlaskClient, bucket: str, streams: Streams) -> None:
        self.client, self.bucket, self.streams = client, bucket, streams
        self.account = make_account()
        said = {"username": self.account.username, "password": PASSWORD}
        token = client.post("/v1/tokens", json=said).json["access_token"]
        self.own = {"Authorization": f"Bearer {token}"}
        self.report_id = filed(client, headers=self.own)["id"]
        self.photos = [begun(client, self.report_id, self.own, alt=ALT) for _ in range(2)]
        for photo in self.photos:
            come(bucket, self.report_id, photo)
        staff = sign_in_as("responder")
        assert judge(client, self.report_id, self.photos[0], staff, decision="shown").status_code == 200
        streams.catch_up()

    def exported(self) -> dict[str, Any]:
        answer = self.client.get("/v1/me/export", headers=self.own)
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def leave(self) -> None:
        answer = self.client.delete("/v1/me", json={"password": PASSWORD, "reports": "keep"}, headers=self.own)
        assert answer.status_code == 204, answer.text
        erase_left(self.account.id)
        self.streams.catch_up()


@pytest.fixture
def person(client: FlaskClient, photos_bucket: str, noon: Any) -> Person:
    return Person(client, photos_bucket, Streams())


def unpacked(value: Any) -> str:
    """Bytes as they lie in a row, in words: an entry of an index, or packed JSON."""
    raw = bytes(getattr(value, "value", value))
    for read in (packed_json.unpack, lambda packed: entry_encoding.unpack("rep_x", packed)):
        with suppress(ValueError):
            return repr(read(raw))
    raise AssertionError(f"Bytes that cannot be searched: {raw[:40]!r}")


def rows_with(*texts: str) -> list[tuple[str, str]]:
    """The tables that hold one of these texts anywhere, also in what is packed."""
    database, found = boto3.client("dynamodb"), list[tuple[str, str]]()
    for table in TABLES:
        pages = database.get_paginator("scan").paginate(TableName=f"{PREFIX}-{table}", ConsistentRead=True)
        stored = json.dumps([row for page in pages for row in page["Items"]], default=unpacked)
        found += [(table, text) for text in texts if text in stored]
    return found


def test_everything_of_the_photos_is_in_the_export_before(person: Person) -> None:
    (report,) = (one for one in person.exported()["reports"] if one["id"] == person.report_id)

    assert [(photo["id"], photo["alt"], photo["is_public"]) for photo in report["photos"]] == [
        (person.photos[0], ALT, True),
        (person.photos[1], ALT, False),
    ]
    found = rows_with(ALT, person.photos[0])
    assert {("reports", ALT), ("review", person.photos[0]), ("tiles", person.photos[0])} <= {*found}


def test_nothing_of_the_photos_is_left_when_their_person_has_gone(person: Person) -> None:
    """The person keeps the words of the reports: photos go all the same."""
    person.leave()

    assert rows_with(ALT, *person.photos) == []
    answer = person.client.get(f"/v1/reports/{person.report_id}").json
    assert answer["photos"] == [] and answer["photo"] is None
    assert Responder(person.client).item(person.report_id)["photos_waiting"] == 0
    assert not any(photo in key for photo in person.photos for key in keys_in(person.bucket))


def test_nothing_of_the_photos_is_left_when_their_report_is_taken_back(person: Person) -> None:
    assert person.client.delete(f"/v1/reports/{person.report_id}", headers=person.own).status_code == 204
    person.streams.catch_up()

    assert rows_with(ALT, *person.photos) == []
    (report,) = (one for one in person.exported()["reports"] if one["id"] == person.report_id)
    assert report["photos"] == [] and report["status"] == "withdrawn"
    assert not any(photo in key for photo in person.photos for key in keys_in(person.bucket))


def test_the_record_of_staff_names_no_photo_by_which_it_could_be_opened(person: Person) -> None:
    stored = json.dumps(person.exported() | {"reports": []})

    assert ALT not in stored and not any(photo in stored for photo in person.photos)
    assert rows_with(person.photos[0].lower()) == [("audit", person.photos[0].lower())]


def test_log_lines_hold_no_words_of_a_photo(client: FlaskClient, photos_bucket: str, noon: Any) -> None:
    lines, written = list[str](), logging.Handler()
    written.emit = lambda record: lines.append(written.format(record))  # type: ignore[method-assign]
    telemetry.logger().addHandler(written)
    try:
        Person(client, photos_bucket, Streams()).leave()
    finally:
        telemetry.logger().removeHandler(written)

    assert lines and not any(ALT in line for line in lines)
