"""A report that a responder has verified as an alert: always as a citizen's word, at the public place only."""

from typing import Any

from app.api.report_schemas import short_form
from app.core import clock
from app.core.translations import SOURCE
from app.feeds import cap_geometry, ids
from app.feeds.cap_document import MET, CapArea, CapDocument, CapInfo
from app.feeds.cap_identifiers import names_of, time_text
from app.reports.alert_chain import AlertChain, chain_of
from app.reports.entry import Condition
from app.reports.models import Report
from app.situation import report_words

KEPT_MS = clock.DAY_MS  # how long the Cancel of a report can be read
WHOSE = "Citizen report, verified by a responder, not an official warning"
OVER = "Over: citizen report, not an official warning"
EVENT = "Flood"
SENDER_NAME = "FloodManager, citizen reports"


def document_of(report: Report) -> CapDocument | None:
    """Return the latest alert about a report; None if it was never verified, or if its end is a day old."""
    now_ms = clock.now_ms()
    chain = chain_of(report, now_ms)
    if not is_readable(chain, now_ms):
        return None
    names = names_of(report.id, [(alert.key, alert.sent_at_ms) for alert in chain.alerts])
    info = _ended(names[-1].sent_at_ms) if chain.is_over else _info(report, chain)
    note = f"{WHOSE}." if not chain.is_over else f"{OVER}. It no longer stands, or its time has passed."
    return CapDocument(tuple(names), chain.is_over, "Citizen report", note, (info,))


def is_readable(chain: AlertChain, now_ms: int) -> bool:
    """Return whether there is an alert, and if it is the last, one of the last day."""
    return bool(chain.alerts) and (not chain.is_over or chain.alerts[-1].sent_at_ms > now_ms - KEPT_MS)


def headline_of(form: dict[str, Any]) -> str:
    """Return the title of a report with whose word it is, from its short form."""
    return f"{WHOSE}: {form['title'] or report_words.severity(form['severity'], SOURCE)}"


def _ended(sent_at_ms: int) -> CapInfo:
    """Return what a Cancel says: nothing of the report, which may have been taken back or erased."""
    return CapInfo(
        language=SOURCE,
        category=MET,
        event=EVENT,
        urgency="past",
        severity="unknown",
        certainty="unknown",
        expires_at_ms=sent_at_ms + KEPT_MS,
        sender_name=SENDER_NAME,
        headline=OVER,
    )


def _info(report: Report, chain: AlertChain) -> CapInfo:
    form = short_form(report.entry())
    lines = report_words.lines_of(form, SOURCE)
    lines += _quoted(report.description) if report.description and not report.is_disputed else []
    return CapInfo(
        language=SOURCE,
        category=MET,
        event=EVENT,
        urgency="past" if report.condition == Condition.RECEDED else "immediate",
        severity=form["severity"],
        certainty="observed",
        expires_at_ms=chain.expires_at_ms,
        sender_name=SENDER_NAME,
        headline=headline_of(form),
        description="\n".join([f"{WHOSE}.", *lines]),
        web=ids.public_address(f"/reports/{report.id}"),
        parameters=tuple(_parameters(report, form).items()),
        areas=(_area(form),),
    )


def _quoted(text: str) -> list[str]:
    """Return the reporter's own lines marked as such, each: none of them may stand among ours as if it were ours."""
    return ["What the reporter wrote:", *(f"> {line}" for line in text.splitlines() if line.strip())]


def _parameters(report: Report, form: dict[str, Any]) -> dict[str, str]:
    """Return what programs read: when it was seen, which is earlier than any alert, and how exact its place is."""
    told = {
        "observed_at": time_text(clock.minute_of(int(report.observed_at_ms))),
        "location_precision": form["location_precision"],
        "condition": str(form["condition"]),
    }
    return told | ({"depth_cm": f"{form['depth_cm']:g}"} if form["depth_cm"] is not None else {})


def _area(form: dict[str, Any]) -> CapArea:
    reach_m = report_words.reach_m(form)
    told = f"Within {reach_m} m of {report_words.position(form)}"
    return CapArea(told, circle=cap_geometry.circle(**form["location"], radius_km=reach_m / 1000))
