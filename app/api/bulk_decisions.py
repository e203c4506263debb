"""Many decisions at once, or the undoing of many: each is validated, stored and answered by itself."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from app.accounts.auth import caller
from app.api import exact_places
from app.api.photo_views import photo_forms
from app.api.report_schemas import full_form
from app.api.review_schemas import BulkDecisionSchema
from app.api.verification_schemas import deciding
from app.core import dynamodb, telemetry
from app.core.errors import Invalid, Problem, Unavailable
from app.http import problems
from app.http.answers import accepted_language
from app.http.schemas import load
from app.photos.standing import OF_STAFF
from app.reports.models import Report
from app.review import verification
from app.review.verdicts import Verdict

Result = dict[str, Any]


def decide_all(items: Sequence[Any]) -> list[Result]:
    """Decide about reports; return the results in the order of the decisions.

    Several are stored at a time. Merges, and further decisions about the same report, come after these one by one: they
    change rows that others change too.
    """
    results: dict[int, Result] = {}
    first: dict[int, Any] = {}
    for number, item in enumerate(items):
        try:
            first[number] = load(BulkDecisionSchema(), item, at=_place(number))
        except Invalid as error:
            report_id = item.get("report_id") if isinstance(item, dict) else None
            results[number] = _failed(report_id if isinstance(report_id, str) else None, error)
    alone = _apart(first)
    together = [number for number in first if number not in alone]
    for some in dynamodb.some_at_once(together):
        decided = dynamodb.in_one_round([partial(_decide, number, first[number]) for number in some])
        results |= dict(zip(some, decided, strict=True))
    for number in alone:
        results[number] = _decide(number, first[number])
    return [results[number] for number in range(len(items))]


def _apart(decisions: dict[int, Any]) -> list[int]:
    """Return the numbers of the decisions that are stored one by one."""
    seen: set[str] = set()
    alone: list[int] = []
    for number, values in decisions.items():
        if values["decision"] == Verdict.MERGED or values["report_id"] in seen:
            alone.append(number)
        seen.add(values["report_id"])
    return alone


def undo_all(seen: Sequence[tuple[str, int]]) -> list[Result]:
    """Undo the decisions about reports, each at the version that was seen; return the results in the same order."""
    results: list[Result] = []
    for some in dynamodb.some_at_once(seen):
        results += dynamodb.in_one_round([partial(_undo, report_id, version) for report_id, version in some])
    return results


def _place(number: int) -> str:
    """Return the pointer of a decision in the body."""
    return f"/decisions/{number}"


def _decide(number: int, values: dict[str, Any]) -> Result:
    """Store one decision; return its result."""
    who, by, seen = caller(), exact_places.by(), {values["version"]}
    decided = deciding(values)._replace(photos_seen=())  # who decides about many has not looked at each photo
    act = partial(verification.decide, values["report_id"], decided, caller=who, by=by, seen_versions=seen)
    return _result(values["report_id"], act, at=_place(number))


def _undo(report_id: str, version: int) -> Result:
    act = partial(verification.undo, report_id, caller=caller(), by=exact_places.by(), seen_versions={version})
    return _result(report_id, act)


def _result(report_id: str, act: Callable[[], Report], *, at: str = "") -> Result:
    """Change one report; return its result. `at`: the pointer to what was said of it."""
    try:
        report = act()
    except Invalid as error:
        return _failed(report_id, error.inside(at))
    except Problem as error:
        return _failed(report_id, error)
    except dynamodb.FAILURES as error:
        telemetry.logger().error("database failed", extra={"error": type(error).__name__, "reason": str(error)[:300]})
        sentence = "The database did not answer in time. Read the report again to see whether it was decided."
        return _failed(report_id, Unavailable(sentence, retry_after_s=2))
    language = accepted_language()
    photos = photo_forms(report, OF_STAFF, language=language)
    form = full_form(report, is_exact=False, photos=photos, is_staff=True, language=language)
    return {"report_id": report_id, "status": 200, "report": form}


def _failed(report_id: str | None, error: Problem) -> Result:
    return {"report_id": report_id} | problems.result_of(error)
