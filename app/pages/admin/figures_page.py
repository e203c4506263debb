"""Show admins the figures of the service: each plot with its table, each part by itself."""

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask import Response

from app.api import figures_views, status_views
from app.api.figures_views import AREAS, DECISIONS, QUEUE, REPORTS, SOURCES, Today
from app.core import clock
from app.core.config import settings
from app.core.translations import N_
from app.pages.admin import plots
from app.pages.admin.frame import admin_page
from app.pages.admin.plots import Bar, Columns
from app.pages.frame import wording
from app.pages.frame.language import gettext as _
from app.pages.frame.language import ngettext
from app.pages.site.about import heard_ms, state_of
from app.review.counting import Origin
from app.review.figures import Hour
from app.review.queue_length import Length
from app.review.urgency import State
from app.situation.plain_words import RANKS

ORIGINS = {
    Origin.ACCOUNT: N_("With an account"),
    Origin.ANONYMOUS: N_("Without an account"),
    Origin.PARTNER: N_("From organisations"),
    Origin.FILE: N_("From a file"),
}
STATES = {
    State.WAITING: N_("For a first look"),
    State.DISPUTED: N_("Flagged by people"),
    State.MAY_BE_OVER: N_("The water may have gone"),
    State.PHOTOS: N_("Photos to be looked at"),
}
MISSING = {
    REPORTS: N_("Reports could not be counted just now."),
    DECISIONS: N_("Decisions could not be looked at just now."),
    AREAS: N_("Areas warned could not be counted just now."),
    SOURCES: N_("The state of the sources could not be read just now."),
    QUEUE: N_("The queue could not be counted just now."),
}
EVERY_HOURS = 6  # a time below every sixth column
OLDEST_S = 3600  # the age of a source at which its bar is full


class HourRow(NamedTuple):
    """An hour in the table: its time, a number in words for each origin, all together."""

    time: str
    numbers: list[str]
    total: str


class SourceRow(NamedTuple):
    """A source in the table; `heard`: its last answer (ms)."""

    title: str
    words: str
    heard: int | None


def show() -> Response:
    """Show the figures as they are now. A part that cannot be read is named, and the rest stands."""
    today = figures_views.read()
    return admin_page(
        "admin.html",
        today=today,
        lacks=[_(MISSING[part]) for part in today.missing],
        origins=[(str(origin), _(words)) for origin, words in ORIGINS.items()],
        waited=_waited(today),
        totals=_totals(today.hours) if today.hours else None,
        columns=_columns(today.hours) if today.hours else None,
        marks=_marks(today.hours or []),
        hours=[_hour_row(hour) for hour in reversed(today.hours or [])],
        areas=_area_bars(today),
        queue=_queue_bars(today),
        ages=_age_bars(today),
        sources=[_source_row(fact) for fact in today.sources or []],
        zone=settings().zone,
        plot=plots,
    )


def _totals(hours: list[Hour]) -> dict[str, str]:
    totals = figures_views.total_of(hours)
    words = {str(origin): wording.number(number) for origin, number in totals.items()}
    return words | {"all": wording.number(sum(totals.values()))}


def _columns(hours: list[Hour]) -> Columns:
    stacks = [None if one.filed is None else [(str(name), one.filed[name]) for name in Origin] for one in hours]
    return plots.columns(stacks)


def _marks(hours: list[Hour]) -> list[tuple[int, str]]:
    """Return every sixth column and its time."""
    return [(place, _time(hours[place].from_ms)) for place in range(0, len(hours), EVERY_HOURS)]


def _hour_row(hour: Hour) -> HourRow:
    if hour.filed is None:
        return HourRow(_time(hour.from_ms), [_("not known")] * len(Origin), _("not known"))
    numbers = [hour.filed[origin] for origin in Origin]
    return HourRow(
        _time(hour.from_ms),
        [_number(number, is_at_least=not hour.is_whole) for number in numbers],
        _number(sum(numbers), is_at_least=not hour.is_whole),
    )


def _time(at_ms: int) -> str:
    """Format the time of day in this deployment's zone."""
    at: datetime = clock.from_ms(at_ms).astimezone(ZoneInfo(settings().zone))
    return f"{at:%H:%M}"


def _number(number: int, *, is_at_least: bool) -> str:
    text = wording.number(number)
    return _("at least %(num)s", num=text) if is_at_least else text


def _waited(today: Today) -> str:
    """Return the sentence about the median wait for a first decision, and the number of reports; "" without any."""
    if today.decisions is None or today.decisions.median_min is None:
        return ""
    return ngettext(
        "%(num)s report was decided about for the first time. It had waited %(minutes)s.",
        "%(num)s reports were decided about for the first time. The median wait was %(minutes)s.",
        today.decisions.number,
        minutes=ngettext("%(num)s minute", "%(num)s minutes", today.decisions.median_min),
    )


def _area_bars(today: Today) -> list[Bar]:
    if today.areas is None:
        return []
    is_at_least = today.areas.is_at_least
    return plots.bars(
        [
            (wording.rank(_(RANKS[rank])), _number(number, is_at_least=is_at_least), number, str(rank))
            for rank, number in today.areas.by_rank.items()
        ]
    )


def _queue_bars(today: Today) -> list[Bar]:
    lengths = [
        (_(STATES[state]), _length(length), length.number, "wait") for state, length in (today.queue or {}).items()
    ]
    return plots.bars(lengths)


def _length(length: Length) -> str:
    return _number(length.number, is_at_least=length.is_at_least)


def _age_bars(today: Today) -> list[Bar]:
    """Draw the ages of the sources that were heard."""
    rows = list[tuple[str, str, float, str]]()
    for fact in today.sources or []:
        if (heard := heard_ms(fact)) is not None:
            kind = "old" if fact["stale"] else "fresh"
            rows.append((wording.source(fact["name"]), wording.ago(heard), fact["age_s"], kind))
    return plots.bars(rows, most=OLDEST_S)


def _source_row(fact: status_views.Fact) -> SourceRow:
    return SourceRow(wording.source(fact["name"]), state_of(fact), heard_ms(fact))
