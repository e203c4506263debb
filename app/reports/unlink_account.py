"""Unlink the reports of a deleted account. Workers load this module, so it loads no Flask."""

from collections.abc import Callable

from app.core.retention import FORGOTTEN
from app.geo import coordinates
from app.reports.entry import AREA, NEWER_THAN_ALL
from app.reports.models import Report
from app.reports.replace import replace

UNLINKED_AT_ONCE = 25


def unlink_reports(account_id: str, *, keeps_texts: bool, goes_on: Callable[[int], bool]) -> bool:
    """Unlink a deleted account's reports: coarse facts stay, without a link to a person. Returns whether all are done.

    Photos are deleted, and so are titles and descriptions unless the person asked to keep them. `goes_on` is asked
    before each page with the number of reports done.
    """
    done, before = 0, NEWER_THAN_ALL
    while before:
        page, before = Report.page_of_account(account_id, before=before, limit=UNLINKED_AT_ONCE)
        if page and not goes_on(done):
            return False
        for report in page:
            report.account_id, report.body_hash, report.is_from_partner = None, FORGOTTEN, None
            report.forget_who_filed()
            report.forget_words()
            report.photos = []
            lat, lon = (
                coordinates.rounded(value, places=coordinates.PLACES_GRID) for value in (report.lat, report.lon)
            )
            report.put_at(lat=lat, lon=lon, visibility=AREA if report.visibility == AREA else "home")
            if not keeps_texts:
                report.title = report.description = None
            replace(report)
        done += len(page)
    return True
