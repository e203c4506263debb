"""Schemas of many reports at once."""

from marshmallow import ValidationError, fields, validate

from app.api.report_schemas import NewReportSchema, ReportSchema
from app.http import idempotency_keys
from app.http.fields import COMMON_MESSAGES, ReadLater
from app.http.schemas import StrictSchema

MOST_ITEMS = 100


class KeyField(fields.String):
    """An Idempotency-Key in a body, as the header may have it."""

    default_error_messages = COMMON_MESSAGES | {"invalid": "type|It must be text."}

    def __init__(self) -> None:
        described = idempotency_keys.SCHEMA | {
            "description": "Made once for each report (a UUID is good), and sent again with each try.",
            "example": "b0a7c9a2-6f2e-4a53-9f0e-3c1d6a0f9b11",
        }
        super().__init__(required=True, validate=_check_key, metadata=described)


def _check_key(text: str) -> None:
    if fault := idempotency_keys.fault(text):
        raise ValidationError(fault)


class BatchItemSchema(StrictSchema):
    """A report with the key of its own."""

    idempotency_key = KeyField()
    report = fields.Nested(
        NewReportSchema,
        required=True,
        error_messages=COMMON_MESSAGES,
        metadata={"description": "The report, as POST /v1/reports takes it."},
    )


class BatchSchema(StrictSchema):
    """Up to 100 reports. Each has its own result; one that fails stops no other."""

    most_names = 25 * MOST_ITEMS  # in the whole body: some more than a report has, for each

    items = fields.List(
        ReadLater(BatchItemSchema, allow_none=True),
        required=True,
        validate=validate.Length(1, MOST_ITEMS, error="length|It must hold {min} to {max} reports."),
        error_messages=COMMON_MESSAGES | {"invalid": "type|It must be a list of reports."},
        metadata={"description": "The reports, each with its key."},
    )


class BatchResultSchema(StrictSchema):
    """The result of one report: the whole report as it is now, or the problem."""

    status = fields.Integer(
        required=True,
        metadata={
            "description": "As POST /v1/reports would answer: 201 stored, 200 stored before, else a problem's.",
            "example": 201,
        },
    )
    report = fields.Nested(ReportSchema, metadata={"description": "The whole report as it is now, where it is stored."})
    problem = fields.Dict(
        metadata={
            "description": "As every error (RFC 9457). With the status 429 or 503 it has `retry_after_s`: send this "
            "report again after that time, with the same key."
        }
    )


class BatchResultsSchema(StrictSchema):
    """The results, in the order of the reports."""

    results = fields.List(
        fields.Nested(BatchResultSchema),
        required=True,
        metadata={"description": "One result for each report that was sent."},
    )
