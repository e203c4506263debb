"""Letters about official warnings: what is in force, what has ended, and what cannot be known any more."""

from collections.abc import Sequence

from app.alerts import warning_words as words
from app.alerts.reader import Reader, one_line
from app.core.translations import N_
from app.mail.letters import Letter, Section
from app.situation.plain_words import WHAT_TO_DO, Standing, hazard_of
from app.warnings.marks import FLOOD
from app.warnings.models import OfficialWarning

Rows = Sequence[OfficialWarning]  # never empty
_GRAVER = N_("The issuer ranks it graver than before.")
_AREAS = N_("It is for these areas:")
_OTHERS = N_("Under the same text: %(news)s.")
_WAS_AREAS = N_("It was for these areas:")
_NOT_ALL_OVER = N_("Not everything is over: another warning holds there. %(news)s.")
_SINCE = N_("This is no news: it was there before you asked.")


def in_force(rows: Rows, reader: Reader, *, has_risen: bool) -> Letter:
    """Return the letter about warnings with the same text, one for each area of the reader."""
    row, *_ = ordered = _gravest_first(rows)
    (_, alike), *others = _by_rank(ordered, reader).items()
    area = words.areas_of(alike, reader)
    graver = [reader.say(_GRAVER)] if has_risen else []
    quote = words.quote_of(row, reader)
    return reader.letter(
        words.subject_of(row, area, reader),
        heading=words.ranked(row, area, reader),
        tone=words.tone_of(row),
        paragraphs=(
            *graver,
            *words.announced(row, reader),
            *words.advice_on(row, reader),
            *_named(alike, reader, _AREAS),
            *(reader.say(_OTHERS, news=words.ranked(few[0], words.areas_of(few, reader), reader)) for _, few in others),
            *words.times_of(alike, reader),
        ),
        sections=(Section(quote=quote),) if quote else (),
        link=words.link_of(row, reader),
        more=words.issuers_page(row, reader),
    )


def _by_rank(rows: Rows, reader: Reader) -> dict[str, list[OfficialWarning]]:
    """Return warnings by what is said of them: under one text one may begin later, or be less likely, than another."""
    by_rank: dict[str, list[OfficialWarning]] = {}
    for row in rows:
        by_rank.setdefault(words.ranked(row, "", reader), []).append(row)
    return by_rank


def _named(rows: Rows, reader: Reader, before: str) -> list[str]:
    """Return the areas by their names, if there are several."""
    names = list(dict.fromkeys(one_line(name) for row in rows for _, name in row.named_areas if name))
    if len(names) < 2:
        return []
    cut = [*names[: words.MOST_NAMED], "…"] if len(names) > words.MOST_NAMED else names
    return ["\n".join([reader.say(before), *(f"- {name}" for name in cut)])]


def ended(rows: Rows, reader: Reader, *, unheard_since_ms: int | None = None, others: Rows = ()) -> Letter:
    """Return the all-clear. `unheard_since_ms`: its source is silent since then. `others`: still in force there."""
    row = rows[0]
    heading = reader.say(N_("No longer in force: %(area)s"), area=words.areas_of(rows, reader))
    return reader.letter(
        heading,
        tone="over",
        paragraphs=(
            *_not_all_over(others, reader),
            *_ends_of(rows, reader, unheard_since_ms=unheard_since_ms),
            *_after_water(row, reader),
        ),
        link=words.link_of(row, reader),
        more=words.issuers_page(row, reader),
    )


def _ends_of(rows: Rows, reader: Reader, *, unheard_since_ms: int | None) -> list[str]:
    """Return why and when warnings ended, for each area by itself where it is not the same for all, and the areas."""
    by_end: dict[tuple[str, ...], list[OfficialWarning]] = {}
    for row in rows:
        by_end.setdefault(tuple(words.end_of(row, reader, unheard_since_ms=unheard_since_ms)), []).append(row)
    if len(by_end) == 1:
        return [*next(iter(by_end)), *_named(rows, reader, _WAS_AREAS)]
    return [f"{words.areas_of(few, reader)}: {' '.join(end)}" for end, few in by_end.items()]


def _not_all_over(others: Rows, reader: Reader) -> list[str]:
    """Return the sentence that names the gravest warning still in force at the place; empty without one."""
    if not others:
        return []
    news = words.ranked(_gravest_first(others)[0], reader.place, reader)
    return [reader.say(_NOT_ALL_OVER, news=news)]


def _after_water(row: OfficialWarning, reader: Reader) -> list[str]:
    return [reader.say(WHAT_TO_DO[Standing.OVER])] if hazard_of(row) == FLOOD else []


def unheard(rows: Rows, reader: Reader, *, since_ms: int) -> Letter:
    """Return the letter about warnings whose source has been silent since a moment."""
    section = unheard_section(rows, reader, since_ms=since_ms)
    return reader.letter(
        section.heading,
        tone=section.tone,
        paragraphs=section.paragraphs,
        link=section.link,
        more=words.issuers_page(rows[0], reader),
    )


def unheard_section(rows: Rows, reader: Reader, *, since_ms: int) -> Section:
    """Return the same as one of several things."""
    row, *_ = rows = _gravest_first(rows)
    area, source = words.areas_of(rows, reader), words.source_of(row, reader)
    then = reader.say(N_("Then it was in force, and we wrote to you about it. We know nothing newer."))
    since = words.at(since_ms, row, reader)
    return Section(
        heading=reader.say(N_("%(area)s: we cannot say whether the warning still holds"), area=area),
        tone="unknown",
        paragraphs=(
            reader.say(N_("%(source)s has not been heard since %(moment)s."), source=source, moment=since),
            *(_last_known(one, reader) for one in rows[: words.MOST_NAMED]),
            then,
            reader.say(N_("Ask the issuer itself, and look at the water from a safe place.")),
        ),
        link=words.link_of(row, reader),
    )


def _last_known(row: OfficialWarning, reader: Reader) -> str:
    ranked = words.ranked(row, words.area_of(row, reader), reader)
    return reader.say(N_("Last known: %(news)s."), news=ranked)


def summary(groups: Sequence[Rows], reader: Reader) -> Letter:
    """Return what is in force around the place of a new subscription: since when, not as news.

    Its subject is the gravest warning, with its area and its rank.
    """
    sections = sections_of(groups, reader)
    return reader.letter(
        sections[0].heading,
        heading=reader.say(N_("Official warnings in force around %(place)s"), place=reader.place),
        paragraphs=(reader.say(_SINCE),),
        sections=sections,
        after=(reader.say(N_("From now on you hear of new ones, of those that become graver, and of their end.")),),
    )


def sections_of(groups: Sequence[Rows], reader: Reader) -> tuple[Section, ...]:
    """Return a section for each group of warnings with the same text, the gravest first; each advice once."""
    given: set[str] = set()
    return tuple(
        _section(group, reader, given) for group in sorted(groups, key=lambda rows: min(map(words.rank_order, rows)))
    )


def _section(rows: Rows, reader: Reader, given: set[str]) -> Section:
    row, *_ = rows = _gravest_first(rows)
    advice = [text for text in words.advice_on(row, reader) if text not in given]
    given.update(advice)
    return Section(
        heading=words.subject_of(row, words.areas_of(rows, reader), reader),
        tone=words.tone_of(row),
        paragraphs=(*words.since_of(row, reader), *_named(rows, reader, _AREAS), *advice),
        link=words.link_of(row, reader),
    )


def ended_section(rows: Rows, reader: Reader, *, unheard_since_ms: int | None, others: Rows) -> Section:
    """Return the all-clear as one of several things."""
    return Section(
        heading=reader.say(N_("No longer in force: %(area)s"), area=words.areas_of(rows, reader)),
        tone="over",
        paragraphs=(
            *_not_all_over(others, reader),
            *_ends_of(rows, reader, unheard_since_ms=unheard_since_ms),
        ),
        link=words.link_of(rows[0], reader),
    )


def _gravest_first(rows: Rows) -> list[OfficialWarning]:
    return sorted(rows, key=words.rank_order)
