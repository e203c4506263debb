"""Queries of feeds: those of the lists, and one official area."""

from typing import Any

from marshmallow import validates_schema
from marshmallow.exceptions import ValidationError

from app.api.box_circle_query import CIRCLE
from app.api.list_query import WITH_MARK
from app.api.report_list_schemas import ReportsQuery
from app.api.warning_list_schemas import WarningsQuery
from app.http.fields import Text
from app.http.schemas import StrictSchema

AREA = Text(
    shortest=1,
    longest=64,
    metadata={
        "description": "One official area, by its id in `/v1/areas`: its warnings, the reports inside its outline.",
        "example": "ea-061FWF10Abingdon",
    },
)


class _InArea(StrictSchema):
    area = AREA

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_area(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        """Require an area alone, without another place."""
        if "area" in original and any(name in original for name in ("bbox", *CIRCLE)):
            raise ValidationError("conflict|Give an area, a box or a circle, not several.", field_name="area")


class ReportFeedQuery(_InArea, ReportsQuery):
    """Query of a feed of reports."""


class WarningFeedQuery(_InArea, WarningsQuery):
    """Query of a feed of warnings."""


class ReportTableQuery(ReportFeedQuery):
    """Query of the table of reports."""

    bom = WITH_MARK


class WarningTableQuery(WarningFeedQuery):
    """Query of the table of warnings."""

    bom = WITH_MARK
