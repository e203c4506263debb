"""A subscription as pages show it: its place, the kinds of alerts and their hours, and its state."""

from typing import NamedTuple

from app.alerts import place_words, recipients, wishes
from app.alerts.subscription_models import State, Subscription
from app.alerts.wishes import LIKELY, OFF, VERIFIED
from app.core.severity import Severity
from app.core.translations import LANGUAGES
from app.pages.alerts import place
from app.pages.alerts.form import DIGESTS
from app.pages.frame import wording
from app.pages.frame.language import chosen
from app.pages.frame.language import gettext as _
from app.situation.plain_words import RANKS, Standing


class ShownAlerts(NamedTuple):
    """Alerts of one subscription. `title`: its name, else its place. `told_of`: a sentence for each kind of alert."""

    id: str
    title: str
    label: str
    where: str
    told_of: list[str]
    quiet: str
    digest: str
    address: str
    language: str
    state: State
    paused_until_ms: int
    made_at_ms: int


def of(row: Subscription) -> ShownAlerts:
    """Return a subscription as pages show it. A pause that is over is none."""
    where = place_words.place_of(row, chosen())
    state = State.ACTIVE if row.is_in_force else State(row.state)
    return ShownAlerts(
        id=row.id,
        title=row.label or where,
        label=row.label,
        where=where,
        told_of=_told_of(row),
        quiet=_quiet(row),
        digest=_(DIGESTS.get(row.digest, DIGESTS[OFF])),
        address=row.address,
        language=LANGUAGES.get(row.language, row.language),
        state=state,
        paused_until_ms=int(row.paused_until_ms or 0),
        made_at_ms=int(row.made_at_ms),
    )


def _told_of(row: Subscription) -> list[str]:
    return [sentence for sentence in (_of_warnings(row), _of_reports(row)) if sentence]


def _of_warnings(row: Subscription) -> str:
    if not row.warnings:
        return ""
    least = Severity(row.severity_min or Severity.UNKNOWN)
    if least in (Severity.UNKNOWN, Severity.MINOR):
        return _("Official flood warnings: when one appears, becomes graver, grows over this place, or ends.")
    return _(
        "Official flood warnings of “%(rank)s” and worse: when one appears, becomes graver, grows over this place, or "
        "ends.",
        rank=wording.rank(_(RANKS[Standing(least)])),
    )


def _of_reports(row: Subscription) -> str:
    if row.reports == OFF:
        return ""
    severity = wording.report_severity(row.severity_min or Severity.SEVERE)
    if row.reports == LIKELY:
        return _("Reports of “%(severity)s” and worse with enough support, or that a responder has checked.",
                 severity=severity)  # fmt: skip
    return _("Reports of “%(severity)s” and worse, once a responder has checked them.", severity=severity)


def _quiet(row: Subscription) -> str:
    """Return when only the gravest alerts come; "" if they come at any hour."""
    hours = row.quiet
    if hours is None:
        return ""
    return _("%(begin)s to %(end)s (%(zone)s)", begin=hours["from"], end=hours["to"], zone=hours["time_zone"])


def typed_of(row: Subscription) -> dict[str, object]:
    """Return a subscription as the fields of the form."""
    hours, circle = row.quiet or {}, row.place if "lat" in row.place else {}
    return {
        **{name: f"{circle[name]:g}" if name in circle else "" for name in ("lat", "lon", "radius_km")},
        "area": row.place.get(place.AREA, ""),
        "name": "",
        "email": row.address,
        "label": row.label,
        "zone": hours.get("time_zone") or recipients.zone_of(row),
        "what": wishes.what_of(row),
        "severity_min": row.severity_min or "",
        "reports": row.reports if row.reports != OFF else VERIFIED,
        "quiet_from": hours.get("from", ""),
        "quiet_to": hours.get("to", ""),
        "digest": row.digest,
    }
