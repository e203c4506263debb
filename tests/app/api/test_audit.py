"""Admins read the audit: exactly what matches, newest first, in pages of bounded cost, as JSON and CSV."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from app.core import clock
from app.review import audit, audit_search
from app.review.audit_models import ACTIONS, AuditRow
from tests.factories import sign_in_as
from tests.reporting import mistakes_of

PATH = "/v1/admin/audit"
ONE, TWO = f"acc_{'1' * 26}", f"acc_{'2' * 26}"
FLOOD, OTHER = f"rep_{'a' * 26}", f"rep_{'b' * 26}"


@pytest.fixture
def admin(tables: None, noon: time_machine.Traveller) -> dict[str, str]:
    return sign_in_as("admin")


@pytest.fixture
def acts(admin: dict[str, str], noon: time_machine.Traveller) -> list[AuditRow]:
    """Sixty acts of three actors on two reports, a second apart, oldest first."""
    made = []
    for number in range(60):
        actor = (ONE, TWO, audit.COMMAND)[number % 3]
        action = ("report.verified", "report.rejected", "exact_place.read", "account.suspended")[number % 4]
        made.append(audit.note((FLOOD, OTHER)[number % 2], action, by=audit.By(actor, f"req_{number}"), reason="photo"))
        noon.shift(1)
    return made


def pages(client: FlaskClient, headers: dict[str, str], query: str = "") -> Iterator[Any]:
    address = f"{PATH}?{query}"
    while address:
        answer = client.get(address, headers=headers)
        assert answer.status_code == 200, answer.text
        yield answer.json
        address = next((link["href"] for link in answer.json["links"] if link["rel"] == "next"), "")


def listed(client: FlaskClient, headers: dict[str, str], query: str = "") -> list[str]:
    return [act["id"] for page in pages(client, headers, query) for act in page["items"]]


FILTERS: list[tuple[str, Any]] = [
    ("", lambda row: True),
    (f"subject={FLOOD}", lambda row: row.subject == FLOOD),
    (f"actor={TWO}", lambda row: row.actor == TWO),
    ("actor=command", lambda row: row.actor == "command"),
    ("action=report.rejected", lambda row: row.action == "report.rejected"),
    (f"subject={OTHER}&action=report.rejected", lambda row: (row.subject, row.action) == (OTHER, "report.rejected")),
    (f"actor={ONE}&action=report.verified", lambda row: (row.actor, row.action) == (ONE, "report.verified")),
    (f"subject={FLOOD}&actor={ONE}", lambda row: (row.subject, row.actor) == (FLOOD, ONE)),
    ("action=switch.changed", lambda row: False),
    (f"actor={OTHER}", lambda row: False),
]


@pytest.mark.parametrize(("query", "matches"), FILTERS, ids=[query or "all" for query, _ in FILTERS])
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_pages_hold_exactly_what_matches_newest_first(
    client: FlaskClient, admin: dict[str, str], acts: list[AuditRow], query: str, matches: Any, limit: int
) -> None:
    wanted = [row.id for row in reversed(acts) if matches(row)]

    assert listed(client, admin, f"{query}&limit={limit}".lstrip("&")) == wanted


@pytest.mark.parametrize("query", ["", f"&actor={TWO}", "&action=report.verified", f"&subject={FLOOD}"])
def test_period_includes_both_its_ends_to_the_millisecond(
    client: FlaskClient, admin: dict[str, str], acts: list[AuditRow], query: str
) -> None:
    first, last = int(acts[12].at_ms), int(acts[36].at_ms)
    whole = listed(client, admin, query.lstrip("&"))
    inside = [row.id for row in reversed(acts) if first <= row.at_ms <= last and row.id in whole]
    narrower = f"since={clock.rfc3339(first + 1)}&until={clock.rfc3339(last - 1)}{query}"

    assert listed(client, admin, f"since={clock.rfc3339(first)}&until={clock.rfc3339(last)}{query}&limit=5") == inside
    assert set(inside) - set(listed(client, admin, narrower)) <= {acts[12].id, acts[36].id}
    assert acts[12].id not in listed(client, admin, narrower)


def test_act_is_shown_whole(client: FlaskClient, admin: dict[str, str], noon: time_machine.Traveller) -> None:
    row = audit.note(FLOOD, "report.rejected", by=audit.By(ONE, "req_1"), reason="spam", before={"status": "pending"})

    (page,) = pages(client, admin)

    assert page["items"] == [
        {
            "id": row.id,
            "acted_at": clock.rfc3339(clock.now_ms()),
            "actor": ONE,
            "action": "report.rejected",
            "subject": FLOOD,
            "reason": "spam",
            "before": {"status": "pending"},
            "after": None,
            "request_id": "req_1",
        }
    ]
    assert (page["next_cursor"], page["complete_to"]) == (None, None)


def test_following_page_loses_nothing_while_others_act(
    client: FlaskClient, admin: dict[str, str], acts: list[AuditRow]
) -> None:
    walk = pages(client, admin, "limit=20")
    first = [act["id"] for act in next(walk)["items"]]
    audit.note(FLOOD, "report.verified", by=audit.By(ONE))

    assert first + [act["id"] for page in walk for act in page["items"]] == [row.id for row in reversed(acts)]


def test_few_among_many_end_a_page_early_and_say_so(
    client: FlaskClient, admin: dict[str, str], acts: list[AuditRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_search, "MOST_BYTES", 2_000)
    query = f"actor={ONE}&action=account.suspended&limit=3"
    wanted = [row.id for row in reversed(acts) if (row.actor, row.action) == (ONE, "account.suspended")]

    walked = list(pages(client, admin, query))

    assert [act["id"] for page in walked for act in page["items"]] == wanted
    early = [page["complete_to"] for page in walked if page["complete_to"]]
    assert early and early == sorted(early, reverse=True) and len(set(early)) == len(early)
    assert all(page["complete_to"] for page in walked if len(page["items"]) < 3 and page["next_cursor"])


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("action=report.liked", {"action"}),
        ("since=yesterday", {"since"}),
        ("since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", {"until"}),
        ("limit=101&colour=red", {"limit", "colour"}),
        (f"subject={'a' * 65}", {"subject"}),
        ("cursor=abc", {"cursor"}),
    ],
)
def test_mistakes_are_named(client: FlaskClient, admin: dict[str, str], query: str, parameters: set[str]) -> None:
    answer = client.get(f"{PATH}?{query}", headers=admin)

    assert {pointer for pointer, _ in mistakes_of(answer)} == parameters


def test_cursor_of_other_filters_is_refused(client: FlaskClient, admin: dict[str, str], acts: list[AuditRow]) -> None:
    cursor = next(pages(client, admin, "limit=5"))["next_cursor"]

    refused = client.get(f"{PATH}?limit=5&actor={ONE}&cursor={cursor}", headers=admin)

    assert (refused.status_code, mistakes_of(refused)) == (422, {("cursor", "cursor")})


def table_of(answer: Any) -> list[dict[str, str]]:
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.mark.parametrize("by", ["suffix", "accept"])
def test_table_has_the_same_rows_with_codes_as_json(
    client: FlaskClient, admin: dict[str, str], acts: list[AuditRow], by: str
) -> None:
    after = {"status": "verified", "fields": ["title", "depth_cm"]}
    audit.note(FLOOD, "report.corrected", by=audit.By(ONE), after=after)
    path, accept = (f"{PATH}.csv", {}) if by == "suffix" else (PATH, {"Accept": "text/csv"})

    answer = client.get(f"{path}?limit=20", headers=admin | accept)

    rows = table_of(answer)
    assert [row["id"] for row in rows] == listed(client, admin, "limit=20")[:20]
    assert rows[0]["after"] == '{"fields":["title","depth_cm"],"status":"verified"}'
    assert 'rel="next"' in answer.headers["Link"] and answer.headers["Cache-Control"] == "private, no-store"
    assert (".csv" in answer.headers["Link"]) == (by == "suffix")


def test_no_cell_of_the_table_can_become_a_formula(client: FlaskClient, admin: dict[str, str]) -> None:
    audit.note("-1:2", "report.rejected", by=audit.By(ONE), reason="-cmd")

    (row,) = table_of(client.get(f"{PATH}.csv", headers=admin))

    assert (row["subject"], row["reason"]) == ("'-1:2", "'-cmd")


def test_other_formats_are_not_offered(client: FlaskClient, admin: dict[str, str]) -> None:
    assert client.get(PATH, headers=admin | {"Accept": "image/png"}).status_code == 406


def test_every_kind_of_act_is_in_the_list_of_all(client: FlaskClient, admin: dict[str, str]) -> None:
    for action in ACTIONS:
        audit.note(FLOOD, action, by=audit.By(ONE))

    assert len(listed(client, admin)) == len(ACTIONS)
