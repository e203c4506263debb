"""Schemas of subscriptions to alerts."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from app.alerts import wishes
from app.alerts.subscription_models import State, Subscription
from app.alerts.wishes import DIGESTS, LIKELY, LONGEST_LABEL, OFF, REPORTS, VERIFIED, WARNINGS
from app.api.subscription_fields import EMAIL, AlertPlaceSchema, ChannelSchema, QuietSchema
from app.core import clock
from app.core.severity import Severity
from app.core.translations import LANGUAGES
from app.http.fields import COMMON_MESSAGES, Moment, Text, Word
from app.http.schemas import StrictSchema
from app.mail.models import OWN, SUMMARY, Delivery
from app.mail.models import State as MessageState

LONGEST_PAUSE_MS = 366 * clock.DAY_MS
_PAUSE = "range|It must be a time to come, within 366 days. null ends a pause."
_WHAT = "what|It must name warnings, reports or both, each once."
# Beginnings of the events of messages, and what these are about.
ABOUT = {"w": "warning", "e": "ended", "r": "report", "u": "unheard", "d": "digest", SUMMARY: "summary"}
_CONFIRMATION, _OTHER = "confirmation", "other"


class _WishSchema(StrictSchema):
    """Members that a wish for alerts may have."""

    label = Text(
        shortest=0, longest=LONGEST_LABEL, metadata={"description": "A name of your own for it.", "example": "Home"}
    )
    what = fields.List(
        Word([WARNINGS, REPORTS]),
        validate=validate.Length(1, 2, error=_WHAT),
        error_messages=COMMON_MESSAGES | {"invalid": _WHAT},
        metadata={"description": "Official warnings, reports of residents, or both. Default: both."},
    )
    severity_min = Word(
        Severity,
        allow_none=True,
        metadata={"description": "The least severity. Default, null: any flood warning, and reports from severe on."},
    )
    reports = Word(
        [VERIFIED, LIKELY],
        metadata={"description": "Those that responders have verified, or likely ones too. Default: verified."},
    )
    language = Word(LANGUAGES, metadata={"description": "Of the messages. Default: by Accept-Language."})
    quiet = fields.Nested(
        QuietSchema,
        allow_none=True,
        error_messages=COMMON_MESSAGES,
        metadata={"description": "Quiet hours, or null. Severe and extreme alerts come all the same."},
    )
    digest = Word(
        DIGESTS,
        metadata={"description": "Whether alerts are collected; severe and extreme ones never are. Default: off."},
    )

    @validates_schema(skip_on_field_errors=False)
    def check_what(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a kind that is named twice."""
        if len(set(data.get("what", ()))) != len(data.get("what", ())):
            raise ValidationError(_WHAT, "what")

    @post_load
    def unfold(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Return the members as `wishes.SubscriptionRequest` has them."""
        channel = data.pop("channel", None)
        if "paused_until" in data:
            data["paused_until_ms"] = data.pop("paused_until")
        return data | ({"address": channel["address"]} if channel else {})


class NewSubscriptionSchema(_WishSchema):
    """A wish for alerts. Its place and its channel are enough."""

    place = fields.Nested(
        AlertPlaceSchema,
        required=True,
        error_messages=COMMON_MESSAGES,
        metadata={"description": "The place that it is about."},
    )
    channel = fields.Nested(
        ChannelSchema,
        required=True,
        error_messages=COMMON_MESSAGES,
        metadata={"description": "The way by which alerts come."},
    )


class ChangedSubscriptionSchema(_WishSchema):
    """Members to change; all others stay."""

    place = fields.Nested(
        AlertPlaceSchema,
        error_messages=COMMON_MESSAGES,
        metadata={"description": "The place that it is about from now on."},
    )
    channel = fields.Nested(
        ChannelSchema,
        error_messages=COMMON_MESSAGES,
        metadata={"description": "Another address is asked first; until it has confirmed, alerts go on to this one."},
    )
    paused_until = Moment(allow_none=True, metadata={"description": "No alert comes until then; null ends a pause."})

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_any(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        """Require at least one member, and a pause that ends."""
        if original == {}:
            raise ValidationError("empty|Name at least one field to change.")
        until_ms, now_ms = data.get("paused_until"), clock.now_ms()
        if until_ms is not None and not now_ms < until_ms <= now_ms + LONGEST_PAUSE_MS:
            raise ValidationError(_PAUSE, "paused_until")


class AskedSubscriptionSchema(StrictSchema):
    """A subscription that waits for its confirmation. The same answer whatever is known of the address."""

    id = fields.String(
        required=True, metadata={"description": "The id of the subscription.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"}
    )
    state = Word(
        [State.UNCONFIRMED],
        required=True,
        metadata={"description": "It waits for the link in the message to be followed."},
    )


class ShownPlaceSchema(StrictSchema):
    """The place that alerts are about: around a point, an official area, or a box."""

    lat = fields.Float(metadata={"description": "Latitude in degrees.", "example": 51.3813})
    lon = fields.Float(metadata={"description": "Longitude in degrees.", "example": -2.359})
    radius_km = fields.Float(metadata={"description": "The radius around that point, in kilometres.", "example": 5})
    area = fields.String(metadata={"description": "The id of an official area."})
    name = fields.String(metadata={"description": "Of an area: the issuer's name of it."})
    bbox = fields.List(
        fields.Float(),
        metadata={"description": "West, south, east, north in degrees; west > east crosses the antimeridian."},
    )


class ShownQuietSchema(QuietSchema):
    """Hours in which only severe and extreme alerts come."""


class ShownChannelSchema(StrictSchema):
    """The way by which alerts come."""

    kind = Word([EMAIL], required=True, metadata={"description": "By mail."})
    address = fields.String(
        required=True, metadata={"description": "The address that gets them.", "example": "name@example.org"}
    )


class SubscriptionSchema(StrictSchema):
    """One's own subscription. Of one that was stopped, channel, place and label are forgotten."""

    id = fields.String(
        required=True, metadata={"description": "The id of the subscription.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"}
    )
    state = Word(State, required=True, metadata={"description": "Whether it is confirmed, paused or stopped."})
    channel = fields.Nested(
        ShownChannelSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The way by which alerts come; null: forgotten."},
    )
    place = fields.Nested(
        ShownPlaceSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The place that it is about; null: forgotten."},
    )
    label = fields.String(
        required=True, metadata={"description": "The person's own name for it; empty: none.", "example": "Home"}
    )
    what = fields.List(Word([WARNINGS, REPORTS]), required=True, metadata={"description": "What alerts come about."})
    severity_min = Word(
        Severity,
        required=True,
        allow_none=True,
        metadata={"description": "The least severity; null: any flood warning, and reports from severe on."},
    )
    reports = Word(
        [VERIFIED, LIKELY], required=True, allow_none=True, metadata={"description": "null: no reports were asked for."}
    )
    language = Word(LANGUAGES, required=True, metadata={"description": "The language of the messages."})
    quiet = fields.Nested(
        ShownQuietSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Hours in which only severe and extreme alerts come; null: none."},
    )
    digest = Word(DIGESTS, required=True, metadata={"description": "Whether alerts are collected."})
    paused_until = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "No alert comes until then; null: it is not paused."}
    )
    created_at = fields.DateTime(required=True, metadata={"description": "When it was asked for."})
    confirmed_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "When its address was confirmed; null: not yet."}
    )
    updated_at = fields.DateTime(required=True, metadata={"description": "When it was changed last."})


class SubscriptionsSchema(StrictSchema):
    """The subscriptions of an account, newest first."""

    items = fields.List(
        fields.Nested(SubscriptionSchema), required=True, metadata={"description": "The subscriptions, newest first."}
    )


class AlertDeliverySchema(StrictSchema):
    """A message by a subscription. Its words are not kept."""

    about = Word(
        [*ABOUT.values(), _CONFIRMATION, _OTHER], required=True, metadata={"description": "What it was about."}
    )
    at = fields.DateTime(required=True, metadata={"description": "When it was made."})
    state = Word(MessageState, required=True, metadata={"description": "What has become of it."})
    reason = fields.String(required=True, allow_none=True, metadata={"description": "A code, of some states."})
    changed_at = fields.DateTime(required=True, metadata={"description": "When its state last changed."})


class AlertDeliveriesSchema(StrictSchema):
    """The messages of the last 30 days, newest first."""

    items = fields.List(
        fields.Nested(AlertDeliverySchema), required=True, metadata={"description": "The messages, newest first."}
    )


def subscription_form(row: Subscription) -> dict[str, Any]:
    """Return the fields of a subscription that its owner sees."""
    is_kept = row.state != State.STOPPED
    is_paused = row.state == State.PAUSED and not row.is_in_force
    named = {"name": row.area_name} if row.area_name else {}
    return {
        "id": row.id,
        "state": State.ACTIVE if row.state == State.PAUSED and not is_paused else row.state,
        "channel": {"kind": row.channel, "address": row.address} if is_kept else None,
        "place": row.place | named if is_kept else None,
        "label": row.label,
        "what": wishes.what_of(row),
        "severity_min": row.severity_min,
        "reports": None if row.reports == OFF else row.reports,
        "language": row.language,
        "quiet": row.quiet,
        "digest": row.digest,
        "paused_until": clock.rfc3339_or_none(row.paused_until_ms if is_paused else None),
        "created_at": clock.rfc3339(int(row.made_at_ms)),
        "confirmed_at": clock.rfc3339_or_none(row.confirmed_at_ms),
        "updated_at": clock.rfc3339(int(row.changed_at_ms)),
    }


def delivery_form(row: Delivery) -> dict[str, Any]:
    """Return the fields of a message by a subscription."""
    beginning = str(row.event).partition("-")[0]
    return {
        "about": _CONFIRMATION if beginning == OWN else ABOUT.get(beginning, _OTHER),
        "at": clock.rfc3339(int(row.made_at_ms)),
        "state": row.state,
        "reason": row.reason,
        "changed_at": clock.rfc3339(int(row.changed_at_ms)),
    }
