"""Schema of the query for the list of alerts."""

from app.api.box_circle_query import SearchAreaQuery
from app.api.list_query import PageQuery, SeverityQuery


class AlertsQuery(PageQuery, SeverityQuery, SearchAreaQuery):
    """Search area, least severity, and page."""
