"""Entries of the list of alerts, each with the address of the alert as CAP."""

from functools import partial

from app.api.report_schemas import short_form
from app.core import clock
from app.core.plain_text import one_line
from app.core.translations import SOURCE, translated
from app.feeds import cap_reports, cap_warnings, ids
from app.feeds.items import ENDED, Category, FeedItem, Shape
from app.feeds.warning_items import LONGEST_TITLE
from app.reports.alert_chain import chain_of
from app.reports.models import Report
from app.situation.plain_words import RANKS, Standing, beginning, begins_later, standing_of
from app.situation.warning_titles import source_name
from app.warnings import published
from app.warnings.marks import box_of
from app.warnings.models import OfficialWarning

_OVER = Category("state", ENDED, "Over")
_MOST_NAMES = 3  # of areas in a title
plain_line = partial(one_line, longest=LONGEST_TITLE)


def item_of_warning(row: OfficialWarning) -> FeedItem:
    """Return a warning, in the first language of its issuer, and in a title that people may see: its alert has the
    issuer's own spelling."""
    mark, words, box = row.mark(), row.words[0], box_of(row.box)
    is_over = not mark.is_in_force(clock.now_ms())
    issuer, headline = source_name(row.source), cap_warnings.headline_of(row, words)
    headline = f"Over: {headline}" if is_over and not published.is_over(row) else headline
    severity = Category("severity", row.severity, row.severity)
    return FeedItem(
        id=ids.tag("warnings", row.id),
        title=": ".join(filter(None, (_places(row), _not_now(row, words), plain_line(headline)))),
        text="\n".join([cap_warnings.area_names(row), f"Issued by {issuer}, repeated by FloodManager."]),
        page=f"/warnings/{row.id}",
        published_at=clock.rfc3339(min(mark.first_sent_at_ms, int(row.updated_at_ms))),
        updated_at=clock.rfc3339(published.moments_of(row)[-1]),
        categories=(severity, *((_OVER,) if is_over else ())),
        shape=Shape("box", (box.south, box.west, box.north, box.east)) if box and box.west <= box.east else None,
        author=issuer,
        language=cap_warnings.language_of(words),
        cap=f"/feeds/warnings/{row.id}.cap.xml",
    )


def _not_now(row: OfficialWarning, words: dict[str, str]) -> str:
    """Return when a warning begins, or that its danger is past: its headline alone would speak of now."""
    language = cap_warnings.our_language(words)
    if begins_later(row):
        return beginning(row, language, is_kept=True)
    return translated(RANKS[Standing.PAST], language) if standing_of(row) is Standing.PAST else ""


def _places(row: OfficialWarning) -> str:
    """Return the names of a warning's first areas, in no language but the issuer's; empty if it names none."""
    names = list(dict.fromkeys(filter(None, (plain_line(name) for _, name in row.named_areas))))
    return "; ".join([*names[:_MOST_NAMES], *(["…"] if len(names) > _MOST_NAMES else [])])


def item_of_report(row: Report, now_ms: int) -> FeedItem | None:
    """Return a report by its latest alert; None without one that can be read."""
    chain = chain_of(row, now_ms)
    if not cap_reports.is_readable(chain, now_ms):
        return None
    form, first, last = short_form(row.entry()), chain.alerts[0], chain.alerts[-1]
    severity = Category("severity", form["severity"], form["severity"])
    return FeedItem(
        id=ids.tag("reports", row.id),
        title=cap_reports.OVER if chain.is_over else cap_reports.headline_of(form),
        text=f"{cap_reports.OVER if chain.is_over else cap_reports.WHOSE}.",
        page=f"/reports/{row.id}",
        published_at=clock.rfc3339(first.sent_at_ms),
        updated_at=clock.rfc3339(last.sent_at_ms),
        categories=(_OVER,) if chain.is_over else (severity,),
        shape=None if chain.is_over else Shape("point", (form["location"]["lat"], form["location"]["lon"])),
        language=SOURCE,
        cap=f"/feeds/reports/{row.id}.cap.xml",
    )
