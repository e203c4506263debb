"""Edit or withdraw one's own report: by its private link, or signed in."""

from collections.abc import Mapping

from flask import Response, request

from app.accounts import auth
from app.core import clock
from app.core.errors import PreconditionFailed
from app.core.severity import Severity
from app.http.headers import PRIVATE
from app.pages.frame.rendering import page
from app.pages.report import form, form_page
from app.pages.report.form import FormValues
from app.reports import edit, observation
from app.reports.entry import PUBLIC
from app.reports.models import Report

# Keeps the link from other sites and from our logs; but, unlike `no-referrer`, browsers without Sec-Fetch-Site still
# send the form's origin.
SECRETIVE = "strict-origin"
ANY_VERSION = range(1, 10**9)


def show_form(report_id: str) -> Response:
    """Show the form with the current values. A report that can no longer be changed redirects. Raises NotFound."""
    report = edit.find_own_report(report_id, auth.caller())
    if report.status not in PUBLIC:
        return form_page.go_on(_path("show_sent", report_id))
    typed = prefilled(report)
    return _form(report, typed, FormValues({}, None, [], []))


def send(report_id: str) -> Response:
    """Store the changed fields. A change by another in between is shown, and nothing typed is lost."""
    report = edit.find_own_report(report_id, auth.caller())
    if report.status not in PUBLIC:
        return form_page.go_on(_path("show_sent", report_id))
    typed = form.typed_in(request.form) | {"when": request.form.get("when", "")}
    before = prefilled(report)
    if typed["version"] != before["version"]:
        return _form(report, typed, FormValues({}, None, [], []), now=before)
    read = form.read_edit(typed, before, depth_rules=_depth_rules(report))
    if read.wrong:
        return _form(report, typed, read)
    if read.values:
        seen_versions = [report.public_version]
        try:
            edit.edit_report(report_id, read.values, caller=auth.caller(), seen_versions=seen_versions)
        except PreconditionFailed:
            report = edit.find_own_report(report_id, auth.caller())
            return _form(report, typed, FormValues({}, None, [], []), now=prefilled(report))
    return form_page.go_on(_path("show_sent", report_id, changed="1"))


def withdraw(report_id: str) -> Response:
    """Withdraw the report, at any version."""
    edit.withdraw_report(report_id, caller=auth.caller(), seen_versions=ANY_VERSION)
    return form_page.go_on(_path("show_sent", report_id))


def prefilled(report: Report) -> dict[str, str]:
    """Return the form's values for a stored report, with its exact place."""
    place = report.exact_place()
    lat, lon = (f"{place[axis]:.5f}".rstrip("0").rstrip(".") for axis in ("lat", "lon"))
    values = {"where": f"{lat}, {lon}", "settled": f"{lat}, {lon}", "lat": lat, "lon": lon}
    values |= {
        "radius_m": f"{report.radius_m:.0f}",
        "place": report.visibility,
        "when": "",
        "version": str(report.public_version),
    }
    words = {name: getattr(report, name) or "" for name in form.OPTIONAL}
    return form.EMPTY | values | words | _depth(report)


def _depth(report: Report) -> dict[str, str]:
    """Return the picture of a depth, and the number if no picture stands for it."""
    depth: float | None = report.depth_cm
    if depth is None:
        return {"water": form.UNTOLD}
    exact = next((name for name, depth_cm in form.DEPTHS.items() if depth_cm == depth), None)
    if exact:
        return {"water": exact}
    nearest = min(form.DEPTHS, key=lambda name: abs(form.DEPTHS[name] - depth))
    return {"water": nearest, "depth_cm": f"{depth:g}"}


def _depth_rules(report: Report) -> bool:
    """Return whether the severity follows the depth; not if the reporter has chosen another one."""
    if report.is_severity_derived or report.severity == Severity.UNKNOWN:
        return True
    return report.depth_cm is not None and report.severity == observation.severity_of_depth(float(report.depth_cm))


def _form(
    report: Report, typed: Mapping[str, str], read: FormValues, *, now: Mapping[str, str] | None = None
) -> Response:
    """Render the form. `now`: the state after another's change; sent again, the form applies to that version."""
    response = page(
        "report_edit.html",
        status=412 if now else 422 if read.wrong else 200,
        cache=PRIVATE,
        typed=dict(typed) | {"version": str(report.public_version)},
        now=now,
        observed=int(report.observed_at_ms),
        action=_path("send_edit", report.id),
        is_active=report.is_active(clock.now_ms()),
        vote=_path("send_vote", report.id),
        withdrawal=_path("withdraw_report", report.id),
        back=_path("show_sent", report.id),
        **form_page.shown(read.wrong, read),
    )
    response.headers["Referrer-Policy"] = SECRETIVE
    return response


def _path(view: str, report_id: str, **more: str) -> str:
    """Return a URL of this report, with the private link's token if there is one."""
    return form_page.address(view, report_id, auth.link_token(), **more)
