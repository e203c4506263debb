"""Changes of accounts: one transaction with their records, and always an admin left, whatever happens at once."""

import threading
from typing import Any

import pytest
from pynamodb.connection import Connection
from pynamodb.exceptions import TransactWriteError

from app.accounts.models import Account
from app.core.errors import Conflict, Forbidden, Problem, Unavailable
from app.review import staff
from app.review.audit import By, history_of
from tests.factories import make_account

DEMOTED = {"role": "resident", "reason": "duty_ended"}
SUSPENDED = {"is_suspended": True, "reason": "abuse"}


def at_once(changes: list[tuple[str, dict[str, Any], str]]) -> list[str]:
    """Make changes (account, values, actor) in threads that begin together; return the names of the refusals."""
    start, refused = threading.Barrier(len(changes)), list[str]()

    def run(account_id: str, values: dict[str, Any], actor: str) -> None:
        start.wait()
        try:
            staff.change(account_id, values, by=By(actor))
        except Problem as problem:
            refused.append(type(problem).__name__)

    threads = [threading.Thread(target=run, args=change) for change in changes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def admins_left(accounts: list[Account]) -> int:
    found = [Account.find(account.id) for account in accounts]
    return sum(account is not None and account.is_active_admin for account in found)


@pytest.mark.parametrize("values", [DEMOTED, SUSPENDED])
@pytest.mark.parametrize("shift", [0, 1], ids=["each themselves", "each the next"])
def test_one_admin_is_left_of_all_that_end_at_once(dynoxide: str, values: dict[str, Any], shift: int) -> None:
    for _ in range(5):
        accounts = [make_account("admin") for _ in range(4)]
        ids = [account.id for account in accounts]
        if shift == 0:  # the index knows no admin but these
            for earlier in Account.by_role.query("admin"):
                if earlier.id not in ids:
                    Account(earlier.id).delete()
        changes = [(ids[(number + shift) % 4], values, account_id) for number, account_id in enumerate(ids)]

        refused = at_once(changes)

        assert admins_left(accounts) >= 1
        assert sum(len(history_of(account_id)) for account_id in ids) == 4 - admins_left(accounts)
        assert set(refused) <= {"Conflict", "Forbidden", "Unavailable"}


def test_naive_twin_leaves_no_admin(dynoxide: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same without the check in the transaction: two who demote each other at once both succeed."""
    monkeypatch.setattr(Account, "require_admin_in", lambda *_: None)
    one, other = make_account("admin"), make_account("admin")
    read, both = Account.find.__func__, threading.Barrier(2)  # type: ignore[attr-defined]
    monkeypatch.setattr(Account, "find", classmethod(lambda cls, account_id: _after(both, read(cls, account_id))))

    assert at_once([(one.id, DEMOTED, other.id), (other.id, DEMOTED, one.id)]) == []

    monkeypatch.undo()
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynoxide)
    assert admins_left([one, other]) == 0


def _after(barrier: threading.Barrier, found: Account | None) -> Account | None:
    barrier.wait()
    return found


def test_admin_who_was_demoted_meanwhile_changes_nothing(dynoxide: str, monkeypatch: pytest.MonkeyPatch) -> None:
    actor, person, third = make_account("admin"), make_account(), make_account("admin")
    witness = staff._witness

    def demote_first(*told: Any) -> str | None:
        monkeypatch.setattr(staff, "_witness", witness)
        staff.change(actor.id, DEMOTED, by=By(third.id))
        return witness(*told)

    monkeypatch.setattr(staff, "_witness", demote_first)
    with pytest.raises(Forbidden):
        staff.change(person.id, {"role": "admin", "reason": "appointed"}, by=By(actor.id))

    assert history_of(person.id) == [] and admins_left([actor, person, third]) == 1


def test_change_of_what_was_changed_meanwhile_is_refused(dynoxide: str, monkeypatch: pytest.MonkeyPatch) -> None:
    actor, person, witness = make_account("admin"), make_account(), staff._witness

    def change_first(*told: Any) -> str | None:
        monkeypatch.setattr(staff, "_witness", witness)
        staff.change(person.id, {"role": "responder", "reason": "appointed"}, by=By(actor.id))
        return witness(*told)

    monkeypatch.setattr(staff, "_witness", change_first)
    with pytest.raises(Conflict):
        staff.change(person.id, SUSPENDED, by=By(actor.id))

    assert [row.action for row in history_of(person.id)] == ["account.role_changed"]


@pytest.mark.parametrize("is_stored", [True, False])
def test_lost_reply_is_told_from_a_lost_write(dynoxide: str, monkeypatch: pytest.MonkeyPatch, is_stored: bool) -> None:
    actor, person, write = make_account("admin"), make_account(), Connection.transact_write_items
    tries = list[int]()

    def fail(*told: Any, **named: Any) -> Any:
        tries.append(1)
        if is_stored:
            write(*told, **named)
        raise TransactWriteError("no road")

    monkeypatch.setattr(Connection, "transact_write_items", fail)
    if is_stored:
        assert staff.change(person.id, SUSPENDED, by=By(actor.id)).is_suspended
    else:
        with pytest.raises(Unavailable):
            staff.change(person.id, SUSPENDED, by=By(actor.id))

    assert len(history_of(person.id)) == is_stored
    assert len(tries) == (1 if is_stored else staff._TRIES)


def test_record_of_a_change_has_no_name(tables: None) -> None:
    actor, person = make_account("admin"), make_account(username="jane-doe")

    staff.change(person.id, {"role": "responder", "reason": "appointed"}, by=By(actor.id, "req_1"))

    (row,) = history_of(person.id)
    assert (row.reason, row.actor, row.request_id) == ("appointed", actor.id, "req_1")
    assert "jane" not in str(row.serialize())
