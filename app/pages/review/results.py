"""Results of decisions, one for each report, as the page's address carries them after a form was sent.

The address holds ids, versions and one word for each report, never a sentence: `id.version.word~id.version.word`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from app.accounts.auth import Caller
from app.api.review_schemas import MOST_DECISIONS
from app.core import dynamodb
from app.core.translations import N_
from app.pages.frame.entries import title_of
from app.pages.frame.language import gettext, ngettext
from app.reports import edit
from app.reports.models import Report
from app.review.verdicts import Verdict

PARAMETER = "results"
UNDONE, BUSY, HELD = "undone", "busy", "held"
MOST_DIGITS = 9
_LONGEST_ID = 64
# A stored decision has its own word.
STORED = {
    Verdict.VERIFIED: N_("Verified."),
    Verdict.REJECTED: N_("Removed."),
    Verdict.MERGED: N_("Joined to another report."),
}
SENTENCES = STORED | {
    UNDONE: N_("Undone."),
    "changed": N_("Not stored: it has changed meanwhile."),
    HELD: N_("Not stored: another responder is looking at it."),
    "gone": N_("Not stored: it is not there any more, or lies outside your areas."),
    "over": N_("Not stored: that cannot be done with it any more."),
    "wrong": N_("Not stored: a value is missing or wrong."),
    BUSY: N_("Whether it was stored is not known, because the database did not answer. Open it to see."),
}
NOTHING = N_("Nothing was stored.")
PART_STORED = N_("%(done)s of %(all)s decisions are stored. The others are listed below with the reason.")
PART_UNDONE = N_("%(done)s of %(all)s decisions are undone. The others are listed below with the reason.")
_FAILURES = {403: "gone", 404: "gone", 409: "over", 412: "changed", 422: "wrong"}


class Result(NamedTuple):
    """Result of one report: the word for it, and the version after it (0 if unknown)."""

    report_id: str
    version: int
    word: str


class ShownResult(NamedTuple):
    """One line of the page: the report's title, and a sentence."""

    report_id: str
    title: str
    sentence: str
    is_stored: bool


def of_answer(answer: Mapping[str, Any], *, is_undo: bool = False) -> Result:
    """Return the result in one answer of the API about a decision, or about undoing one."""
    report_id, status = str(answer["report_id"]), int(answer["status"])
    if status == 200:
        report = answer["report"]
        return Result(report_id, int(report["version"]), UNDONE if is_undo else str(report["status"]))
    is_held = status == 409 and "until" in answer["problem"]
    return Result(report_id, 0, HELD if is_held else _FAILURES.get(status, BUSY))


def write(results: Iterable[Result]) -> str:
    """Return the results for an address: letters that need no escape."""
    return "~".join(f"{one.report_id}.{one.version}.{one.word}" for one in results)


def read(text: str) -> list[Result]:
    """Read the results in an address; what is no result is left out, and so are more than one call can have."""
    parts = [one.split(".") for one in text.split("~")[:MOST_DECISIONS]]
    return [Result(one[0], version_in(one[1]), one[2]) for one in parts if len(one) == 3 and _is_result(*one)]


def _is_result(report_id: str, version: str, word: str) -> bool:
    is_id = (
        report_id.isascii() and report_id.replace("_", "").replace("-", "").isalnum() and len(report_id) <= _LONGEST_ID
    )
    return is_id and word in SENTENCES and version.isascii() and version.isdecimal()


def version_in(text: str) -> int:
    """Return the version in a field; 0 if it is none."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= MOST_DIGITS else 0


def undoable(results: Iterable[Result]) -> list[Result]:
    """Return the decisions that were just stored, to be undone together."""
    return [one for one in results if one.word in STORED and one.version]


def is_whole(results: Sequence[Result]) -> bool:
    """Return whether there are results, and all were stored."""
    return bool(results) and all(map(_is_stored, results))


def summary(results: Sequence[Result]) -> str:
    """Return all results as one sentence; "" without any."""
    undone, stored = ([one for one in results if one.word in kind] for kind in ((UNDONE,), STORED))
    done, number = len(undone or stored), len(results)
    if not done:
        return gettext(NOTHING) if results else ""
    if done < number:
        sentence = PART_UNDONE if undone else PART_STORED
        return gettext(sentence, done=done, all=number)
    if undone:
        return ngettext("The decision is undone.", "%(num)s decisions are undone.", number)
    return ngettext("The decision is stored.", "%(num)s decisions are stored.", number)


def shown(results: Sequence[Result], caller: Caller) -> list[ShownResult]:
    """Return a line for each result. Titles of reports that the caller may not judge are left out."""
    rows = {row.id: row for row in _rows([one.report_id for one in results]) if edit.may_judge(row, caller)}
    return [
        ShownResult(one.report_id, _title(rows.get(one.report_id)), gettext(SENTENCES[one.word]), _is_stored(one))
        for one in results
    ]


def _is_stored(result: Result) -> bool:
    return result.word in (*STORED, UNDONE)


def _rows(ids: Sequence[str]) -> list[Report]:
    try:
        return list(Report.find_all_readable(ids)) if ids else []
    except dynamodb.FAILURES:
        return []


def _title(report: Report | None) -> str:
    return title_of(report.entry()._replace(title=report.title)) if report else ""
