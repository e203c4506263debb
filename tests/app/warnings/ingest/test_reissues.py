"""Reissues name no earlier message: sender, event, place and time make them one warning, a cancel between them two."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from app.warnings.ingest.chains import MOST_NAMES, REISSUED, shortened_chain
from app.warnings.sources.message import Act, Message, Place, Text
from tests.app.warnings.ingest.test_chains import Kept
from tests.app.warnings.ingest.test_supersession import rows_of, said, settled_by
from tests.warning_making import square

REISSUE = {"label": "Flood", "sent": 2, "expires": 50, "west": 0.0, "code": "", "sender": "s", "name": ""}


def bulletin(number: int, **wanted: Any) -> Message:
    told = REISSUE | wanted
    area = Place(told["name"] or f"Region {number}", ((told["code"], "Region"),), square(told["west"]))
    text = Text("en", told["label"])
    made = said(f"{told['sender']},{number}", places=(area,), sent_at_ms=told["sent"], expires_at_ms=told["expires"])
    return replace(made, texts=(text,), replaces=told.get("replaces", ()))


@pytest.mark.parametrize(
    ("second", "warnings"),
    [
        ({}, 1),
        ({"label": " flood "}, 1),
        ({"west": 0.0005}, 1),
        ({"west": 0.01}, 2),
        ({"label": "Flash Flood"}, 2),
        ({"sender": "t"}, 2),
        ({"sent": 60, "expires": 90}, 2),
        ({"sent": 1}, 2),
        ({"replaces": ("s,0",)}, 2),
        ({"code": "Z1"}, 1),
    ],
)
def test_reissue_is_the_same_sender_event_place_and_time(second: dict[str, Any], warnings: int) -> None:
    first = bulletin(1, sent=1)
    later = bulletin(2, **second)

    at_once = settled_by(first, later)
    stored = rows_of(settled_by(first))
    then = settled_by(later, stored=stored, is_whole=False)

    assert len(at_once.current) == warnings
    assert ([*then.current] == [stored[0].id]) == (warnings == 1)
    if warnings == 1:
        assert [held.source_id for held, _, _ in at_once.current.values()] == ["s,2"]


@pytest.mark.parametrize("is_stored", [False, True])
@pytest.mark.parametrize(("reissued", "is_over"), [(3, False), (2, False), (1.5, True)])
def test_cancel_ends_a_reissue_only_if_it_was_sent_later(is_stored: bool, reissued: float, is_over: bool) -> None:
    first, again = bulletin(1, sent=1), bulletin(3, sent=reissued)
    cancel = replace(bulletin(2, sent=2, replaces=("s,1",)), act=Act.END)
    stored = rows_of(settled_by(first)) if is_stored else []

    for messages in permutations((cancel, again, *(() if is_stored else (first,)))):
        settled = settled_by(*messages, stored=stored, is_whole=False)
        assert [held.source_id for held, _, _ in settled.current.values()] == ([] if is_over else ["s,3"])

        later = settled_by(stored=rows_of(settled), closers=settled.cancellations, is_whole=False)
        assert later.ended == {}


@pytest.mark.parametrize(("cancelled", "is_over"), [(2, False), (3, False), (3.5, True)])
@pytest.mark.parametrize("is_told_again", [False, True])
@pytest.mark.parametrize("name", ["", "Here"])
def test_cancel_that_is_read_late_ends_only_what_was_reissued_before_it(
    cancelled: float, is_over: bool, is_told_again: bool, name: str
) -> None:
    first, again = bulletin(1, sent=1, name=name), bulletin(3, sent=3, name=name)
    cancel = replace(bulletin(2, sent=cancelled, replaces=("s,1",), name=name), act=Act.END)
    stored = rows_of(settled_by(again, stored=rows_of(settled_by(first)), is_whole=False))

    late = settled_by(cancel, *([again] if is_told_again else []), stored=stored, is_whole=False)
    left = rows_of(late) or [row for row in stored if row.id not in late.ended]
    later = settled_by(stored=left, closers=late.cancellations, is_whole=False)

    assert [row.source_id for row in stored] == ["s,3"]
    assert [row.source_id for row in left if row.id not in later.ended] == ([] if is_over else ["s,3"])


@pytest.mark.parametrize("named", ["s,3", "s,4"])
def test_cancel_of_a_reissue_or_of_its_update_ends_it_though_its_clock_is_behind(named: str) -> None:
    here: dict[str, Any] = {"name": "Here"}
    update = bulletin(4, sent=4, replaces=("s,3",), **here)
    stored = rows_of(settled_by(bulletin(1, sent=1, **here), bulletin(3, sent=3, **here), update))

    cancel = replace(bulletin(5, sent=2, replaces=(named,), **here), act=Act.END)

    assert [*settled_by(cancel, stored=stored, is_whole=False).ended] == [stored[0].id]


def told_in_turn(*answers: tuple[Message, ...]) -> set[str]:
    """Return what is in force once these answers were read in turn."""
    kept = Kept()
    for number, messages in enumerate(answers):
        kept.take([*messages], 10 + number)
    return kept.in_force()


@pytest.mark.parametrize("name", ["", "Here"])
@pytest.mark.parametrize("cancelled", [2, 3])
def test_alert_after_a_cancel_holds_in_any_order_of_reading(name: str, cancelled: float) -> None:
    first, again = bulletin(1, sent=1, name=name), bulletin(3, sent=3, name=name)
    cancel = replace(bulletin(2, sent=cancelled, replaces=("s,1",), name=name), act=Act.END)

    for one, two, three in permutations((first, cancel, again)):
        for answers in (
            [(one,), (two,), (three,)],
            [(one, two), (three,)],
            [(one,), (two, three)],
            [(one, two, three)],
        ):
            assert told_in_turn(*answers) == {"3"}, answers
            assert told_in_turn(*answers, (first, again)) == {"3"}, answers


@pytest.mark.parametrize("cut", range(5))
def test_reissues_after_a_cancel_are_one_warning_and_end_together(cut: int) -> None:
    messages = [
        bulletin(1, sent=1),
        replace(bulletin(2, sent=2, replaces=("s,1",)), act=Act.END),
        bulletin(3, sent=3),
        bulletin(4, sent=4),
    ]
    end = replace(bulletin(5, sent=5, replaces=("s,4",)), act=Act.END)

    assert told_in_turn(tuple(messages[:cut]), tuple(messages[cut:])) == {"4"}
    assert told_in_turn(tuple(messages[:cut]), tuple(messages[cut:]), (end,)) == set()


@pytest.mark.parametrize("is_one_answer", [False, True])
def test_warning_that_outlived_a_cancel_is_reissued_as_one(is_one_answer: bool) -> None:
    here: dict[str, Any] = {"name": "Here"}
    first, update = bulletin(1, sent=1, **here), bulletin(3, sent=3, replaces=("s,1", "s,2"), **here)
    cancel = replace(bulletin(2, sent=2, replaces=("s,1",), **here), act=Act.END)
    messages = (first, cancel, update, bulletin(4, sent=4, **here))

    answers = [messages] if is_one_answer else [(message,) for message in messages]

    assert told_in_turn(*answers) == {"4"}


def test_mark_of_a_reissue_stays_in_its_own_warning() -> None:
    here: dict[str, Any] = {"name": "Here"}
    two_places = (Place("X", (), square(0.0)), Place("Y", (), square(5.0)))
    update = replace(bulletin(5, sent=10, replaces=("s,3",)), places=two_places)
    cancel = replace(bulletin(6, sent=9, replaces=("s,3",)), act=Act.END, places=())

    assert told_in_turn((bulletin(1, sent=1, **here), bulletin(3, sent=3, **here)), (update,), (cancel,)) == set()


def test_mark_of_a_reissue_stays_in_a_chain_that_is_cut() -> None:
    names = [*"abcde", REISSUED, *map(str, range(MOST_NAMES))]

    kept = shortened_chain(names)

    assert len(kept) == MOST_NAMES
    assert (kept[:5], kept[-1]) == (("a", "b", "c", "d", REISSUED), str(MOST_NAMES - 1))


def test_reissues_by_codes_are_compared_by_codes() -> None:
    first, same, other = (bulletin(n, code=code, sent=n) for n, code in ((1, "Z1"), (2, "Z1"), (3, "Z2")))

    assert len(settled_by(first, same).current) == 1
    assert len(settled_by(first, other).current) == 2


def test_older_end_that_names_nothing_ends_nothing() -> None:
    stored = rows_of(settled_by(bulletin(1, sent=5)))

    end = replace(bulletin(2, sent=4), act=Act.END)

    assert settled_by(end, stored=stored, is_whole=False).ended == {}
    assert [*settled_by(replace(end, sent_at_ms=6), stored=stored, is_whole=False).ended] == [stored[0].id]
