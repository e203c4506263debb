"""Audit rows: stored once with the act, in codes only, never changed."""

from typing import Any

import pytest
import time_machine
from pynamodb.exceptions import TransactWriteError

from app.core import clock, dynamodb
from app.core.retention import AUDIT_ROW
from app.review import audit
from app.review.audit_models import ACTIONS, LONGEST_LIST
from tests.factories import make_account

REPORT, STAFF = f"rep_{'a' * 26}", f"acc_{'0' * 26}"
BY = audit.By(STAFF)


def some_row(**members: Any) -> audit.AuditRow:
    by = audit.By(members.pop("actor", STAFF), members.pop("request_id", ""))
    values: dict[str, Any] = {"by": by, "reason": "photo", "before": {"status": "pending"}}
    return audit.row(REPORT, "report.verified", **values | {"after": {"status": "verified"}} | members)


def test_noted_act_is_read_back_as_it_was(tables: None, noon: time_machine.Traveller) -> None:
    audit.note(REPORT, "report.rejected", by=audit.By(STAFF, "req_1"), reason="spam", after={"status": "rejected"})

    (kept,) = audit.history_of(REPORT)
    assert (kept.subject, kept.actor, kept.action, kept.reason) == (REPORT, STAFF, "report.rejected", "spam")
    assert (kept.before, kept.after, kept.request_id) == (None, {"status": "rejected"}, "req_1")
    assert (kept.at_ms, kept.purge_at_s) == (clock.now_ms(), clock.now_ms() // 1000 + AUDIT_ROW.seconds)
    assert kept.id.startswith("aud_") and kept.id == kept.id.lower()


def test_history_is_newest_first_and_of_one_subject(tables: None, noon: time_machine.Traveller) -> None:
    for reason in ("spam", "test", "offensive"):
        audit.note(REPORT, "report.rejected", by=BY, reason=reason)
        audit.note(f"rep_{'b' * 26}", "report.rejected", by=BY, reason="personal_data")
        noon.shift(1)

    assert [row.reason for row in audit.history_of(REPORT)] == ["offensive", "test", "spam"]
    assert [row.reason for row in audit.history_of(REPORT, 2, is_consistent=True)] == ["offensive", "test"]


def test_row_is_stored_with_its_act_or_not_at_all(dynoxide: str) -> None:
    account, row = make_account(), some_row()
    row_with_act, other = some_row(), make_account()
    with dynamodb.transaction() as transaction:
        transaction.delete(other)
        row_with_act.put_in(transaction)

    with pytest.raises(TransactWriteError), dynamodb.transaction() as transaction:
        transaction.delete(account, condition=type(account).username == "somebody else")
        row.put_in(transaction)

    assert row_with_act.is_stored() and not row.is_stored()
    assert [each.id for each in audit.history_of(REPORT)] == [row_with_act.id]


def test_stored_row_cannot_be_put_again(dynoxide: str) -> None:
    row = some_row()
    row.put()
    again = audit.row(REPORT, "report.rejected", by=BY)
    again.id = row.id

    with pytest.raises(TransactWriteError), dynamodb.transaction() as transaction:
        again.put_in(transaction)

    again.put()
    assert [each.action for each in audit.history_of(REPORT)] == ["report.verified"]


@pytest.mark.parametrize("act", ["save", "update", "delete"])
def test_row_can_only_be_added(tables: None, act: str) -> None:
    row = some_row()
    row.put()

    with pytest.raises(NotImplementedError):
        getattr(row, act)()

    assert row.is_stored()


@pytest.mark.parametrize(
    "members",
    [
        {"reason": "It was not flooding."},
        {"reason": "Bath"},
        {"after": {"title": "Water over the kerb"}},
        {"after": {"lat": 51.3811}},
        {"after": {"place": "51.3811:-2.3590"}},
        {"after": {"place": "51.38"}},
        {"before": {"Title": "corrected"}},
        {"before": {"": "corrected"}},
        {"after": {"fields": ["title", "a word with blanks"]}},
        {"after": {"fields": {"title": "old"}}},
        {"after": {"reports": ["rep_1"] * (LONGEST_LIST + 1)}},
        {"after": {"code": "c" * 65}},
        {"actor": "warden"},
        {"actor": ""},
        {"after": {"line": "ends\n"}},
    ],
    ids=str,
)
def test_what_is_no_code_is_refused_and_not_quoted(tables: None, members: dict[str, Any]) -> None:
    row = some_row(**members)

    with pytest.raises(audit.NotACode) as refused:
        row.put()

    assert not row.is_stored()
    assert "Bath" not in str(refused.value) and "51.38" not in str(refused.value)


def test_unknown_action_is_refused(tables: None) -> None:
    with pytest.raises(audit.NotACode):
        audit.note(REPORT, "report.liked", by=BY)


def test_codes_numbers_and_lists_are_taken(tables: None) -> None:
    after = {"into": f"rep_{'c' * 26}", "version": 4, "is_hidden": True, "fields": ["title", "depth_cm"], "photo": None}

    row = some_row(after=after, actor="command")
    row.put()

    assert audit.history_of(REPORT)[0].after == after


@pytest.mark.parametrize("request_id", ["51.5001_-0.1248", "", "x" * 129, "two words"])
def test_request_id_that_may_hold_a_place_is_left_out(tables: None, request_id: str) -> None:
    assert some_row(request_id=request_id).request_id is None


def test_actions_are_things_and_what_was_done_to_them() -> None:
    assert all(action.count(".") == 1 for action in ACTIONS)
    assert {"report.verified", "account.areas_changed", "exact_place.read"} <= ACTIONS


def test_readers_of_exact_places_are_noted_in_one_row(tables: None) -> None:
    audit.note_exact_places(["rep_1", "rep_2"], by=BY)

    (row,) = audit.history_of(STAFF)
    assert (row.action, row.actor, row.after) == ("exact_place.read", STAFF, {"reports": ["rep_1", "rep_2"]})
    assert audit.history_of("rep_1") == []
