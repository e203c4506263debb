"""create_app(): wire the rooms, their locks and the rendering of errors. No other module wires."""

import sys
from typing import Any

from flask import Flask

from app import first_rooms
from app.accounts import auth, session_starts
from app.accounts.models import Account
from app.accounts.session_models import RefreshFamily
from app.aws import parameters
from app.core import dynamodb, mail_keys, missing, signing_keys, totp_keys
from app.core.config import settings
from app.http import headers, problems
from app.http.page_parameters import PageRequest
from app.http.urls import LazyRule
from app.pages.routes import shape
from app.warnings.sources.registry import read_sources


def create_app(*, is_whole: bool = True, **overrides: Any) -> Flask:
    """Build the WSGI app, with its first rooms only or with all. `overrides` go into Flask's configuration."""
    app = Flask("app", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of the default provider; the base class has none
    app.url_rule_class, app.request_class = LazyRule, PageRequest
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # it would redirect to a URL made from the Host header
    app.config.update(**overrides)
    read_sources(settings().sources)  # reports a mistake now instead of at the first request
    signing_keys.set_store_reader(parameters.read)
    session_starts.set_noters(_note_sign_in)
    totp_keys.set_store_reader(parameters.read_totp_key)
    mail_keys.set_store_reader(parameters.read_mail_key)
    headers.register(app)
    for module in (dynamodb, missing):
        app.before_request(module.begin_request)
        app.teardown_request(module.end_request)
    auth.guard(app)
    _register_rooms(app, is_whole=is_whole)
    problems.register(app, shape)
    _register_commands(app)
    _say_what_is_missing()
    return app


def _note_sign_in(account: Account, family: RefreshFamily) -> None:
    from app.accounts import sign_in_message  # imported here because few requests begin a session
    from app.api import staff_sign_ins

    staff_sign_ins.note(account, family)
    sign_in_message.note(account, family)


def _register_rooms(app: Flask, *, is_whole: bool) -> None:
    for blueprint in first_rooms.BLUEPRINTS:
        app.register_blueprint(blueprint)
    if is_whole:
        from app import further_rooms  # loaded when one of them is needed

        app.config.update(further_rooms.OPENAPI)
        for blueprint in further_rooms.BLUEPRINTS:
            app.register_blueprint(blueprint)


def _say_what_is_missing() -> None:
    if missing := settings().missing_database():
        print(missing, file=sys.stderr)


def _register_commands(app: Flask) -> None:
    """Register commands, which are for a terminal; web functions never load them."""
    if not settings().in_lambda:
        from app.cli import commands, local_mail  # click and the importers would slow down a cold start

        commands.register(app)
        local_mail.register(app)


def connect() -> None:
    """Prepare in INIT what requests need: the DynamoDB client and the keys. Raises if they are not available."""
    dynamodb.connect()
    signing_keys.keys()
