"""Rate reports after they, or those around them, have changed: the consumer of the reports table's stream calls it.

Only reports are looked at whose level can change: those with a fact that no stranger can make, and those that had one.
All others are `low` whatever lies around them, and cost one query for each cell and the rows of their neighbours.
A row is written if its level changes, as a touch: no version and no time that others see moves.
"""

from collections.abc import Iterable, Sequence
from functools import partial

from app.accounts.models import Account
from app.core import clock, dynamodb, telemetry
from app.reports.entry import PUBLIC, Confidence, Status
from app.reports.index.consume import Change
from app.reports.models import Report
from app.reports.replace import try_touch
from app.review import voices
from app.review.confidence import WEIGHTS, Facts, Kind, Rating
from app.review.neighbourhood import Neighbourhood
from app.review.rating import facts_of_row, put, rate_row
from app.review.trusted import is_known_account, is_trusted, read_noted
from app.review.unrated_models import Unrated
from app.review.vote_models import VoteRow
from app.review.warnings_seen import warns_of_flood
from app.warnings.covering import CoveringWarnings, find_covering
from app.warnings.models import OfficialWarning

MOST_RATED = 100  # in one run; the others wait for the minute's function
MOST_WRITES = 2  # of a report, between two decisions of responders
EVERY_MS = clock.MINUTE_MS
MOST_SAID = 100
# A record in which nothing else changed is a rating's own, or follows from it.
_OF_RATING = frozenset(
    "version touches packed confidence confidence_tenths confidence_reasons ratings rated_at_ms".split()
)
# What neighbours see of a report.
_OF_NEIGHBOUR = ("lat", "lon", "visibility", "radius_m", "observed_at_ms", "status", "is_disputed")


def rate_changed(changes: Sequence[Change]) -> None:
    """Rate the changed reports and those around them. Raises only if the database does not answer.

    What cannot be rated for any other reason is counted and left, alone.
    """
    try:
        _rate_changed([change for change in changes if is_relevant(change)])
    except Exception as error:  # noqa: BLE001 - a rating may fail in any way, and delays no batch
        if len(changes) == 1 or dynamodb.is_outage(error):
            _leave(error)
            return
        middle = len(changes) // 2
        rate_changed(changes[:middle])
        rate_changed(changes[middle:])


def _leave(error: Exception, reports: int = 1) -> None:
    """Count reports that cannot be rated and go on. Raises the error if the database does not answer."""
    if dynamodb.is_outage(error):
        raise error
    telemetry.measure("UnratedReports", reports, "Count")
    telemetry.logger().error("report not rated", extra={"error": type(error).__name__})


def is_relevant(change: Change) -> bool:
    """Return whether anything has changed that a rating may depend on."""
    before, after = (image.attribute_values if image else {} for image in (change.old, change.new))
    return any(before.get(name) != after.get(name) for name in before.keys() | after.keys() if name not in _OF_RATING)


def rate_waiting() -> None:
    """Rate reports whose rating was put off: by the minute between two ratings, or for their number.

    Then those of accounts that may have been suspended or restored.
    """
    ids = Unrated.read()[:MOST_RATED]
    if ids:
        rows = [row for row in Report.find_all_readable(ids) if _can_change(row)]
        later = _rate_all(rows, Neighbourhood(rows))
        Unrated.remove({*ids} - {row.id for row in later})
    for rows in read_noted():
        try:
            rate_again(rows)
        except Exception as error:  # noqa: BLE001 - a rating may fail in any way, and stops no other account
            _leave(error, len(rows))


def rate_again(reports: Sequence[Report]) -> None:
    """Rate reports though they have not changed, because what lies around or behind them has."""
    rows = [row for row in reports if _can_change(row)]
    later = _rate_all(rows, Neighbourhood(rows))
    if later and not Unrated.add(row.id for row in later):
        telemetry.measure("UnratedReports", len(later), "Count")


def _rate_changed(changes: Sequence[Change]) -> None:
    latest = {change.new.id: change.new for change in changes if change.new}
    around = Neighbourhood(latest.values())
    seen = [image for change in changes for image in _seen_by_neighbours(change)]
    around.read_around(seen)
    near = {entry.id for image in seen for entry in around.near(image) if entry.status == Status.PENDING}
    around.read_rows(near)
    rows = [around.rows[report_id] for report_id in {*latest, *near} if report_id in around.rows]
    ratable = sorted(filter(_can_change, rows), key=lambda row: row.sort, reverse=True)
    later = [*_rate_all(ratable[:MOST_RATED], around), *ratable[MOST_RATED:]]
    if later and not Unrated.add(row.id for row in later):
        telemetry.measure("UnratedReports", len(later), "Count")


def _seen_by_neighbours(change: Change) -> list[Report]:
    """Return a report as its neighbours see it before and after a change, if they see it differently.

    Without a network it supports no neighbour, so that none of them is looked at.
    """
    old, new = change.old, change.new
    if old and new and all(getattr(old, name) == getattr(new, name) for name in _OF_NEIGHBOUR):
        return []
    return [image for image in (old, new) if image and image.network and image.status in PUBLIC]


def _can_change(report: Report) -> bool:
    """Return whether the level of a report could be another one; False if its row cannot be read that far."""
    try:
        return _may_change(report)
    except Exception as error:  # noqa: BLE001 - one report that cannot be rated stops no other
        _leave(error)
        return False


def _may_change(report: Report) -> bool:
    if not report.is_active(clock.now_ms()):
        return False
    level = report.confidence or Confidence.LOW
    if report.status == Status.VERIFIED:
        return bool(level != Confidence.HIGH)  # its decision was stored by another release
    if int(report.ratings or 0) >= MOST_WRITES:
        return False
    return level != Confidence.LOW or _may_be_firm(report)


def _may_be_firm(report: Report) -> bool:
    """Return whether a report may have a fact that no stranger can make."""
    facts = facts_of_row(report)
    return (
        bool(report.is_from_partner)
        or is_known_account(report)
        or any(getattr(facts, code) for code, weight in WEIGHTS.items() if weight.kind == Kind.FIRM)
    )


def _rate_all(reports: Sequence[Report], around: Neighbourhood) -> list[Report]:
    """Rate reports and store what has changed; return those that were rated less than a minute ago."""
    later, pending = list[Report](), list[Report]()
    for row in reports:
        if row.status == Status.VERIFIED:
            _store(row, rate_row(row))
        elif row.rated_at_ms and 0 <= clock.now_ms() - row.rated_at_ms < EVERY_MS:
            later.append(row)
        else:
            pending.append(row)
    if pending:
        _rate_pending(pending, around)
    return later


def _rate_pending(reports: Sequence[Report], around: Neighbourhood) -> None:
    """Rate reports that wait for a responder. Some rounds for all of them."""
    around.read_around(reports)
    others = {
        row.id: [*(entry.id for entry in around.near(row) if not entry.is_disputed), *row.duplicates] for row in reports
    }
    around.read_rows(other for row in reports for other in others[row.id])
    covering = find_covering([row.entry().spot for row in reports])
    said = dynamodb.in_one_round([partial(_said_about, row, around) for row in reports])
    for row, over, rows_said in zip(reports, covering, said, strict=True):
        neighbours = [around.rows[other] for other in others[row.id] if other in around.rows]
        try:
            _rate_one(row, _facts(row, neighbours, rows_said, over))
        except Exception as error:  # noqa: BLE001 - one report that cannot be rated stops no other
            _leave(error)


def _said_about(report: Report, around: Neighbourhood) -> list[VoteRow]:
    """Return the votes and flags about a report and those merged into it; reads nothing if its row has none."""
    if report.votes[0] <= 1 and not report.flags_waiting:
        return []
    month = clock.day_of(report.created_at_ms)[:7]
    merged = (around.rows.get(other) for other in report.duplicates)
    ids = [report.id, *(one.id for one in merged if one and clock.day_of(one.created_at_ms)[:7] == month)]
    return [row for report_id in ids for row in VoteRow.about(report_id, most=MOST_SAID)]


def _facts(report: Report, neighbours: Iterable[Report], said: Iterable[VoteRow], over: CoveringWarnings) -> Facts:
    facts = facts_of_row(report)
    limits = {"most_neighbours": WEIGHTS["neighbours"].most, "most_votes": WEIGHTS["votes"].most}
    heard = voices.count(report, neighbours, said, **limits)
    return facts._replace(
        neighbours=heard.neighbours,
        votes=heard.votes,
        flags=max(facts.flags, heard.flags),
        in_warning=int(any(_warns_now(row) for row in over.certain)),
    )


def _warns_now(row: OfficialWarning) -> bool:
    """Return whether a warning in force is about flooding now: not later, not past, and no test of the issuer."""
    mark = row.mark()
    is_begun = mark.onset_at_ms is None or mark.onset_at_ms <= clock.now_ms()
    return is_begun and warns_of_flood(row, mark)


def _rate_one(report: Report, facts: Facts) -> None:
    """Store the rating of a report if its level changes. If another writer was first, that change is rated."""
    level, rating = report.confidence or Confidence.LOW, rate_row(report, facts)
    possible = facts._replace(
        partner_key=int(bool(report.is_from_partner)), trusted_account=int(is_known_account(report))
    )
    # Reading the account, and even more its reports, is dear: only if it matters.
    if possible.partner_key and rate_row(report, possible).level != rating.level:
        facts = facts._replace(partner_key=int(Account.is_partner_now(str(report.account_id))))
        rating = rate_row(report, facts)
    trusted = facts._replace(trusted_account=possible.trusted_account)
    if possible.trusted_account and rate_row(report, trusted).level != rating.level:
        rating = rate_row(report, trusted) if is_trusted(str(report.account_id)) else rating
    if rating.level != level:
        _store(report, rating)


def _store(report: Report, rating: Rating) -> None:
    put(report, rating)
    if report.status == Status.PENDING:
        report.ratings, report.rated_at_ms = int(report.ratings or 0) + 1, clock.now_ms()
    try_touch(report, is_shown=False)
