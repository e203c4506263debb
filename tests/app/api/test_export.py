"""The export of one's own data: all rows of the person, none of another's, no secret, in pages."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
from flask.testing import FlaskClient
from moto.dynamodb.models import dynamodb_backends

from app import reactions
from app.accounts import tokens
from app.accounts.models import Account
from app.accounts.session_models import RefreshFamily
from app.core import dynamodb
from app.core.missing import API_KEYS, SIGN_INS
from app.reports.entry import PUBLIC
from app.reports.models import Report
from app.review import staff
from app.review.audit import BY_COMMAND
from tests.conftest import PREFIX
from tests.deploy import cloud_indexes
from tests.factories import PASSWORD, make_account, make_report
from tests.keyed import make_key, of_session
from tests.reporting import DOOR, bearer, filed, mistakes_of

PATH = "/v1/me/export"
DAY_S = 24 * 3600
TEXTS = {"title": "Water at the door", "description": "It came from the drain."}
TABLES = ("accounts", "tokens", "reports", "tiles", "throttles", "warnings", "areas", "votes", "audit", "review")
# What the texts of all rows of a person may not show: secrets, and what stands in for what they sent.
SECRET = ("password_hash", "body_hash", "hash")


class Person:
    """A person who is signed in on two devices, with a report of each kind and an API key."""

    def __init__(self, client: FlaskClient, name: str) -> None:
        self.client = client
        self.account = make_account(username=name)
        said = {"username": name, "password": PASSWORD}
        self.pairs = [client.post("/v1/tokens", json=said).json for _ in range(2)]
        self.headers = bearer(self.pairs[0]["access_token"])
        self.reports = [filed(client, headers=self.headers, place=place, **TEXTS) for place in PLACES]
        taken_back = client.delete(f"/v1/reports/{self.reports[-1]['id']}", headers=self.headers)
        assert taken_back.status_code == 204
        self.key = make_key(client, self.account, "reports:write", headers=self.headers)
        self.spoken_of = [make_report().id for _ in range(2)]
        for one in self.spoken_of:
            client.put(f"/v1/reports/{one}/votes", json={"condition": "flooded", "depth_cm": 7}, headers=self.headers)
        said = {"reason": "other", "note": "Ask the neighbour"}
        client.post(f"/v1/reports/{self.spoken_of[0]}/flags", json=said, headers=self.headers)

    def export(self, query: str = "") -> Any:
        answer = self.client.get(f"{PATH}{query}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json

    def pages(self, limit: int) -> list[Any]:
        pages, address = [], f"{PATH}?limit={limit}"
        while address:
            page = self.client.get(address, headers=self.headers).json
            pages.append(page)
            address = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
        return pages


PLACES = ("public", "home", "area", "home")


@pytest.fixture
def ada(client: FlaskClient, noon: Any) -> Person:
    return Person(client, "Ada")


@pytest.fixture
def eve(client: FlaskClient, noon: Any) -> Person:
    return Person(client, "Eve")


def rows_of(account: Account) -> dict[str, Any]:
    """Every row of every table that holds the person's id or name in a key or a value, by its own key."""
    found = {}
    for table in TABLES:
        for row in boto3.client("dynamodb").scan(TableName=f"{PREFIX}-{table}")["Items"]:
            values = [value for typed in row.values() for value in typed.values()]
            if account.id in values or f"name:{account.username_folded}" in values:
                found[_key_of(row)] = row
    return found


def _key_of(row: dict[str, Any]) -> str:
    if "person" in row:
        return f"{row['report_id']['S']} {row['person']['S']}"
    return str(next(iter(row[key]["S"] for key in ("id", "tile") if key in row)))


def keys_in(body: dict[str, Any]) -> set[str]:
    """The keys of the rows that an export shows."""
    account = body["account"]
    listed = {item["id"] for name in ("sign_ins", "api_keys", "reports") for item in body[name]}
    listed |= {f"{vote['report_id']} {account['id']}" for vote in body["votes"]}
    listed |= {f"{flag['report_id']} flag#{account['id']}" for flag in body["flags"]}
    return listed | {account["id"], f"name:{account['username_folded']}"}


def test_export_has_every_row_of_the_person_and_none_of_another(ada: Person, eve: Person) -> None:
    own, foreign = rows_of(ada.account), rows_of(eve.account)

    body = ada.export()

    assert len(own) == 3 + len(ada.pairs) + len(PLACES) + 3
    assert keys_in(body) == own.keys()
    assert [key for key in foreign if key in json.dumps(body)] == []
    assert (body["next_cursor"], body["missing"]) == (None, [])


def test_naive_export_of_what_is_public_would_lack_rows(ada: Person) -> None:
    """The twin: it shows that the test above can fail."""
    body = ada.export()
    naive = body | {"reports": [report for report in body["reports"] if report["status"] in PUBLIC]}

    assert rows_of(ada.account).keys() - keys_in(naive) == {ada.reports[-1]["id"]}


def test_export_has_what_the_reporter_gave(ada: Person) -> None:
    reports = {report["id"]: report for report in ada.export()["reports"]}

    assert [reports[filed["id"]]["place"] for filed in ada.reports] == list(PLACES)
    assert [report["location"] for report in reports.values()] == [DOOR] * len(PLACES)
    assert {name: reports[ada.reports[-1]["id"]][name] for name in TEXTS} == TEXTS
    assert reports[ada.reports[-1]["id"]]["status"] == "withdrawn"
    shown = ada.client.get(f"/v1/reports/{ada.reports[0]['id']}", headers=ada.headers).json
    own = {name: value for name, value in shown.items() if name != "warnings"}
    assert reports[shown["id"]] == own | {"place": "public"}


def test_export_shows_no_secret(ada: Person) -> None:
    rows = rows_of(ada.account).values()
    secrets = {row[name]["S"] for row in rows for name in SECRET if row.get(name, {}).get("S")}
    secrets |= {text for pair in ada.pairs for name, text in pair.items() if name.endswith("_token")}
    secrets |= {PASSWORD, ada.key["key"]}

    text = json.dumps(ada.export())

    assert len(secrets) == 1 + len(PLACES) - 1 + 3 * len(ada.pairs) + 1 + 2
    assert [secret for secret in secrets if secret in text] == []
    assert "hash" not in text


def test_sign_ins_say_when_they_began_and_whether_they_are_valid(client: FlaskClient, noon: Any) -> None:
    account = make_account(username="Ada")
    first, second = RefreshFamily.start(account), RefreshFamily.start(account)
    noon.shift(60)
    tokens.refresh(tokens.issue_refresh(second))
    account.change(token_version=account.token_version + 1)
    noon.shift(60)
    third = RefreshFamily.start(account)

    listed = client.get(PATH, headers=bearer(tokens.issue_access(account, third))).json["sign_ins"]

    by_id = {sign_in["id"]: sign_in for sign_in in listed}
    assert listed[0]["id"] == third.id
    assert [by_id[one.id]["is_valid"] for one in (first, second, third)] == [False, False, True]
    assert by_id[second.id] | {"id": "", "is_valid": True} == {
        "id": "",
        "started_at": "2026-11-21T12:00:00Z",
        "refreshed_at": "2026-11-21T12:01:00Z",
        "refreshes": 1,
        "last_used_at": "2026-11-21T12:01:00Z",
        "expires_at": "2026-11-28T12:00:00Z",
        "is_valid": True,
        "has_second_factor": False,
        **dict.fromkeys(("kind", "device", "is_known_device", "told_until")),
    }


def test_export_has_keys_that_have_ended_with_a_suspension(client: FlaskClient, ada: Person) -> None:
    for is_suspended in (True, False):
        staff.change(ada.account.id, {"is_suspended": is_suspended, "reason": "mistake"}, by=BY_COMMAND)

    body = client.get(PATH, headers=of_session(ada.account)).json

    (exported,) = body["api_keys"]
    shown = {name: value for name, value in ada.key.items() if name != "key"}
    assert exported == shown | {"is_valid": False}


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_pages_add_up_without_gaps(ada: Person, limit: int) -> None:
    """Also where one list ends before the other, and with several of one millisecond."""
    whole = ada.export()

    pages = ada.pages(limit)

    for name in ("sign_ins", "reports"):
        assert [item for page in pages for item in page[name]] == whole[name]
        assert max(len(page[name]) for page in pages) <= limit
    assert {page["account"]["id"] for page in pages} == {ada.account.id}


def test_rows_that_have_just_been_deleted_do_not_end_the_export(ada: Person) -> None:
    """The index still names them."""
    events = dynamodb.connection().client.meta.events

    def lose_rows(parsed: Any, **_: Any) -> None:
        parsed["Responses"] = {table: [] for table in parsed["Responses"]}

    events.register("after-call.dynamodb.BatchGetItem", lose_rows)
    try:
        pages = ada.pages(1)
    finally:
        events.unregister("after-call.dynamodb.BatchGetItem", lose_rows)

    assert [page["reports"] for page in pages] == [[]] * (len(PLACES) + 1)


def test_cursor_of_another_person_or_list_is_refused(ada: Person, eve: Person) -> None:
    foreign = eve.export("?limit=1")["next_cursor"]
    other_list = ada.client.get("/v1/me/reports?limit=1", headers=ada.headers).json["next_cursor"]
    own = ada.export("?limit=1")["next_cursor"]

    for cursor in (foreign, other_list, own[:-2], own + "A", "x", "é", "~/~"):
        answer = ada.client.get(PATH, headers=ada.headers, query_string={"cursor": cursor})
        assert mistakes_of(answer) == {("cursor", "cursor")}, cursor
    refused = ada.client.get(f"/v1/me/reports?cursor={own}", headers=ada.headers)
    assert mistakes_of(refused) == {("cursor", "cursor")}


def test_cursor_ends_after_a_day(ada: Person, noon: Any) -> None:
    cursor = ada.export("?limit=1")["next_cursor"]
    noon.shift(DAY_S + 3600)
    headers = bearer(tokens.issue_access(ada.account))

    answer = ada.client.get(PATH, headers=headers, query_string={"cursor": cursor})

    assert mistakes_of(answer) == {("cursor", "cursor")}


@pytest.mark.parametrize(
    ("query", "mistakes"),
    [
        ("limit=0", {("limit", "range")}),
        ("limit=101", {("limit", "range")}),
        ("limit=ten", {("limit", "type")}),
        ("limit=1&limit=2", {("limit", "repeated")}),
        ("cursor=", {("cursor", "length")}),
        ("since=2026-01-01", {("since", "unknown")}),
    ],
)
def test_bad_query_is_refused_with_its_mistakes(ada: Person, query: str, mistakes: set[tuple[str, str]]) -> None:
    assert mistakes_of(ada.client.get(f"{PATH}?{query}", headers=ada.headers)) == mistakes


def test_nobody_gets_an_export_without_signing_in(client: FlaskClient) -> None:
    answer = client.get(PATH)

    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_export_is_kept_by_no_cache(ada: Person) -> None:
    answer = ada.client.get(PATH, headers=ada.headers)

    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.fixture
def set_index(tables: None) -> Iterator[Callable[[str], None]]:
    """`set_index("CREATING")` brings the sign-ins' index into a state of DynamoDB; "" removes it."""
    table = dynamodb_backends["123456789012"]["eu-west-2"].tables[f"{PREFIX}-tokens"]
    indexes = list(table.global_indexes)

    def change(state: str) -> None:
        table.global_indexes = indexes if state else []
        for index in table.global_indexes:
            index.status = state

    with ExitStack() as patched:
        for place in cloud_indexes.places():
            patched.enter_context(place)
        yield change
    change("ACTIVE")


@pytest.mark.parametrize("state", ["", "CREATING"])
@pytest.mark.parametrize("limit", [1, 100])
def test_sign_ins_are_missing_while_their_index_is_not_complete(
    ada: Person, set_index: Callable[[str], None], state: str, limit: int
) -> None:
    set_index(state)

    pages = ada.pages(limit)

    assert [page["missing"] for page in pages] == [[SIGN_INS, API_KEYS], *[[SIGN_INS]] * (len(pages) - 1)]
    assert [page["sign_ins"] for page in pages] == [[]] * len(pages)
    assert len([report for page in pages for report in page["reports"]]) == len(PLACES)


def test_erasure_takes_sign_ins_that_cannot_be_read(ada: Person) -> None:
    family = RefreshFamily.start(ada.account)
    client = boto3.client("dynamodb")
    row = client.get_item(TableName=f"{PREFIX}-tokens", Key={"id": {"S": family.id}})["Item"]
    client.put_item(TableName=f"{PREFIX}-tokens", Item={name: row[name] for name in ("id", "account_id")})

    reactions.erase_account(ada.account.id)

    left = client.scan(TableName=f"{PREFIX}-tokens")["Items"]
    assert not [row for row in left if row.get("account_id", {}).get("S") == ada.account.id]


def test_erasure_goes_on_while_the_index_of_sign_ins_is_not_complete(
    ada: Person, set_index: Callable[[str], None]
) -> None:
    set_index("CREATING")

    reactions.erase_account(ada.account.id)

    assert Report.page_of_account(ada.account.id, limit=100)[0] == []


def test_sign_ins_come_on_later_pages_once_their_index_is_complete(
    ada: Person, set_index: Callable[[str], None]
) -> None:
    set_index("CREATING")
    first = ada.export("?limit=3")
    set_index("ACTIVE")

    second = ada.export(f"?limit=3&cursor={first['next_cursor']}")

    assert (first["missing"], second["missing"], second["next_cursor"]) == ([SIGN_INS, API_KEYS], [], None)
    assert len(second["sign_ins"]) == len(ada.pairs)


@pytest.mark.parametrize("member", ["purge_at", "rotated_at", "token_version"])
@pytest.mark.parametrize("bent", [None, {"S": "x"}])
def test_sign_in_that_cannot_be_read_is_left_out(ada: Person, member: str, bent: Any) -> None:
    family = RefreshFamily.start(ada.account)
    client = boto3.client("dynamodb")
    row = client.get_item(TableName=f"{PREFIX}-tokens", Key={"id": {"S": family.id}})["Item"] | {member: bent}
    client.put_item(TableName=f"{PREFIX}-tokens", Item={name: value for name, value in row.items() if value})

    body = ada.export()

    assert len(body["sign_ins"]) == len(ada.pairs)
    assert family.id not in json.dumps(body)


@pytest.fixture
def units(dynoxide: str) -> Iterator[dict[str, list[float]]]:
    """The units that the database counts from now on, by operation."""
    counted: dict[str, list[float]] = {}

    def count(parsed: Any, model: Any, **_: Any) -> None:
        consumed = parsed.get("ConsumedCapacity", [])
        each = consumed if isinstance(consumed, list) else [consumed]
        counted.setdefault(model.name, []).extend(one["CapacityUnits"] for one in each)

    events = dynamodb.connection().client.meta.events
    events.register("after-call.dynamodb", count)
    yield counted
    events.unregister("after-call.dynamodb", count)


def test_page_costs_what_its_rows_cost(dynoxide_client: FlaskClient, units: dict[str, list[float]]) -> None:
    """Half a unit a row, six queries of keys, one each of acts of staff and of blocks, and the lock's two reads."""
    account = make_account(username="Ada")
    family, *_ = (RefreshFamily.start(account) for _ in range(3))
    for _ in range(100):
        make_report(account_id=account.id, **TEXTS)
    token = tokens.issue_access(account, family)
    units.clear()

    body = dynoxide_client.get(PATH, headers=bearer(token)).json

    assert (len(body["reports"]), len(body["sign_ins"])) == (100, 3)
    assert units == {"GetItem": [1, 1], "Query": [1.5, *[0.5] * 8], "BatchGetItem": [50, 1.5]}


def test_index_of_sign_ins_costs_a_unit_for_each_sign_in_and_none_for_a_refresh(
    dynoxide: str, units: dict[str, list[float]]
) -> None:
    account = make_account(username="Ada")
    units.clear()

    family = RefreshFamily.start(account)
    assert family.rotate()
    family.note_use("api", is_of_new_pair=True)

    assert units == {"PutItem": [2], "UpdateItem": [1, 1]}
