"""Made-up chains of messages, and what holds in the end: by an oracle that shares no code with the product."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.core import clock
from app.warnings.sources.message import Act, Message
from tests.warning_making import message, place, square

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
    """The result from all messages ever sent, taken as a whole: no order of reading, no runs, nothing stored."""

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
    return Message(**values | {"event": "", "places": areas, "sent_at_ms": one.sent})


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
    """Return what a feed lists, run by run: a new message, and some of the earlier ones in any order."""
    waiting, has_words = in_linked_order(told, chance), chance.random() < 0.7
    read: list[Said] = []
    while waiting:
        count = chance.randint(1, len(waiting))
        now, waiting = waiting[:count], waiting[count:]
        listed = now + [one for one in read if chance.random() < 0.5]
        chance.shuffle(listed)
        read += now
        yield [as_message(one, has_words=has_words) for one in listed]
