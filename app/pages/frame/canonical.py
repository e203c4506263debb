"""The canonical address of a page: its place and language, and nothing else. It is what is passed on to others.

Search engines, previews, the share button and a poster's QR code have it. Filters, the accuracy of a device and words
of a URL that name no place that was found are not in it. A later page of a list and a part of the map have none.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import g, request, url_for

from app.core.translations import LANGUAGES
from app.pages.frame import language

# The pages that search engines may list; all others say `noindex`. The first nine stand in /sitemap.xml.
LISTED = (
    "show_now",
    "list_warnings",
    "list_reports",
    "show_status",
    "show_about",
    "show_privacy",
    "show_accessibility",
    "show_docs",
    "list_problems",
)
PUBLIC = frozenset((*LISTED, "show_report", "show_warning", "show_area", "show_problem"))
DEFAULT = "x-default"  # the language of the reader who opens it


class Canonical(NamedTuple):
    """Paths of one page: `path` in its language, `others` by the code of each language and `x-default`."""

    path: str
    others: dict[str, str]


def of_page(place: Mapping[str, str]) -> Canonical | None:
    """Return the canonical paths of the page asked for, about a place or none; None for one that is not public."""
    _, _, name = (request.endpoint or "").rpartition(".")
    if name not in PUBLIC or g.get("is_personal"):
        return None
    values = {**(request.view_args or {}), **place}
    return Canonical(address(name, values, language.chosen()), in_languages(name, values))


def address(name: str, values: Mapping[str, Any], code: str | None) -> str:
    """Return the path of a page, with the language that it opens in: None for the reader's own."""
    parameters: dict[str, Any] = {**values, **({language.PARAMETER: code} if code else {})}
    return url_for(f"pages.{name}", **parameters)


def in_languages(name: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the paths of a page in each language, and without one."""
    return {code: address(name, values, code) for code in LANGUAGES} | {DEFAULT: address(name, values, None)}
