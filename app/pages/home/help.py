"""The first information in danger, for the start page and the poster of a place."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from app.gazetteer import countries
from app.pages.frame.entries import WarningEntry
from app.pages.home.view import View


class Help(NamedTuple):
    """The first information in danger: one instruction, the emergency number, and the issuer."""

    what_to_do: str
    severity: str
    number: str  # of the place's country; empty without a place, at sea, and if unknown
    issuers: list[dict[str, Any]]


def help_at(looked_at: View, sources: Sequence[dict[str, Any]], warnings: Sequence[WarningEntry]) -> Help:
    """Return the advice of the gravest flood warning, later ones included; its issuer, else all covering the place."""
    if not looked_at.circle:
        return Help("", "", "", [])
    first = next((warning for warning in warnings if warning.what_to_do), None)
    sources_with_website = [source for source in sources if source["website"]]
    own = [source for source in sources_with_website if first and source["name"] == first.source_name]
    issuers = own or [source for source in sources_with_website if source["covers_place"] != "none"]
    return Help(first.what_to_do if first else "", first.severity if first else "", number_at(looked_at), issuers)


def number_at(looked_at: View) -> str:
    """Return the emergency number of the country of a view's place; "" without a place, at sea, and if unknown."""
    circle = looked_at.circle
    return countries.emergency_number_at(lat=circle.lat, lon=circle.lon) if circle else ""
