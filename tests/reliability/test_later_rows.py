"""Rows of a later release, and rows that no code can read: people, sign-ins, areas, what is remembered of a source."""

import json
from typing import Any

import boto3
import pytest
import time_machine
from flask.testing import FlaskClient

from app.accounts import session_limits, sessions, tokens
from app.accounts.models import Account
from app.accounts.session_models import RefreshFamily
from app.aws import dead_letters
from app.warnings.area_models import Area
from app.warnings.ingest.run import store_answer
from app.warnings.models import SourceMemory
from app.warnings.sources.message import Answer
from app.warnings.sources.registry import Source
from tests.conftest import PREFIX
from tests.factories import PASSWORD, make_account
from tests.reporting import bearer
from tests.warning_making import announce_at, square

LATER: dict[str, Any] = {
    "later_text": {"S": "x"},
    "later_number": {"N": "7"},
    "later_map": {"M": {"format": {"N": "2"}}},
    "later_list": {"L": [{"BOOL": True}]},
    "later_bytes": {"B": b"\x02\xff"},
    "later_nothing": {"NULL": True},
}
OF_ACCOUNTS = ("username", "username_folded", "password_hash", "role", "token_version", "created_at", "version")
OF_SIGN_INS = ("account_id", "token_version", "number", "rotated_at", "purge_at")


def change_row(table: str, key: str, **members: Any) -> None:
    """Set members of a stored row as another release might; None takes one away."""
    client = boto3.client("dynamodb")
    row = client.get_item(TableName=f"{PREFIX}-{table}", Key={"id": {"S": key}})["Item"] | members
    kept = {name: value for name, value in row.items() if value is not None}
    client.put_item(TableName=f"{PREFIX}-{table}", Item=kept)


class Person:
    """A person who is signed in on the API and on the pages."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.account = make_account(username="bob")
        self.family = RefreshFamily.start(self.account)
        self.access = tokens.issue_access(self.account, self.family)
        self.refresh = tokens.issue_refresh(self.family)
        client.set_cookie(
            sessions.cookie_name(), tokens.session_token(self.account, self.family, life_s=session_limits.HOUR_S)
        )

    def statuses(self) -> list[int]:
        """Of all that asks for the account and the sign-in."""
        said = {"username": "bob", "password": PASSWORD}
        answers = [
            self.client.get("/v1/me", headers=bearer(self.access)),
            self.client.get("/me"),
            self.client.post("/v1/tokens", json=said),
            self.client.post("/v1/tokens/refresh", json={"refresh_token": self.refresh}),
        ]
        return [answer.status_code for answer in answers]


@pytest.fixture
def person(client: FlaskClient, noon: time_machine.Traveller) -> Person:
    return Person(client)


def test_members_of_a_later_release_are_no_hindrance(person: Person) -> None:
    change_row("accounts", person.account.id, **LATER)
    change_row("accounts", "name:bob", **LATER)
    change_row("tokens", person.family.id, **LATER)

    assert person.statuses() == [200, 200, 200, 200]


def test_members_of_a_later_release_outlive_todays_changes(person: Person) -> None:
    change_row("accounts", person.account.id, **LATER)

    found = Account.find(person.account.id)
    assert found is not None
    found.change(email="bob@example.org")

    row = boto3.client("dynamodb").get_item(TableName=f"{PREFIX}-accounts", Key={"id": {"S": found.id}})["Item"]
    assert row["later_map"] == LATER["later_map"]


def test_role_of_a_later_release_has_no_rights_and_the_shortest_session(
    person: Person, noon: time_machine.Traveller
) -> None:
    change_row("accounts", person.account.id, role={"S": "moderator"})

    assert person.statuses() == [200, 200, 200, 200]
    answer = person.client.get("/v1/reports?status=rejected", headers=bearer(person.access))
    assert answer.status_code == 403
    noon.shift(session_limits.HOUR_S // 2 + 60)
    assert person.client.get("/me").status_code == 401


@pytest.mark.parametrize("member", OF_ACCOUNTS)
@pytest.mark.parametrize("value", [None, {"L": []}], ids=["absent", "of another kind"])
def test_account_that_cannot_be_read_is_nobodys(person: Person, member: str, value: Any) -> None:
    change_row("accounts", person.account.id, **{member: value})

    assert set(person.statuses()) <= {200, 401}


@pytest.mark.parametrize("member", OF_SIGN_INS)
@pytest.mark.parametrize("value", [None, {"L": []}], ids=["absent", "of another kind"])
def test_sign_in_that_cannot_be_read_has_ended(person: Person, member: str, value: Any) -> None:
    change_row("tokens", person.family.id, **{member: value})

    me, page, sign_in, refresh = person.statuses()

    assert ({me, page, refresh} <= {200, 401}, sign_in) == (True, 200)


@pytest.mark.parametrize("shape", [b"", b"\x01", b"\x02later", b"\x01x\x9c", b"not ours at all"])
def test_outline_that_cannot_be_read_says_so(client: FlaskClient, noon: time_machine.Traveller, shape: bytes) -> None:
    announce_at(square(), "event-1")
    (area,) = client.get("/v1/areas").json["items"]
    Area(area["id"], source="ea", code="A1", name="A", updated_at_ms=0, shape=shape).save()

    drawn = client.get(f"/v1/areas/{area['id']}.geojson")

    assert (drawn.status_code, drawn.json["geometry"]) == (200, None)
    assert drawn.json["properties"]["geometry_reason"]
    assert client.get(f"/areas/{area['id']}").status_code == 200


@pytest.mark.parametrize("cut", range(0, 42, 7))
def test_outline_that_was_cut_says_so(client: FlaskClient, noon: time_machine.Traveller, cut: int) -> None:
    announce_at(square(), "event-1")
    (area,) = client.get("/v1/areas").json["items"]
    stored = Area.find(area["id"])
    assert stored is not None
    stored.shape = stored.shape[:cut]
    stored.save()

    assert client.get(f"/v1/areas/{area['id']}.geojson").json["geometry"] is None


@pytest.mark.parametrize(
    ("remembered", "known"),
    [
        ("", {}),
        ("{", {}),
        ("[]", {}),
        ("7", {}),
        ('{"etag": "\\"1\\"", "later": {"format": 2}, "number": 5}', {"etag": '"1"'}),
    ],
)
def test_what_is_remembered_of_a_source_is_taken_as_far_as_it_can_be_read(
    tables: None, noon: time_machine.Traveller, remembered: str, known: dict[str, str]
) -> None:
    memory = SourceMemory.of("cap")
    memory.validators = remembered
    memory.save()

    read = SourceMemory.of("cap")

    assert read.conditional_headers() == known
    assert not store_answer(Source("cap", ""), Answer(()), read).failure


def test_dead_letter_with_more_in_it_is_read() -> None:
    record = {"dynamodb": {"Keys": {"id": {"S": "rep_1"}}, "SequenceNumber": "7"}}
    letter = dead_letters.letter_of(record, shard="s1", error="ValueError")
    letter["changed"] |= {"format": 1, "later": {"a": 1}}

    noted = dead_letters.read(json.loads(json.dumps(letter | {"format": 1, "later": {"a": 1}})))

    assert noted and (noted.row_id, noted.sequence, noted.shard) == ("rep_1", "7", "s1")
