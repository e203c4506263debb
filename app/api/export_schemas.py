"""Schemas of the export of a person's own data: the query, and a page of the export."""

from marshmallow import fields

from app.api.account_schemas import MeSchema
from app.api.key_schemas import KeySchema
from app.api.report_schemas import ReportSchema
from app.core import missing
from app.http import cursors
from app.http.fields import QueryWhole, Word
from app.http.schemas import LinkSchema, StrictSchema
from app.mail.models import State
from app.reports.entry import Condition
from app.reports.placed import DECIMALS
from app.review.flags import REASONS

PAGE = 100


class ExportQuery(StrictSchema):
    limit = QueryWhole(
        low=1,
        high=PAGE,
        load_default=PAGE,
        metadata={"description": "At most so many sign-ins and so many reports on a page."},
    )
    cursor = cursors.field()


class NewSignInSchema(StrictSchema):
    """Note of a sign-in on a device that was not known, of the last 7 days."""

    id = fields.String(required=True)
    at = fields.String(required=True, metadata={"format": "date-time"})
    device = fields.String(required=True, allow_none=True)


class ExportedAccountSchema(MeSchema):
    """One's own account as it is stored, without the password's hash."""

    username_folded = fields.String(
        required=True, metadata={"description": "The form of the user name that no other account may have."}
    )
    has_second_factor = fields.Boolean(
        required=True, metadata={"description": "Whether sign-in asks for a code. Its secret is not exported."}
    )
    new_sign_ins = fields.List(
        fields.Nested(NewSignInSchema),
        required=True,
        metadata={"description": "The newest sign-ins on devices that were not known, at most five."},
    )
    is_partner = fields.Boolean(
        required=True, metadata={"description": "Whether an admin has marked it as an organisation's."}
    )


class ExportedKeySchema(KeySchema):
    """An API key that is stored, also one that has ended. Its text is stored nowhere."""


class SignInEventSchema(StrictSchema):
    """A sign-in that is stored, valid or ended."""

    id = fields.String(required=True)
    started_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "When it began. Null if its id does not show it."}
    )
    refreshed_at = fields.DateTime(
        required=True, metadata={"description": "When its tokens were exchanged last; if never, when it began."}
    )
    refreshes = fields.Integer(required=True, metadata={"description": "How often its tokens were exchanged."})
    last_used_at = fields.DateTime(required=True, metadata={"description": "The last use that was noted."})
    expires_at = fields.DateTime(
        required=True, metadata={"description": "When it ends, or has ended, if it is not used any more."}
    )
    is_valid = fields.Boolean(
        required=True,
        metadata={"description": "False if it has expired, or ended with all others, as by a new password."},
    )
    kind = fields.String(
        required=True, allow_none=True, metadata={"description": "`pages` or `api`; null before this was kept."}
    )
    device = fields.String(
        required=True, allow_none=True, metadata={"description": "The browser and system that the device named."}
    )
    is_known_device = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "Whether the account was signed in there before."}
    )
    has_second_factor = fields.Boolean(
        required=True, metadata={"description": "Whether a second factor was given, or set up in it."}
    )
    told_until = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "Up to when its person has answered for new sign-ins there; null: up to its begin."},
    )


class ExportedReportSchema(ReportSchema):
    """One's own report as it is stored, whatever its status."""

    class Meta(ReportSchema.Meta):
        exclude = ("warnings", "possible_warnings", "edit_token")

    place = Word(DECIMALS, required=True, metadata={"description": "How exactly others may see it."})


class _SaidSchema(StrictSchema):
    report_id = fields.String(required=True)
    said_at = fields.DateTime(required=True)


class ExportedVoteSchema(_SaidSchema):
    """One's own vote of the last 7 days."""

    condition = Word([Condition.FLOODED, Condition.RECEDED], required=True)
    depth_cm = fields.Float(required=True, allow_none=True)


class ExportedFlagSchema(_SaidSchema):
    """One's own flag of the last 7 days."""

    reason = Word(REASONS, required=True)
    note = fields.String(required=True, allow_none=True)


class ExportedActSchema(StrictSchema):
    """Record of a change of the account's role, or of exact places that it was shown."""

    id = fields.String(required=True)
    action = fields.String(required=True)
    at = fields.DateTime(required=True)
    after = fields.Dict(required=True)


class ExportedStaffActSchema(ExportedActSchema):
    """Record of what the person did as a member of staff: ids, codes and times."""

    subject = fields.String(required=True, metadata={"description": "The id of what was acted upon."})
    reason = fields.String(required=True, allow_none=True)
    before = fields.Dict(required=True)


class ExportedInvitationSchema(StrictSchema):
    """The invitation by which the person became staff, for 30 days after it was made."""

    id = fields.String(required=True)
    note = fields.String(required=True, metadata={"description": "What an admin noted when inviting."})
    created_at = fields.DateTime(required=True)
    used_at = fields.DateTime(required=True)


class ExportedBlockSchema(StrictSchema):
    """A block of the account by staff: what it files meanwhile is shown together and checked last."""

    id = fields.String(required=True)
    reason = fields.String(required=True, metadata={"description": "The code of the reason."})
    made_at = fields.String(required=True, metadata={"format": "date-time"})
    ends_at = fields.String(required=True, metadata={"format": "date-time"})


class ExportedMessageSchema(StrictSchema):
    """Message to the person of the last 30 days. Its words, and the address, are not kept."""

    kind = fields.String(required=True, metadata={"description": "What it was about."})
    state = Word(State, required=True, metadata={"description": "What has become of it."})
    reason = fields.String(required=True, allow_none=True, metadata={"description": "A code, of some states."})
    made_at = fields.DateTime(required=True)
    changed_at = fields.DateTime(required=True, metadata={"description": "When it came into its state."})


class ExportSchema(StrictSchema):
    """A page of one's own data. The lists of all pages together are complete."""

    exported_at = fields.DateTime(required=True)
    account = fields.Nested(ExportedAccountSchema, required=True)
    sign_ins = fields.List(
        fields.Nested(SignInEventSchema), required=True, metadata={"description": "Newest first, from page to page."}
    )
    api_keys = fields.List(
        fields.Nested(ExportedKeySchema),
        required=True,
        metadata={"description": "On the first page: the API keys that are stored, newest first."},
    )
    reports = fields.List(
        fields.Nested(ExportedReportSchema),
        required=True,
        metadata={"description": "Newest first, from page to page, with exact places and times."},
    )
    votes = fields.List(
        fields.Nested(ExportedVoteSchema), required=True, metadata={"description": "Newest first, from page to page."}
    )
    flags = fields.List(
        fields.Nested(ExportedFlagSchema), required=True, metadata={"description": "Newest first, from page to page."}
    )
    messages = fields.List(
        fields.Nested(ExportedMessageSchema),
        required=True,
        metadata={"description": "On the first page: messages about the account, newest first."},
    )
    invitation = fields.Nested(
        ExportedInvitationSchema, required=True, allow_none=True, metadata={"description": "On the first page."}
    )
    acts = fields.List(
        fields.Nested(ExportedActSchema),
        required=True,
        metadata={"description": "On the first page: records about the account, the newest 300. Of staff only."},
    )
    staff_acts = fields.List(
        fields.Nested(ExportedStaffActSchema),
        required=True,
        metadata={
            "description": "Newest first, from page to page: what the person did as a member of staff, within a year."
        },
    )
    blocks = fields.List(
        fields.Nested(ExportedBlockSchema),
        required=True,
        metadata={"description": "On the first page: blocks of the account in force, or ended within a week."},
    )
    next_cursor = fields.String(required=True, allow_none=True)
    missing = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": f"`{missing.SIGN_INS}`, `{missing.STAFF_ACTS}` or `{missing.MESSAGES}` if these could not "
            "be read for this page. The next page reads them again; on the last page it means that they are not "
            f"complete: export again later. So do `{missing.API_KEYS}` and `{missing.BLOCKS}`, which are on the first "
            "page only, as messages are."
        },
    )
    links = fields.List(fields.Nested(LinkSchema), required=True)
