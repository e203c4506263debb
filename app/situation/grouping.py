"""Merge warnings with the same text for neighbouring areas into one entry. Pure."""

from collections.abc import Iterable

from app.situation.plain_words import hazard_of
from app.warnings.models import OfficialWarning
from app.warnings.search import WarningHit


def group_warnings(hits: Iterable[WarningHit]) -> list[list[WarningHit]]:
    """Group warnings with equal source, severity and text. Groups are in the order of their first warning."""
    groups: dict[tuple[str, ...], list[WarningHit]] = {}
    for hit in hits:
        groups.setdefault(text_of(hit.warning), []).append(hit)
    return list(groups.values())


def text_of(row: OfficialWarning) -> tuple[str, ...]:
    """Return the key by which two warnings are merged. A warning without a text is never merged.

    The headline is not part of the key, because it is often the area's name. But a message that calls itself a test in
    its headline is never merged with one that does not.
    """
    first = row.words[0]
    issuer_text = first.get("description", "") + first.get("instruction", "")
    headline = first.get("headline", "").lstrip("[(* ").casefold()
    is_test = headline.startswith(("test", "exercise", "drill"))
    moved = (
        str(is_test),
        str(row.onset_at_ms),
        str(row.ended_at_ms is None),
        hazard_of(row),
        row.certainty,
        row.urgency,
    )
    return row.source, row.severity, first.get("label", ""), issuer_text or row.id, *moved
