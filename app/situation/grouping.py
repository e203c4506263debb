"""Warnings of one text over neighbouring areas become one entry. Pure."""

import json
from collections.abc import Iterable

from app.situation.plain_words import hazard_of
from app.warnings.models import OfficialWarning
from app.warnings.search import Met


def grouped(met: Iterable[Met]) -> list[list[Met]]:
    """The warnings, those with equal source, severity and text together; in the order of the first of each."""
    groups: dict[tuple[str, ...], list[Met]] = {}
    for found in met:
        groups.setdefault(_text_of(found.warning), []).append(found)
    return list(groups.values())


def _text_of(row: OfficialWarning) -> tuple[str, ...]:
    """What makes two entries one. The headline is not in it: it often is the area's name. Without a text none is."""
    first = json.loads(row.texts)[0]
    said = first.get("description", "") + first.get("instruction", "")
    moved = (str(row.onset), str(row.ended is None), hazard_of(row), row.certainty, row.urgency)
    return row.source, row.severity, first.get("label", ""), said or row.id, *moved
