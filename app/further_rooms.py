"""The other rooms: accounts, staff, alerts, feeds, old clients, and the description of all rooms."""

from app.accounts import auth
from app.api.account_routes import blueprint as accounts
from app.api.admin_routes import blueprint as admin
from app.api.audit_routes import blueprint as audit
from app.api.batch_routes import blueprint as batch
from app.api.block_routes import blueprint as blocks
from app.api.description_routes import blueprint as described
from app.api.figures_routes import blueprint as figures
from app.api.invitation_routes import blueprint as invitations
from app.api.key_routes import blueprint as api_keys
from app.api.mail_routes import blueprint as mail
from app.api.report_list_schemas import TombstoneSchema
from app.api.review_routes import blueprint as review
from app.api.second_factor_routes import blueprint as second_factor
from app.api.session_routes import blueprint as sessions
from app.api.subscription_routes import blueprint as subscriptions
from app.api.switch_routes import blueprint as switches
from app.api.verification_routes import blueprint as verification
from app.api.vote_routes import blueprint as votes
from app.core.config import VERSION
from app.feeds.cap_routes import blueprint as cap
from app.feeds.routes import blueprint as feeds
from app.http import description
from app.legacy.routes import blueprint as legacy

OPENAPI = {
    description.VERSION: VERSION,
    description.ALSO_DESCRIBED: {"Tombstone": TombstoneSchema},
    description.SECURITY_SCHEMES: {"bearer": auth.SECURITY_SCHEME},
}

BLUEPRINTS = (
    *(described, accounts, mail, second_factor, sessions, api_keys, admin, audit, switches, blocks, figures),
    *(invitations, batch, votes, verification, review, subscriptions, feeds, cap, legacy),
)
