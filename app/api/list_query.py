"""The query that lists of reports and of warnings have in common."""

from typing import Any

from marshmallow import post_load, validates_schema
from marshmallow.exceptions import ValidationError

from app.api.box_circle_query import SearchAreaQuery
from app.core.severity import Severity
from app.http import cursors
from app.http.fields import Moment, QueryWhole, Word
from app.http.schemas import StrictSchema

MOST_FEATURES = 1000
# Of a table: spreadsheets take a file without the mark for text of another encoding.
WITH_MARK = Word(
    ["1"], metadata={"description": "Begin with a byte order mark, by which spreadsheets know UTF-8.", "example": "1"}
)


def many() -> QueryWhole:
    """Return the field `limit` of lists for maps."""
    return QueryWhole(
        low=1,
        high=MOST_FEATURES,
        load_default=50,
        metadata={"description": "The most features on a page.", "example": 500},
    )


class PageQuery(StrictSchema):
    """Page of a list."""

    limit = QueryWhole(
        low=1, high=100, load_default=50, metadata={"description": "The most items on a page.", "example": 20}
    )
    cursor = cursors.field()


class PeriodQuery(PageQuery):
    """Period, which includes its ends, and page of a list."""

    since = Moment(
        metadata={"description": "From this time on, with its offset (RFC 3339).", "example": "2026-01-05T00:00:00Z"}
    )
    until = Moment(
        metadata={"description": "Up to this time, with its offset (RFC 3339).", "example": "2026-01-06T00:00:00Z"}
    )

    @validates_schema(skip_on_field_errors=False)
    def check_period(self, data: dict[str, Any], **_: Any) -> None:
        """Require `since` before `until`."""
        if data.get("since") is not None and data.get("until") is not None and data["since"] > data["until"]:
            raise ValidationError("range|It must not be before since.", field_name="until")


class SeverityQuery(StrictSchema):
    """Least severity. Adds `severities`: those that the query accepts."""

    severity_min = Word(Severity, metadata={"description": "At least this severity."})

    @post_load
    def add_severities(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add `severities`: all from `severity_min` on."""
        return data | {"severities": Severity(data.get("severity_min", Severity.UNKNOWN)).at_least()}


class ListQuery(PeriodQuery, SeverityQuery, SearchAreaQuery):
    """Search area, least severity, period, and page of a list."""

    @validates_schema(skip_on_field_errors=False)
    def check_delta(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a period together with `updated_since`."""
        if data.get("updated_since") is not None and ({"since", "until"} & data.keys()):
            raise ValidationError("conflict|It cannot be combined with since or until.", field_name="updated_since")
