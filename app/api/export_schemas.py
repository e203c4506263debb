"""Schemas of the export of a person's own data: the query, and a page of the export."""

from marshmallow import fields

from app.api.exported_schemas import (
    ExportedAccountSchema,
    ExportedActSchema,
    ExportedBlockSchema,
    ExportedFlagSchema,
    ExportedInvitationSchema,
    ExportedKeySchema,
    ExportedMessageSchema,
    ExportedReportSchema,
    ExportedStaffActSchema,
    ExportedVoteSchema,
    SignInEventSchema,
)
from app.api.subscription_schemas import SubscriptionSchema
from app.core import missing
from app.http import cursors
from app.http.fields import QueryWhole
from app.http.schemas import LinkSchema, StrictSchema

PAGE = 100


class ExportQuery(StrictSchema):
    """Size and place of a page of the export."""

    limit = QueryWhole(
        low=1,
        high=PAGE,
        load_default=PAGE,
        metadata={"description": "The most sign-ins, and the most reports, on a page."},
    )
    cursor = cursors.field()


class ExportSchema(StrictSchema):
    """A page of one's own data. The lists of all pages together are complete."""

    exported_at = fields.DateTime(required=True, metadata={"description": "When this page was made."})
    account = fields.Nested(ExportedAccountSchema, required=True, metadata={"description": "The account itself."})
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
    subscriptions = fields.List(
        fields.Nested(SubscriptionSchema),
        required=True,
        metadata={"description": "On the first page: the subscriptions to alerts that were not stopped, newest first."},
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
    next_cursor = fields.String(
        required=True, allow_none=True, metadata={"description": "For the next page; null on the last one."}
    )
    missing = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": f"`{missing.SIGN_INS}`, `{missing.STAFF_ACTS}` or `{missing.MESSAGES}` if these could not "
            "be read for this page. The next page reads them again; on the last page it means that they are not "
            f"complete: export again later. So do `{missing.API_KEYS}`, `{missing.BLOCKS}` and "
            f"`{missing.SUBSCRIPTIONS}`, which are on the first page only, as messages are.",
            "example": [],
        },
    )
    links = fields.List(
        fields.Nested(LinkSchema), required=True, metadata={"description": "This page, and the next one."}
    )
