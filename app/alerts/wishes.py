"""Wishes for alerts, and the attributes of a subscription that hold one. The form of requests: app/api."""

import json
from typing import Any, TypedDict

from app.alerts import asked_place
from app.alerts.subscription_models import State, Subscription

WARNINGS, REPORTS = "warnings", "reports"  # what one may be told of
VERIFIED, LIKELY, OFF = "verified", "likely", "off"  # which reports
DIGESTS = ("off", "hourly", "daily")
# Radius (km) of a place, and longest side of a box.
SMALLEST_KM, LARGEST_KM, USUAL_KM, LONGEST_SIDE_KM = 0.1, 50, 5, 100
LONGEST_LABEL = 60


class SubscriptionRequest(TypedDict, total=False):
    """Wish for alerts. A new one has `place` and `address`; all else has a default. In a change each may be absent."""

    place: dict[str, Any]  # {lat, lon, radius_km}, {area} or {bbox: [west, south, east, north]}
    label: str
    what: list[str]
    severity_min: str | None
    reports: str
    address: str
    language: str
    quiet: dict[str, str] | None
    digest: str
    paused_until_ms: int | None


_SAME = ("label", "severity_min", "language", "digest")  # attributes of the same names


def attributes_of(asked: SubscriptionRequest, subscription: Subscription) -> dict[str, Any]:
    """Return the attributes that hold a wish, except its address. Raises Invalid for a place that cannot be taken."""
    attributes: dict[str, Any] = {name: value for name, value in asked.items() if name in _SAME}
    if "place" in asked:
        attributes |= asked_place.attributes_of(asked["place"], subscription.id)
    if "what" in asked or "reports" in asked:
        attributes |= _kinds(asked, subscription)
    if "quiet" in asked:
        attributes["packed_quiet"] = json.dumps(asked["quiet"]) if asked["quiet"] else None
    if "paused_until_ms" in asked:
        until_ms = asked["paused_until_ms"]
        attributes |= {"paused_until_ms": until_ms, "state": (State.PAUSED if until_ms else State.ACTIVE).value}
    return attributes


def what_of(subscription: Subscription) -> list[str]:
    """Return the kinds of news that a subscription asks for."""
    is_told = {WARNINGS: bool(subscription.warnings), REPORTS: subscription.reports != OFF}
    return [name for name, is_asked in is_told.items() if is_asked]


def _kinds(asked: SubscriptionRequest, subscription: Subscription) -> dict[str, Any]:
    what = asked.get("what", what_of(subscription))
    before = VERIFIED if subscription.reports == OFF else str(subscription.reports)
    return {
        "warnings": int(WARNINGS in what),
        "reports": asked.get("reports", before) if REPORTS in what else OFF,
    }
