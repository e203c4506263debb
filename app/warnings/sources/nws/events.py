"""Which alerts of one answer count, where several speak of one event (VTEC). Pure."""

from collections.abc import Iterable
from dataclasses import replace

from app.warnings.sources.nws.alert import Alert

_EVERYWHERE = ""


def newest(alerts: Iterable[Alert]) -> list[Alert]:
    """Without those that another alert here replaces: by naming it, or by speaking later of the same event and zones.

    The end of an event in some zones falls away while the event goes on in others: those zones are no longer named.
    """
    ordered = sorted(alerts, key=lambda alert: alert.precedence, reverse=True)
    replaced = {identifier for alert in ordered for identifier in alert.message.replaces}
    spoken: dict[str, set[str]] = {}
    kept = [alert for alert in ordered if alert.message.source_id not in replaced and not _is_told(alert, spoken)]
    going_on = {alert.message.event for alert in kept if not alert.is_end} - {""}
    return [alert for alert in kept if not (alert.is_end and alert.message.event in going_on)]


def _is_told(alert: Alert, spoken: dict[str, set[str]]) -> bool:
    """Have later alerts spoken of its event in all of its zones? If not, it is the one that speaks of them."""
    event, zones = alert.message.event, set(alert.zones)
    if not event:
        return False
    told = spoken.get(event)
    if told is not None and (_EVERYWHERE in told or zones <= told):
        return True
    spoken.setdefault(event, set()).update(zones or {_EVERYWHERE})
    return False


def told_apart(alerts: Iterable[Alert]) -> list[Alert]:
    """Parts of one event that are in force side by side, each with zones and times of its own, as events of their own.

    The first part, by its first zone, keeps the event's name, so that an event in one part stays one warning while
    zones come and go; the others are named by their first zone besides.
    """
    seen: set[str] = set()
    made = []
    for alert in sorted(alerts, key=lambda one: (one.message.event, min(one.zones, default=""))):
        event = alert.message.event
        made.append(_as_part(alert) if event and event in seen else alert)
        seen.add(event)
    return made


def _as_part(alert: Alert) -> Alert:
    first = min(alert.zones, default=alert.message.source_id)
    return replace(alert, message=replace(alert.message, event=f"{alert.message.event}/{first}"))
