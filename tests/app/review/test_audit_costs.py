"""Read units and queries of a page of the audit, as DynamoDB bills them: bounded, however many rows there are."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import time_machine

from app.core import dynamodb
from app.review import audit, audit_search
from app.review.audit_models import ACTIONS
from app.review.audit_search import AuditPage, AuditQuery

STAFF, OTHER = f"acc_{'1' * 26}", f"acc_{'2' * 26}"
READERS = [f"rep_{number:026d}" for number in range(200)]
# Of fifty rows. All kinds of acts side by side: half a unit for each kind, and what is read.
UNITS_OF_ALL = len(ACTIONS) / 2 + 6
UNITS_OF_ONE = 6
# Rows that name two hundred reports each, and few that match among very many.
UNITS_AT_MOST = 48


class Bill:
    """The units that the queries of a page consumed, and their number."""

    def __init__(self) -> None:
        self.units, self.queries = 0.0, 0

    def add(self, parsed: Any, **_: Any) -> None:
        self.units += parsed.get("ConsumedCapacity", {}).get("CapacityUnits", 0)
        self.queries += 1


def ask_for_units(params: Any, **_: Any) -> None:
    params["ReturnConsumedCapacity"] = "TOTAL"


@pytest.fixture
def audited(dynoxide: str, noon: time_machine.Traveller) -> list[audit.AuditRow]:
    """Very many reads of exact places by one member of staff, and one in thirty acts of another kind by another."""
    made = []
    for number in range(600):
        if number % 30:
            after = {"reports": READERS if number % 3 == 0 else READERS[:2]}
            made.append(audit.note(STAFF, "exact_place.read", by=audit.By(STAFF), after=after))
        else:
            made.append(audit.note("rep_1", "report.verified", by=audit.By(OTHER), reason="photo"))
        noon.shift(1)
    return made


def page_of(query: AuditQuery) -> tuple[AuditPage, Bill]:
    bill, events = Bill(), dynamodb.connection().client.meta.events
    events.register("provide-client-params.dynamodb.Query", ask_for_units)
    events.register("after-call.dynamodb.Query", bill.add)
    try:
        return audit_search.find(query), bill
    finally:
        events.unregister("after-call.dynamodb.Query", bill.add)
        events.unregister("provide-client-params.dynamodb.Query", ask_for_units)


def pages_of(query: AuditQuery) -> Iterator[tuple[AuditPage, Bill]]:
    while True:
        page, bill = page_of(query)
        yield page, bill
        if not page.next_before:
            return
        query = query._replace(before=page.next_before)


# Asked of the same rows, which nothing here changes.
QUERIES = (
    AuditQuery(),
    AuditQuery(actor=STAFF),
    AuditQuery(action="exact_place.read"),
    AuditQuery(actor=STAFF, action="report.verified"),
    AuditQuery(subject=STAFF, actor=OTHER),
    AuditQuery(limit=100),
)


def test_every_page_of_large_rows_is_bounded(audited: list[audit.AuditRow]) -> None:
    for query in QUERIES:
        walked = list(pages_of(query))

        bills = [bill for _, bill in walked]
        assert max(bill.units for bill in bills) <= UNITS_AT_MOST, (query, [bill.units for bill in bills])
        assert max(bill.queries for bill in bills) <= audit_search.MOST_QUERIES + len(ACTIONS), query
        assert all(page.rows or page.complete_to_ms or not page.next_before for page, _ in walked), query
        ids = [row.id for page, _ in walked for row in page.rows]
        assert all(newer > older for newer, older in pairwise(ids)), query
        assert len(ids) == sum(query.accepts(row) for row in audited), query


def test_page_of_usual_rows_costs_little(dynoxide: str, noon: time_machine.Traveller) -> None:
    for number in range(300):
        audit.note(
            "rep_1", sorted(ACTIONS)[number % 5], by=audit.By(STAFF), reason="photo", after={"status": "verified"}
        )
        noon.shift(1)

    for query, units in ((AuditQuery(), UNITS_OF_ALL), (AuditQuery(actor=STAFF), UNITS_OF_ONE)):
        page, bill = page_of(query)

        assert (len(page.rows), page.complete_to_ms) == (50, None), query
        assert bill.units <= units, query
