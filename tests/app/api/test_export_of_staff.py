"""The export of a member of staff has what they did: ids, codes and times, all of it, in pages."""

from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from app.accounts import tokens
from app.api import export_views
from app.core.missing import STAFF_ACTS
from app.http import cursors
from app.review import audit
from app.review.audit_models import AuditRow
from tests.factories import delete_account, make_account
from tests.reporting import bearer

PATH = "/v1/me/export"
OTHER = f"acc_{'2' * 26}"
REPORTS = [f"rep_{number:026d}" for number in range(7)]


class Warden:
    """A responder who has decided about seven reports."""

    def __init__(self, client: FlaskClient, clock: time_machine.Traveller) -> None:
        self.client, self.account = client, make_account("responder", username="warden")
        self.acts = []
        for report_id in REPORTS:
            after = {"status": "verified"}
            by = audit.By(self.account.id)
            self.acts.append(audit.note(report_id, "report.verified", by=by, reason="photo", after=after))
            audit.note(report_id, "report.rejected", by=audit.By(OTHER), reason="spam")
            clock.shift(1)
        self.headers = bearer(tokens.issue_access(self.account))

    def pages(self, limit: int) -> list[Any]:
        pages, address = [], f"{PATH}?limit={limit}"
        while address:
            pages.append(self.client.get(address, headers=self.headers).json)
            address = next((link["href"] for link in pages[-1]["links"] if link["rel"] == "next"), "")
        return pages


@pytest.fixture
def warden(client: FlaskClient, noon: time_machine.Traveller) -> Warden:
    return Warden(client, noon)


@pytest.mark.parametrize("limit", [1, 3, 7, 100])
def test_pages_hold_all_that_one_did_and_nothing_of_another(warden: Warden, limit: int) -> None:
    pages = warden.pages(limit)

    exported = [act for page in pages for act in page["staff_acts"]]
    assert [act["id"] for act in exported] == [row.id for row in reversed(warden.acts)]
    assert max(len(page["staff_acts"]) for page in pages) <= limit
    newest = {"action": "report.verified", "subject": REPORTS[-1], "reason": "photo", "before": {}}
    assert exported[0] == newest | {"id": warden.acts[-1].id, "at": exported[0]["at"], "after": {"status": "verified"}}


def test_resident_has_none(client: FlaskClient, noon: time_machine.Traveller) -> None:
    body = client.get(PATH, headers=bearer(tokens.issue_access(make_account()))).json

    assert (body["staff_acts"], body["missing"], body["next_cursor"]) == ([], [], None)


def test_acts_that_cannot_be_read_now_are_named_and_come_later(warden: Warden, monkeypatch: pytest.MonkeyPatch) -> None:
    read = AuditRow.between

    def fail(key: str, *_: Any, **__: Any) -> Any:
        raise AuditRow.DoesNotExist(key)  # a failure of PynamoDB, as any

    monkeypatch.setattr(AuditRow, "between", fail)
    pages = warden.pages(1)
    monkeypatch.setattr(AuditRow, "between", read)

    assert {tuple(page["missing"]) for page in pages} == {(STAFF_ACTS,)}
    assert [page["staff_acts"] for page in pages] == [[]] * len(pages)
    assert len([act for page in warden.pages(1) for act in page["staff_acts"]]) == len(REPORTS)


def test_export_begun_by_the_release_before_ends_without_acts(warden: Warden) -> None:
    """Its cursor has a position for three lists."""
    cursor = cursors.write("-/-/-", filters=export_views.filters_of(warden.account))

    body = warden.client.get(f"{PATH}?cursor={cursor}", headers=warden.headers).json

    assert (body["staff_acts"], body["next_cursor"]) == ([], None)


def test_records_of_staff_stay_when_their_account_goes_and_hold_ids_only(warden: Warden) -> None:
    delete_account(warden.account.id)

    kept = audit.history_of(REPORTS[0])

    assert warden.account.id in {row.actor for row in kept}
    assert "warden" not in str([row.serialize() for row in kept])
