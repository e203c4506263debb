"""The query that lists of reports and of warnings have in common."""

from typing import Any

from marshmallow import post_load, validates_schema
from marshmallow.exceptions import ValidationError

from app.api.box_circle_query import SearchAreaQuery
from app.core.severity import Severity
from app.http import cursors
from app.http.fields import Moment, QueryWhole, Word
from app.http.schemas import StrictSchema


class PageQuery(StrictSchema):
    """Page of a list."""

    limit = QueryWhole(low=1, high=100, load_default=50)
    cursor = cursors.field()


class PeriodQuery(PageQuery):
    """Period, which includes its ends, and page of a list."""

    since = Moment()
    until = Moment()

    @validates_schema(skip_on_field_errors=False)
    def check_period(self, data: dict[str, Any], **_: Any) -> None:
        """Require `since` before `until`."""
        if data.get("since") is not None and data.get("until") is not None and data["since"] > data["until"]:
            raise ValidationError("range|It must not be before since.", field_name="until")


class ListQuery(PeriodQuery, SearchAreaQuery):
    """Search area, least severity, period, and page of a list. Adds `severities`: those that the query accepts."""

    severity_min = Word(Severity, metadata={"description": "At least this severity."})

    @validates_schema(skip_on_field_errors=False)
    def check_delta(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a period together with `updated_since`."""
        if data.get("updated_since") is not None and ({"since", "until"} & data.keys()):
            raise ValidationError("conflict|It cannot be combined with since or until.", field_name="updated_since")

    @post_load
    def add_severities(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add `severities`: all from `severity_min` on."""
        return data | {"severities": Severity(data.get("severity_min", Severity.UNKNOWN)).at_least()}
