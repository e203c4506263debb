"""Admins list accounts and change roles, areas and suspensions, from the next request on and on record."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts import directory, tokens
from app.accounts.models import Account
from app.review.audit import history_of
from app.review.staff import REASONS
from tests.factories import PASSWORD, make_account, sign_in_as
from tests.reporting import bearer

BATH = {"name": "Bath", "bbox": [-2.45, 51.35, -2.3, 51.42]}
LIST = "/v1/admin/accounts"


@pytest.fixture
def admin(tables: None) -> dict[str, str]:
    return sign_in_as("admin")


def change(client: FlaskClient, headers: dict[str, str], account: Account, **values: Any) -> Any:
    return client.patch(f"{LIST}/{account.id}", headers=headers, json={"reason": "appointed", **values})


def names(client: FlaskClient, headers: dict[str, str], query: str = "") -> list[str]:
    return [account["username"] for account in client.get(f"{LIST}{query}", headers=headers).json["items"]]


def acts(account: Account) -> list[tuple[str, Any, Any]]:
    return [(row.action, row.before, row.after) for row in history_of(account.id)]


def test_resident_becomes_a_responder_with_areas(client: FlaskClient, admin: dict[str, str]) -> None:
    person = make_account()
    headers = bearer(tokens.issue_access(person))

    answer = change(client, admin, person, role="responder", areas=[BATH])

    assert (answer.status_code, answer.json["role"], answer.json["areas"]) == (200, "responder", [BATH])
    assert answer.headers["ETag"] == '"v2"'
    me = client.get("/v1/me", headers=headers).json
    assert (me["role"], me["areas"]) == ("responder", [BATH])
    changed_role, changed_areas = sorted(acts(person))[::-1]
    assert changed_role == ("account.role_changed", {"role": "resident"}, {"role": "responder"})
    assert changed_areas[1] == {"areas": []} and changed_areas[2]["areas"][0].startswith("area_")
    assert {row.actor for row in history_of(person.id)} == {client.get("/v1/me", headers=admin).json["id"]}


def test_admin_marks_the_account_of_an_organisation_and_takes_that_back(
    client: FlaskClient, admin: dict[str, str]
) -> None:
    office = make_account()

    marked = change(client, admin, office, is_partner=True).json
    again = change(client, admin, office, is_partner=True).headers["ETag"]
    taken_back = change(client, admin, office, is_partner=False, reason="mistake").json

    assert (marked["is_partner"], again, taken_back["is_partner"]) == (True, '"v2"', False)
    no, yes = {"is_partner": False}, {"is_partner": True}
    assert acts(office) == [("account.partner_changed", yes, no), ("account.partner_changed", no, yes)]
    assert change(client, admin, office, is_partner="true").status_code == 422


def test_demoted_responder_loses_the_areas_for_good(client: FlaskClient, admin: dict[str, str]) -> None:
    person = make_account("responder")

    demoted = change(client, admin, person, role="resident", reason="duty_ended").json
    raised = change(client, admin, person, role="responder").json

    assert (demoted["areas"], raised["areas"]) == ([], [])


def test_what_stays_as_it_is_makes_no_record(client: FlaskClient, admin: dict[str, str]) -> None:
    person = make_account("responder")
    areas = client.get("/v1/me", headers=bearer(tokens.issue_access(person))).json["areas"]

    answer = change(client, admin, person, role="responder", areas=areas, is_suspended=False)

    assert (answer.status_code, answer.headers["ETag"], acts(person)) == (200, '"v1"', [])


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"", "/reason"}),
        ({"reason": "mistake"}, {""}),
        ({"role": "admin"}, {"/reason"}),
        ({"role": "king", "reason": "because"}, {"/role", "/reason"}),
        ({"is_suspended": 1, "reason": "spam"}, {"/is_suspended"}),
        ({"is_suspended": "true", "reason": "spam"}, {"/is_suspended"}),
        ({"areas": [BATH], "reason": "appointed"}, {"/areas"}),
        ({"role": "admin", "areas": [BATH], "reason": "appointed"}, {"/areas"}),
        ({"role": "responder", "areas": [{"name": "a"}, {"bbox": []}], "reason": "appointed"},
         {"/areas/0", "/areas/1/name"}),
        ({"role": "responder", "areas": {"a": 1}, "reason": "appointed"}, {"/areas"}),
        ({"role": "responder", "areas": None, "reason": "appointed"}, {"/areas"}),
        ({"version": 3, "token_version": 1, "username": "x", "reason": "other", "role": "admin"},
         {"/version", "/token_version", "/username"}),
    ],
    ids=lambda value: str(sorted(value)) if isinstance(value, set) else str(value),
)  # fmt: skip
def test_bad_change_names_each_mistake_and_changes_nothing(
    client: FlaskClient, admin: dict[str, str], body: dict[str, Any], pointers: set[str]
) -> None:
    person = make_account()

    answer = client.patch(f"{LIST}/{person.id}", headers=admin, json=body)

    assert (answer.status_code, {one["pointer"] for one in answer.json["errors"]}) == (422, pointers)
    stored = Account.find(person.id)
    assert stored and (stored.version, stored.role, acts(person)) == (1, "resident", [])


def test_unknown_account_is_not_found(client: FlaskClient, admin: dict[str, str]) -> None:
    for account_id in (f"acc_{'a' * 26}", "name:bob", "x" * 500):
        body = {"role": "admin", "reason": "appointed"}
        assert client.patch(f"{LIST}/{account_id}", headers=admin, json=body).status_code == 404


def test_if_match_changes_only_the_version_named(client: FlaskClient, admin: dict[str, str]) -> None:
    person, body = make_account(), {"role": "responder", "reason": "appointed"}

    stale = client.patch(f"{LIST}/{person.id}", headers=admin | {"If-Match": '"v7"'}, json=body)
    fresh = client.patch(f"{LIST}/{person.id}", headers=admin | {"If-Match": '"v1"'}, json=body)

    assert (stale.status_code, fresh.status_code) == (412, 200)


def test_demoted_admin_has_no_right_any_more(client: FlaskClient, admin: dict[str, str]) -> None:
    other = make_account("admin")
    headers = bearer(tokens.issue_access(other))
    assert client.get(LIST, headers=headers).status_code == 200

    assert change(client, admin, other, role="responder", reason="duty_ended").status_code == 200

    assert client.get(LIST, headers=headers).status_code == 403
    assert change(client, headers, make_account(), role="admin").status_code == 403


@pytest.mark.parametrize("values", [{"role": "responder"}, {"role": "resident"}, {"is_suspended": True}])
def test_last_admin_can_neither_be_demoted_nor_suspended(client: FlaskClient, values: dict[str, Any]) -> None:
    last = make_account("admin")
    headers = bearer(tokens.issue_access(last))
    suspended = make_account("admin")
    assert change(client, headers, suspended, is_suspended=True, reason="abuse").status_code == 200

    refused = change(client, headers, last, **values)

    assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (409, "conflict")
    assert "last admin" in refused.json["detail"]
    assert (acts(last), client.get(LIST, headers=headers).status_code) == ([], 200)
    make_account("admin")
    assert change(client, headers, last, **values).status_code == 200


def test_accounts_are_listed_by_name(client: FlaskClient, admin: dict[str, str]) -> None:
    for name in ("Bob", "bobby", "\uff22ob-2", "alice", "Zo\u00eb", "zoe"):
        make_account("responder" if name == "bobby" else "resident", username=name)

    assert names(client, admin, "?query=BOB") == ["Bob", "\uff22ob-2", "bobby"]
    assert names(client, admin, "?query=bob&role=responder") == ["bobby"]
    assert names(client, admin, "?query=Zo%C3%8B") == ["Zo\u00eb"]
    assert names(client, admin, "?query=nobody") == names(client, admin, "?query=%25") == []
    assert len(names(client, admin)) == 7
    item = client.get(f"{LIST}?role=responder", headers=admin).json["items"][0]
    assert item.keys() == {
        *("id", "username", "role", "areas", "is_suspended", "suspended_for", "is_partner"),
        *("has_second_factor", "created_at"),
    }


@pytest.mark.parametrize("query", ["", "&query=p"])
def test_pages_hold_every_account_once(client: FlaskClient, admin: dict[str, str], query: str) -> None:
    made = {make_account("resident" if n % 3 else "responder", username=f"p{n:02}").username for n in range(23)}

    seen, path = list[str](), f"{LIST}?limit=4{query}"
    while path:
        page = client.get(path, headers=admin).json
        seen += [account["username"] for account in page["items"]]
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")

    assert sorted(seen) == seen and len(seen) == len(set(seen))
    assert set(seen) - made == (set() if query else {name for name in seen if name.startswith("admin")})
    assert made <= set(seen)


def test_suspended_ones_are_found_among_many(
    client: FlaskClient, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page reads so many keys at most; what it has not seen is on the next one."""
    monkeypatch.setattr(directory, "_STEP", 3)
    monkeypatch.setattr(directory, "_STEPS", 2)
    people = [make_account(username=f"q{number:02}") for number in range(12)]
    for person in (people[1], people[10]):
        change(client, admin, person, is_suspended=True, reason="spam")

    seen, path, pages = list[str](), f"{LIST}?is_suspended=true&query=q", 0
    while path:
        page = client.get(path, headers=admin).json
        seen += [account["username"] for account in page["items"]]
        path, pages = next((link["href"] for link in page["links"] if link["rel"] == "next"), ""), pages + 1

    assert (seen, pages) == (["q01", "q10"], 3)
    assert len(names(client, admin, "?is_suspended=false&query=q")) == 5


@pytest.mark.parametrize(
    "query",
    ["query=", f"query={'x' * 10_000}", "role=king", "is_suspended=1", "limit=0", "limit=101", "cursor=x", "name=bob"],
)
def test_bad_query_is_refused(client: FlaskClient, admin: dict[str, str], query: str) -> None:
    assert client.get(f"{LIST}?{query}", headers=admin).status_code == 422


def test_cursor_of_another_query_is_refused(client: FlaskClient, admin: dict[str, str]) -> None:
    for number in range(3):
        make_account(username=f"river-{number}")
    cursor = client.get(f"{LIST}?limit=1&query=river", headers=admin).json["next_cursor"]

    assert client.get(f"{LIST}?limit=1&query=river&cursor={cursor}", headers=admin).status_code == 200
    assert client.get(f"{LIST}?limit=1&query=r&cursor={cursor}", headers=admin).status_code == 422


def test_no_answer_holds_a_secret(client: FlaskClient, admin: dict[str, str]) -> None:
    person = make_account()
    person.change(email="bob@example.org")

    answers = [client.get(LIST, headers=admin), change(client, admin, person, role="responder")]

    for answer in answers:
        assert not any(text in answer.text for text in ("argon2", "bob@example.org", PASSWORD))
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_reasons_are_codes() -> None:
    assert all(reason.replace("_", "").isalpha() and reason.islower() for reason in REASONS)
