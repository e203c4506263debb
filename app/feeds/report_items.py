"""Items of feeds for reports, made of the public form that lists have."""

from datetime import datetime
from typing import Any

from app.core import clock, moments
from app.core.translations import N_, translated
from app.feeds import ids
from app.feeds.items import ENDED, Category, FeedItem, Shape
from app.reports.entry import Status
from app.situation import report_words
from app.warnings.zones import zone_at

KIND = "reports"
OVER, ENDED_TITLE = N_("Over"), N_("Over: %(title)s")
_ENDED = N_("It has ended: %(moment)s.")


def item_of(form: dict[str, Any], language: str) -> FeedItem:
    """Return a report, or what is left of one that is gone, as an item. One that has ended says so in its title."""
    place, title = form.get("location"), report_words.title_of(form, language)
    has_ended = is_over(form)
    return FeedItem(
        id=ids.tag(KIND, form["id"]),
        title=translated(ENDED_TITLE, language, title=title) if has_ended and place else title,
        text="\n".join([*_end_of(form, language), *report_words.lines_of(form, language)]),
        page=f"/reports/{form['id']}",
        published_at=form.get("created_at", ""),
        updated_at=max(form["updated_at"], form["expires_at"]) if has_ended and place else form["updated_at"],
        categories=tuple(_categories(form, language)),
        shape=Shape("point", (place["lat"], place["lon"])) if place else None,
        cap=f"/feeds/reports/{form['id']}.cap.xml" if form.get("status") == Status.VERIFIED else "",
    )


def _end_of(form: dict[str, Any], language: str) -> list[str]:
    """Return the sentence that a report has ended by itself, and when, first: many readers show the text alone."""
    if form.get("gone") or not is_over(form):
        return []
    moment = moments.moment(
        clock.to_ms(datetime.fromisoformat(form["expires_at"])), zone=zone_at(**form["location"]), language=language
    )
    return [translated(_ENDED, language, moment=moment)]


def is_over(form: dict[str, Any]) -> bool:
    """Return whether a report has ended: its time has passed, or it is gone."""
    return bool(form.get("gone")) or form["expires_at"] <= clock.rfc3339(clock.now_ms())


def _categories(form: dict[str, Any], language: str) -> list[Category]:
    if is_over(form):
        ended = [Category("state", ENDED, translated(OVER, language))]
        return ended if form.get("gone") else [*_words(form, language), *ended]
    return _words(form, language)


def _words(form: dict[str, Any], language: str) -> list[Category]:
    return [
        Category("severity", form["severity"], report_words.severity(form["severity"], language)),
        Category("status", form["status"], report_words.status(form["status"], language) or form["status"]),
        Category("condition", form["condition"], report_words.condition(form["condition"], language)),
    ]
