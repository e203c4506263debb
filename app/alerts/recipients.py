"""Choose the subscription for which a message is sent: its own, else another one of the same person."""

from collections.abc import Callable

from app.alerts import place_words, tokens
from app.alerts.extents import BOX, CIRCLE, Shape
from app.alerts.reader import Reader
from app.alerts.subscription_models import Subscription
from app.alerts.tokens import Right
from app.core.config import settings
from app.mail.models import SUBSCRIPTION, Delivery
from app.warnings.area_models import Area
from app.warnings.zones import zone_at


def find(delivery: Delivery, is_asked: Callable[[Subscription], bool], *, is_any: bool = True) -> Subscription | None:
    """Return the subscription in force by which a person gets a message now; None if there is none.

    `is_asked`: whether a subscription asks for it. That of the message is read first, consistently; with `is_any` the
    others of the same address too if that one was stopped, paused or changed.
    """
    first = Subscription.find(str(delivery.values.get(SUBSCRIPTION)))
    if first and _is_for(first, delivery) and is_asked(first):
        return first
    if not is_any:
        return None
    others = (one for one in Subscription.in_force_of([delivery.recipient]) if first is None or one.id != first.id)
    return next((one for one in others if _is_for(one, delivery) and is_asked(one)), None)


def _is_for(subscription: Subscription, delivery: Delivery) -> bool:
    return subscription.is_in_force and subscription.recipient == delivery.recipient


def middle_of(shape: Shape) -> tuple[float, float] | None:
    """Return the middle of a circle or a box, latitude first; None for an area."""
    kind, *values = shape
    if kind == CIRCLE:
        return float(values[0]), float(values[1])
    if kind != BOX:
        return None
    west, south, east, north = map(float, values)
    lon = (west + east + (360 if east < west else 0)) / 2
    return (south + north) / 2, lon - 360 if lon > 180 else lon


def zone_of(subscription: Subscription) -> str:
    """Return the time zone of the place of a subscription; the deployment's own if it is not known."""
    shape = subscription.shape
    middle = middle_of(shape) or _middle_of_area(str(shape[1]))
    return zone_at(lat=middle[0], lon=middle[1]) if middle else settings().zone


def _middle_of_area(area_id: str) -> tuple[float, float] | None:
    area = Area.find(area_id)
    return None if area is None or area.lat is None or area.lon is None else (float(area.lat), float(area.lon))


def reader_of(subscription: Subscription) -> Reader | None:
    """Return the reader of a subscription; None if the key of its tokens is gone: no message without a way to stop."""
    stop, manage = (tokens.link_token(subscription, right) for right in (Right.STOP, Right.MANAGE))
    if not (stop and manage):
        return None
    language = str(subscription.language)
    label = place_words.name_of(subscription, language)
    return Reader(subscription.address, language, label, stop, manage)
