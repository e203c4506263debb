"""Route of many reports at once, for programs with an API key."""

from collections.abc import Sequence
from typing import Any

from flask import Response

from app.accounts import auth
from app.accounts.auth import Who, lock
from app.accounts.models import STAFF, Account
from app.accounts.scopes import Scope
from app.api.batch_schemas import BatchItemSchema, BatchResultsSchema, BatchSchema
from app.api.photo_views import photo_forms
from app.api.report_schemas import full_form
from app.core.config import settings
from app.core.errors import Invalid, Mistake, Problem
from app.http import problems
from app.http.answers import accepted_language, json_answer
from app.http.headers import PRIVATE
from app.http.schemas import Blueprint, NoQuery, load
from app.photos.standing import OF_REPORTER
from app.reports import batch
from app.reports.batch import BatchItem, Limit, Outcome
from app.reports.create import OF_ACCOUNT, FiledReport, KeyUsed, ReportSender
from app.warnings.covering import CoveringWarnings, find_covering_if_readable

blueprint = Blueprint("batch", __name__, tag="reports")


@blueprint.post("/v1/reports/batch")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(BatchSchema)
@blueprint.response(200, BatchResultsSchema)
@lock(Who.KEY, Scope.IMPORT)
def create_reports(values: dict[str, Any]) -> Response:
    """File up to 100 reports in one call, each with a key and a result of its own; one that fails stops no other.

    Send the same body again as often as needed: what is stored already is answered with 200. A body has at most 256 kB.
    The reports count against the limit of the account, that of importers for partners and staff (`RateLimit`). Reports
    for which no time is left get 503 in their result.
    """
    items, account = values["items"], auth.account()
    outcomes: dict[int, Outcome] = {}
    loaded: dict[int, BatchItem] = {}
    for number, item in enumerate(items):
        try:
            loaded[number] = _loaded(item, number, account)
        except Invalid as problem:
            outcomes[number] = problem
    filed = batch.file_all(list(loaded.values()), _limit_of(account))
    outcomes |= {number: _placed(number, outcome) for number, outcome in zip(loaded, filed, strict=True)}
    return json_answer({"results": _results([outcomes[number] for number in range(len(items))])}, cache=PRIVATE)


def _loaded(item: Any, number: int, account: Account) -> BatchItem:
    """Validate one item. Raises Invalid."""
    values = load(BatchItemSchema(), item, at=_place(number))
    sender = ReportSender(account.id, values["idempotency_key"], is_partner=bool(account.is_partner))
    return BatchItem(values["report"], sender)


def _limit_of(account: Account) -> Limit:
    """Return the limit of an account: a stranger's key to import with gives no more reports than the account has."""
    if account.is_partner or account.role in STAFF:
        return Limit(batch.OF_IMPORT, account.id, settings().import_reports_per_hour)
    return Limit(OF_ACCOUNT, account.id, settings().account_reports_per_hour)


def _results(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    filed = {number: outcome for number, outcome in enumerate(outcomes) if isinstance(outcome, FiledReport)}
    entries = [outcome.report.entry() for outcome in filed.values()]
    covering = find_covering_if_readable([entry.spot for entry in entries]) if filed else []
    over = dict(zip(filed, covering, strict=True))
    return [
        _stored(outcome, over[number]) if isinstance(outcome, FiledReport) else _failed(outcome)
        for number, outcome in enumerate(outcomes)
    ]


def _stored(filed: FiledReport, over: CoveringWarnings | None) -> dict[str, Any]:
    report = filed.report
    language = accepted_language()
    photos = photo_forms(report, OF_REPORTER, language=language)
    form = full_form(report, is_exact=True, photos=photos, over=over, language=language)
    return {"status": 201 if filed.is_new else 200, "report": form}


def _failed(problem: Problem) -> dict[str, Any]:
    result = problems.result_of(problem)
    if problem.retry_after_s is not None:
        result["problem"]["retry_after_s"] = problem.retry_after_s
    return result


def _place(number: int) -> str:
    """Return the pointer of an item in the body."""
    return f"/items/{number}"


def _placed(number: int, outcome: Outcome) -> Outcome:
    """Return the outcome of an item; mistakes that filing finds are in the report, or about its key."""
    if isinstance(outcome, KeyUsed):
        key = f"{_place(number)}/idempotency_key"
        return Invalid((Mistake(key, one.code, one.detail) for one in outcome.mistakes), outcome.detail)
    return outcome.inside(f"{_place(number)}/report") if isinstance(outcome, Invalid) else outcome
