"""Rights to add, see and judge the photos of a report: those of its reporter, and of responders of its area."""

from typing import NamedTuple

from app.accounts.auth import Caller
from app.accounts.persons import Person
from app.reports import edit
from app.reports.models import Report


class Standing(NamedTuple):
    """Relation of a caller to a report: its reporter, a responder of its area, both, or neither."""

    is_reporter: bool
    is_staff: bool

    @property
    def sees_all(self) -> bool:
        """Return whether the caller sees photos that not everyone may see."""
        return self.is_reporter or self.is_staff


OF_REPORTER, OF_STAFF = Standing(is_reporter=True, is_staff=False), Standing(is_reporter=False, is_staff=True)


def standing_of(report: Report, caller: Caller, person: Person | None) -> Standing:
    """Return what a caller is to a report. `person`: the sender of the request; a visitor has no other name."""
    is_filer = person is not None and report.filer is not None and bool(report.filer == person.id)
    return Standing(is_filer or edit.is_reporter(report, caller), edit.may_judge(report, caller))
