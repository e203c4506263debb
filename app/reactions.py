"""Reactions to changes, for all rooms in one list. No AWS event, no rule, no rendering."""

from collections.abc import Callable, Sequence
from typing import Any

from app.accounts import letters
from app.accounts.link_models import OneTimeLink
from app.accounts.one_time_links import Right
from app.accounts.session_models import Departure, RefreshFamily
from app.alerts import alert_letters, confirm_letters, events, matching, stopping, watch
from app.alerts.jobs import QUEUE as QUEUE_OF_JOBS
from app.alerts.jobs import Job
from app.aws import queues
from app.aws.buckets import BucketFailed
from app.aws.mail import read_event
from app.core import dynamodb, telemetry
from app.core.config import settings
from app.core.errors import Unavailable
from app.mail import carriers, due, sending, ses
from app.mail.letters import Letter
from app.mail.models import QUEUE, URGENT_QUEUE, Delivery, delay_of, queue_of
from app.mail.sending import Again, Compose, Hold
from app.photos import publishing
from app.reports import forget_homes, unlink_account
from app.reports.entry import PUBLIC, Status
from app.reports.index import consume, former_removal
from app.reports.index.consume import Change
from app.reports.models import Report
from app.review import (
    audit_copy,
    decision_letters,
    figures,
    merging,
    queue,
    rate,
    trusted,
    unlink_votes,
    vouching,
    warned_areas,
)
from app.review.settle import settle
from app.situation import inside_following, inside_writing

ERASURES = "erasures"
# Until then requests that came before the end of an account are over, and the index shows what they filed: a report in
# flight does not stay linked.
ERASED_AFTER_S = 60
AGAIN_AFTER_S = 30


def reports_changed(changes: Sequence[Change], *, shard: str) -> None:
    """Update the map's tiles after reports were filed, changed or have expired; then rate them and renew the queue.

    Votes count otherwise after a decision, a merge, or the undoing of one: they are counted again. A block of a network
    does not hold for visitors of whom a report was verified. Photos are published last.
    """
    consume.apply_changes(changes, shard=shard)
    inside_following.follow(changes)
    for change in changes:
        if change.new and merging.may_be_apart(change.new, change.old):
            merging.release_apart(change.new.id)
        if change.new and change.old and _is_judged_otherwise(change.new, change.old):
            settle(change.new.id)
    vouching.follow(changes)
    rate.rate_changed(changes)
    queue.renew(changes)
    figures.note_late(changes)
    decision_letters.tell_of(changes)
    _publish_photos(changes)


def _publish_photos(changes: Sequence[Change]) -> None:
    """Make public the photos that everyone may now see, and no others.

    While S3 is away the queue of photos takes it, so that no report waits for a picture; without queues, on one
    machine, BucketFailed is raised.
    """
    is_away = False
    for job in publishing.jobs_of(changes):
        try:
            if not is_away:
                publishing.publish(*job)
        except BucketFailed as error:
            if not (error.is_outage and queues.are_there()):
                raise
            telemetry.logger().error("photos wait to be published", extra={"report": job.report_id})
            is_away = True
        if is_away:
            queues.send(publishing.QUEUE, job.as_message(), delay_s=AGAIN_AFTER_S)


def _is_judged_otherwise(report: Report, old: Report) -> bool:
    """Return whether a public report has been decided about, or other reports have come to it or left it."""
    judged = [(one.status, one.verdict, one.merged_from) for one in (report, old)]
    return report.status in PUBLIC and judged[0] != judged[1]


def votes_changed(report_id: str) -> None:
    """Count the votes and flags about a report into its row, and into those of reports that it is merged into.

    Raises what the database raises.
    """
    for _ in range(merging.LONGEST_CHAIN):
        settled = settle(report_id)
        if settled is None or settled.report.status != Status.MERGED or not settled.report.merged_into:
            return
        report_id = settled.report.merged_into


def account_altered(account_id: str) -> None:
    """Have an account's reports rated again: it may have been suspended, or restored."""
    trusted.note_account(account_id)


def audit_row_added(image: Any) -> None:
    """Copy an audit row to the bucket of copies, which one machine has none of.

    Raises NoAuditRow for what is none, BucketFailed and NoBucket.
    """
    if settings().is_local and not settings().audit_bucket:
        audit_copy.copy_of(image)
        return
    audit_copy.store(image)


def delivery_added(recipient: str, event: str) -> None:
    """Hand a new message to its queue; without queues, on one machine, send it now, or raise Unavailable."""
    if queues.are_there():
        message = {"recipient": recipient, "event": event}
        queues.send(queue_of(event), message, delay_s=delay_of(event))
        return
    if settings().mail.is_set_up and send_message(recipient, event):
        raise Unavailable("The message was not taken.")


def send_message(recipient: str, event: str) -> Again | None:
    """Send a message of the ledger, if it waits and still holds. Returns when it needs another look."""
    return sending.send(recipient, event, compose=_compose, carrier=carriers.chosen())


def _compose(delivery: Delivery) -> Letter | Hold | Again | None:
    """Return the words of a message, made by the room that it tells of."""
    return _COMPOSE.get(delivery.kind, letters.compose)(delivery)


_COMPOSE: dict[str, Compose] = {
    decision_letters.KIND: decision_letters.compose,
    confirm_letters.KIND: confirm_letters.compose,
    alert_letters.KIND: alert_letters.compose,
}


def messages_due(goes_on: Callable[[], bool]) -> int:
    """Hand over the messages that waited for a minute that has come; return how many."""
    return due.release(_hand_over, goes_on)


def alerts_due(goes_on: Callable[[], bool]) -> dict[str, int]:
    """Do what is due of alerts in this minute; return the numbers of messages handed over and of warnings that ended.

    Messages come first; what watches sources may fail without them.
    """
    return {"messages": messages_due(goes_on), "ended": watch.look(search_soon, goes_on)}


def _hand_over(keys: Sequence[tuple[str, str]]) -> None:
    """Hand messages that have waited to their queues."""
    for noun in (URGENT_QUEUE, QUEUE):
        _hand_to(noun, [key for key in keys if queue_of(key[1]) == noun])


def _hand_to(noun: str, keys: Sequence[tuple[str, str]]) -> None:
    """Hand messages of the ledger to a queue; without queues, on one machine, send them now."""
    if queues.are_there():
        queues.send_all(noun, [{"recipient": recipient, "event": event} for recipient, event in keys])
    elif settings().mail.is_set_up:
        for key in keys:
            send_message(*key)


def search_soon(job: Job) -> None:
    """Hand a new search for people to its queue; without queues, on one machine, make it now. Safe to repeat."""
    _queue_or_search(job)
    events.note_queued(job)


def search(job: Job, *, goes_on: Callable[[], bool]) -> None:
    """Make a search for the people whom an event concerns; what is left goes to the queue as further ones."""
    for rest in matching.run(job, hand_over=_hand_to, goes_on=goes_on):
        _queue_or_search(rest)


def _queue_or_search(job: Job) -> None:
    if queues.are_there():
        queues.send(QUEUE_OF_JOBS, job.as_message(), delay_s=job.delay_s)
    else:
        search(job, goes_on=lambda: True)


def mail_reported(text: str) -> None:
    """Note what a mail server reports about a message. Raises ValueError for what is no report."""
    if (event := read_event(text)) is not None:
        ses.note(event)


def account_removed(account_id: str) -> None:
    """Unlink a deleted account's reports, by the queue if there is one."""
    if queues.are_there():
        queues.send(ERASURES, {"account_id": account_id}, delay_s=ERASED_AFTER_S)
        return
    erase_account(account_id)


def erase_account(account_id: str, *, goes_on: Callable[[int], bool] = lambda _: True) -> None:
    """Unlink the reports of a deleted account and delete its sign-ins; the rest of a long list goes to the queue's end.

    `goes_on` returns whether there is time for more. Lambda stops a function that feeds its own queue after 16 turns,
    so each turn uses all its time: some thousands of reports.
    """
    if not unlink_votes.unlink_votes(account_id, goes_on=goes_on):
        account_removed(account_id)
        return
    stopping.erase_account(account_id)
    Delivery.forget_account(account_id)
    OneTimeLink.forget_account(account_id, Right)
    keeps_texts = Departure.keeps_texts_of(account_id)
    if not unlink_account.unlink_reports(account_id, keeps_texts=keeps_texts, goes_on=goes_on):
        account_removed(account_id)
        return
    _delete_sign_ins(account_id)


def _delete_sign_ins(account_id: str) -> None:
    """Delete what is stored of a person's sign-ins. While their index is not complete, they stay until they run out."""
    try:
        RefreshFamily.end_all_of(account_id)
    except dynamodb.FAILURES as error:
        if not dynamodb.is_refused(error):
            raise


def minute_passed() -> int:
    """Update the tiles over expired reports; return the number of cells.

    Also forgets the exact places of homes that are due, one page each minute, rates reports that were put off, and
    removes some documents of earlier releases.
    """
    forget_homes.forget_some()
    rate.rate_waiting()
    former_removal.remove_some()
    return consume.sweep()


def inside_due(goes_on: Callable[[], bool]) -> int:
    """Count the reports inside official warnings; return the number of warnings counted.

    If that fails, the next minute does it: readers leave out numbers that are five minutes old.
    """
    try:
        return inside_writing.renew(goes_on)
    except dynamodb.FAILURES as error:
        telemetry.logger().error("reports inside not counted", extra={"error": type(error).__name__})
        return 0


def warnings_passed(goes_on: Callable[[], bool]) -> int:
    """Rate reports again, and move their rows in the queue, where warnings have begun, ended or changed.

    Returns the number of reports looked at, at most a thousand; the next minute goes on. `goes_on` returns whether
    there is time for more.
    """
    return warned_areas.follow(goes_on)


def figures_due(goes_on: Callable[[], bool]) -> int:
    """Count what came in and was decided in the five minutes that have ended; return how many of them.

    If that fails, the next minute does it: nothing else waits for it, and until then the figures say that they lack it.
    """
    try:
        return figures.count_settled(goes_on)
    except dynamodb.FAILURES as error:
        telemetry.logger().error("figures not counted", extra={"error": type(error).__name__})
        return 0
