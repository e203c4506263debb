"""API keys: made, shown once, listed, ended; and what becomes of one when its owner changes."""

import re
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient

from app.accounts import api_keys, key_text
from app.accounts.key_models import ApiKey
from app.accounts.models import Account
from app.core import clock
from app.core.errors import Conflict
from app.review import staff
from app.review.audit import BY_COMMAND, history_of
from tests.codes import set_up
from tests.conftest import PREFIX
from tests.factories import delete_account, make_account
from tests.keyed import KEYS, ask_for_key, make_key, of_session, problem_of
from tests.reporting import bearer, file_report, filed, mistakes_of

DAY_S = 24 * 3600


@pytest.fixture
def owner(client: FlaskClient, noon: Any) -> Account:
    return make_account()


def told(answer: Any) -> str:
    assert answer.status_code == 401, answer.text
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    return str(answer.json["detail"])


def change(account: Account, **values: Any) -> None:
    staff.change(account.id, {"reason": "other", **values}, by=BY_COMMAND)


def test_key_is_shown_once_and_files_reports_of_its_owner(client: FlaskClient, owner: Account) -> None:
    answer = ask_for_key(client, owner, ["reports:write"], name="Gauge at the bridge")

    made = answer.json
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{KEYS}/{made['id']}")
    assert "no-store" in answer.headers["Cache-Control"]
    assert re.fullmatch(r"fm_[a-z2-7]{55}", made["key"])
    assert made["key"].startswith(made["beginning"])
    report = filed(client, headers=bearer(made["key"]))
    own = client.get("/v1/me/reports", headers=of_session(owner)).json["items"]
    assert [one["id"] for one in own] == [report["id"]]
    listed = client.get(KEYS, headers=of_session(owner)).json["items"]
    assert listed == [{name: value for name, value in made.items() if name != "key"} | {"last_used_at": noon_of_day()}]
    assert client.get(f"{KEYS}/{made['id']}", headers=of_session(owner)).json == listed[0]


def noon_of_day() -> str:
    return f"{clock.day_of(clock.now_ms())}T00:00:00Z"


def test_rows_do_not_hold_the_key(client: FlaskClient, owner: Account) -> None:
    secret = make_key(client, owner, "reports:write")["key"][19:51]

    rows = boto3.client("dynamodb").scan(TableName=f"{PREFIX}-tokens")["Items"]

    assert any(row["id"]["S"].startswith("key_") for row in rows)
    assert secret not in str(rows)


def test_use_is_noted_once_a_day_and_never_hinders(
    client: FlaskClient, owner: Account, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, writes = make_key(client, owner, "reports:write"), list[str]()
    update = ApiKey.update

    def counted(self: ApiKey, *args: Any, **named: Any) -> Any:
        writes.append(self.id)
        return update(self, *args, **named)

    monkeypatch.setattr(ApiKey, "update", counted)
    assert made["last_used_at"] is None
    for _ in range(3):
        filed(client, headers=bearer(made["key"]))
    assert len(writes) == 1
    noon.shift(DAY_S)
    filed(client, headers=bearer(made["key"]))
    assert client.get(KEYS, headers=of_session(owner)).json["items"][0]["last_used_at"] == noon_of_day()
    assert len(writes) == 2

    def fail(*_: Any, **__: Any) -> None:
        raise EndpointConnectionError(endpoint_url="none")

    monkeypatch.setattr(ApiKey, "update", fail)
    noon.shift(DAY_S)
    assert file_report(client, headers=bearer(made["key"])).status_code == 201


def test_ended_key_is_refused_with_the_next_request(client: FlaskClient, owner: Account) -> None:
    made, other = make_key(client, owner, "reports:write"), make_key(client, owner, "reports:write")

    ended = client.delete(f"{KEYS}/{made['id']}", headers=of_session(owner))

    assert ended.status_code == 204
    assert told(file_report(client, headers=bearer(made["key"]))) == api_keys.UNKNOWN
    assert file_report(client, headers=bearer(other["key"])).status_code == 201
    assert [one["id"] for one in client.get(KEYS, headers=of_session(owner)).json["items"]] == [other["id"]]
    assert client.delete(f"{KEYS}/{made['id']}", headers=of_session(owner)).status_code == 404


def test_nobody_sees_or_ends_the_key_of_another(client: FlaskClient, owner: Account) -> None:
    made, stranger = make_key(client, owner, "reports:write"), of_session(make_account("admin"))

    for address in (f"{KEYS}/{made['id']}", f"{KEYS}/none", f"{KEYS}/{owner.id}"):
        assert client.get(address, headers=stranger).status_code == 404
        assert client.delete(address, headers=stranger).status_code == 404
    assert file_report(client, headers=bearer(made["key"])).status_code == 201


def test_key_ends_at_its_time_and_says_so(client: FlaskClient, owner: Account, noon: Any) -> None:
    ends = clock.rfc3339(clock.now_ms() + DAY_S * 1000)
    made = make_key(client, owner, "reports:write", expires_at=ends)
    assert (made["expires_at"], made["is_valid"]) == (ends, True)

    noon.shift(DAY_S)

    assert ends in told(file_report(client, headers=bearer(made["key"])))
    assert [one["is_valid"] for one in client.get(KEYS, headers=of_session(owner)).json["items"]] == [False]
    assert client.delete(f"{KEYS}/{made['id']}", headers=of_session(owner)).status_code == 204


def test_malformed_and_unknown_keys_are_refused_with_words(client: FlaskClient, owner: Account) -> None:
    key = make_key(client, owner, "reports:write")["key"]
    mistyped = key[:-1] + ("a" if key[-1] != "a" else "b")
    texts = [
        "fm_",
        "fm_x",
        key[:-1],
        key + "a",
        "fm_" + key[3:].upper(),
        mistyped,
        f"{key[:30]}é",
        key.replace("fm_", "fm-fm_"),
    ]

    assert {told(file_report(client, headers=bearer(text))) for text in texts[:-1]} == {api_keys.NO_KEY}
    assert file_report(client, headers=bearer(texts[-1])).status_code == 401
    assert told(file_report(client, headers=bearer(key_text.make()))) == api_keys.UNKNOWN


def test_right_id_with_another_secret_is_unknown(client: FlaskClient, owner: Account) -> None:
    key, other = make_key(client, owner, "reports:write")["key"], key_text.make()
    forged = key[:19] + other[19:51]
    forged += key_text._checksum(forged)
    assert key_text.is_key(forged)

    assert told(file_report(client, headers=bearer(forged))) == api_keys.UNKNOWN


def test_suspension_ends_keys_for_good(client: FlaskClient, owner: Account) -> None:
    key = make_key(client, owner, "reports:write")
    change(owner, is_suspended=True)
    assert told(file_report(client, headers=bearer(key["key"]))) == api_keys.OWNER_SUSPENDED

    change(owner, is_suspended=False)

    assert told(file_report(client, headers=bearer(key["key"]))) == api_keys.ENDED
    assert client.get(KEYS, headers=of_session(owner)).json["items"] == []
    (suspended,) = (row for row in history_of(owner.id) if row.action == "account.suspended")
    assert suspended.after == {"keys": [key["id"]]}


def test_key_of_a_deleted_account_is_refused(client: FlaskClient, owner: Account) -> None:
    key = make_key(client, owner, "reports:write")["key"]

    delete_account(owner.id)

    assert told(file_report(client, headers=bearer(key))) == api_keys.OWNER_GONE


def test_at_most_twenty_keys_count(client: FlaskClient, owner: Account, noon: Any) -> None:
    soon = clock.rfc3339(clock.now_ms() + 3600_000)
    for _ in range(api_keys.MOST_KEYS):
        make_key(client, owner, "reports:write", expires_at=soon)

    assert problem_of(ask_for_key(client, owner, ["reports:write"])) == (409, "conflict")

    noon.shift(3601)
    make_key(client, owner, "reports:write")
    assert len(client.get(KEYS, headers=of_session(owner)).json["items"]) == 1


def test_key_is_not_made_beside_a_suspension_or_another_key_of_the_same_moment(owner: Account) -> None:
    earlier, suspended = (stored(owner) for _ in range(2))
    api_keys.make(stored(owner), "First", ["reports:write"])
    with pytest.raises(Conflict):
        api_keys.make(earlier, "Second", ["reports:write"])

    change(owner, is_suspended=True)
    with pytest.raises(Conflict):
        api_keys.make(suspended, "Third", ["reports:write"])
    assert stored(owner).api_key_ids is None


def test_key_is_ended_though_the_account_changes_at_the_same_moment(owner: Account) -> None:
    made = api_keys.make(stored(owner), "First", ["reports:write"])
    seen = stored(owner)
    stored(owner).change(email="new@example.org")

    api_keys.end(seen, made.row.id)

    assert (stored(owner).api_key_ids, ApiKey.find_readable(made.row.id)) == (None, None)


def stored(account: Account) -> Account:
    found = Account.find(account.id)
    assert found
    return found


def test_every_mistake_in_a_new_key_is_told(client: FlaskClient, owner: Account) -> None:
    late = clock.rfc3339(clock.now_ms() + 366 * DAY_S * 1000)
    cases: list[tuple[dict[str, Any], set[tuple[str, str]]]] = [
        ({"name": "", "scopes": []}, {("/name", "length"), ("/scopes", "length")}),
        ({"scopes": ["reports:write", "webhooks", "export"]}, {("/scopes/1", "not-yet"), ("/scopes/2", "not-yet")}),
        ({"scopes": ["admin"]}, {("/scopes/0", "choice")}),
        ({"scopes": "reports:write", "more": 1}, {("/scopes", "type"), ("/more", "unknown")}),
        ({"scopes": ["review"]}, {("/scopes", "role")}),
        ({"expires_at": late}, {("/expires_at", "range")}),
        ({"expires_at": clock.rfc3339(clock.now_ms())}, {("/expires_at", "range")}),
        ({"expires_at": None}, {("/expires_at", "null")}),
    ]

    for values, mistakes in cases:
        body = {"name": "A gauge", "scopes": ["reports:write"]} | values
        assert mistakes_of(client.post(KEYS, headers=of_session(owner), json=body)) == mistakes, values


def test_key_that_reviews_needs_a_second_factor_and_ends_within_ninety_days(client: FlaskClient, noon: Any) -> None:
    admin = make_account("admin")
    assert problem_of(ask_for_key(client, admin, ["review"])) == (403, "second-factor-required")
    person = set_up(client, admin)

    late = clock.rfc3339(clock.now_ms() + 91 * DAY_S * 1000)
    body = {"name": "Bot", "scopes": ["review"]}
    refused = client.post(KEYS, headers=person.headers, json=body | {"expires_at": late})
    made = client.post(KEYS, headers=person.headers, json=body).json

    assert mistakes_of(refused) == {("/expires_at", "range")}
    assert made["expires_at"] == clock.rfc3339(clock.now_ms() + 90 * DAY_S * 1000)
    assert client.get("/v1/review/queue", headers=bearer(made["key"])).status_code == 200
    staff.reset_second_factor(admin.id, by=BY_COMMAND)
    refused = client.get("/v1/review/queue", headers=bearer(made["key"]))
    assert problem_of(refused) == (403, "second-factor-required")


def test_keys_of_staff_have_audit_rows(client: FlaskClient, owner: Account) -> None:
    admin = make_account("admin")
    for account in (admin, owner):
        made = make_key(client, account, "reports:write")
        client.delete(f"{KEYS}/{made['id']}", headers=of_session(account))

    ended, made_row = history_of(admin.id)
    codes = {"key": made_row.after["key"], "scopes": ["reports:write"]}
    assert [(row.action, row.actor) for row in (ended, made_row)] == [("key.ended", admin.id), ("key.made", admin.id)]
    assert (made_row.after, ended.before) == (codes, codes)
    assert history_of(owner.id) == []


def test_new_password_ends_sign_ins_and_leaves_keys(client: FlaskClient, owner: Account) -> None:
    key = make_key(client, owner, "reports:write")["key"]

    Account.find(owner.id).change(token_version=99)  # type: ignore[union-attr]  # as a new password does

    assert file_report(client, headers=bearer(key)).status_code == 201
