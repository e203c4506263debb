"""The order of tests: another one each time, the same for the same seed, and files stay whole."""

from itertools import groupby
from typing import NamedTuple

import pytest

from tests.order import few_cases, new_seed, shuffled


class Item(NamedTuple):
    nodeid: str
    mark: str = ""

    def get_closest_marker(self, name: str) -> bool:
        return name == self.mark


ITEMS = [Item(f"tests/test_{file}.py::test_{number}") for file in "abcdef" for number in range(6)]


def test_same_seed_is_the_same_order_whatever_came_first() -> None:
    assert shuffled(ITEMS, "7") == shuffled(ITEMS, "7") != ITEMS
    assert shuffled(ITEMS, "7") != shuffled(ITEMS, "8")
    assert sorted(shuffled(ITEMS, "7")) == sorted(ITEMS)


def test_files_stay_whole() -> None:
    files = [file for file, _ in groupby(item.nodeid.partition("::")[0] for item in shuffled(ITEMS, "7"))]

    assert len(files) == len(set(files)) == 6


def test_a_story_is_told_in_its_order() -> None:
    story = [Item(f"tests/test_story.py::test_{number}", "story") for number in range(20)]

    told = [item for item in shuffled([*ITEMS, *story], "7") if item in story]

    assert told == story


def test_the_longest_files_begin_first() -> None:
    slow = [Item(f"tests/bench/test_{file}.py::test_{number}") for file in "xyz" for number in range(2)]

    order = shuffled([*ITEMS, *slow], "7")

    assert sorted(order[:6]) == sorted(slow)


def test_two_cases_of_each_test_are_its_first_and_its_last() -> None:
    many = [Item(f"tests/test_a.py::test_many[{number}]") for number in range(9)]
    long = [Item(f"tests/test_a.py::test_many[{number}]", "long") for number in (10, 11)]

    kept, left_out = few_cases([*ITEMS, *many, *long], 2)

    assert kept == [*ITEMS, many[0], many[-1], *long]  # long ones are left out by their mark
    assert left_out == many[1:-1]
    assert few_cases(many, 3)[0] == [many[0], many[4], many[8]]
    assert few_cases(many, 100) == (many, [])


def test_seed_is_another_each_time() -> None:
    assert len({new_seed() for _ in range(20)}) > 1


_made: list[int] = []


@pytest.fixture(scope="module", params=range(8))
def dear(request: pytest.FixtureRequest) -> int:
    """Stand for what a module sets up at length, once for each parameter."""
    number: int = request.param
    _made.append(number)
    return number


@pytest.mark.parametrize("use", range(2))
def test_what_is_dear_is_made_once_for_all_who_use_it(dear: int, use: int) -> None:
    assert _made.count(dear) == 1
