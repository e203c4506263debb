"""The page of figures: numbers with their plots and tables, what is not known, and the way to the other pages."""

import re
from collections.abc import Callable

import pytest
import time_machine
from flask.testing import FlaskClient

from app.api import figures_views
from app.pages.admin import frame, plots
from app.review import figures
from app.review.figures import Decisions
from tests.app.pages.account.test_page import words as words_of
from tests.app.pages.conftest import Visitor
from tests.factories import make_report, sign_in_as, tell_consumer
from tests.reporting import filed
from tests.warning_making import announce, message

SignedIn = Callable[..., Visitor]
PAGE = "/admin"


@pytest.fixture
def admin(signed_in: SignedIn, noon: time_machine.Traveller) -> Visitor:
    return signed_in("admin")


@pytest.mark.parametrize("role", ["resident", "responder"])
def test_others_are_not_led_there_and_not_let_in(signed_in: SignedIn, role: str) -> None:
    person = signed_in(role)

    assert f'href="{PAGE}"' not in person.get("/me").text
    assert person.get(PAGE).status_code == 403


def test_every_page_of_admins_leads_to_all_of_them(admin: Visitor) -> None:
    assert f'href="{PAGE}"' in admin.get("/me").text
    pages = re.findall(r'<a class="target" href="(/admin[^"]*)"', admin.get(PAGE).text)

    assert len(pages) == len(frame.PAGES) and pages[0] == PAGE
    for path in pages:
        answer = admin.get(path)
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "private, no-store"
        assert all(f'href="{other}"' in answer.text for other in pages)
        assert f'href="{path}" aria-current="page"' in answer.text


def test_nothing_is_said_as_nothing_and_not_as_a_median_of_zero(admin: Visitor) -> None:
    said = words_of(admin.get(PAGE))

    assert "Reports that came in: 0" in said and "No decisions yet." in said and "median" not in said


def test_plot_and_table_hold_the_same_numbers(client: FlaskClient, admin: Visitor) -> None:
    filed(client)
    filed(client, headers=sign_in_as())
    tell_consumer([make_report()])
    announce(message(severity="extreme"))

    page = admin.get(PAGE)

    said = words_of(page)
    assert "With an account: 1 Without an account: 2 From organisations: 0 From a file: 0" in said
    assert (
        "Hour from With an account Without an account From organisations From a file All 12:00 1 2 0 0 3 11:00" in said
    )
    assert "Rank Areas Danger to life 1 Act now 0" in said and "For a first look 1" in said
    for kind in ("account", "anonymous", "extreme", "wait"):
        assert re.search(rf'<rect class="{kind}" x="[^"]*" y="[^"]*" width="[^"]*" height="[^"]*"/>', page.text), kind
    for plot in re.findall(r"<svg class=\"plot\".*?</svg>", page.text, re.DOTALL):
        named = re.search(r'role="img" aria-labelledby="(\S+) (\S+)"', plot)
        assert named and f'<title id="{named[1]}">' in plot and f'<desc id="{named[2]}">' in plot
    assert "style=" not in page.text and "<script>" not in page.text


def test_hour_of_which_nothing_is_known_is_a_frame_and_no_zero(
    signed_in: SignedIn, noon: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "MOST_READ", 2)
    for _ in range(9):
        make_report()
    noon.shift(3 * 3600)

    page = signed_in("admin").get(PAGE)

    assert "11:00 not known not known not known not known not known" in words_of(page)
    assert 'class="unknown"' in page.text and "Reports that came in: at least 0" in words_of(page)


def test_part_that_is_away_is_named_and_the_others_stand(admin: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    today = figures_views.read()
    monkeypatch.setattr(figures_views, "read", lambda: today._replace(queue=None, decisions=None, areas=None))

    said = words_of(admin.get(PAGE))

    assert "The queue could not be counted just now." in said and "Reports that came in: 0" in said
    assert said.count("Not known now.") == 3 and "No decisions yet." not in said


def test_all_parts_away_is_still_a_page(admin: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    today = figures_views.read()
    none = today._replace(hours=None, decisions=None, areas=None, sources=None, queue=None)
    monkeypatch.setattr(figures_views, "read", lambda: none)

    page = admin.get(PAGE)

    assert page.status_code == 200 and words_of(page).count("Not known now.") == 5


@pytest.mark.parametrize(
    ("decisions", "said"),
    [
        (Decisions(1, 1, True), "1 report was decided about for the first time. It had waited 1 minute."),
        (Decisions(7, 90, False), "The median wait was 90 minutes. Not all decisions could be looked at"),
        (Decisions(0, None, False), "No decisions are known. Not all decisions could be looked at"),
    ],
)
def test_wait_is_told_with_of_how_many_it_is(
    admin: Visitor, monkeypatch: pytest.MonkeyPatch, decisions: Decisions, said: str
) -> None:
    today = figures_views.read()
    monkeypatch.setattr(figures_views, "read", lambda: today._replace(decisions=decisions))

    assert said in words_of(admin.get(PAGE))


@pytest.mark.parametrize(("most", "top"), [(0, 2), (1, 2), (3, 4), (5, 6), (9, 10), (11, 20), (99, 100), (4321, 6000)])
def test_grid_ends_at_a_round_number_whose_half_is_whole(most: int, top: int) -> None:
    assert plots.nice_top(most) == top


def test_columns_stand_on_the_ground_and_end_within_the_plot() -> None:
    drawn = plots.columns([[("account", 3), ("partner", 7)], None, [("account", 0)]])

    account, partner, unknown = drawn.rects
    assert account.y + account.height == pytest.approx(plots.HEIGHT, abs=0.2)
    assert partner.y + partner.height == pytest.approx(account.y, abs=0.2) and partner.y == 1
    assert unknown.kind == "unknown" and unknown.x + unknown.width <= drawn.middles[2]
