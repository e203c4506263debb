"""Columns of ids, found without keeping the ids."""

import pytest

from app.reports.importer import unique_columns
from app.reports.importer.unique_columns import SecondLook, UniqueColumns


def found(rows: list[dict[str, str]], names: list[str]) -> list[str]:
    columns = UniqueColumns(names)
    for row in rows:
        columns.see(row)
    look = SecondLook(columns.doubtful)
    for row in rows:
        look.see(row)
    return columns.first(look.repeated)


def test_first_column_that_is_filled_and_different_in_every_row_counts() -> None:
    rows = [{"kind_id": str(n % 7), "pair_id": str(n // 2), "gap_id": "" if n == 50 else str(n), "row_id": str(n)}
            for n in range(100)]  # fmt: skip

    assert found(rows, ["kind_id", "pair_id", "gap_id", "row_id"]) == ["row_id"]
    assert found(rows, ["kind_id", "pair_id"]) == []


def test_values_that_a_full_filter_takes_for_known_are_counted_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unique_columns, "_BITS", 1 << 10)
    rows = [{"a_id": str(n), "b_id": str(min(n, 998))} for n in range(1000)]
    columns = UniqueColumns(["b_id", "a_id"])
    for row in rows:
        columns.see(row)

    assert columns.doubtful  # a filter of 1,024 bits doubts most of 1,000 values
    assert found(rows, ["b_id", "a_id"]) == ["a_id"]


def test_more_values_than_the_filter_is_for_are_no_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unique_columns, "MOST_VALUES", 10)
    columns = UniqueColumns(["a_id"])
    for n in range(20):
        columns.see({"a_id": str(n)})

    assert (columns.first(), columns.is_overfull) == ([], True)
