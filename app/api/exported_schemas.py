"""Schemas of what the export of one's own data is made of."""

from marshmallow import fields

from app.api.account_schemas import MeSchema
from app.api.key_schemas import KeySchema
from app.api.report_schemas import ReportSchema
from app.http.fields import Word
from app.http.schemas import StrictSchema
from app.mail.models import State
from app.reports.entry import Condition
from app.reports.placed import DECIMALS
from app.review.flags import REASONS


class NewSignInSchema(StrictSchema):
    """Note of a sign-in on a device that was not known, of the last 7 days."""

    id = fields.String(
        required=True, metadata={"description": "The id of the note.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"}
    )
    at = fields.String(required=True, metadata={"format": "date-time", "description": "When the sign-in was."})
    device = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The browser and system that the device named; null: none that is known.",
            "example": "Firefox, Android",
        },
    )


class ExportedAccountSchema(MeSchema):
    """One's own account as it is stored, without the password's hash."""

    username_folded = fields.String(
        required=True,
        metadata={
            "description": "The form of the user name that no other account may have.",
            "example": "river-watcher",
        },
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

    id = fields.String(
        required=True, metadata={"description": "The id of the session.", "example": "fam_01kb3vd5q0w8x4m9n2c7r6t5ya"}
    )
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
    """A word of one's own about a report."""

    report_id = fields.String(
        required=True,
        metadata={"description": "The id of the report that it is about.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"},
    )
    said_at = fields.DateTime(required=True, metadata={"description": "When it was said."})


class ExportedVoteSchema(_SaidSchema):
    """One's own vote of the last 7 days."""

    condition = Word(
        [Condition.FLOODED, Condition.RECEDED],
        required=True,
        metadata={"description": "The vote: still flooded, or the water has gone."},
    )
    depth_cm = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "The depth of the water in centimetres, if it was given.", "example": 30},
    )


class ExportedFlagSchema(_SaidSchema):
    """One's own flag of the last 7 days."""

    reason = Word(REASONS, required=True, metadata={"description": "The reason that was chosen."})
    note = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The note for responders, if one was written.",
            "example": "The picture is of another street.",
        },
    )


class ExportedActSchema(StrictSchema):
    """Record of a change of the account's role, or of exact places that it was shown."""

    id = fields.String(
        required=True, metadata={"description": "The id of the record.", "example": "00063903061234567#01kb9v3q8d5w"}
    )
    action = fields.String(
        required=True, metadata={"description": "The kind of act.", "example": "account.role_changed"}
    )
    at = fields.DateTime(required=True, metadata={"description": "When it was done."})
    after = fields.Dict(
        required=True,
        metadata={
            "description": "What it changed to, in codes by the names of fields.",
            "example": {"role": "responder"},
        },
    )


class ExportedStaffActSchema(ExportedActSchema):
    """Record of what the person did as a member of staff: ids, codes and times."""

    subject = fields.String(
        required=True,
        metadata={"description": "The id of what was acted upon.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"},
    )
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The code of the reason, where one was given.", "example": "on_site"},
    )
    before = fields.Dict(
        required=True,
        metadata={
            "description": "How it was before, in codes by the names of fields.",
            "example": {"status": "pending"},
        },
    )


class ExportedInvitationSchema(StrictSchema):
    """The invitation by which the person became staff, for 30 days after it was made."""

    id = fields.String(
        required=True, metadata={"description": "The id of the invitation.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"}
    )
    note = fields.String(
        required=True, metadata={"description": "What an admin noted when inviting.", "example": "Duty officer"}
    )
    created_at = fields.DateTime(required=True, metadata={"description": "When it was made."})
    used_at = fields.DateTime(required=True, metadata={"description": "When it was accepted."})


class ExportedBlockSchema(StrictSchema):
    """A block of the account by staff: what it files meanwhile is shown together and checked last."""

    id = fields.String(
        required=True, metadata={"description": "The id of the block.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"}
    )
    reason = fields.String(
        required=True, metadata={"description": "The code of the reason.", "example": "false_reports"}
    )
    made_at = fields.String(required=True, metadata={"format": "date-time", "description": "When it was made."})
    ends_at = fields.String(
        required=True, metadata={"format": "date-time", "description": "When it ends, or has ended."}
    )


class ExportedMessageSchema(StrictSchema):
    """Message to the person of the last 30 days. Its words, and the address, are not kept."""

    kind = fields.String(required=True, metadata={"description": "What it was about.", "example": "confirm_email"})
    state = Word(State, required=True, metadata={"description": "What has become of it."})
    reason = fields.String(required=True, allow_none=True, metadata={"description": "A code, of some states."})
    made_at = fields.DateTime(required=True, metadata={"description": "When it was made."})
    changed_at = fields.DateTime(required=True, metadata={"description": "When its state last changed."})
