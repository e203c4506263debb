"""The message in force: an update is never a second warning, and no warning ends by accident."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from app.warnings.ingest.chains import message_digest
from app.warnings.ingest.roots import warning_id
from app.warnings.ingest.supersession import Supersession, resolve
from app.warnings.sources.message import Act, Answer, Message, Place
from tests.stored_warnings import Row, as_row
from tests.warning_making import message, place, square


def said(source_id: str, *, event: str = "", replaces: tuple[str, ...] = (), **wanted: Any) -> Message:
    made = message("x", source_id=source_id, replaces=replaces, **({"sent_at_ms": 1} | wanted))
    return Message(**{name: getattr(made, name) for name in Message.__slots__} | {"event": event})


def rows_of(settled: Supersession) -> list[Row]:
    """Return the messages in force, as stored."""
    return [as_row(one, held, settled) for one, held in settled.current.items()]


def settled_by(*messages: Message, stored: list[Row] | None = None, now_ms: int = 10, **wanted: Any) -> Supersession:
    rules = {name: wanted.pop(name) for name in ("ends_absent", "closers") if name in wanted}
    return resolve("cap", Answer(messages, **wanted), stored or [], now_ms=now_ms, **rules)


def reasons(settled: Supersession) -> dict[str, str]:
    return {one: over.reason.value for one, over in settled.ended.items()}


def test_update_that_refers_to_its_message_keeps_the_warning() -> None:
    first = settled_by(said("one"))
    second = settled_by(said("two", replaces=("one",), sent_at_ms=2), stored=rows_of(first))
    third = settled_by(said("three", replaces=("two",), sent_at_ms=3), stored=rows_of(second))

    assert [*first.current] == [*second.current] == [*third.current]
    assert (second.ended, third.ended) == ({}, {})


def test_update_beside_its_message_in_one_answer_is_one_warning() -> None:
    settled = settled_by(said("two", replaces=("one",), sent_at_ms=2), said("one"))

    ((held, _, root),) = settled.current.values()
    assert (held.source_id, root) == ("two", "one")


def test_updates_of_a_message_that_was_never_seen_are_one_warning() -> None:
    first = settled_by(said("two", replaces=("one",)))
    second = settled_by(said("three", replaces=("one", "two"), sent_at_ms=2), stored=rows_of(first))

    assert ([*first.current], second.ended) == ([*second.current], {})


def test_event_of_the_issuer_counts_before_references() -> None:
    first = settled_by(said("one", event="FL.W.12"))
    second = settled_by(said("two", event="FL.W.12", sent_at_ms=2), stored=rows_of(first))

    assert [*first.current] == [*second.current]


def test_message_under_another_event_goes_on_with_what_it_replaces() -> None:
    first = settled_by(said("one", event="FL.A.1"))
    second = settled_by(
        said("two", event="FL.W.7", replaces=("one",), sent_at_ms=2), stored=rows_of(first), is_whole=False
    )

    assert ([*second.current], second.ended) == ([*first.current], {})


@pytest.mark.parametrize("places", [(), (place("x", square()),)])
def test_cancel_ends_the_warning_with_or_without_words(places: tuple[Any, ...]) -> None:
    first = settled_by(said("one"))
    cancel = said("two", replaces=("one",), act=Act.END, places=places, sent_at_ms=2)

    settled = settled_by(cancel, stored=rows_of(first), is_whole=False)

    assert (settled.current, [*settled.ended]) == ({}, [*first.current])
    assert (next(iter(settled.ended.values())).placed_message is None) == (not places)
    assert set(reasons(settled).values()) == {"cancelled"}


def test_late_cancel_does_not_end_what_was_sent_after_it() -> None:
    cancel = said("two", event="E", act=Act.END, sent_at_ms=2)

    assert settled_by(said("three", event="E", sent_at_ms=3), cancel).ended == {}


def test_of_two_messages_of_one_moment_the_one_that_holds_counts() -> None:
    hold, end = said("one", event="E"), said("two", event="E", act=Act.END)

    assert (len(settled_by(hold, end).current), settled_by(hold, end)) == (1, settled_by(end, hold))


def test_area_that_an_update_leaves_out_is_over() -> None:
    both = (place("north", square()), place("south", square()))
    first = settled_by(said("one", places=both))
    second = settled_by(
        said("two", replaces=("one",), places=both[:1], sent_at_ms=2), stored=rows_of(first), is_whole=False
    )

    assert [*second.current] == [warning_id("cap", "one", "north")]
    assert reasons(second) == {warning_id("cap", "one", "south"): "replaced"}


def test_parts_of_one_message_hold_together() -> None:
    parts = [said("one", places=(place(code, square()),)) for code in ("north", "south")]

    assert len(settled_by(*parts).current) == 2


def test_absent_ends_only_when_the_answer_is_whole() -> None:
    stored = rows_of(settled_by(said("one"), said("other")))

    whole, cut_off = (settled_by(said("one"), stored=stored, is_whole=is_whole) for is_whole in (True, False))

    assert (len(whole.ended), cut_off.ended) == (1, {})


def test_named_and_unread_is_left_as_it_is() -> None:
    stored = rows_of(settled_by(said("one"), said("other")))

    settled = settled_by(said("other"), stored=stored, unchanged=frozenset({"one"}))

    assert settled.ended == {}
    assert warning_id("cap", "one", "x") in settled.mentioned


def test_ids_differ_by_source_root_and_area_and_stay_for_ever() -> None:
    ids = {warning_id(*parts) for parts in (("ea", "r", "k"), ("nws", "r", "k"), ("ea", "rk", ""), ("ea", "r", "q"))}

    assert len(ids) == 4
    assert warning_id("ea", "061FWF10", "061FWF10") == "wrn_sglx6ev6zwctvzx6t46w54fu"


def in_area(code: str, source_id: str, **wanted: Any) -> Message:
    return said(source_id, places=(place(code, square()),), **wanted)


def lone(code: str, source_id: str, **wanted: Any) -> Message:
    """As the weather service's: one place without a key of its own."""
    drawn = place(code, square())
    return said(source_id, places=(replace(drawn, key=""),), **wanted)


@pytest.mark.parametrize("sent", [(2, 3), (3, 2), (2, 2)])
@pytest.mark.parametrize("make", [in_area, lone])
def test_two_updates_of_one_message_in_areas_of_their_own_both_hold(make: Any, sent: tuple[int, int]) -> None:
    first = settled_by(said("A", places=(place("X", square()), place("Y", square()))))
    parts = make("X", "B1", replaces=("A",), sent_at_ms=sent[0]), make("Y", "B2", replaces=("A",), sent_at_ms=sent[1])

    second = settled_by(*parts, stored=rows_of(first))
    third = settled_by(parts[1], stored=rows_of(second))

    assert {held.source_id for held, _, _ in second.current.values()} == {"B1", "B2"}
    assert {one for one, (held, _, _) in second.current.items() if held.source_id == "B2"} == third.current.keys()


@pytest.mark.parametrize("named", ["Q", "D1", "D2"])
@pytest.mark.parametrize("sent", [0, 9])
def test_cancel_of_any_message_of_a_chain_ends_what_grew_from_it(named: str, sent: int) -> None:
    chain = said("Q"), said("D1", replaces=("Q",), sent_at_ms=2), said("D2", replaces=("D1",), sent_at_ms=3)
    cancel = said("C", replaces=(named,), act=Act.END, sent_at_ms=sent)

    stored = rows_of(settled_by(*chain))
    later = settled_by(cancel, stored=stored, is_whole=False)

    for messages in permutations((*chain, cancel)):
        at_once = settled_by(*messages)
        assert (
            at_once.current,
            [over.placed_message[0] for over in at_once.ended.values() if over.placed_message],
        ) == ({}, [cancel])
    assert (later.current, reasons(later)) == ({}, {stored[0].id: "cancelled"})


def test_part_of_an_event_keeps_its_id_when_the_other_part_ends() -> None:
    parts = lone("CAZ001", "V1", event="FA.A.6"), lone("CAZ002", "V2", event="FA.A.6")
    first = settled_by(*parts)
    ids = {held.source_id: one for one, (held, _, _) in first.current.items()}

    over = lone("CAZ001", "V3", event="FA.A.6", act=Act.END, sent_at_ms=2)
    second = settled_by(over, lone("CAZ002", "V4", event="FA.A.6", sent_at_ms=2), stored=rows_of(first))

    assert len(ids) == 2
    assert ([*second.current], [*second.ended]) == ([ids["V2"]], [ids["V1"]])


@pytest.mark.parametrize("key", ["the Vale", "X, Y"])
def test_warning_of_one_place_stays_itself_when_the_place_is_named_otherwise(key: str) -> None:
    first = settled_by(in_area("X", "one"))
    second = settled_by(in_area(key, "two", replaces=("one",), sent_at_ms=2), stored=rows_of(first))

    assert ([*second.current], second.ended) == ([*first.current], {})


def test_old_answer_of_a_feed_takes_back_nothing() -> None:
    newest = settled_by(said("two", replaces=("one",), sent_at_ms=2), stored=[])
    again = settled_by(said("one", sent_at_ms=1), stored=rows_of(newest))

    assert (again.current, again.ended, again.mentioned) == ({}, {}, newest.current.keys())
    assert again.outcomes == {"one": "replaced"}


def ending(first: Message, **rules: Any) -> dict[str, str]:
    """Why what an answer no longer names is over."""
    return reasons(settled_by(said("other"), stored=rows_of(settled_by(first)), **rules))


@pytest.mark.parametrize(
    ("expires", "rules", "reason"),
    [
        (None, {}, "no_longer_listed"),
        (None, {"is_whole": False}, None),
        (None, {"ends_absent": True}, "no_longer_listed"),
        (11, {}, None),
        (11, {"ends_absent": True}, "no_longer_listed"),
        (11, {"ends_absent": True, "is_whole": False}, None),
        (10, {}, "expired"),
        (9, {"is_whole": False}, "expired"),
        (9, {"ends_absent": True}, "expired"),
    ],
)
def test_absence_ends_what_names_its_end_only_where_the_source_lists_all(
    expires: int | None, rules: dict[str, Any], reason: str | None
) -> None:
    told = ending(said("one", expires_at_ms=expires), now_ms=10, **rules)

    assert told == ({warning_id("cap", "one", "x"): reason} if reason else {})


def test_message_sent_again_without_one_of_its_places_leaves_that_one() -> None:
    both = (place("north", square()), place("south", square()))
    stored = rows_of(settled_by(said("one", places=both, sent_at_ms=5)))

    again = settled_by(said("one", places=both[:1], sent_at_ms=6), stored=stored, is_whole=False)
    older = settled_by(said("one", places=both[:1], sent_at_ms=4), stored=stored, is_whole=False)

    assert reasons(again) == {warning_id("cap", "one", "south"): "replaced"}
    assert (older.current, older.ended) == ({}, {})


@pytest.mark.parametrize(("event", "is_over"), [("FL.1/Z9", False), ("FL.1", False), ("FL.2", True), ("", True)])
def test_end_of_a_part_of_an_event_is_not_asked_of_its_chain(event: str, is_over: bool) -> None:
    first = rows_of(settled_by(said("V1", event="FL.1")))
    second = rows_of(settled_by(said("V2", event="FL.1", sent_at_ms=2), stored=first))

    end = said("V3", event=event, replaces=("V1",), act=Act.END, places=(), sent_at_ms=3)

    assert bool(settled_by(end, stored=second, is_whole=False).ended) == is_over


@pytest.mark.parametrize(("side", "is_over"), [(0.1, True), (9.0, False)])
def test_cancel_that_speaks_of_another_place_ends_only_what_it_names(side: float, is_over: bool) -> None:
    """A part of a chain goes on elsewhere, as its outline tells where there are no codes."""
    drawn = [Place(f"at {west}", (("", "here"),), square(west)) for west in (0.0, side)]
    stored = rows_of(settled_by(said("1"), said("2", replaces=("1",), places=(drawn[0],), sent_at_ms=2)))

    end = said("3", replaces=("1",), act=Act.END, places=(drawn[1],), sent_at_ms=3)
    later = settled_by(end, stored=stored, is_whole=False)

    assert (stored[0].id in later.ended) == is_over


@pytest.mark.parametrize(("hours", "holds"), [(24, False), (25, True)])
def test_word_of_a_day_after_a_cancel_is_a_new_one(hours: int, holds: bool) -> None:
    first, cancel = said("1", sent_at_ms=0), said("2", replaces=("1",), act=Act.END, sent_at_ms=1, places=())
    again = said("3", replaces=("1",), sent_at_ms=hours * 3_600_000)

    at_once = settled_by(first, cancel, again)
    assert bool(at_once.current) == holds
    stored = rows_of(settled_by(first))
    ended = [replace(row, ended_at_ms=2) for row in stored]
    later = settled_by(again, stored=ended, closers=settled_by(first, cancel).cancellations, is_whole=False)
    assert bool(later.current) == holds


def test_messages_that_name_each_other_are_told_apart_by_the_clock() -> None:
    ring = (
        said("1", replaces=("3",), sent_at_ms=3),
        said("2", replaces=("1",), sent_at_ms=2),
        said("3", replaces=("2",), sent_at_ms=1),
    )

    for messages in permutations(ring):
        assert [held.source_id for held, _, _ in settled_by(*messages).current.values()] == ["1"]


def test_what_is_stored_of_another_place_tells_which_message_came_first() -> None:
    stored = rows_of(settled_by(said("1"), said("2", replaces=("1",), sent_at_ms=2)))
    south = (place("south", square(9)),)

    late = settled_by(
        said("1", places=south, sent_at_ms=9),
        said("3", replaces=("2",), places=south, sent_at_ms=3),
        stored=stored,
        is_whole=False,
    )

    assert [held.source_id for held, _, _ in late.current.values()] == ["3"]


def test_link_that_is_read_late_is_remembered_for_what_it_does_not_speak_of() -> None:
    both = (place("north", square()), place("middle", square(4)))
    stored = rows_of(settled_by(said("3", replaces=("2",), places=both)))

    linked = settled_by(said("2", replaces=("1",), places=(place("south", square(9)),)), stored=stored, is_whole=False)
    known = [replace(row, chain=linked.chains[row.id]) for row in stored]
    later = settled_by(said("4", replaces=("1",), act=Act.END, places=(), sent_at_ms=5), stored=known, is_whole=False)

    assert (linked.current, linked.ended) == ({}, {})
    assert reasons(later) == {row.id: "cancelled" for row in stored}
    assert {row.chain[-1] for row in known} == {message_digest("3")}


def test_message_that_is_read_after_what_replaced_it_brings_no_other_place_back() -> None:
    north, south = place("north", square()), place("south", square(9))
    stored = rows_of(settled_by(said("2", replaces=("1",), places=(north,), sent_at_ms=2)))

    late = settled_by(said("1", places=(north, south), sent_at_ms=1), stored=stored, is_whole=False)

    assert (late.current, late.ended, late.outcomes) == ({}, {}, {"1": "replaced"})


def test_naming_a_cancel_of_something_else_makes_nothing_later() -> None:
    stored = rows_of(settled_by(said("1"), said("2", replaces=("1",), sent_at_ms=5)))

    other, late = said("K", replaces=("9",), act=Act.END, places=()), said("3", replaces=("K", "1"), sent_at_ms=3)

    assert settled_by(other, late, stored=stored, is_whole=False).current == {}
