"""The place of a subscription in words: letters and pages share them."""

from collections.abc import Mapping
from typing import Any

from app.alerts.subscription_models import Subscription
from app.core.translations import DECIMAL_COMMA, N_, translated
from app.gazetteer import small_list

_CIRCLE = N_("within %(km)s km of %(lat)s, %(lon)s")
_CIRCLE_NEAR = N_("within %(km)s km of %(lat)s, %(lon)s, near %(town)s")
_BOX = N_("a rectangle on the map, from %(south)s, %(west)s to %(north)s, %(east)s")
_SPOT_NEAR = N_("%(lat)s, %(lon)s (near %(town)s)")
_DIGITS = 4  # of degrees: 11 m
_NEAR_KM = 10.0  # a town of the shipped list within this distance helps people to know the place again


def name_of(subscription: Subscription, language: str) -> str:
    """Return a name that stands after "near" and "around": the reader's own, an area's, or the middle of a circle."""
    place = subscription.place
    if subscription.label or "radius_km" not in place:
        return str(subscription.label) or place_of(subscription, language)
    middle = _middle(place)
    if town := _town_near(place):
        return translated(_SPOT_NEAR, language, town=town, **middle)
    return f"{middle['lat']}, {middle['lon']}"


def place_of(subscription: Subscription, language: str) -> str:
    """Return the place: a circle, a rectangle, or the issuer's name of an area; "" of one that was stopped.

    In words that we choose, never in those of who asked.
    """
    place = subscription.place
    if "area" in place:
        return subscription.area_name or str(place["area"])
    if "bbox" in place:
        edges = dict(zip(("west", "south", "east", "north"), map(_degrees, place["bbox"]), strict=True))
        return translated(_BOX, language, **edges)
    if not place:
        return ""
    km = f"{place['radius_km']:g}"
    km = km.replace(".", ",") if language in DECIMAL_COMMA else km
    if town := _town_near(place):
        return translated(_CIRCLE_NEAR, language, km=km, town=town, **_middle(place))
    return translated(_CIRCLE, language, km=km, **_middle(place))


def _middle(place: Mapping[str, Any]) -> dict[str, str]:
    return {"lat": _degrees(place["lat"]), "lon": _degrees(place["lon"])}


def _town_near(place: Mapping[str, Any]) -> str:
    town = small_list.nearest(lat=float(place["lat"]), lon=float(place["lon"]), within_km=_NEAR_KM)
    return town.name if town else ""


def _degrees(value: float) -> str:
    """Return degrees with a point in every language, as maps take them."""
    return f"{round(value, _DIGITS):g}"
