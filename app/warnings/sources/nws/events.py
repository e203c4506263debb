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
    zones_by_event: dict[str, set[str]] = {}
    newest_alerts = [
        alert
        for alert in ordered
        if alert.message.source_id not in replaced and not _is_covered_by_later(alert, zones_by_event)
    ]
    going_on = {alert.message.event for alert in newest_alerts if not alert.is_end} - {""}
    return [alert for alert in newest_alerts if not (alert.is_end and alert.message.event in going_on)]


def _is_covered_by_later(alert: Alert, zones_by_event: dict[str, set[str]]) -> bool:
    """Return whether later alerts of the same event cover all of its zones; if not, note its zones."""
    event, zones = alert.message.event, set(alert.zones)
    if not event:
        return False
    spoken_zones = zones_by_event.get(event)
    if spoken_zones is not None and (_EVERYWHERE in spoken_zones or zones <= spoken_zones):
        return True
    zones_by_event.setdefault(event, set()).update(zones or {_EVERYWHERE})
    return False


def with_distinct_ids(alerts: Iterable[Alert]) -> list[Alert]:
    """Make parallel parts of one event, each with its own zones and times, events of their own.

    The first part, by its first zone, keeps the event's name, so that an event in one part stays one warning while
    zones come and go; the others get their first zone added to the name.
    """
    used_ids: set[str] = set()
    renamed_alerts = []
    for alert in sorted(
        alerts, key=lambda alert_in_order: (alert_in_order.message.event, min(alert_in_order.zones, default=""))
    ):
        event = alert.message.event
        renamed_alerts.append(_as_part(alert) if event and event in used_ids else alert)
        used_ids.add(event)
    return renamed_alerts


def _as_part(alert: Alert) -> Alert:
    first = min(alert.zones, default=alert.message.source_id)
    return replace(alert, message=replace(alert.message, event=f"{alert.message.event}/{first}"))
