"""Count votes and flags about a report: pure rules over rows, without a database.

A person counts once, also over reports that were merged into this one; several persons of one network count once where
votes end something or flags fold something. What was said under a block of staff counts for nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from app.core import clock
from app.reports.entry import Condition, Status
from app.reports.models import Report
from app.review.vote_models import COUNT, FLAG, REPORTER, VoteRow

LONGEST_LIFE_MS = 7 * clock.DAY_MS
VOTE_LIFE_MS = 24 * clock.HOUR_MS
RENEWED_EVERY_MS = 6 * clock.HOUR_MS
REVIVED_WITHIN_MS = 24 * clock.HOUR_MS
MORE_TO_END = 2  # networks that say receded, more than those that say flooded
NETWORKS_TO_FOLD = 3
NETWORKS_TO_HIDE_TEXT = 2
HIDES_TEXT = frozenset({"personal_data", "offensive"})
KNOWN_FOR_MS = clock.HOUR_MS
DEPTHS_SHOWN = 3


class Voice(NamedTuple):
    """One person's vote: the condition, the network it came from ("" if not known any more), and when."""

    who: str
    condition: str
    network: str
    at_ms: int
    is_reporter: bool
    depth_cm: float | None = None
    renewed_at_ms: int = 0


class Tally(NamedTuple):
    """The count over all persons. The networks are those of each condition; `receded` since a verification only.

    A person who has left is counted, and has no known network: their word ends nothing any more, since several accounts
    of one network would weigh more than before, but what it has ended stays so.
    """

    flooded: int
    receded: int
    flooded_networks: frozenset[str]
    receded_networks: frozenset[str]
    receded_unknown: int
    depths_cm: list[float]
    renewed_at_ms: int  # the latest moment from which a vote prolongs the report; 0 for none

    def ends(self, *, without: Iterable[str] = ()) -> bool:
        """Return whether two more networks say that it has receded than that it is flooded."""
        receded = self.receded_networks - frozenset(without)
        return len(receded) >= len(self.flooded_networks) + MORE_TO_END

    def stays_ended(self) -> bool:
        """Return whether what votes have ended stays ended: here those who have left count each for themselves."""
        receded = len(self.receded_networks) + self.receded_unknown
        return receded >= len(self.flooded_networks) + MORE_TO_END


def count_votes(report: Report, said: Mapping[str, Sequence[VoteRow]], merged: Sequence[Report] = ()) -> Tally:
    """Count the votes about a report and about those that were merged into it. `said`: the rows by report id."""
    latest: dict[str, Voice] = {}
    for one in (report, *merged):
        for voice in _voices(one, said.get(one.id, ())):
            known = latest.get(voice.who)
            if known is None or known.at_ms < voice.at_ms:
                latest[voice.who] = voice
    voices = sorted(latest.values(), key=lambda voice: voice.at_ms, reverse=True)
    flooded = [voice for voice in voices if voice.condition == Condition.FLOODED]
    receded = [voice for voice in voices if voice.condition == Condition.RECEDED]
    flooded_networks = frozenset(voice.network or voice.who for voice in flooded)
    checked_ms = report.verdict.decided_at_ms if report.verdict and report.status == Status.VERIFIED else 0
    since = [voice for voice in receded if voice.at_ms > checked_ms]
    return Tally(
        flooded=len(flooded),
        receded=len(receded),
        flooded_networks=flooded_networks,
        receded_networks=frozenset(voice.network for voice in since if voice.network),
        receded_unknown=sum(not voice.network for voice in since),
        depths_cm=[voice.depth_cm for voice in voices if voice.depth_cm is not None][:DEPTHS_SHOWN],
        renewed_at_ms=max((voice.renewed_at_ms for voice in flooded), default=0),
    )


def reporter_of(report: Report) -> str:
    """Return the name that a reporter's votes elsewhere have; made of the report's id if that is not known."""
    return report.account_id or report.filer or report.id


def _voices(report: Report, rows: Sequence[VoteRow]) -> list[Voice]:
    """Return the votes about one report, the reporter's own among them: it begins with one for flooded."""
    own = next((row for row in rows if row.person == REPORTER), None)
    who = (own.who if own else None) or reporter_of(report)
    network = report.network or (own.network if own else None) or ""
    voices = [Voice(who, Condition.FLOODED, network, report.created_at_ms, is_reporter=True)]
    for row in rows:
        if row.is_flag or row.person == COUNT or row.under_block:
            continue
        if row.person == REPORTER:
            voices[0] = _voice(row, who, network, is_reporter=True)
        elif row.is_vote:
            person = row.person
            voices.append(_voice(row, person, row.network or "", is_reporter=False))
    return voices


def _voice(row: VoteRow, who: str, network: str, *, is_reporter: bool) -> Voice:
    depth_cm = None if row.depth_cm is None else float(row.depth_cm)
    condition = str(row.condition or Condition.FLOODED)
    return Voice(who, condition, network, int(row.at_ms or 0), is_reporter, depth_cm, int(row.renewed_at_ms or 0))


class Flags(NamedTuple):
    """Flags of a report: the number of persons, their reasons, and whether they fold it."""

    number: int
    reasons: dict[str, int]
    folds: bool


def count_flags(report: Report, rows: Sequence[VoteRow], now_ms: int) -> Flags:
    """Count the flags since the last decision, and say whether they fold the report.

    Three persons of three networks fold, or two of two for texts that harm; each known for an hour. As many neighbours
    who say that it is flooded, and have not flagged it, keep it open. The flag of a person who has left folds nothing
    any more, but what it has folded stays so.
    """
    decided_at_ms = report.verdict.decided_at_ms if report.verdict else 0
    own = f"{FLAG}{reporter_of(report)}"  # what one thinks of one's own report is for an edit
    rows = [row for row in rows if not row.under_block]
    flags = [row for row in rows if row.is_flag and row.at_ms > decided_at_ms and row.person != own]
    reasons: dict[str, int] = {}
    for row in flags:
        reasons[str(row.reason)] = reasons.get(str(row.reason), 0) + 1
    known = [
        row
        for row in flags
        if now_ms - (row.known_since_ms or now_ms) >= KNOWN_FOR_MS or (report.is_disputed and not row.network)
    ]
    flagging = {row.person.partition("#")[2] for row in flags}
    keep_open = sum(
        row.condition == Condition.FLOODED and row.person not in (*flagging, REPORTER)
        for row in rows
        if not row.is_flag and row.person != COUNT
    )
    folds = _networks(known) >= NETWORKS_TO_FOLD and keep_open < len(known)
    harmful = [row for row in known if row.reason in HIDES_TEXT]
    is_pending = report.status == Status.PENDING
    return Flags(len(flags), reasons, is_pending and (folds or _networks(harmful) >= NETWORKS_TO_HIDE_TEXT))


def _networks(rows: Iterable[VoteRow]) -> int:
    return len({row.network or row.person for row in rows})


def end_of_life(report: Report, tally: Tally) -> int:
    """Return when the report ends by itself, in milliseconds: prolonged by votes, within 7 days of when it was seen."""
    prolonged_ms = tally.renewed_at_ms + VOTE_LIFE_MS if tally.renewed_at_ms else 0
    longest_ms = int(report.observed_at_ms) + LONGEST_LIFE_MS
    return max(int(report.expires_at_ms), min(prolonged_ms, longest_ms))


def can_be_revived(report: Report, now_ms: int) -> bool:
    """Return whether a vote may bring the report back: it ended within a day, and neither reporter nor staff did it."""
    was_ended = report.ended_by in ("reporter", "staff")
    is_fresh = now_ms - int(report.expires_at_ms) < REVIVED_WITHIN_MS
    return is_fresh and not was_ended and now_ms < int(report.observed_at_ms) + LONGEST_LIFE_MS


def revive(report: Report) -> None:
    """Bring a report back at a responder's word: for a day, within 7 days of when it was seen."""
    until_ms = min(clock.now_ms() + VOTE_LIFE_MS, int(report.observed_at_ms) + LONGEST_LIFE_MS)
    report.condition, report.ended_by = Condition.FLOODED, None
    report.expires_at_ms = max(int(report.expires_at_ms), until_ms)
