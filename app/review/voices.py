"""Count independent votes and flags about a flood: each person and each network counts once. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.core import clock
from app.reports.entry import Condition, Status
from app.reports.models import Report
from app.review.tally import reporter_of
from app.review.vote_models import COUNT, REPORTER, VoteRow


class Voice(NamedTuple):
    """One vote or flag: the person, and the network that it was sent from."""

    person: str
    network: str


class Voices(NamedTuple):
    """Numbers of the neighbours that support a report, of votes beside them, and of networks that flag it."""

    neighbours: int
    votes: int
    flags: int


def count(
    report: Report, neighbours: Iterable[Report], said: Iterable[VoteRow], *, most_neighbours: int, most_votes: int
) -> Voices:
    """Count the voices about a report: other reports, votes and flags since the last decision.

    The reporter, and all who share the reporter's network, count as none. A network is known by a key of its month, so
    that reports of different months cannot be compared: these support nothing. A merged report has no network any more:
    a responder has looked at it, and it counts as one of its own. What was filed or said under a block of staff counts
    as nothing; a report only until it is verified.
    """
    month = _month(report)
    rows = [row for row in said if not row.under_block]
    by_reports = [
        Voice(reporter_of(one), one.network or one.id)
        for one in neighbours
        if one.status == Status.MERGED or (one.network and _month(one) == month and not _is_under_block(one))
    ]
    by_votes = [
        Voice(row.person, row.network)
        for row in rows
        if row.network
        and row.condition == Condition.FLOODED
        and row.person not in (REPORTER, COUNT)
        and not row.is_flag
    ]
    reporting, voting = _of_others(report, by_reports), _of_others(report, by_votes)
    number = min(most_neighbours, independent(reporting))
    beside = independent([*reporting, *voting]) - number
    decided_at_ms = report.verdict.decided_at_ms if report.verdict else 0
    flags = {
        row.network
        for row in rows
        if row.is_flag and row.report_id == report.id and row.network and int(row.at_ms or 0) > decided_at_ms
    }
    return Voices(number, min(most_votes, independent(voting), beside), len(flags))


def _of_others(report: Report, voices: Iterable[Voice]) -> list[Voice]:
    own: str | None = report.network
    is_imported: bool = report.source is not None
    if own is None and not is_imported:
        return []  # nothing shows that they are others
    who = reporter_of(report)
    return [voice for voice in voices if voice.person != who and voice.network != own]


def _is_under_block(report: Report) -> bool:
    return bool(report.under_block) and report.status != Status.VERIFIED


def _month(report: Report) -> str:
    return clock.day_of(report.created_at_ms)[:7]


def independent(voices: Sequence[Voice]) -> int:
    """Return the largest number of voices of which no two share a person or a network."""
    networks_of: dict[str, list[str]] = {}
    for person, network in voices:
        networks_of.setdefault(person, []).append(network)
    person_at: dict[str, str] = {}

    def find_place(person: str, tried: set[str]) -> bool:
        for network in networks_of[person]:
            if network not in tried:
                tried.add(network)
                if network not in person_at or find_place(person_at[network], tried):
                    person_at[network] = person
                    return True
        return False

    return sum(find_place(person, set()) for person in networks_of)
