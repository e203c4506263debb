"""Schema of the query for the list of alerts."""

from typing import Any

from marshmallow import post_load

from app.api.box_circle_query import SearchAreaQuery
from app.api.list_query import PageQuery
from app.core.severity import Severity
from app.http.fields import Word


class AlertsQuery(PageQuery, SearchAreaQuery):
    """Search area, least severity, and page. Adds `severities`: those that the query accepts."""

    severity_min = Word(Severity, metadata={"description": "At least this severity."})

    @post_load
    def add_severities(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add `severities`: all from `severity_min` on."""
        return data | {"severities": Severity(data.get("severity_min", Severity.UNKNOWN)).at_least()}
