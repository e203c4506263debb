"""The judge: who is to hear of what, and the verdict on what was sent.

A person is to get one message about each group of warnings when it appears, when it rises and when it ends: the last
one only if a warning was sent before. What ended or rose before its message could be sent may be left out.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from app.core import clock
from bench.alert_storm import size
from bench.alert_storm.flood import Group, Spots, touched
from bench.alert_storm.mail_server import Accepted
from bench.alert_storm.people import People

APPEARS, RISES, ENDS = "appears", "rises", "ends"
URGENT = ("severe", "extreme")
Key = tuple[int, int, str]  # person, group, act


class Act(NamedTuple):
    """The subject of an event of the ledger: a group of warnings, and what it did."""

    group: int
    kind: str


class Expected(NamedTuple):
    """Persons who are to hear of a group: any, those who want grave warnings alone, and those on the rim."""

    all_wishes: frozenset[int]
    grave_only: frozenset[int]
    unsure: frozenset[int]


class Verdict(NamedTuple):
    """Counts of what went wrong, and of what did not."""

    lost: int
    doubled: int
    strange: int  # to persons whom it did not concern, naming an area that is not theirs, or an end before its warning
    late: int
    late_in_outages: int
    left_out: int  # what it told had ended or risen before it could be sent
    messages: int
    recipients_of_peak: int
    longest_s: int
    examples: tuple[str, ...]


def expect(people: People, spots: Spots, groups: Iterable[Group]) -> dict[int, Expected]:
    """Return who is to hear of each group, by plain geometry."""
    numbers_at: defaultdict[int, list[int]] = defaultdict(list)
    for number, spot in enumerate(people.spot_of):
        numbers_at[spot].append(number)
    expected = {}
    for group in groups:
        sure_spots, unsure_spots = set[int](), set[int]()
        for area in group.areas:
            sure, unsure = touched(spots, area.ring)
            sure_spots |= sure
            unsure_spots |= unsure
        numbers = [number for spot in sure_spots for number in numbers_at[spot]]
        wide = frozenset(people.person_of[one] for one in numbers if not people.is_severe_only[one])
        grave = frozenset(people.person_of[one] for one in numbers) - wide
        rim = frozenset(people.person_of[one] for spot in unsure_spots for one in numbers_at[spot]) - wide
        expected[group.number] = Expected(wide - rim, grave - rim, rim)
    return expected


class Judge:
    """Notes what is accepted, and judges when the storm is over."""

    def __init__(
        self, groups: Sequence[Group], expected: dict[int, Expected], act_of: Callable[[str], Act | None]
    ) -> None:
        self.groups, self.expected, self.act_of = groups, expected, act_of
        self.group_of = {area.code: group.number for group in groups for area in group.areas}
        self.accepted: list[Accepted] = []

    def note(self, one: Accepted) -> None:
        """Note a message that the mail server has taken."""
        self.accepted.append(one)

    def judge(
        self, person_of: dict[str, int], outcomes: dict[tuple[str, str], str], rate: float, outages: Sequence[Any]
    ) -> Verdict:
        """Return the verdict. `outcomes`: states of messages that were not sent, by recipient and event."""
        times, strange = self._times(person_of)
        left_out = {
            (person_of[recipient], *act)
            for (recipient, event), state in outcomes.items()
            if state == "expired" and recipient in person_of and (act := self.act_of(event)) and self._may_expire(act)
        }
        examples: list[str] = []
        lost = self._lost(times, left_out, examples)
        doubled = [key for key, moments in times.items() if len(moments) > 1]
        examples += [f"doubled {self._named(key)}: {[self._at(one) for one in times[key]]}" for key in doubled[:3]]
        early = sum(self._is_overtaking(key, times) for key in times if key[2] == ENDS)
        waits = self._waits(times, lost)
        late, in_outages = self._late(waits, rate, outages)
        examples += [f"late {self._named(key)} by {round(wait)} s" for key, wait in late[:3]]
        from_ms = size.BEGIN_MS + size.PEAK_AT_MINUTE * clock.MINUTE_MS
        peak = sum(from_ms <= began < from_ms + size.PEAK_MINUTES * clock.MINUTE_MS for began, _, _ in waits)
        return Verdict(
            lost=len(lost),
            doubled=sum(len(times[key]) - 1 for key in doubled),
            strange=strange + early,
            late=len(late),
            late_in_outages=in_outages,
            left_out=len(left_out),
            messages=len(self.accepted),
            recipients_of_peak=peak,
            longest_s=round(max((to - began for began, to, _ in waits), default=0) / 1000),
            examples=tuple(examples),
        )

    def _may_expire(self, act: Act) -> bool:
        group = self.groups[act.group]
        return bool(group.ends_at_ms or (group.rises_at_ms and act.kind == APPEARS))

    def _times(self, person_of: dict[str, int]) -> tuple[dict[Key, list[float]], int]:
        times: defaultdict[Key, list[float]] = defaultdict(list)
        strange = 0
        for one in self.accepted:
            person, act = person_of.get(one.recipient, -1), self.act_of(one.event)
            if act is None:
                strange += 1
                continue
            whom = self.expected[act.group]
            is_concerned = person in whom.all_wishes or person in whom.grave_only or person in whom.unsure
            codes = {self.group_of.get(code) for code in one.codes}
            strange += not is_concerned or codes != {act.group}
            times[person, act.group, act.kind].append(one.at_ms)
        return times, strange

    def _lost(self, times: dict[Key, list[float]], left_out: set[Key], examples: list[str]) -> set[Key]:
        """Return what should have been sent and was not."""
        lost = set()
        for group in self.groups:
            whom = self.expected[group.number]
            everyone = whom.all_wishes | whom.grave_only
            first = everyone if group.severity in URGENT else whom.all_wishes
            lost |= {(one, group.number, APPEARS) for one in first}
            if group.rises_at_ms:
                lost |= {(one, group.number, RISES) for one in everyone}
            if group.ends_at_ms:
                lost |= {(one, group.number, ENDS) for one in everyone if self._is_told(one, group, times)}
        lost = {key for key in lost if key not in times and key not in left_out}
        examples += [f"lost {self._named(key)}" for key in sorted(lost)[:3]]
        return lost

    def _is_told(self, person: int, group: Group, times: dict[Key, list[float]]) -> bool:
        """Return whether a warning had surely been sent when it ended."""
        moments = [*times.get((person, group.number, APPEARS), ()), *times.get((person, group.number, RISES), ())]
        return any(one < (group.ends_at_ms or 0) for one in moments)

    def _is_overtaking(self, key: Key, times: dict[Key, list[float]]) -> bool:
        person, group, _ = key
        moments = [*times.get((person, group, APPEARS), ()), *times.get((person, group, RISES), ())]
        return not moments or min(moments) > times[key][0]

    def _waits(self, times: dict[Key, list[float]], lost: set[Key]) -> list[tuple[float, float, Key]]:
        """Return from when to when each message waited, in the order of their beginnings; a lost one is left out."""
        return sorted((self._began_ms(key), moments[0], key) for key, moments in times.items() if key not in lost)

    def _late(
        self, waits: list[tuple[float, float, Key]], rate: float, outages: Sequence[Any]
    ) -> tuple[list[tuple[Key, float]], int]:
        """Return what was late outside the outages, and the number of those late in them.

        Late: later than the limit, or than those who waited when it began, divided by the rate, whichever is more.
        People who are warned of a grave danger meanwhile go first, and count as waiting before the others.
        """
        began, ended = [one[0] for one in waits], sorted(one[1] for one in waits)
        urgent = [one[0] for one in waits if self._is_urgent(one[2])]
        late, in_outages = [], 0
        for from_ms, to_ms, key in waits:
            is_urgent = self._is_urgent(key)
            waiting = bisect_right(began, from_ms) - bisect_left(ended, from_ms)
            waiting += 0 if is_urgent else bisect_left(urgent, to_ms) - bisect_right(urgent, from_ms)
            allowed_s = max(size.URGENT_LIMIT_S if is_urgent else size.LIMIT_S, waiting / rate)
            if to_ms - from_ms <= allowed_s * 1000:
                continue
            if any(one.from_ms < to_ms and from_ms < one.to_ms for one in outages):
                in_outages += 1
            else:
                late.append((key, (to_ms - from_ms) / 1000 - allowed_s))
        return late, in_outages

    def _is_urgent(self, key: Key) -> bool:
        return key[2] == RISES or (key[2] == APPEARS and self.groups[key[1]].severity in URGENT)

    def _began_ms(self, key: Key) -> float:
        group = self.groups[key[1]]
        began = {APPEARS: group.at_ms, RISES: group.rises_at_ms, ENDS: group.ends_at_ms}[key[2]]
        return float(began or 0)

    def _named(self, key: Key) -> str:
        person, number, kind = key
        group = self.groups[number]
        return f"{kind} {group.areas[0].code} ({group.severity}, {self._at(self._began_ms(key))}) to person {person}"

    @staticmethod
    def _at(moment_ms: float) -> str:
        return f"{(moment_ms - size.BEGIN_MS) / 60_000:.2f} min"
