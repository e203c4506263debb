"""Chains of messages, made at random, in any order and over any runs: against an oracle that shares no code."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from app import clock
from app.clients.message import Act, Answer, Message
from app.warnings.chains import Closer
from app.warnings.models import OfficialWarning
from app.warnings.supersession import settle, warning_id
from tests.stored_warnings import Row, as_row
from tests.warning_making import announce, message, place, square

SPREAD_MS = 50 * clock.MINUTE_MS  # how wrong senders' clocks are: less than what a new word after a cancel takes


@dataclass
class Said:
    """One message of a made-up sender, as an oracle sees it."""

    name: str
    names: list[str]
    sent: int
    is_end: bool = False


@dataclass
class Oracle:
    """All that was ever said, looked at as a whole: no order of reading, no runs, nothing stored."""

    said: list[Said] = field(default_factory=list)

    def in_force(self) -> str | None:
        """The message that holds for the one warning, or None: by walking from each message to all that it names."""
        by_name = {one.name: one for one in self.said}

        def past(one: Said) -> set[str]:
            seen: set[str] = set()
            todo = list(one.names)
            while todo:
                name = todo.pop()
                if name not in seen:
                    seen.add(name)
                    todo += by_name[name].names if name in by_name else []
            return seen

        ends = [one for one in self.said if one.is_end]
        left = [
            one
            for one in self.said
            if not one.is_end
            and not any(one.name in other.names for other in self.said)
            and not any(end.name not in past(one) for end in ends)
        ]
        return max(left, key=lambda one: one.sent).name if left else None


def story(chance: random.Random) -> list[Said]:
    """A first message; updates that name the first, the last, any or all before them; perhaps a cancel, and more."""
    base = clock.now_ms()
    told = [Said("0", [], base)]
    for number in range(1, chance.randint(2, 7)):
        before = [one.name for one in told]
        named = chance.choice([[before[-1]], [before[0]], before, [chance.choice(before)]])
        sent = base + chance.randint(-SPREAD_MS, SPREAD_MS)
        if len(told) > 1 and (
            before[-1] not in named or any(one.names != [str(n - 1)] for n, one in enumerate(told) if n)
        ):
            sent = max(one.sent for one in told) + 1  # side by side only the clock tells, which must be right then
        told.append(Said(str(number), list(named), sent))
    if chance.random() < 0.6:
        named = chance.choice([[one.name] for one in told] + [[one.name for one in told]])
        told.append(Said("end", list(named), base + chance.randint(-SPREAD_MS, SPREAD_MS), is_end=True))
        if chance.random() < 0.3:
            told.append(Said("after", ["end"], base + chance.randint(-SPREAD_MS, SPREAD_MS)))
    return told


def as_message(one: Said, *, has_words: bool = True) -> Message:
    areas = (place("A", square()),) if has_words or not one.is_end else ()
    act = Act.END if one.is_end else Act.HOLD
    made = message("x", source_id=f"s,{one.name}", replaces=tuple(f"s,{name}" for name in one.names), act=act)
    values = {name: getattr(made, name) for name in Message.__slots__}
    return Message(**values | {"event": "", "places": areas, "sent": one.sent})


def in_force() -> set[str]:
    rows = OfficialWarning.of_source("cap:x")
    return {row.source_id.partition(",")[2] for row in rows if row.mark().is_in_force(clock.now_ms())}


def in_linked_order(told: list[Said], chance: random.Random) -> list[Said]:
    """Any order in which each message names, or is named by, one that was read before."""
    left, read, known = list(told), [], set[str]()
    while left:
        linked = [one for one in left if not known or {one.name, *one.names} & known]
        one = chance.choice(linked)
        left.remove(one)
        read.append(one)
        known |= {one.name, *one.names}
    return read


def runs_of(told: list[Said], chance: random.Random) -> Iterator[list[Message]]:
    """What a feed lists, run by run: something new, and in any order some of what it has said before."""
    waiting, has_words = in_linked_order(told, chance), chance.random() < 0.7
    read: list[Said] = []
    while waiting:
        count = chance.randint(1, len(waiting))
        now, waiting = waiting[:count], waiting[count:]
        listed = now + [one for one in read if chance.random() < 0.5]
        chance.shuffle(listed)
        read += now
        yield [as_message(one, has_words=has_words) for one in listed]


@dataclass
class Kept:
    """Warnings as they would be stored, without a database."""

    rows: dict[str, Row] = field(default_factory=dict)
    closers: list[Closer] = field(default_factory=list)

    def take(self, messages: list[Message], now_ms: int) -> None:
        answer = Answer(tuple(messages), is_whole=False)
        settled = settle("cap:x", answer, self.rows.values(), now_ms=now_ms, closers=self.closers)
        self.closers += settled.closers
        for one, held in settled.held.items():
            self.rows[one] = as_row(one, held, settled)
        for one, over in settled.over.items():
            if one not in self.rows or self.rows[one].ended is None:
                row = as_row(one, over.said, settled) if over.said else self.rows[one]
                self.rows[one] = replace(row, ended=now_ms)
        self.rows |= {
            one: replace(self.rows[one], chain=chain) for one, chain in settled.chains.items() if one in self.rows
        }

    def in_force(self) -> set[str]:
        return {row.source_id.partition(",")[2] for row in self.rows.values() if row.ended is None}


@pytest.mark.parametrize("seed", range(300))
def test_any_order_over_any_runs_ends_as_if_all_had_been_said_at_once(noon: Any, seed: int) -> None:
    chance, kept = random.Random(seed), Kept()
    told = story(chance)
    for number, listed in enumerate(runs_of(told, chance)):
        kept.take(listed, clock.now_ms() + number)

    oracle = Oracle(told).in_force()
    assert kept.in_force() == ({oracle} if oracle else set()), told


@pytest.mark.parametrize("seed", range(300, 312))
def test_the_same_through_everything_that_is_stored(noon: Any, tables: None, seed: int) -> None:
    chance = random.Random(seed)
    told = story(chance)
    for listed in runs_of(told, chance):
        announce(*listed, source="cap:x", is_whole=False)
        noon.shift(300)

    oracle = Oracle(told).in_force()
    assert in_force() == ({oracle} if oracle else set()), told


def test_oracle_itself_knows_what_people_know() -> None:
    first, second = Said("1", [], 5), Said("2", ["1"], 3)

    assert Oracle([second, first]).in_force() == "2"
    assert Oracle([Said("c", ["1"], 0, is_end=True), second, first]).in_force() is None
    assert Oracle([Said("c", ["2"], 9, is_end=True), Said("3", ["c"], 1), second, first]).in_force() == "3"


@pytest.mark.parametrize("order", ["first, then the rest", "last, then the rest"])
@pytest.mark.parametrize("length", [2, 12])
def test_cancel_reaches_over_a_whole_chain(noon: Any, tables: None, order: str, length: int) -> None:
    base = clock.now_ms()
    chain = [Said(str(n), [str(n - 1)] if n else [], base + n) for n in range(length)]
    for one in chain:
        announce(as_message(one), source="cap:x", is_whole=False)

    assert in_force() == {str(length - 1)}
    named = "0" if order.startswith("first") else str(length - 1)
    announce(as_message(Said("end", [named], base, is_end=True)), source="cap:x", is_whole=False)
    assert in_force() == set()
    (row,) = OfficialWarning.of_source("cap:x")
    assert row.id == warning_id("cap:x", "s,0", "A")
