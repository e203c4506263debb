"""create_app(): wire the rooms, their locks and the rendering of errors. No other module wires."""

import sys
from typing import Any

from flask import Flask

from app.accounts import auth, session_starts, sign_in_message
from app.api import staff_sign_ins
from app.api.account_routes import blueprint as accounts
from app.api.admin_routes import blueprint as admin
from app.api.area_routes import blueprint as areas
from app.api.audit_routes import blueprint as audit
from app.api.batch_routes import blueprint as batch
from app.api.block_routes import blueprint as blocks
from app.api.figures_routes import blueprint as figures
from app.api.invitation_routes import blueprint as invitations
from app.api.key_routes import blueprint as api_keys
from app.api.mail_routes import blueprint as mail
from app.api.nearby_routes import blueprint as nearby
from app.api.photo_file_routes import blueprint as photo_files
from app.api.photo_routes import blueprint as photos
from app.api.place_routes import blueprint as places
from app.api.pulse_routes import blueprint as pulse
from app.api.report_list_routes import blueprint as lists
from app.api.report_list_routes import tiles
from app.api.report_list_schemas import TombstoneSchema
from app.api.report_routes import blueprint as reports
from app.api.review_routes import blueprint as review
from app.api.second_factor_routes import blueprint as second_factor
from app.api.session_routes import blueprint as sessions
from app.api.similar_routes import blueprint as similar
from app.api.status_routes import blueprint as ops
from app.api.subscription_routes import blueprint as subscriptions
from app.api.switch_routes import blueprint as switches
from app.api.verification_routes import blueprint as verification
from app.api.vote_routes import blueprint as votes
from app.api.warning_routes import blueprint as warnings
from app.aws import parameters
from app.core import dynamodb, mail_keys, missing, signing_keys, totp_keys
from app.core.config import VERSION, settings
from app.feeds.cap_routes import blueprint as cap
from app.feeds.routes import blueprint as feeds
from app.http import description, headers, problems
from app.http.addresses import LazyRule
from app.http.page_parameters import PageRequest
from app.legacy.routes import blueprint as legacy
from app.pages.routes import blueprint as pages
from app.pages.routes import shape
from app.warnings.sources.registry import read_sources

OPENAPI = {
    description.VERSION: VERSION,
    description.ALSO_DESCRIBED: {"Tombstone": TombstoneSchema},
    description.SECURITY_SCHEMES: {"bearer": auth.SECURITY_SCHEME},
}

BLUEPRINTS = (
    *(ops, accounts, mail, second_factor, sessions, api_keys, admin, audit, switches, blocks, figures, invitations),
    *(reports, photos, photo_files, batch, votes, verification, review, subscriptions),
    *(lists, tiles, similar, pulse, warnings, nearby, areas, places, feeds, cap, legacy, pages),
)


def create_app(**overrides: Any) -> Flask:
    """Build the WSGI app. `overrides` go into Flask's configuration (for example TESTING)."""
    app = Flask("app", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of the default provider; the base class has none
    app.url_rule_class, app.request_class = LazyRule, PageRequest
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # it would redirect to a URL made from the Host header
    app.config.update(OPENAPI, **overrides)
    read_sources(settings().sources)  # reports a mistake now instead of at the first request
    signing_keys.set_store_reader(parameters.read)
    session_starts.set_noters(staff_sign_ins.note, sign_in_message.note)
    totp_keys.set_store_reader(parameters.read_totp_key)
    mail_keys.set_store_reader(parameters.read_mail_key)
    headers.register(app)
    for module in (dynamodb, missing):
        app.before_request(module.begin_request)
        app.teardown_request(module.end_request)
    auth.guard(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    problems.register(app, shape)
    _register_commands(app)
    _say_what_is_missing()
    return app


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
