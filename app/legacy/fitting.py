"""Fit what the old clients send, whose server knew no bounds, to those of a report; and say what was changed.

No word is lost but those beyond 4,000 characters: a title that is too long also stands whole in the description.
"""

import re
from collections.abc import Mapping
from typing import Any

from app.core.plain_text import plain
from app.core.unicode_text import BLANKS

LONGEST_TITLE, LONGEST_DESCRIPTION = 120, 4000
SMALLEST_RADIUS_M, LARGEST_RADIUS_M = 1, 5000
EARTH_M = 20_037_508  # half the way around it: no circle is larger
_SHORTER = "…"
_UNSHOWN = "without what cannot be shown there."
_LIKE_MARKUP = re.compile(r"<(?=[A-Za-z/!?])")  # of what is no markup, such as "<a metre"


def fit_radius(radius_m: float, changes: list[str]) -> int:
    """Return a radius of 0 or more in whole metres within the bounds."""
    fitted = min(max(round(radius_m), SMALLEST_RADIUS_M), LARGEST_RADIUS_M)
    if fitted != round(radius_m):
        bound = "largest" if radius_m > fitted else "smallest"
        changes.append(f"Radius: {fitted} metres, the {bound} there is.")
    return fitted


def fit_texts(body: Mapping[str, Any], changes: list[str]) -> tuple[str | None, str]:
    """Return the title in one line, None for an empty one, and the description."""
    sent = body["title"].strip(BLANKS)
    whole, description = _in_one_line(_shown(sent)), _shown(body["description"])
    if len(sent.splitlines()) > 1:
        changes.append("Title: in one line.")
    if whole != _in_one_line(sent):
        changes.append(f"Title: {_UNSHOWN}")
    if description != body["description"].replace("\r\n", "\n").strip(BLANKS):
        changes.append(f"Description: {_UNSHOWN}")
    title = _cut(whole, LONGEST_TITLE)
    if title != whole:
        description = f"{whole}\n\n{description}".strip()
        changes.append(f"Title: its first {LONGEST_TITLE} characters; all of it stands in the description.")
    fitted = _cut(description, LONGEST_DESCRIPTION)
    if fitted != description:
        changes.append(f"Description: its first {LONGEST_DESCRIPTION} characters.")
    return title or None, fitted


def _shown(text: str) -> str:
    """Return a text without markup, control characters and what hides or reorders others; line breaks stay."""
    return _LIKE_MARKUP.sub("< ", plain(text))


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - len(_SHORTER)].rstrip() + _SHORTER
