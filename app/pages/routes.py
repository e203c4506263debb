"""Routes of all pages, with their locks. A page's code is loaded at its first request.

Forms are sent to the URL of their page, or to one below it, and answer with a redirect (303), so that reloading a page
sends nothing twice. Where an answer is shown once (a new second factor), it is the page itself.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

from flask import Blueprint, Response, g, jsonify, request
from werkzeug.exceptions import BadHost

from app.accounts.auth import Who, lock, lock_blueprint
from app.core.errors import Problem, SecondFactorRequired, Unauthenticated
from app.http import headers, problems

# Paths for programs answer problem documents whatever the client accepts (http.md, Errors).
_FOR_PROGRAMS = ("/v1/", "/tiles/", "/feeds/", "/ogc", "/static/")
_NAMES_OF_A_PAGE = frozenset(("text/html", "text/*"))


class Page(NamedTuple):
    """A page: `name` in `url_for`, and `maker`, the function that renders it, as module and name."""

    name: str
    path: str
    maker: str
    who: Who = Who.ANYONE
    method: str = "GET"


PAGES = (
    Page("show_now", "/", "app.pages.routes.show_now"),
    Page("show_embed", "/embed", "app.pages.home.embed.show"),
    Page("show_poster", "/poster", "app.pages.home.poster.show"),
    Page("send_outlines", "/outlines.geojson", "app.pages.frame.outlines.send"),
    Page("show_report_form", "/report", "app.pages.report.form_page.show_form"),
    Page("send_report", "/report", "app.pages.report.form_page.send", method="POST"),
    Page("show_sent", "/report/sent/<report_id>", "app.pages.report.sent_page.show", Who.REPORTER),
    Page("list_reports", "/reports", "app.pages.report.list_page.show"),
    Page("send_picture", "/picture.svg", "app.pages.home.place_picture.send"),
    Page("send_clusters", "/clusters", "app.pages.home.reports.send_clusters"),
    Page("show_report", "/reports/<report_id>", "app.pages.report.page.show"),
    Page("send_vote", "/reports/<report_id>/votes", "app.pages.report.votes.vote", method="POST"),
    Page("send_flag", "/reports/<report_id>/flags", "app.pages.report.votes.flag", method="POST"),
    Page("show_reference_form", "/r", "app.pages.report.reference_page.show_form"),
    Page("follow_reference", "/r/<typed>", "app.pages.report.reference_page.follow"),
    Page("show_edit_form", "/reports/<report_id>/edit", "app.pages.report.edit_page.show_form", Who.REPORTER),
    Page("send_edit", "/reports/<report_id>/edit", "app.pages.report.edit_page.send", Who.REPORTER, "POST"),
    Page(
        "withdraw_report", "/reports/<report_id>/withdraw", "app.pages.report.edit_page.withdraw", Who.REPORTER, "POST"
    ),
    Page("begin_photo", "/report/sent/<report_id>/photos", "app.pages.report.photo_forms.begin", Who.REPORTER, "POST"),
    Page(
        "change_photo",
        "/report/sent/<report_id>/photos/<photo_id>",
        "app.pages.report.photo_forms.change",
        method="POST",
    ),
    Page("list_warnings", "/warnings", "app.pages.warning.page.show_list"),
    Page("show_warning", "/warnings/<warning_id>", "app.pages.warning.page.show_warning"),
    Page("show_area", "/areas/<area_id>", "app.pages.warning.page.show_area"),
    Page("show_sign_in", "/sign-in", "app.pages.account.page.show_sign_in"),
    Page("sign_in", "/sign-in", "app.pages.account.page.sign_in", method="POST"),
    Page("show_registration", "/register", "app.pages.account.page.show_registration"),
    # `POST /register` is a path of the first phone clients.
    Page("register", "/sign-in/new", "app.pages.account.page.register", method="POST"),
    Page("show_registration_again", "/sign-in/new", "app.pages.account.page.show_registration"),
    Page("show_invitation", "/invitation", "app.pages.account.invitation_page.show"),
    Page("accept_invitation", "/invitation", "app.pages.account.invitation_page.accept", method="POST"),
    Page("show_forgotten_password", "/forgotten-password", "app.pages.account.lost_password.show"),
    Page("ask_for_reset", "/forgotten-password", "app.pages.account.lost_password.send", method="POST"),
    Page("show_reset", "/reset-password", "app.pages.account.lost_password.show_form"),
    Page("use_reset", "/reset-password", "app.pages.account.lost_password.use", method="POST"),
    Page("show_confirmation", "/confirm-email", "app.pages.account.address_page.show_confirmation"),
    Page("confirm_address", "/confirm-email", "app.pages.account.address_page.confirm", method="POST"),
    Page("change_address", "/me/email", "app.pages.account.address_page.send", Who.ACCOUNT, "POST"),
    Page("confirm_again", "/me/email/confirmation", "app.pages.account.address_page.send_again", Who.ACCOUNT, "POST"),
    Page("show_alerts", "/alerts", "app.pages.alerts.ask_page.show"),
    Page("ask_for_alerts", "/alerts", "app.pages.alerts.ask_page.send", method="POST"),
    Page("show_alert_link", "/alerts/manage", "app.pages.alerts.manage_page.show"),
    Page("manage_alerts", "/alerts/manage", "app.pages.alerts.manage_page.send", method="POST"),
    Page("show_alert_confirmation", "/alerts/confirm", "app.pages.alerts.confirm_page.show"),
    Page("confirm_alerts", "/alerts/confirm", "app.pages.alerts.confirm_page.send", method="POST"),
    Page("show_alert_stop", "/alerts/stop", "app.pages.alerts.stop_page.show"),
    Page("stop_alerts", "/alerts/stop", "app.pages.alerts.stop_page.send", method="POST"),
    Page("show_me", "/me", "app.pages.account.page.show_me", Who.ACCOUNT),
    Page("send_export", "/me/export", "app.pages.account.export.send", Who.ACCOUNT),
    Page("show_sessions", "/me/sessions", "app.pages.account.sessions_page.show", Who.ACCOUNT),
    Page("end_session", "/me/sessions/end", "app.pages.account.sessions_page.end", Who.ACCOUNT, "POST"),
    Page(
        "end_other_sessions", "/me/sessions/others", "app.pages.account.sessions_page.end_others", Who.ACCOUNT, "POST"
    ),
    Page("know_sign_in", "/me/sessions/known", "app.pages.account.sessions_page.know", Who.ACCOUNT, "POST"),
    Page("show_second_factor", "/me/second-factor", "app.pages.account.second_factor_page.show", Who.SIGNED_IN),
    Page(
        "begin_second_factor",
        "/me/second-factor",
        "app.pages.account.second_factor_page.begin",
        Who.SIGNED_IN,
        "POST",
    ),
    Page(
        "confirm_second_factor",
        "/me/second-factor/confirm",
        "app.pages.account.second_factor_page.confirm",
        Who.SIGNED_IN,
        "POST",
    ),
    Page(
        "remove_second_factor",
        "/me/second-factor/remove",
        "app.pages.account.second_factor_page.remove",
        Who.ACCOUNT,
        "POST",
    ),
    Page("show_keys", "/me/keys", "app.pages.account.keys_page.show", Who.ACCOUNT),
    Page("make_key", "/me/keys", "app.pages.account.keys_page.make", Who.ACCOUNT, "POST"),
    Page("end_key", "/me/keys/end", "app.pages.account.keys_page.end", Who.ACCOUNT, "POST"),
    Page("sign_out", "/me/sign-out", "app.pages.account.page.sign_out", Who.SIGNED_IN, "POST"),
    Page(
        "sign_out_everywhere",
        "/me/sign-out-everywhere",
        "app.pages.account.page.sign_out_everywhere",
        Who.ACCOUNT,
        "POST",
    ),
    Page("change_password", "/me/password", "app.pages.account.page.change_password", Who.ACCOUNT, "POST"),
    Page("delete_account", "/me/delete", "app.pages.account.page.delete_account", Who.ACCOUNT, "POST"),
    Page("show_review", "/review", "app.pages.review.page.show", Who.RESPONDER),
    Page("decide_report", "/review/decision", "app.pages.review.acts.decide", Who.RESPONDER, "POST"),
    Page("decide_many", "/review/decisions", "app.pages.review.acts.decide_many", Who.RESPONDER, "POST"),
    Page("undo_decision", "/review/undo", "app.pages.review.acts.undo", Who.RESPONDER, "POST"),
    Page("decide_photo", "/review/photo", "app.pages.review.photo_acts.decide", Who.RESPONDER, "POST"),
    Page("end_report", "/review/end", "app.pages.review.acts.end", Who.RESPONDER, "POST"),
    Page("hold_report", "/review/hold", "app.pages.review.acts.hold", Who.RESPONDER, "POST"),
    Page("switch_shortcuts", "/me/shortcuts", "app.pages.review.keys.switch", Who.RESPONDER, "POST"),
    Page("show_figures", "/admin", "app.pages.admin.figures_page.show", Who.ADMIN),
    Page("list_acts", "/admin/audit", "app.pages.admin.audit_page.show", Who.ADMIN),
    Page("send_audit_table", "/admin/audit.csv", "app.pages.admin.audit_page.send_table", Who.ADMIN),
    Page("list_accounts", "/admin/accounts", "app.pages.admin.accounts_page.show_list", Who.ADMIN),
    Page("show_account", "/admin/accounts/<account_id>", "app.pages.admin.accounts_page.show", Who.ADMIN),
    Page("change_account", "/admin/accounts/<account_id>", "app.pages.admin.accounts_page.send", Who.ADMIN, "POST"),
    Page("list_invitations", "/admin/invitations", "app.pages.admin.invitations_page.show", Who.ADMIN),
    Page("change_invitations", "/admin/invitations", "app.pages.admin.invitations_page.send", Who.ADMIN, "POST"),
    Page("list_blocks", "/admin/blocks", "app.pages.admin.blocks_page.show", Who.ADMIN),
    Page("make_block", "/admin/blocks", "app.pages.admin.blocks_page.send", Who.ADMIN, "POST"),
    Page("end_block", "/admin/blocks/end", "app.pages.admin.blocks_page.end", Who.ADMIN, "POST"),
    Page("show_switches", "/admin/switches", "app.pages.admin.switches_page.show", Who.ADMIN),
    Page("change_switches", "/admin/switches", "app.pages.admin.switches_page.send", Who.ADMIN, "POST"),
    Page("choose_language", "/language", "app.pages.site.about.choose_language"),
    Page("show_status", "/status", "app.pages.site.about.show_status"),
    Page("show_about", "/about", "app.pages.site.about.show_about"),
    Page("show_privacy", "/privacy", "app.pages.site.about.show_privacy"),
    Page("show_accessibility", "/accessibility", "app.pages.site.about.show_accessibility"),
    Page("send_manifest", "/manifest.webmanifest", "app.pages.site.offline.send_manifest"),
    Page("send_service_worker", "/service-worker.js", "app.pages.site.offline.send_service_worker"),
    Page("send_robots", "/robots.txt", "app.pages.site.search_engines.send_robots"),
    Page("send_sitemap", "/sitemap.xml", "app.pages.site.search_engines.send_sitemap"),
    Page("send_favicon", "/favicon.ico", "app.pages.site.icons.send_favicon"),
    Page("send_touch_icon", "/apple-touch-icon.png", "app.pages.site.icons.send_touch_icon"),
    Page("show_docs", "/docs", "app.pages.site.developers.show_docs"),
    Page("list_problems", "/docs/errors/", "app.pages.site.developers.list_problems"),
    Page("show_problem", "/docs/errors/<code>", "app.pages.site.developers.show_problem"),
    Page("send_map_file", "/static/map.pmtiles", "app.pages.site.map_file.send"),
    Page("send_asset", "/static/<digest>/<path:name>", "app.pages.frame.assets.send"),
)


def _loaded_later(maker: str) -> Callable[..., Response]:
    module, _, name = maker.rpartition(".")

    def make(**values: Any) -> Response:
        response: Response = getattr(import_module(module), name)(**values)
        return response

    return make


def shape(problem: Problem) -> Response:
    """Render a problem as a page for a browser, as a problem document for a program."""
    # A page has addresses, which Flask cannot make where it could not read the host.
    has_addresses = not isinstance(request.routing_exception, BadHost)
    if not has_addresses or request.path.startswith(_FOR_PROGRAMS) or not _prefers_page():
        return problems.render(problem)
    if isinstance(problem, Unauthenticated) and request.blueprint == blueprint.name:
        from app.pages.account import page  # loaded at first use, like all pages

        return page.ask_to_sign_in(problem)
    if isinstance(problem, SecondFactorRequired) and request.blueprint == blueprint.name:
        from app.pages.account import page

        return page.lead_to_second_factor(problem)
    from app.pages.frame import error_page

    return error_page.render(problem)


def _prefers_page() -> bool:
    """Return whether HTML is preferred to JSON, or named if both are equal. `*/*` and no Accept mean a program."""
    accept = request.accept_mimetypes
    html, plain = accept["text/html"], accept["application/json"]
    if html == plain:
        return html > 0 and not _NAMES_OF_A_PAGE.isdisjoint(name.lower() for name in accept.values())
    return html > plain


def show_now() -> Response:
    """Show what is happening now: a page for browsers, one line of JSON for programs.

    Programs ask for no place; makers of link previews do, and they accept anything.
    """
    if _prefers_page() or request.args:
        from app.pages.home import page

        response = page.show()
    else:
        response = jsonify(message="Flood Reporting API is running")
        response.headers["Cache-Control"] = headers.ASK_FIRST
    response.vary.add("Accept")
    return response


blueprint = Blueprint("pages", __name__)
lock_blueprint(blueprint, Who.ANYONE, has_pages=True)
problems.register(blueprint, shape)


@blueprint.before_request
def _enter_trial() -> None:
    """Show an admin the switches that this browser tries. Few requests have that cookie; the others load nothing."""
    if any(name.endswith("trial") for name in request.cookies):
        from app.pages.admin import trial

        trial.enter()


@blueprint.teardown_request
def _leave_trial(error: BaseException | None = None) -> None:
    if "trial" in g:
        from app.pages.admin import trial

        trial.leave(error)


for one in PAGES:
    view = lock(one.who)(_loaded_later(one.maker))
    blueprint.add_url_rule(one.path, one.name, view, methods=[one.method])
