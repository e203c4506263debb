"""Limits of the lists' consumption, measured with 5,000 stored reports: the goals of docs/performance.md."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 1200  # only what hangs takes so long


@pytest.fixture(scope="module")
def told() -> list[dict[str, Any]]:
    """A run of the benchmark's own command, in a process of its own: its clock stands still."""
    command = [sys.executable, "-m", "bench", "--only", "capacity", "--sizes", "5000", "--spots", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def first_pages(told: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    lists = [one for one in told if one["measure"] == "list" and one["page"] != "following"]
    found = [one for one in lists if one["question"].startswith(kind)]
    assert found
    return found


@pytest.mark.parametrize("kind", ["near", "phone"])
def test_full_pages_near_me_cost_5_units_on_average_and_at_most_10_in_3_rounds(
    told: list[dict[str, Any]], kind: str
) -> None:
    pages = first_pages(told, kind)

    assert sum(one["read_units"] * one["asked"] for one in pages) / sum(one["asked"] for one in pages) <= 5
    assert max(one["read_units_max"] for one in pages) <= 10
    assert max(one["rounds_max"] for one in pages) <= 3
    assert sum(one["short_pages"] for one in pages) == 0


@pytest.mark.parametrize("kind", ["country", "world", "no shape"])
def test_country_costs_at_most_3_units_in_one_round(told: list[dict[str, Any]], kind: str) -> None:
    pages = first_pages(told, kind)

    assert max(one["read_units_max"] for one in pages) <= 3
    assert max(one["rounds_max"] for one in pages) == 1


@pytest.mark.parametrize(
    ("act", "read", "write", "calls"),
    [
        ("read one report", 1.5, 0, 2),  # one for the two documents in which warnings over it would be
        ("read none", 0.5, 0, 1),
        # Four for the report, its row and three indexes, and one for the limit of its network. That no warning is over
        # it the process knows from the one before. The read: no gazetteer is loaded, which is asked each time.
        ("file a report", 0.5, 5, 3),
        # That a run began, that it ended, that its source was heard; the ledger of chains and cancels is read with it.
        ("take the same in again", 49.5, 3, 8),
    ],
)
def test_single_report_costs(told: list[dict[str, Any]], act: str, read: float, write: float, calls: int) -> None:
    (one,) = [one for one in told if one.get("question") == act]

    assert (one["read_units"], one["write_units"], one["calls"]) == (read, write, calls)


def test_500_warnings_are_taken_in_with_a_bounded_number_of_calls(told: list[dict[str, Any]]) -> None:
    """25 rows or areas in a call, one call for each tile of 300 km that they touch, a handful for the source itself."""
    (one,) = [one for one in told if one.get("question") == "take 500 warnings in"]

    # Eight calls more: the changes of the day, the ledger, boards, sheets (25 in a call), and a directory of each.
    assert one["by_call"]["BatchWriteItem"] == 2 * 500 / 25 + 8
    assert one["calls"] <= 79


@pytest.mark.parametrize(("where", "units", "rounds"), [("at sea", 4.5, 3), ("in a town", 20, 7)])
def test_nearby_with_both_kinds_costs_what_it_returns(
    told: list[dict[str, Any]], where: str, units: float, rounds: int
) -> None:
    one, again = [one for one in told if one.get("question") == f"both kinds within 5 km, {where}"]

    assert one["read_units"] <= units
    assert one["rounds_max"] <= rounds
    assert again["read_units"] <= one["read_units"] * 0.7


def test_report_under_1000_warnings_costs_its_own_row_in_a_process_that_knows_them(told: list[dict[str, Any]]) -> None:
    (one,) = [one for one in told if one.get("question") == "read one report under warnings, again"]

    assert (one["read_units"], one["calls"]) == (0.5, 1)
