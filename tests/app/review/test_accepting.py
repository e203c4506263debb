"""Invitations under races and faults: one person gets in, and no act lacks its audit row."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from pynamodb.connection import Connection
from pynamodb.exceptions import TransactWriteError

from app.accounts.models import Account, Role
from app.core.errors import InvitationOver, Problem, Unavailable
from app.review import accepting, inviting, staff
from app.review.audit import By, history_of
from app.review.inviting import NewInvitation, State
from tests.factories import PASSWORD, make_account

pytestmark = pytest.mark.usefixtures("dynoxide")


@pytest.fixture
def admin() -> Account:
    return make_account("admin")


def invite(admin: Account) -> NewInvitation:
    return inviting.make("responder", [], "", by=By(admin.id))


def outcome(app: Flask, act: Callable[[], Account]) -> str:
    """Run an act as a request does; return the id of its account, or the code of its problem."""
    with app.test_request_context(environ_base={"REMOTE_ADDR": "203.0.113.9"}):
        try:
            return act().id
        except Problem as problem:
            return problem.code


def people() -> list[str]:
    return [row.id for row in Account.scan() if row.id.startswith("acc_") and row.role == Role.RESPONDER]


def test_one_of_many_who_accept_at_once_gets_in(app: Flask, admin: Account) -> None:
    made, residents = invite(admin), [make_account() for _ in range(3)]
    acts: list[Callable[[], Account]] = [
        lambda name=f"person-{number}": accepting.as_new(made.token, name, PASSWORD) for number in range(4)
    ]
    acts += [lambda who=account: accepting.as_known(made.token, who, PASSWORD) for account in residents]

    with ThreadPoolExecutor(len(acts)) as pool:
        outcomes = list(pool.map(lambda act: outcome(app, act), acts))

    winners = [told for told in outcomes if told.startswith("acc_")]
    assert (len(winners), people()) == (1, winners)
    assert set(outcomes) - set(winners) <= {"invitation-over", "unavailable"}
    assert [row.action for row in history_of(made.invitation.id)] == ["invitation.used", "invitation.made"]
    assert inviting.find(made.invitation.id).invitation.used_by == winners[0]


def test_of_an_end_and_a_use_at_once_one_wins(app: Flask, admin: Account) -> None:
    for number in range(4):
        made = invite(admin)
        acts: list[Callable[[], Any]] = [
            lambda made=made, number=number: accepting.as_new(made.token, f"person-{number}", PASSWORD),
            lambda made=made: inviting.end(made.invitation.id, by=By(admin.id)) or admin,
        ]

        with ThreadPoolExecutor(2) as pool:
            used, ended = pool.map(lambda act: outcome(app, act), acts)

        state = inviting.find(made.invitation.id).state
        assert (used, ended) == ("invitation-over", admin.id) if state == State.ENDED else ended == "invitation-over"
        assert next(row.action for row in history_of(made.invitation.id)) == f"invitation.{state}"


def test_demotion_just_before_the_use_is_stored_stops_it(
    app: Flask, admin: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, chief, build = invite(admin), make_account("admin"), accepting.registration.build

    def demote_meanwhile(*told: Any, **named: Any) -> Account:
        staff.change(admin.id, {"role": "resident", "reason": "abuse"}, by=By(chief.id))
        return build(*told, **named)

    monkeypatch.setattr(accepting.registration, "build", demote_meanwhile)

    with app.test_request_context(), pytest.raises(InvitationOver) as refused:
        accepting.as_new(made.token, "Bob", PASSWORD)

    assert refused.value.members == {"state": "ended"}
    assert Account.named("Bob") is None and people() == []


@pytest.mark.parametrize("is_known", [False, True], ids=["new account", "own account"])
def test_lost_reply_is_a_success(app: Flask, admin: Account, monkeypatch: pytest.MonkeyPatch, is_known: bool) -> None:
    made, person = invite(admin), make_account()
    really_write = Connection.transact_write_items

    def write_and_lose_reply(*told: Any, **named: Any) -> None:
        really_write(*told, **named)
        raise TransactWriteError("no reply")

    monkeypatch.setattr(Connection, "transact_write_items", write_and_lose_reply)

    with app.test_request_context():
        if is_known:
            account = accepting.as_known(made.token, person, PASSWORD)
        else:
            account = accepting.as_new(made.token, "Bob", PASSWORD)

    stored = Account.find(account.id)
    assert stored and (stored.role, account.role) == ("responder", "responder")
    assert [row.action for row in history_of(account.id)] == ["account.role_changed"]
    assert inviting.find(made.invitation.id).state == State.USED


def test_making_is_on_record_or_not_made(admin: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_told: Any, **_named: Any) -> None:
        raise TransactWriteError("no road")

    monkeypatch.setattr(Connection, "transact_write_items", fail)

    with pytest.raises(Unavailable):
        invite(admin)

    assert inviting.page(limit=10) == ([], "")
