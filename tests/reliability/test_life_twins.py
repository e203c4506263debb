"""The machine of acts finds what a naive product does wrong: otherwise its silence would say nothing (promise R14)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pytest

from app.reports.models import Report
from app.review import settle, verification
from app.review.tally import Tally, count_votes
from app.review.vote_models import VoteRow
from tests.reliability.test_life import Town, run_machine, town

__all__ = ["town"]
Break = Callable[[pytest.MonkeyPatch], None]


def forget_votes_of_merged_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    def count(report: Report, said: Mapping[str, Sequence[VoteRow]], _: Sequence[Report] = ()) -> Tally:
        return count_votes(report, said)

    monkeypatch.setattr(settle, "count_votes", count)


def delete_what_those_have_said_who_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    def delete(rows: Iterable[VoteRow], _: str) -> None:
        for row in rows:
            row.delete()

    monkeypatch.setattr(VoteRow, "rename", delete)


def end_by_persons_instead_of_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(tally: Tally, *, without: Any = ()) -> bool:
        return tally.receded >= tally.flooded + 2

    monkeypatch.setattr(Tally, "ends", ends)


def undo_the_same_decision_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "_tells_of", lambda row, verdict: row.action == f"report.{verdict.decision}")


@pytest.mark.parametrize(
    "break_product",
    [
        forget_votes_of_merged_reports,
        pytest.param(delete_what_those_have_said_who_leave, marks=pytest.mark.long),
        pytest.param(end_by_persons_instead_of_networks, marks=pytest.mark.long),
        pytest.param(undo_the_same_decision_for_ever, marks=pytest.mark.long),
    ],
)
def test_naive_product_is_found(town: Town, monkeypatch: pytest.MonkeyPatch, break_product: Break) -> None:
    break_product(monkeypatch)

    with pytest.raises(AssertionError):
        run_machine(town, runs=100, steps=50, number=5)
