"""Votes and flags of the person who sends a request, for the API and for pages: the limits, then the act."""

from app.accounts import auth, network_limits, throttle
from app.accounts.persons import Person, network_at, person_of
from app.core import clock
from app.core.config import settings
from app.core.errors import TooMany, Unauthenticated
from app.reports.under_block import block_over
from app.review import flags, votes
from app.review.vote_models import VoteRow
from app.review.votes import Outcome, Vote

HOUR_S, DAY_S = 3600, 24 * 3600


def vote(report_id: str, said: Vote, person: Person | None = None) -> Outcome:
    """Store the vote of `person`, by default of the sender. Raises TooMany, and what `votes.cast` raises."""
    person = person or _known()
    _take_vote(person)
    return votes.cast(
        report_id,
        said,
        person=person,
        caller=auth.caller(),
        network_at=network_at,
        is_under_block=_is_under_block(person),
    )


def flag(report_id: str, reason: str, note: str | None, person: Person | None = None) -> None:
    """Store the flag of the request's person, or of this one. Raises TooMany, and what `flags.flag` raises."""
    person = person or _known()
    report = votes.read_public(report_id, auth.caller())
    chosen = settings().vote_limits
    limits = {"own": chosen.flags_per_day, "network": chosen.network_flags_per_day}
    network_limits.take_act("flag", person, **limits, window_s=DAY_S)
    network = network_at(report.created_at_ms)
    flags.flag(report, reason, note, person=person, network=network, is_under_block=_is_under_block(person))


def _is_under_block(person: Person) -> bool:
    return block_over(person.account_id, person.visitor_id) is not None


def _known() -> Person:
    person = person_of(auth.caller())
    if person is None:
        raise Unauthenticated(auth.NOBODY)
    return person


def _take_vote(person: Person) -> None:
    """Count a vote against the limit of its person. Accounts are counted by what they said: that costs no write."""
    chosen = settings().vote_limits
    if person.account_id is None:
        limits = {"own": chosen.votes_per_hour, "network": chosen.network_votes_per_hour}
        network_limits.take_for_person("vote", person.id, **limits, window_s=HOUR_S)
        return
    since_ms, limit = clock.now_ms() - clock.HOUR_MS, chosen.votes_per_hour
    number = VoteRow.number_since(person.account_id, since_ms=since_ms, most=limit)
    throttle.note("vote", limit=limit, left=max(0, limit - number - 1), window_s=HOUR_S)
    if number >= limit:
        raise TooMany(throttle.TOO_MANY, retry_after_s=HOUR_S)
