"""The judge of the storm of alerts sees what was lost, doubled, late or out of order, and excuses only what it may."""

from typing import Any

import pytest

from app.core import clock
from bench.alert_storm.flood import Area, Group
from bench.alert_storm.judge import APPEARS, ENDS, RISES, Act, Expected, Judge, Verdict
from bench.alert_storm.mail_server import Accepted, Outage
from bench.alert_storm.size import BEGIN_MS

MINUTE = clock.MINUTE_MS
ANNA, BELA, CLEO, DORA = range(4)  # Cleo wants grave warnings alone; Dora lives on the rim
PERSON_OF = {"anna": ANNA, "bela": BELA, "cleo": CLEO, "dora": DORA, "eve": 4}


class Case:
    """One group of warnings, what was accepted, and the ledger's outcome of what was not."""

    def __init__(self, severity: str = "moderate", *, rises: int | None = None, ends: int | None = None) -> None:
        moments = [None if at is None else BEGIN_MS + at * MINUTE for at in (rises, ends)]
        self.group = Group(0, (Area("W0000", ()),), severity, BEGIN_MS, *moments)
        whom = Expected(frozenset({ANNA, BELA}), frozenset({CLEO}), frozenset({DORA}))
        events = {kind: Act(0, kind) for kind in (APPEARS, RISES, ENDS)}
        self.judge = Judge([self.group], {0: whom}, events.get)
        self.unsent: dict[tuple[str, str], str] = {}

    def sent(self, who: str, kind: str = APPEARS, *, minute: float = 1, code: str = "W0000") -> "Case":
        self.judge.note(Accepted(who, kind, (code,), BEGIN_MS + minute * MINUTE))
        return self

    def all_sent(self, kind: str = APPEARS, *, minute: float = 1, to: str = "anna bela") -> "Case":
        for who in to.split():
            self.sent(who, kind, minute=minute)
        return self

    def expired(self, who: str, kind: str = APPEARS) -> "Case":
        self.unsent[who, kind] = "expired"
        return self

    def verdict(self, *, outages: tuple[Any, ...] = (), rate: float = 100) -> Verdict:
        return self.judge.judge(PERSON_OF, self.unsent, rate, outages)

    def faults(self) -> tuple[int, int, int]:
        found = self.verdict()
        return found.lost, found.doubled, found.strange


def test_all_who_are_to_hear_heard_once() -> None:
    assert Case().all_sent().faults() == (0, 0, 0)
    assert Case().all_sent().sent("dora").faults() == (0, 0, 0)
    assert Case("severe").all_sent(to="anna bela cleo").faults() == (0, 0, 0)


@pytest.mark.parametrize(
    ("case", "faults"),
    [
        (Case().sent("anna"), (1, 0, 0)),
        (Case("severe").all_sent(), (1, 0, 0)),
        (Case().all_sent().sent("bela", minute=2), (0, 1, 0)),
        (Case().all_sent().sent("dora").sent("dora"), (0, 1, 0)),
        (Case().all_sent().sent("eve"), (0, 0, 1)),
        (Case().all_sent().sent("anna", "unknown event"), (0, 0, 1)),
        (Case().sent("anna").sent("bela", code="W0001"), (0, 0, 1)),
        (Case().sent("anna").expired("bela"), (1, 0, 0)),  # nothing has ended
        (Case(ends=30).all_sent(), (2, 0, 0)),
        (Case(ends=30).all_sent(minute=40).all_sent(ENDS, minute=35), (0, 0, 2)),
        (Case(rises=30).all_sent(), (3, 0, 0)),
    ],
)
def test_faults_are_counted(case: Case, faults: tuple[int, int, int]) -> None:
    assert case.faults() == faults


def test_what_ended_before_it_could_be_sent_may_be_left_out_with_its_all_clear() -> None:
    case = Case(ends=30).sent("anna").expired("bela").sent("anna", ENDS, minute=31)

    assert case.faults() == (0, 0, 0)
    assert case.verdict().left_out == 1


def test_a_rise_and_an_end_are_told_after_the_warning() -> None:
    case = Case(rises=30, ends=60).all_sent().all_sent(RISES, minute=31, to="anna bela cleo")

    assert case.all_sent(ENDS, minute=61, to="anna bela cleo").faults() == (0, 0, 0)


@pytest.mark.parametrize(
    ("severity", "minute", "rate", "late"),
    [
        ("severe", 4.9, 100, 0),
        ("severe", 5.1, 100, 3),
        ("moderate", 14.9, 100, 0),
        ("moderate", 15.1, 100, 2),
        ("severe", 5.1, 0.009, 0),  # three wait, and a message takes two minutes
    ],
)
def test_late_is_later_than_the_limit_and_than_the_waiting_need(
    severity: str, minute: float, rate: float, late: int
) -> None:
    to = "anna bela cleo" if severity == "severe" else "anna bela"

    assert Case(severity).all_sent(minute=minute, to=to).verdict(rate=rate).late == late


def test_what_waited_in_an_outage_is_counted_apart() -> None:
    case = Case("severe").all_sent(minute=9, to="anna bela cleo")
    found = case.verdict(outages=(Outage(BEGIN_MS + 2 * MINUTE, BEGIN_MS + 7 * MINUTE, is_mute=True),))

    assert (found.late, found.late_in_outages, found.longest_s) == (0, 3, 540)
