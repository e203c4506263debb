"""Choose the alerts of one answer that count if several are about one event (VTEC). Pure."""

from collections.abc import Iterable
from dataclasses import replace

from app.warnings.sources.nws.alert import Alert

_EVERYWHERE = ""


def newest(alerts: Iterable[Alert]) -> list[Alert]:
    """Remove alerts that another one replaces: by naming it, or by being later for the same event and zones.

    The end of an event in some zones is removed while the event goes on in others: those zones are no longer named.
    """
    ordered = sorted(alerts, key=lambda alert: alert.precedence, reverse=True)
    replaced = {identifier for alert in ordered for identifier in alert.message.replaces}
    spoken: dict[str, set[str]] = {}
    kept = [alert for alert in ordered if alert.message.source_id not in replaced and not _is_told(alert, spoken)]
    going_on = {alert.message.event for alert in kept if not alert.is_end} - {""}
    return [alert for alert in kept if not (alert.is_end and alert.message.event in going_on)]


def _is_told(alert: Alert, spoken: dict[str, set[str]]) -> bool:
    """Return whether later alerts of the same event cover all of its zones; if not, add its zones."""
    event, zones = alert.message.event, set(alert.zones)
    if not event:
        return False
    told = spoken.get(event)
    if told is not None and (_EVERYWHERE in told or zones <= told):
        return True
    spoken.setdefault(event, set()).update(zones or {_EVERYWHERE})
    return False


def told_apart(alerts: Iterable[Alert]) -> list[Alert]:
    """Make parallel parts of one event, each with its own zones and times, events of their own.

    The first part, by its first zone, keeps the event's name, so that an event in one part stays one warning while
    zones come and go; the others get their first zone added to the name.
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
