"""Items of feeds for official warnings: our rank with its place, then the issuer's own words, marked as such."""

from functools import partial
from typing import Any

from app.api.warning_views import Item
from app.core import clock, moments
from app.core.plain_text import one_line, plain
from app.core.translations import N_, translated
from app.feeds import ids, outlines
from app.feeds.items import ENDED, Category, FeedItem
from app.situation import warning_titles
from app.situation.plain_words import PlainWords, Standing, plain_words_of
from app.warnings.models import OfficialWarning
from app.warnings.zones import zone_of

KIND = "warnings"
LONGEST_TITLE, LONGEST_TEXT = 200, 2000  # characters of each of the issuer's texts; the page has all
_GONE = N_("A warning that is over")
_GONE_TEXT = N_("It ended more than a day ago, and is no longer listed.")
_SENT = N_("Sent by %(source)s: %(moment)s.")
_ENDS = N_("It ends by itself unless the issuer prolongs it: %(moment)s.")
_ENDED = N_("It has ended: %(moment)s.")


_short = partial(one_line, longest=LONGEST_TITLE)


def item_of(item: Item, language: str) -> FeedItem:
    """Return a warning, or what is left of one that is gone, as an item."""
    if item.row is None:
        return _gone(item.form, language)
    form, row = item.form, item.row
    words = plain_words_of(row, language, is_kept=True)
    return FeedItem(
        id=ids.tag(KIND, row.id),
        title=_title(form, words, language),
        text="\n\n".join(filter(None, _texts(form, row, words, language))),
        page=f"/warnings/{row.id}",
        published_at=clock.rfc3339(row.mark().first_sent_at_ms),
        updated_at=clock.rfc3339(_updated_ms(row)),
        categories=tuple(_categories(form, words)),
        shape=outlines.shape_of(row),
        author=warning_titles.source_name(row.source, language),
        cap=f"/feeds/warnings/{row.id}.cap.xml",
    )


def _gone(form: dict[str, Any], language: str) -> FeedItem:
    title = translated(_GONE, language)
    return FeedItem(
        id=ids.tag(KIND, form["id"]),
        title=title,
        text=translated(_GONE_TEXT, language),
        page="/warnings",
        published_at="",
        updated_at=form["updated_at"],
        categories=(Category("state", ENDED, title),),
    )


def _updated_ms(row: OfficialWarning) -> int:
    """Return when what is said last changed: with its row, or when it began or ended by itself."""
    now_ms, over_ms = clock.now_ms(), row.mark().over_at_ms
    own_moments = (row.onset_at_ms, over_ms)
    passed = [int(at_ms) for at_ms in own_moments if at_ms is not None and at_ms <= now_ms]
    return max([int(row.updated_at_ms), *passed])


def _title(form: dict[str, Any], words: PlainWords, language: str) -> str:
    """Return `Area: rank (issuer's label)`; without a named area the issuer's headline alone: no rank without place."""
    label = _short(form["label"] or form["headline"])
    names = [_short(area["name"]) for area in form["areas"] if area["name"]]
    if not names:
        return _short(form["headline"]) or label or translated(N_("Official warning"), language)
    ranked = warning_titles.ranked(words, warning_titles.in_short(names, language))
    return f"{ranked} ({label})" if label else ranked


def _texts(form: dict[str, Any], row: OfficialWarning, words: PlainWords, language: str) -> list[str]:
    zone, source = zone_of(row), warning_titles.source_name(row.source, language)

    def said(text: str, at_ms: float) -> str:
        moment = moments.moment(int(at_ms), zone=zone, language=language)
        return translated(text, language, source=source, moment=moment)

    over_ms, is_over = row.mark().over_at_ms, words.standing is Standing.OVER
    end = [said(_ENDED if is_over else _ENDS, over_ms)] if over_ms is not None else []
    own = [_cut(form[name]) for name in ("headline", "description", "instruction")]
    return [said(_SENT, row.sent_at_ms), *end, *dict.fromkeys(own), words.what_to_do or ""]


def _categories(form: dict[str, Any], words: PlainWords) -> list[Category]:
    categories = [Category(name, form[name], form[name]) for name in ("severity", "urgency", "certainty", "hazard")]
    if words.standing is Standing.OVER:
        return [*categories, Category("state", ENDED, words.rank)]
    return [*categories, Category("state", str(words.standing), words.rank)]


def _cut(text: str) -> str:
    whole = plain(text)
    return whole if len(whole) <= LONGEST_TEXT else f"{whole[: LONGEST_TEXT - 1].rstrip()}…"
