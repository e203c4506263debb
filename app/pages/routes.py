"""All pages, with who may open them. What a page does is loaded when somebody first asks for it.

Forms are sent to the address of their page or to one below it, and answer with 303: loading again sends nothing twice.
"""

from flask import Blueprint, Response, jsonify, request

from app.accounts.auth import Who, lock, lock_blueprint
from app.errors import Problem, Unauthenticated
from app.http import headers, problems

# What programs ask for is a problem document whatever they accept (http.md, Errors).
_FOR_PROGRAMS = ("/v1/", "/tiles/", "/feeds/", "/ogc", "/static/")
_NAMES_OF_A_PAGE = frozenset(("text/html", "text/*"))
REPORT = "<report_id>"

blueprint = Blueprint("pages", __name__)
lock_blueprint(blueprint, Who.ANYONE, has_pages=True)


def shape(problem: Problem) -> Response:
    """A problem as a page for a browser, as a problem document for a program."""
    if request.path.startswith(_FOR_PROGRAMS) or not _prefers_page():
        return problems.render(problem)
    if isinstance(problem, Unauthenticated) and request.blueprint == blueprint.name:
        from app.pages import people

        return people.ask_to_sign_in(problem)
    from app.web import problem_pages

    return problem_pages.render(problem)


def _prefers_page() -> bool:
    """Whether HTML is wanted more than JSON; on a tie, whether it is named. `*/*` and no Accept mean a program."""
    accept = request.accept_mimetypes
    html, plain = accept["text/html"], accept["application/json"]
    if html == plain:
        return html > 0 and not _NAMES_OF_A_PAGE.isdisjoint(name.lower() for name in accept.values())
    return html > plain


@blueprint.get("/")
def show_now() -> Response:
    """Say what is happening now: a page for browsers, one line of JSON for programs."""
    if _prefers_page():
        from app.pages import now

        response = now.show()
    else:
        response = jsonify(message="Flood Reporting API is running")
        response.headers["Cache-Control"] = headers.ASK_FIRST
    response.vary.add("Accept")
    return response


@blueprint.get("/outlines.geojson")
def send_outlines() -> Response:
    """What the map of a page draws besides its list: outlines for the eye, and names of towns."""
    from app.pages import outlines

    return outlines.send()


@blueprint.get("/report")
def show_report_form() -> Response:
    """The form for a report."""
    from app.pages import reporting

    return reporting.show_form()


@blueprint.post("/report")
def send_report() -> Response:
    """File the report of the form, with or without an account."""
    from app.pages import reporting

    return reporting.send()


@blueprint.get(f"/report/sent/{REPORT}")
@lock(Who.REPORTER)
def show_sent(report_id: str) -> Response:
    """What becomes of a report that was sent; for its reporter alone."""
    from app.pages import reporting

    return reporting.show_sent(report_id)


@blueprint.get(f"/reports/{REPORT}")
def show_report(report_id: str) -> Response:
    """One report, as everybody may see it."""
    from app.pages import reports

    return reports.show(report_id)


@blueprint.get(f"/reports/{REPORT}/edit")
@lock(Who.REPORTER)
def show_edit_form(report_id: str) -> Response:
    """The form to change a report of one's own, or take it back."""
    from app.pages import editing

    return editing.show_form(report_id)


@blueprint.post(f"/reports/{REPORT}/edit")
@lock(Who.REPORTER)
def send_edit(report_id: str) -> Response:
    """Change a report of one's own."""
    from app.pages import editing

    return editing.send(report_id)


@blueprint.post(f"/reports/{REPORT}/withdraw")
@lock(Who.REPORTER)
def withdraw_report(report_id: str) -> Response:
    """Take a report of one's own back."""
    from app.pages import editing

    return editing.withdraw(report_id)


@blueprint.get("/warnings")
def list_warnings() -> Response:
    """Official warnings in force, the gravest first, and those that ended within the last day."""
    from app.pages import official

    return official.show_list()


@blueprint.get("/warnings/<warning_id>")
def show_warning(warning_id: str) -> Response:
    """One official warning."""
    from app.pages import official

    return official.show_warning(warning_id)


@blueprint.get("/areas/<area_id>")
def show_area(area_id: str) -> Response:
    """One official area: what is warned of and reported there."""
    from app.pages import official

    return official.show_area(area_id)


@blueprint.get("/sign-in")
def show_sign_in() -> Response:
    """The form to sign in."""
    from app.pages import people

    return people.show_sign_in()


@blueprint.post("/sign-in")
def sign_in() -> Response:
    """Sign in by user name and password."""
    from app.pages import people

    return people.sign_in()


@blueprint.get("/register")
@blueprint.get("/sign-in/new")
def show_registration() -> Response:
    """The form to make an account."""
    from app.pages import people

    return people.show_registration()


@blueprint.post("/sign-in/new")
def register() -> Response:
    """Make an account and sign in. (`POST /register` is what the first phone clients call.)"""
    from app.pages import people

    return people.register()


@blueprint.get("/me")
@lock(Who.ACCOUNT)
def show_me() -> Response:
    """One's own account and reports."""
    from app.pages import people

    return people.show_me()


@blueprint.post("/me/sign-out")
@lock(Who.ACCOUNT)
def sign_out() -> Response:
    """Sign out here."""
    from app.pages import people

    return people.sign_out()


@blueprint.post("/me/sign-out-everywhere")
@lock(Who.ACCOUNT)
def sign_out_everywhere() -> Response:
    """End all sign-ins of one's account, on pages and in apps."""
    from app.pages import people

    return people.sign_out_everywhere()


@blueprint.post("/me/password")
@lock(Who.ACCOUNT)
def change_password() -> Response:
    """Choose a new password, which ends all sign-ins of one's account."""
    from app.pages import people

    return people.change_password()


@blueprint.post("/me/delete")
@lock(Who.ACCOUNT)
def delete_account() -> Response:
    """Delete one's account, with the password said once more."""
    from app.pages import people

    return people.delete_account()


@blueprint.get("/language")
def choose_language() -> Response:
    """Remember the language of the pages, and go back."""
    from app.pages import about

    return about.choose_language()


@blueprint.get("/status")
def show_status() -> Response:
    """How each part and each source does, with its age."""
    from app.pages import about

    return about.show_status()


@blueprint.get("/privacy", endpoint="show_privacy")
@blueprint.get("/accessibility", endpoint="show_accessibility")
def show_statement() -> Response:
    """What is kept of people, and who sees it; who can use these pages, and what is known not to work."""
    from app.pages import about

    return about.show_text(f"{(request.endpoint or '').rpartition('_')[2]}.html")


@blueprint.get("/manifest.webmanifest")
def send_manifest() -> Response:
    """What a phone needs to keep the pages among its apps."""
    from app.pages import offline

    return offline.send_manifest()


@blueprint.get("/service-worker.js")
def send_service_worker() -> Response:
    """The script that keeps the report form at hand without a connection."""
    from app.pages import offline

    return offline.send_service_worker()


@blueprint.get("/docs")
def show_docs() -> Response:
    """The API description, to read and to try."""
    from app.pages import developers

    return developers.show_docs()


@blueprint.get("/docs/errors/")
def list_problems() -> Response:
    """All kinds of problem that an answer may name in `type`."""
    from app.pages import developers

    return developers.list_problems()


@blueprint.get("/docs/errors/<code>")
def show_problem(code: str) -> Response:
    """One kind of problem: what it means and what to do."""
    from app.pages import developers

    return developers.show_problem(code)


@blueprint.get("/static/<digest>/<path:name>")
def send_asset(digest: str, name: str) -> Response:
    """One file of the pages. Its address changes with its content, so it may be kept for ever."""
    from app.web import assets

    return assets.send(digest, name)


problems.register(blueprint, shape)
