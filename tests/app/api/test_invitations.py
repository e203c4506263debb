"""Admins invite people to become responders by a link that works once, for seven days, and on record."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts import tokens
from app.accounts.invitation_models import Invitation
from app.accounts.models import Account
from app.review.audit import history_of
from tests.factories import PASSWORD, make_account
from tests.reporting import bearer, mistakes_of

BATH = {"name": "Bath", "bbox": [-2.45, 51.35, -2.3, 51.42]}
LIST = "/v1/admin/invitations"
DAY_S = 24 * 3600


class Desk:
    """An admin, and the requests about invitations."""

    def __init__(self, client: FlaskClient) -> None:
        self.client, self.admin = client, make_account("admin")
        self.headers = bearer(tokens.issue_access(self.admin))

    def invite(self, **wanted: Any) -> dict[str, Any]:
        answer = self.client.post(LIST, headers=self.headers, json={"role": "responder", "areas": [BATH]} | wanted)
        assert answer.status_code == 201, answer.text
        assert answer.json
        return answer.json

    def accept(self, invitation: dict[str, Any] | str, headers: dict[str, str] | None = None, **wanted: Any) -> Any:
        token = invitation if isinstance(invitation, str) else token_of(invitation)
        who = {} if headers else {"username": "weirkeeper"}
        body = {"token": token, "password": PASSWORD} | who | wanted
        return self.client.post("/v1/invitations/accept", json=body, headers=headers)

    def state(self, invitation: dict[str, Any]) -> str:
        return str(self.client.get(f"{LIST}/{invitation['id']}", headers=self.headers).json["state"])


def token_of(invitation: dict[str, Any]) -> str:
    return str(invitation["link"].partition("#")[2])


@pytest.fixture
def desk(client: FlaskClient) -> Desk:
    return Desk(client)


def acts_on(subject: str) -> list[tuple[str, str]]:
    return [(row.action, row.actor) for row in history_of(subject)]


def test_invitation_is_a_link_that_only_its_making_shows(desk: Desk) -> None:
    made = desk.invite(note="For the warden of the weir")
    listed = desk.client.get(LIST, headers=desk.headers)

    assert re.fullmatch(r"http://localhost/invitation#fi_[0-9a-z]{26}[a-z2-7]{32}", made["link"])
    assert (made["state"], made["areas"], made["made_by"]) == ("waiting", [BATH], desk.admin.id)
    assert listed.json["items"] == [{name: value for name, value in made.items() if name != "link"}]
    stored = str(Invitation.stored_image(made["id"]))
    assert not any(token_of(made)[29:] in text for text in (listed.text, stored))
    assert acts_on(made["id"]) == [("invitation.made", desk.admin.id)]
    assert "weir" not in str(history_of(made["id"])[0].serialize())


def test_person_without_an_account_makes_one_by_it(desk: Desk) -> None:
    made = desk.invite()

    answer = desk.accept(made)

    assert (answer.status_code, answer.headers["Location"]) == (201, "/v1/me")
    assert (answer.json["role"], answer.json["areas"]) == ("responder", [BATH])
    account_id = answer.json["id"]
    assert acts_on(made["id"]) == [("invitation.used", account_id), ("invitation.made", desk.admin.id)]
    (row,) = history_of(account_id)
    assert (row.action, row.before, row.reason) == ("account.role_changed", {"role": None}, "appointed")
    assert row.after and (row.after["invitation"], row.after["invited_by"]) == (made["id"], desk.admin.id)
    signed_in = desk.client.post("/v1/tokens", json={"username": "weirkeeper", "password": PASSWORD})
    me = desk.client.get("/v1/me", headers=bearer(signed_in.json["access_token"])).json
    assert (me["id"], me["role"]) == (account_id, "responder")
    assert desk.state(made) == "used"


def test_signed_in_resident_accepts_with_the_own_account(desk: Desk) -> None:
    person, made = make_account(), desk.invite()
    headers = bearer(tokens.issue_access(person))

    answers = [desk.accept(made, headers), desk.accept(made, headers)]

    assert [answer.status_code for answer in answers] == [200, 200]  # a lost answer may be asked for again
    assert (answers[0].json["id"], answers[0].json["role"], answers[0].json["areas"]) == (
        *(person.id, "responder"),
        [BATH],
    )
    assert desk.client.get("/v1/me", headers=headers).json["role"] == "responder"
    assert [action for action, _ in acts_on(person.id)] == ["account.role_changed"]
    assert len(acts_on(made["id"])) == 2


def test_invitation_works_once(desk: Desk) -> None:
    made = desk.invite()
    assert desk.accept(made).status_code == 201

    again = [desk.accept(made), desk.accept(made, username="another"), desk.accept(made, stranger())]

    for answer in again:
        assert (answer.status_code, answer.json["state"]) == (409, "used")
        assert answer.json["type"].endswith("/invitation-over") and "was used" in answer.json["detail"]
    assert Account.named("another") is None


def stranger(role: str = "resident") -> dict[str, str]:
    return bearer(tokens.issue_access(make_account(role)))


def test_invitation_ends_after_seven_days(noon: Any, desk: Desk) -> None:
    made = desk.invite()
    noon.shift(7 * DAY_S - 1)
    desk.headers = bearer(tokens.issue_access(desk.admin))
    assert desk.state(made) == "waiting"

    noon.shift(1)

    answer = desk.accept(made)
    assert (answer.status_code, answer.json["state"], desk.state(made)) == (409, "expired", "expired")
    assert desk.client.delete(f"{LIST}/{made['id']}", headers=desk.headers).status_code == 204
    assert desk.state(made) == "expired"


def test_admin_ends_an_invitation(desk: Desk) -> None:
    made, address = desk.invite(), ""
    address = f"{LIST}/{made['id']}"

    ended = [desk.client.delete(address, headers=desk.headers).status_code for _ in range(2)]

    answer = desk.accept(made)
    assert (ended, answer.status_code, answer.json["state"]) == ([204, 204], 409, "ended")
    assert desk.client.get(address, headers=desk.headers).json["ended_at"]
    assert acts_on(made["id"])[0] == ("invitation.ended", desk.admin.id) and len(acts_on(made["id"])) == 2


def test_used_invitation_cannot_be_ended(desk: Desk) -> None:
    made = desk.invite()
    desk.accept(made)

    answer = desk.client.delete(f"{LIST}/{made['id']}", headers=desk.headers)

    assert (answer.status_code, desk.state(made)) == (409, "used")


@pytest.mark.parametrize("change", [{"role": "responder"}, {"is_suspended": True}], ids=str)
def test_invitation_ends_with_the_rights_of_who_made_it(desk: Desk, change: dict[str, Any]) -> None:
    """For good: also when these rights come back, for an intruder may have made it."""
    made, chief = desk.invite(), Desk(desk.client)
    back = {"role": "admin"} if "role" in change else {"is_suspended": False}
    address = f"/v1/admin/accounts/{desk.admin.id}"

    for values in (change, back):
        said = {"reason": "compromised", **values}
        assert desk.client.patch(address, headers=chief.headers, json=said).status_code == 200
        answer = desk.accept(made)
        assert (answer.status_code, answer.json["state"], chief.state(made)) == (409, "ended", "ended")

    assert Account.named("weirkeeper") is None
    desk.headers = bearer(tokens.issue_access(Account.find(desk.admin.id)))  # type: ignore[arg-type]  # it is there
    assert desk.accept(desk.invite()).status_code == 201


def test_invitation_ends_with_the_account_of_who_made_it(desk: Desk) -> None:
    made = desk.invite()
    left = desk.client.delete("/v1/me", headers=desk.headers, json={"password": PASSWORD})

    answer = desk.accept(made)

    assert (left.status_code, answer.status_code, answer.json["state"]) == (204, 409, "ended")


def test_password_and_other_sign_ins_of_who_made_it_do_not_matter(desk: Desk) -> None:
    made = desk.invite()
    desk.admin.change(token_version=desk.admin.token_version + 1)

    assert desk.accept(made).status_code == 201


@pytest.mark.parametrize(
    ("body", "mistakes"),
    [
        ({}, {("/role", "required")}),
        ({"role": "admin"}, {("/role", "choice")}),
        ({"role": "resident", "areas": {}, "note": 1}, {("/role", "choice"), ("/areas", "type"), ("/note", "type")}),
        ({"role": "responder", "areas": [{"name": "Atlantis", "place": "plc_1"}]}, {("/areas/0/place", "place")}),
        ({"role": "responder", "areas": [{**BATH, "bbox": [0, 2, 1, 1]}]}, {("/areas/0/bbox", "box")}),
        ({"role": "responder", "note": "x" * 201, "days": 90}, {("/note", "length"), ("/days", "unknown")}),
    ],
    ids=lambda value: None if isinstance(value, set) else str(value)[:40],
)
def test_bad_invitation_names_each_mistake(desk: Desk, body: dict[str, Any], mistakes: set[tuple[str, str]]) -> None:
    assert mistakes_of(desk.client.post(LIST, headers=desk.headers, json=body)) == mistakes
    assert desk.client.get(LIST, headers=desk.headers).json["items"] == []


def test_bad_acceptance_names_each_mistake_and_uses_nothing(desk: Desk) -> None:
    made = desk.invite()
    short = "fourteen chars"

    assert mistakes_of(desk.accept(made, username="", password=1)) >= {("/username", "length"), ("/password", "type")}
    assert mistakes_of(desk.accept(made, password=short)) == {("/password", "length")}
    assert mistakes_of(desk.accept(made, stranger(), username="weirkeeper")) == {("/username", "conflict")}
    without_name = {"token": token_of(made), "password": PASSWORD}
    nameless = desk.client.post("/v1/invitations/accept", json=without_name)
    assert mistakes_of(nameless) == {("/username", "required")}
    make_account(username="Taken")
    taken = desk.accept(made, username="TAKEN")
    assert (taken.status_code, "taken" in taken.json["detail"]) == (409, True)
    assert (desk.state(made), len(acts_on(made["id"]))) == ("waiting", 1)


def test_own_account_needs_its_password_and_one_long_enough_for_staff(desk: Desk) -> None:
    made = desk.invite()
    person = desk.client.post("/v1/accounts", json={"username": "brief", "password": "ten letters"}).json
    account = Account.find(person["id"])
    assert account
    headers = bearer(tokens.issue_access(account))

    assert desk.accept(made, headers).status_code == 403
    assert mistakes_of(desk.accept(made, headers, password="ten letters")) == {("/password", "length")}
    assert (desk.state(made), desk.client.get("/v1/me", headers=headers).json["role"]) == ("waiting", "resident")


@pytest.mark.parametrize("role", ["responder", "admin"])
def test_staff_use_up_no_invitation(desk: Desk, role: str) -> None:
    made = desk.invite()

    answer = desk.accept(made, stranger(role))

    assert (answer.status_code, desk.state(made)) == (409, "waiting")
    assert "staff already" in answer.json["detail"]


def test_token_that_is_none_is_told_in_words(desk: Desk) -> None:
    made = desk.invite()
    token = token_of(made)
    bent = token[:-1] + ("a" if token[-1] != "a" else "b")

    for wrong in ("", "fi_", token.upper(), f"{token}x", made["link"], tokens.issue_access(desk.admin)):
        assert ("/token", "token") in mistakes_of(desk.accept(wrong)), wrong
    unknown = [desk.accept(one) for one in (bent, f"fi_{'0' * 26}{token[29:]}")]
    assert [answer.status_code for answer in unknown] == [404, 404]
    assert unknown[0].json["detail"] == unknown[1].json["detail"]
    assert desk.state(made) == "waiting"


def test_guesses_are_limited_by_network(desk: Desk) -> None:
    made, wrong = desk.invite(), f"fi_{'0' * 26}{'a' * 32}"

    answers = [desk.accept(wrong).status_code for _ in range(11)]

    assert answers == [404] * 10 + [429]
    assert desk.accept(made).status_code == 429
    elsewhere = desk.client.post(
        "/v1/invitations/accept",
        json={"token": token_of(made), "username": "weirkeeper", "password": PASSWORD},
        environ_base={"REMOTE_ADDR": "203.0.113.9"},
    )
    assert elsewhere.status_code == 201


def test_many_people_of_one_office_accept(desk: Desk) -> None:
    answers = [desk.accept(desk.invite(), username=f"keeper-{number}").status_code for number in range(12)]

    assert answers == [201] * 12


def test_switch_for_new_accounts_does_not_stop_it(desk: Desk) -> None:
    body = {"registrations": "off", "reason": "false_reports"}
    assert desk.client.put("/v1/admin/switches", headers=desk.headers, json=body).status_code == 200

    assert desk.accept(desk.invite()).status_code == 201


def test_list_comes_in_pages_newest_first(noon: Any, desk: Desk) -> None:
    made = []
    for _ in range(5):
        made.append(desk.invite()["id"])
        noon.shift(1)

    seen, path = list[str](), f"{LIST}?limit=2"
    while path:
        page = desk.client.get(path, headers=desk.headers).json
        seen += [one["id"] for one in page["items"]]
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")

    assert seen == made[::-1]
    assert desk.client.get(f"{LIST}?cursor=x", headers=desk.headers).status_code == 422


def test_unknown_invitation_is_not_found(desk: Desk) -> None:
    for unknown in (f"inv_{'0' * 26}", "fam_1", f"gone:{desk.admin.id}", "x" * 500):
        for method in ("GET", "DELETE"):
            answer = desk.client.open(f"{LIST}/{unknown}", method=method, headers=desk.headers)
            assert answer.status_code == 404, (unknown, method)


def test_export_has_the_invitation_and_leaving_erases_it(desk: Desk) -> None:
    made = desk.invite(note="For Maria of the weir")
    account = Account.find(desk.accept(made).json["id"])
    assert account
    headers = bearer(tokens.issue_access(account))

    invitation = desk.client.get("/v1/me/export", headers=headers).json["invitation"]
    left = desk.client.delete("/v1/me", headers=headers, json={"password": PASSWORD})

    assert (invitation["id"], invitation["note"]) == (made["id"], "For Maria of the weir")
    assert (left.status_code, Invitation.stored_image(made["id"])) == (204, None)
    assert desk.client.get(LIST, headers=desk.headers).json["items"] == []
