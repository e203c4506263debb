"""A second factor by the API: set up, replaced, taken away, and asked for at sign-in."""

import re
from base64 import b32decode
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
import pytest
from defusedxml import ElementTree
from flask.testing import FlaskClient

from app.accounts import tokens
from app.accounts.models import Account
from app.accounts.session_models import RefreshFamily
from app.core import dynamodb
from app.review.audit import history_of
from tests import codes
from tests.codes import TOTP, App, Person, begin, set_up, sign_in
from tests.conftest import PREFIX
from tests.factories import PASSWORD, make_account, sign_in_as
from tests.reporting import bearer

ACCOUNTS = f"{PREFIX}-accounts"


@pytest.fixture
def person(client: FlaskClient, noon: Any) -> Person:
    return set_up(client, make_account(username="river-watcher"))


def problem_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].rpartition("/")[2]


def row_of(account: Account) -> dict[str, Any]:
    return boto3.client("dynamodb").get_item(TableName=ACCOUNTS, Key={"id": {"S": account.id}})["Item"]


def test_secret_comes_as_text_as_an_address_and_as_a_picture(client: FlaskClient, noon: Any) -> None:
    headers = sign_in_as(username="Zoë")

    answer = client.post(TOTP, headers=headers, json={"password": PASSWORD})

    assert (answer.status_code, answer.headers["Location"]) == (201, TOTP)
    assert "no-store" in answer.headers["Cache-Control"]
    address = urlsplit(answer.json["otpauth_uri"])
    asked = parse_qs(address.query)
    assert (address.scheme, address.netloc, unquote(address.path)) == ("otpauth", "totp", "/FloodManager:Zoë")
    assert (asked["secret"], asked["issuer"]) == ([answer.json["secret"]], ["FloodManager"])
    assert re.fullmatch("[A-Z2-7]{32}", answer.json["secret"])
    assert ElementTree.fromstring(answer.json["qr_svg"]).tag == "{http://www.w3.org/2000/svg}svg"


def test_factor_counts_once_a_code_has_confirmed_it(client: FlaskClient, noon: Any) -> None:
    account = make_account()
    headers = bearer(sign_in(client, account.username).json["access_token"])
    app = begin(client, headers)
    assert sign_in(client, account.username).status_code == 200

    confirmed = client.put(TOTP, headers=headers, json={"code": app.code()})

    shown = confirmed.json["recovery_codes"]
    assert (confirmed.status_code, len(set(shown))) == (200, 10)
    assert all(re.fullmatch("([a-z2-7]{4}-){3}[a-z2-7]{4}", code) for code in shown)
    state = client.get(TOTP, headers=headers).json
    assert state == {"has_second_factor": True, "is_required": False, "recovery_codes_left": 10}
    assert problem_of(sign_in(client, account.username)) == (401, "second-factor-needed")


def test_wrong_code_confirms_nothing(client: FlaskClient, noon: Any) -> None:
    headers = sign_in_as()
    app = begin(client, headers)

    answers = [
        client.put(TOTP, headers=headers, json={"code": text}) for text in (app.wrong(), "abcdef", "１２３４５６")
    ]

    assert {problem_of(answer) for answer in answers} == {(403, "wrong-code")}
    assert not client.get(TOTP, headers=headers).json["has_second_factor"]


def test_secret_that_waits_for_an_hour_is_confirmed_no_more(client: FlaskClient, noon: Any) -> None:
    account = make_account()
    app = begin(client, bearer(sign_in(client, account.username).json["access_token"]))

    noon.shift(3601)

    later = bearer(sign_in(client, account.username).json["access_token"])
    assert problem_of(client.put(TOTP, headers=later, json={"code": app.code()})) == (409, "conflict")


def test_sign_in_takes_a_code_and_each_code_once(client: FlaskClient, person: Person) -> None:
    code = person.app.code()

    first, second = (sign_in(client, "river-watcher", totp=code) for _ in range(2))

    assert (first.status_code, problem_of(second)) == (200, (401, "second-factor-wrong"))
    assert client.get("/v1/me", headers=bearer(first.json["access_token"])).status_code == 200


def test_code_that_has_confirmed_the_factor_signs_nobody_in(client: FlaskClient, person: Person) -> None:
    assert problem_of(sign_in(client, "river-watcher", totp=person.app.code(-1))) == (401, "second-factor-wrong")


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_code_may_be_one_step_early_or_late(
    client: FlaskClient, person: Person, noon: Any, steps: int, is_taken: bool
) -> None:
    noon.shift(10 * codes.STEP_S)

    answer = sign_in(client, "river-watcher", totp=person.app.code(steps))

    assert (answer.status_code == 200) == is_taken


def test_earlier_code_is_refused_after_a_later_one(client: FlaskClient, person: Person) -> None:
    assert sign_in(client, "river-watcher", totp=person.app.code(1)).status_code == 200

    assert problem_of(sign_in(client, "river-watcher", totp=person.app.code(0))) == (401, "second-factor-wrong")


def test_wrong_password_is_told_whatever_the_code(client: FlaskClient, person: Person) -> None:
    body = {"username": "river-watcher", "password": "wrong"}
    answers = [client.post("/v1/tokens", json=body | code) for code in ({}, {"totp": person.app.code()})]
    unknown = client.post("/v1/tokens", json={"username": "nobody-here", "password": "wrong"})

    assert {problem_of(answer) for answer in answers} == {(401, "unauthenticated")}
    assert {answer.json["detail"] for answer in answers} == {unknown.json["detail"]}
    assert sign_in(client, "river-watcher", totp=person.app.code()).status_code == 200


def test_recovery_code_signs_in_once(client: FlaskClient, person: Person) -> None:
    typed = person.recovery_codes[3].upper().replace("-", " ")

    first, second = (sign_in(client, "river-watcher", recovery_code=typed) for _ in range(2))

    assert (first.status_code, problem_of(second)) == (200, (401, "second-factor-wrong"))
    assert client.get(TOTP, headers=person.headers).json["recovery_codes_left"] == 9
    assert sign_in(client, "river-watcher", recovery_code=person.recovery_codes[4]).status_code == 200


def test_all_ten_recovery_codes_sign_in_and_then_none(client: FlaskClient, person: Person) -> None:
    statuses = [sign_in(client, "river-watcher", recovery_code=code).status_code for code in person.recovery_codes]

    assert statuses == [200] * 10
    again = sign_in(client, "river-watcher", recovery_code=person.recovery_codes[0])
    assert problem_of(again) == (401, "second-factor-wrong")
    assert "recovery_codes" not in row_of(person.account)


def test_recovery_code_of_another_person_is_none(client: FlaskClient, person: Person) -> None:
    other = set_up(client, make_account())

    answer = sign_in(client, "river-watcher", recovery_code=other.recovery_codes[0])

    assert problem_of(answer) == (401, "second-factor-wrong")


def test_both_kinds_of_code_at_once_are_a_mistake(client: FlaskClient, person: Person) -> None:
    answer = sign_in(client, "river-watcher", totp=person.app.code(), recovery_code=person.recovery_codes[0])

    assert [mistake["pointer"] for mistake in answer.json["errors"]] == ["/recovery_code"]


def test_setting_up_ends_all_other_sign_ins(client: FlaskClient, noon: Any) -> None:
    account = make_account()
    other = sign_in(client, account.username).json

    person = set_up(client, account)

    refreshed = client.post("/v1/tokens/refresh", json={"refresh_token": other["refresh_token"]})
    assert client.get("/v1/me", headers=bearer(other["access_token"])).status_code == 401
    assert refreshed.status_code == 401
    assert client.get("/v1/me", headers=person.headers).status_code == 200


def test_replacing_asks_the_password_and_the_factor_of_before(client: FlaskClient, person: Person) -> None:
    def ask(**body: str) -> Any:
        return client.post(TOTP, headers=person.headers, json=body)

    assert problem_of(ask(password="wrong", totp=person.app.code())) == (403, "wrong-password")
    assert problem_of(ask(password=PASSWORD)) == (422, "invalid")
    assert problem_of(ask(password=PASSWORD, totp=person.app.wrong())) == (403, "wrong-code")
    new = begin(client, person.headers, totp=person.app.code())
    assert sign_in(client, "river-watcher", totp=person.app.code(1)).status_code == 200
    assert client.put(TOTP, headers=person.headers, json={"code": new.code()}).status_code == 200
    old = sign_in(client, "river-watcher", recovery_code=person.recovery_codes[0])
    assert problem_of(old) == (401, "second-factor-wrong")
    assert sign_in(client, "river-watcher", totp=new.code(1)).status_code == 200


def test_taking_it_away_asks_for_both_too(client: FlaskClient, person: Person) -> None:
    def ask(**body: str) -> Any:
        return client.delete(TOTP, headers=person.headers, json=body)

    assert problem_of(ask(password=PASSWORD)) == (422, "invalid")
    assert problem_of(ask(password="wrong", totp=person.app.code())) == (403, "wrong-password")
    assert ask(password=PASSWORD, totp=person.app.code()).status_code == 204
    assert sign_in(client, "river-watcher").status_code == 200
    assert not any(name.startswith(("totp", "recovery", "factor")) for name in row_of(person.account))


def test_new_password_does_not_go_round_the_factor(client: FlaskClient, person: Person) -> None:
    change = {"password": "another long wet november", "current_password": PASSWORD}
    assert client.patch("/v1/me", headers=person.headers, json=change).status_code == 200

    answer = client.post("/v1/tokens", json={"username": "river-watcher", "password": "another long wet november"})

    assert problem_of(answer) == (401, "second-factor-needed")


def test_old_clients_cannot_go_round_it(client: FlaskClient, person: Person) -> None:
    said = {"username": "river-watcher", "password": PASSWORD}

    answers = [client.post(path, json=said) for path in ("/authenticate", "/report_flood")]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert "second factor" in answers[0].text


def test_refused_code_signs_in_no_session_of_before(client: FlaskClient, person: Person) -> None:
    """A sign-in of a release without second factors has no mark of one."""
    account = Account.find(person.account.id)
    assert account
    family = RefreshFamily(account_id=account.id, token_version=account.token_version)
    family.save()

    assert client.get("/v1/me", headers=bearer(tokens.issue_access(account, family))).status_code == 401


def test_rows_hold_neither_secret_nor_recovery_codes(client: FlaskClient, person: Person) -> None:
    stored = row_of(person.account)

    assert b32decode(person.app.secret) not in stored["totp_salt"]["B"]
    assert person.app.secret not in str(stored)
    assert not any(code.replace("-", "") in str(stored) or code in str(stored) for code in person.recovery_codes)


def test_salt_of_another_person_opens_nothing(client: FlaskClient, person: Person) -> None:
    thief = set_up(client, make_account(username="thief"))
    boto3.client("dynamodb").update_item(
        TableName=ACCOUNTS,
        Key={"id": {"S": person.account.id}},
        UpdateExpression="SET totp_salt = :own",
        ExpressionAttributeValues={":own": row_of(thief.account)["totp_salt"]},
    )

    assert problem_of(sign_in(client, "river-watcher", totp=thief.app.code())) == (401, "second-factor-wrong")
    assert sign_in(client, "river-watcher", recovery_code=person.recovery_codes[0]).status_code == 200


def test_staff_leave_a_record_and_residents_none(client: FlaskClient, noon: Any) -> None:
    staff, resident = (set_up(client, make_account(role)) for role in ("responder", "resident"))
    for one in (staff, resident):
        body = {"password": PASSWORD, "totp": one.app.code()}
        assert client.delete(TOTP, headers=one.headers, json=body).status_code == 204

    acts = [row.action for row in history_of(staff.account.id) if row.action != "staff.signed_in"]
    assert acts[::-1] == ["second_factor.made", "second_factor.reset"]
    assert {row.actor for row in history_of(staff.account.id)} == {staff.account.id}
    assert history_of(resident.account.id) == []


def test_answer_that_was_lost_comes_again_with_the_same_recovery_codes(client: FlaskClient, noon: Any) -> None:
    headers = sign_in_as()
    app = begin(client, headers)
    code = app.code()

    first, second = (client.put(TOTP, headers=headers, json={"code": code}) for _ in range(2))

    assert first.json == second.json
    noon.shift(120)
    late = client.put(TOTP, headers=headers, json={"code": code})
    assert (problem_of(late), client.get(TOTP, headers=headers).json["recovery_codes_left"]) == ((409, "conflict"), 10)


def test_guesses_at_the_recovery_codes_of_a_session_end_after_ten(client: FlaskClient, person: Person) -> None:
    statuses = [
        client.put(TOTP, headers=person.headers, json={"code": f"{number:06}"}).status_code for number in range(12)
    ]

    assert statuses == [409] * 10 + [429] * 2


@pytest.mark.parametrize("ends", ["refused", "away"])
def test_reply_of_the_database_that_was_lost_refuses_nobody(
    client: FlaskClient, person: Person, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    """The write took place; its repeat is refused, or not answered. The name of the use tells that it was our own."""
    update = Account.update

    def lose_reply(account: Account, **values: Any) -> Any:
        update(account, **values)
        if ends == "away":
            raise dynamodb.OutOfTime("no reply")
        return update(account, **values)

    monkeypatch.setattr(Account, "update", lose_reply)

    code, recovery = person.app.code(), person.recovery_codes[0]
    assert sign_in(client, "river-watcher", totp=code).status_code == 200
    assert sign_in(client, "river-watcher", recovery_code=recovery).status_code == 200
    monkeypatch.undo()
    assert sign_in(client, "river-watcher", totp=code).status_code == 401


def test_deleted_account_leaves_nothing_of_its_factor(client: FlaskClient, person: Person) -> None:
    assert client.delete("/v1/me", headers=person.headers, json={"password": PASSWORD}).status_code == 204

    rows = boto3.client("dynamodb").scan(TableName=ACCOUNTS)["Items"]
    assert not any({"totp_salt", "recovery_codes"} & row.keys() for row in rows)
    assert history_of(person.account.id) == []


def test_secret_is_shown_to_no_later_request(client: FlaskClient, person: Person) -> None:
    pages = [client.get(path, headers=person.headers) for path in (TOTP, "/v1/me", "/v1/me/export")]

    assert not any(person.app.secret in page.text for page in pages)
    assert pages[2].json["account"]["has_second_factor"] is True
    assert App(person.app.secret) == person.app
