"""Alerts as they are to be sent now: of one event, of what is in force for a new subscription, or of a digest."""

from functools import partial
from typing import NamedTuple

from app.alerts import in_force, news, present, quiet, recipients, report_letters, warning_letters
from app.alerts.event_models import Kind
from app.alerts.news import News
from app.alerts.present import Present
from app.alerts.reader import Reader
from app.alerts.subscription_models import Subscription
from app.core.severity import Severity
from app.core.translations import N_
from app.mail import digests
from app.mail.letters import Letter, Section, link_to
from app.mail.models import SUMMARY, Delivery
from app.mail.sending import Again, Hold
from app.situation.grouping import group_warnings
from app.situation.warning_titles import in_short

KIND = "alert"
MOST_SECTIONS = 20  # of one message; a page has all
_MORE = N_("There are more than this message holds (%(num)s). See what holds now: %(page)s")
_HELD = N_("This came while messages to you were held back, as you asked. It holds only what is still true.")


def compose(delivery: Delivery) -> Letter | Hold | Again | None:
    """Return the message as it is to be sent now, or until when it waits; None if nothing that it tells holds.

    Also None if no subscription of the address asks for it any more: a stop holds for what was queued before.
    """
    if delivery.event.startswith(digests.BEGINNING):
        return _digest(delivery)
    if delivery.event.startswith(f"{SUMMARY}-"):
        return _summary(delivery)
    item = _find(delivery)
    if not isinstance(item, _LetterItem):
        return item
    until_ms = quiet.held_until_ms(
        delivery.recipient,
        severity=item.severity,
        quiet=item.subscription.quiet,
        digest=str(item.subscription.digest),
        zone=partial(recipients.zone_of, item.subscription),
    )
    if until_ms is not None:
        return Hold(until_ms)
    reader = recipients.reader_of(item.subscription)
    return _letter(item, reader) if reader else None


class _LetterItem(NamedTuple):
    """News for a person, and the subscription by which they get it."""

    subscription: Subscription
    news: News
    severity: str  # of the event


def _find(delivery: Delivery) -> _LetterItem | Again | None:
    known = present.read(delivery.event)
    if item := _find_in(delivery, known):
        return item
    newer = present.read_after(delivery.event, int(delivery.made_at_ms), known)
    return None if newer is known else _find_in(delivery, newer)


def _find_in(delivery: Delivery, about: Present | None) -> _LetterItem | Again | None:
    if about is None or not (subscription := _subscription_for(delivery, about)):
        return None
    item_news = news.of(delivery, subscription, about)
    return _LetterItem(subscription, item_news, about.event.severity) if isinstance(item_news, News) else item_news


def _subscription_for(delivery: Delivery, about: Present) -> Subscription | None:
    return recipients.find(delivery, lambda subscription: news.is_asked(subscription, about))


def _letter(item: _LetterItem, reader: Reader) -> Letter:
    item_news = item.news
    if item_news.kind == Kind.WARNING:
        return warning_letters.in_force(item_news.rows, reader, has_risen=item_news.has_risen)
    if item_news.kind == Kind.ENDED:
        return warning_letters.ended(
            item_news.rows, reader, unheard_since_ms=item_news.silent_since_ms, others=item_news.others
        )
    if item_news.kind == Kind.UNHEARD:
        assert item_news.silent_since_ms is not None
        return warning_letters.unheard(item_news.rows, reader, since_ms=item_news.silent_since_ms)
    assert item_news.report is not None
    return report_letters.letter(item_news.report, reader, away_km=_away_km(item))


def _away_km(item: _LetterItem) -> float | None:
    middle = recipients.middle_of(item.subscription.shape)
    if middle is None or item.news.report is None:
        return None
    return report_letters.km_from(item.news.report, lat=middle[0], lon=middle[1])


def _summary(delivery: Delivery) -> Letter | None:
    """Return what is in force at the place of a subscription; None if nothing is, or it asks for no warnings."""
    subscription = recipients.find(delivery, lambda one: bool(one.warnings), is_any=False)
    if subscription is None:
        return None
    least = Severity(subscription.severity_min) if subscription.severity_min else Severity.UNKNOWN
    hits = in_force.find(subscription.shape, least=least)
    reader = recipients.reader_of(subscription) if hits else None
    groups = [[hit.warning for hit in group] for group in group_warnings(hits)]
    return warning_letters.summary(groups, reader) if reader else None


def _digest(delivery: Delivery) -> Letter | Again | None:
    """Return what of the messages that were held back still holds, in one; None if nothing does."""
    items: dict[str, _LetterItem] = {}
    for held in delivery.held():
        item = _find(held)
        if isinstance(item, Again):
            return item
        if item:
            items[held.event] = item
    first = next(iter(items.values()), None)
    reader = recipients.reader_of(first.subscription) if first else None
    if reader is None:
        return None
    sections = _sections([(one, _reader_for(one, reader)) for one in items.values()], reader)
    places = list(dict.fromkeys(_reader_for(one, reader).place for one in items.values()))
    place = in_short(places, reader.language)
    heading = reader.say(N_("What came for %(place)s while messages were held back"), place=place)
    return reader.letter(
        heading,
        paragraphs=(reader.say(_HELD),),
        sections=sections[:MOST_SECTIONS],
        after=_beyond(len(sections) - MOST_SECTIONS, reader),
        tells=tuple(sorted(items)),
    )


def _beyond(cut: int, reader: Reader) -> tuple[str, ...]:
    """Return how many things more there are than a message holds, and where; none if it holds all."""
    return (reader.say(_MORE, num=cut, page=link_to("/")),) if cut > 0 else ()


def _reader_for(item: _LetterItem, reader: Reader) -> Reader:
    """Return the reader of a digest with the place of the subscription by which they hear of this."""
    own = recipients.reader_of(item.subscription)
    return reader._replace(label=own.label if own else "")


def _sections(items: list[tuple[_LetterItem, Reader]], reader: Reader) -> tuple[Section, ...]:
    """Return a section for each thing, none twice: what is in force, what people report, what has ended."""
    rows = {row.id: row for one, _ in items if one.news.kind == Kind.WARNING for row in one.news.rows}
    groups = [[hit.warning for hit in group] for group in group_warnings(in_force.as_hits(rows.values()))]
    ended = {one.news.rows: (one.news, own) for one, own in items if one.news.kind == Kind.ENDED}
    unheard = [(one.news, own) for one, own in items if one.news.kind == Kind.UNHEARD]
    of_all = reader if len({own.place for _, own in items}) == 1 else reader._replace(label="")
    return (
        *warning_letters.sections_of(groups, of_all),
        *(warning_letters.unheard_section(one.rows, own, since_ms=one.silent_since_ms or 0) for one, own in unheard),
        *(
            report_letters.section_of(one.news.report, own, away_km=_away_km(one))
            for one, own in items
            if one.news.report is not None
        ),
        *(
            warning_letters.ended_section(one.rows, own, unheard_since_ms=one.silent_since_ms, others=one.others)
            for one, own in ended.values()
        ),
    )
