"""Rights to add, see and judge the photos of a report: those of its reporter, and of responders of its area."""

from typing import NamedTuple

from app.accounts.auth import Caller
from app.accounts.persons import Person
from app.reports import edit
from app.reports.entry import PUBLIC
from app.reports.models import Report


class PhotoRights(NamedTuple):
    """Relation of a caller to a report: its reporter, a responder of its area, both, or neither."""

    is_reporter: bool
    is_staff: bool

    @property
    def sees_all(self) -> bool:
        """Return whether the caller sees photos that not everyone may see."""
        return self.is_reporter or self.is_staff


OF_REPORTER, OF_STAFF = PhotoRights(is_reporter=True, is_staff=False), PhotoRights(is_reporter=False, is_staff=True)


def rights_of(report: Report, caller: Caller, person: Person | None) -> PhotoRights:
    """Return the rights of a caller to a report's photos. `person`: the sender, by which a visitor is known."""
    is_reporter = edit.is_reporter(report, caller) or (person is not None and is_filer(report, person))
    return PhotoRights(is_reporter, edit.may_judge(report, caller))


def is_filer(report: Report, person: Person) -> bool:
    """Return whether a visitor filed the report, as long as that is kept. Raises what the database raises.

    The row of a report that others do not see forgets it at once; the reporter's own vote keeps it for some days, which
    costs one read.
    """
    known: str | None = report.filer
    if known is not None:
        return known == person.id
    if report.status in PUBLIC or report.account_id or not person.visitor_id:
        return False
    from app.review.vote_models import REPORTER, VoteRow  # imported here because few requests need it

    kept = VoteRow.find(report.id, REPORTER)
    return kept is not None and kept.who == person.id
