"""The page of admins about what staff did: filters, pages, links by id, and a table, for admins only."""

import csv
import io
import re
from collections.abc import Callable

import pytest
import time_machine

from app.accounts.models import Account
from app.pages.admin import audit_page, words
from app.review import audit
from app.review.audit_models import ACTIONS
from tests.app.pages.account.test_page import words as words_of
from tests.app.pages.conftest import Visitor
from tests.factories import make_account

SignedIn = Callable[..., Visitor]
PAGE = "/admin/audit"
FLOOD, OTHER = f"rep_{'a' * 26}", f"rep_{'b' * 26}"


@pytest.fixture
def warden(tables: None, noon: time_machine.Traveller) -> Account:
    """A responder with 120 decisions, an hour apart, from noon on 21 November."""
    account = make_account("responder", username="Warden")
    for number in range(120):
        action, subject = ("report.verified", FLOOD) if number % 2 else ("report.rejected", OTHER)
        after = {"status": action.removeprefix("report.")}
        audit.note(subject, action, by=audit.By(account.id), reason="photo", before={"status": "pending"}, after=after)
        noon.shift(3600)
    return account


def acts_on(visitor: Visitor, query: str = "") -> list[str]:
    """The ids of the acts on a page and all that follow it."""
    found, address = list[str](), f"{PAGE}{query}"
    while address:
        text = visitor.get(address).text
        found += re.findall(r'data-act="([^"]+)"', text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        address = following[1].replace("&amp;", "&") if following else ""
    return found


def test_admin_finds_the_page_and_reads_the_newest_acts(warden: Account, signed_in: SignedIn) -> None:
    admin = signed_in("admin")

    assert f'href="{PAGE}"' in admin.get("/admin").text
    shown = words_of(admin.get(PAGE))

    assert "Report verified" in shown and "before: pending after: verified" in shown
    page = admin.get(PAGE).text
    assert f'href="/reports/{FLOOD}"' in page and f'href="{PAGE}?actor={warden.id}"' in page


@pytest.mark.parametrize("role", ["resident", "responder"])
def test_others_are_not_led_there_and_not_let_in(signed_in: SignedIn, role: str) -> None:
    person = signed_in(role)

    assert PAGE not in person.get("/me").text
    assert [person.get(path).status_code for path in (PAGE, f"{PAGE}.csv")] == [403, 403]


def test_pages_lead_through_all_acts(warden: Account, signed_in: SignedIn) -> None:
    admin = signed_in("admin")

    listed = acts_on(admin, f"?actor={warden.id}")

    assert len(listed) == 120 and listed == sorted(listed, reverse=True)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?actor=warden", 120),
        (f"?subject={FLOOD}", 60),
        ("?action=report.rejected&actor=WARDEN", 60),
        ("?since=2026-11-22&until=2026-11-22", 24),
        ("?actor=warden&until=2026-11-21", 12),
        ("?action=switch.changed", 0),
    ],
)
def test_filters_choose(warden: Account, signed_in: SignedIn, query: str, count: int) -> None:
    assert len(acts_on(signed_in("admin"), query)) == count


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?actor=nobody-here", "There is no account of that name"),
        ("?since=yesterday", "cannot be read"),
        ("?action=report.liked", "cannot be read"),
        ("?actor=command", "Nothing was done that matches"),
    ],
)
def test_filter_that_means_nothing_is_told_and_shows_nothing(
    warden: Account, signed_in: SignedIn, query: str, said: str
) -> None:
    answer = signed_in("admin").get(f"{PAGE}{query}")

    assert answer.status_code == 200 and said in words_of(answer)
    assert "data-act" not in answer.text


def test_typed_value_is_shown_as_text(warden: Account, signed_in: SignedIn) -> None:
    text = signed_in("admin").get(f"{PAGE}?subject=%22><script>alert(1)</script>").text

    assert "<script>alert" not in text and "&lt;script&gt;" in text


def test_table_holds_what_the_page_lists_without_formulas(warden: Account, signed_in: SignedIn) -> None:
    admin = signed_in("admin")
    audit.note("-1:2", "report.rejected", by=audit.By(warden.id), reason="-cmd")

    answer = admin.get(f"{PAGE}.csv?actor=warden")

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/csv", "private, no-store")
    assert [row["id"] for row in rows] == acts_on(admin, "?actor=warden")
    assert (rows[0]["subject"], rows[0]["reason"]) == ("'-1:2", "'-cmd")


def test_table_that_cannot_hold_all_leads_on(
    warden: Account, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_page, "TABLE_HOLDS", 100)
    admin = signed_in("admin")

    first = admin.get(f"{PAGE}.csv?actor=warden")
    (address,) = re.findall(r'<([^>]+)>; rel="next"', first.headers["Link"])
    second = admin.get(address)

    lines = [*first.text.splitlines()[1:], *second.text.splitlines()[1:]]
    assert len(lines) == len(set(lines)) == 120 and "Link" not in second.headers


def test_long_list_of_ids_is_folded(signed_in: SignedIn) -> None:
    admin, reports = signed_in("admin"), [f"rep_{number:026d}" for number in range(9)]
    audit.note_exact_places(reports, by=audit.By(f"acc_{'1' * 26}"))

    text = admin.get(f"{PAGE}?action=exact_place.read").text

    assert "6 more" in text and all(f'href="/reports/{one}"' in text for one in reports)


def test_every_kind_of_act_has_words() -> None:
    assert words.ACTIONS.keys() == ACTIONS
