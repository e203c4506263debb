"""The parts of a subscription that have a form of their own: its place, its channel, its quiet hours."""

import re
from collections.abc import Mapping
from math import cos, radians
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_load, validate, validates_schema

from app.alerts.wishes import LARGEST_KM, LONGEST_SIDE_KM, SMALLEST_KM, USUAL_KM
from app.api.account_fields import Email
from app.core import moments
from app.core.unicode_text import is_control
from app.geo.box_circle import Box
from app.geo.coordinates import EARTH_RADIUS_KM, is_on_globe
from app.http.fields import COMMON_MESSAGES, Number, Text, Word
from app.http.schemas import StrictSchema

EMAIL = "email"
_OTHER_CHANNELS = ("push", "sms")
_TIME = r"(?a)([01]\d|2[0-3]):[0-5]\d"
# Not names that stand for a zone of the machine, or for none: another machine reads them otherwise.
_ZONE = r"(?a)(?!(posix|right)/|(posixrules|localtime|Factory)$)[A-Za-z][A-Za-z0-9_+/-]*"
_ONE_KIND = "place|Give one of: lat, lon and radius_km; area; bbox."
_BOX = "box|It must be [west, south, east, north] in degrees, with south below north and west other than east."
_SIDE = f"range|Each side must have at most {LONGEST_SIDE_KM} km."
_NOWHERE = "nowhere|0, 0 is not a place. Give the latitude and the longitude of the place that you care about."


class AlertPlaceSchema(StrictSchema):
    """The place that alerts are about: around a point, an official area, or a box."""

    lat = Number(low=-90, high=90, metadata={"description": "Latitude in degrees; with `lon`.", "example": 51.3813})
    lon = Number(low=-180, high=180, metadata={"description": "Longitude in degrees; with `lat`.", "example": -2.359})
    radius_km = Number(
        low=SMALLEST_KM, high=LARGEST_KM, metadata={"description": f"Default: {USUAL_KM}.", "example": USUAL_KM}
    )
    area = Text(shortest=1, longest=64, metadata={"description": "The id of an official area: GET /v1/areas."})
    bbox = fields.List(
        Number(low=-180, high=180),
        validate=validate.Length(equal=4, error=_BOX),
        error_messages=COMMON_MESSAGES | {"invalid": _BOX},
        metadata={
            "description": f"West, south, east, north in degrees; west > east crosses the antimeridian. Each side at "
            f"most {LONGEST_SIDE_KM} km."
        },
    )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_kind(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        """Require exactly one kind of place, whole."""
        if not isinstance(original, dict):
            return
        given = original.keys()
        kinds = [not given.isdisjoint(("lat", "lon", "radius_km")), "area" in given, "bbox" in given]
        if sum(kinds) != 1:
            raise ValidationError(_ONE_KIND)
        if kinds[0] and (missing := [name for name in ("lat", "lon") if name not in given]):
            raise ValidationError({name: ["required|It is required."] for name in missing})

    @validates_schema(skip_on_field_errors=True)
    def check_extent(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse 0, 0, which programs send for a place that they do not know, and a box that is none or too large."""
        if data.get("lat") == data.get("lon") == 0:
            raise ValidationError(_NOWHERE)
        if "bbox" in data and (mistake := _mistake_of(Box(*data["bbox"]))):
            raise ValidationError(mistake, "bbox")

    @post_load
    def complete(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add the usual radius to a point."""
        return {**data, "radius_km": data.get("radius_km", float(USUAL_KM))} if "lat" in data else data


def _mistake_of(box: Box) -> str:
    is_whole = is_on_globe(lat=box.south, lon=box.west) and is_on_globe(lat=box.north, lon=box.east)
    degrees_wide = (box.east - box.west) % 360
    if not is_whole or box.south >= box.north or not degrees_wide:
        return _BOX
    nearest_to_equator = 0.0 if box.south < 0 < box.north else min(abs(box.south), abs(box.north))
    km_in_a_degree = radians(EARTH_RADIUS_KM)
    wide_km = degrees_wide * km_in_a_degree * cos(radians(nearest_to_equator))
    return _SIDE if max(wide_km, (box.north - box.south) * km_in_a_degree) > LONGEST_SIDE_KM else ""


class Address(Email):
    """An e-mail address in one line; a line break at its end is a mistake too."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        if isinstance(value, str) and any(map(is_control, value)):
            raise ValidationError("control|It must be one line, without control characters.")
        return super()._deserialize(value, attr, data, **rest)


class ChannelSchema(StrictSchema):
    """The way by which alerts come."""

    kind = Word([EMAIL], required=True, metadata={"description": "By mail; no other way is offered."})
    address = Address(
        required=True, metadata={"example": "name@example.org", "description": "The address that gets the alerts."}
    )

    @pre_load
    def check_kind(self, data: Any, **_: Any) -> Any:
        """Refuse channels that are not offered by that alone: their other members are not known here."""
        if isinstance(data, dict) and data.get("kind") in _OTHER_CHANNELS:
            raise ValidationError("not-offered|Only email is offered here.", "kind")
        return data


class TimeOfDay(fields.String):
    """A time of day such as 22:30."""

    default_error_messages = COMMON_MESSAGES | {"invalid": "time|It must be a time of day such as 22:30."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(_TIME, value):
            raise self.make_error("invalid")
        return value


class TimeZone(Text):
    """The name of a time zone of the tz database."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(shortest=1, longest=64, **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        name = super()._deserialize(value, attr, data, **rest)
        if not (re.fullmatch(_ZONE, name) and moments.is_zone(name)):
            raise ValidationError("time-zone|There is no such time zone. Europe/London is one.")
        return name


class QuietSchema(StrictSchema):
    """Hours in which only severe and extreme alerts come; over midnight if `from` is later than `to`."""

    begins = TimeOfDay(
        required=True,
        data_key="from",
        attribute="from",
        metadata={"example": "22:00", "description": "When they begin, by the clock of that zone."},
    )
    to = TimeOfDay(
        required=True, metadata={"example": "07:00", "description": "When they end, by the clock of that zone."}
    )
    time_zone = TimeZone(
        required=True, metadata={"example": "Europe/London", "description": "The time zone of the tz database."}
    )

    @validates_schema(skip_on_field_errors=False)
    def check_length(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse quiet hours without a length, or of a whole day."""
        if "from" in data and data["from"] == data.get("to"):
            raise ValidationError("same|It must be another time than from.", "to")
