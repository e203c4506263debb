"""Independent voices: each person and each network counts once, and one more voice never lowers the number."""

from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.review.voices import Voice, count, independent
from app.review.vote_models import VoteRow
from tests.factories import make_report

voices = st.lists(st.builds(Voice, st.sampled_from("abcd"), st.sampled_from("1234")), max_size=6)


def largest(some: list[Voice]) -> int:
    """The same by trying all choices."""
    unique = list(set(some))
    sizes = range(len(unique), 0, -1)
    return next((size for size in sizes for chosen in combinations(unique, size) if is_independent(chosen)), 0)


def is_independent(chosen: tuple[Voice, ...]) -> bool:
    return len({one.person for one in chosen}) == len({one.network for one in chosen}) == len(chosen)


@given(voices)
def test_it_is_the_largest_choice_in_which_no_two_share_a_person_or_a_network(some: list[Voice]) -> None:
    assert independent(some) == largest(some)


def test_what_is_taken_first_may_stand_in_the_way_and_does_not() -> None:
    assert independent([Voice("a", "2"), Voice("a", "1"), Voice("b", "2")]) == 2


def test_neighbours_and_votes_never_add_up_to_less_with_one_more(tables: None, noon: Any) -> None:
    report = make_report(network="own", filer="v_own")
    neighbours = [make_report(network=str(number % 4), filer=f"v_{number}") for number in range(6)]
    votes = [VoteRow(report.id, f"p_{number}", network=str(number), condition="flooded") for number in range(6)]
    sums = [
        [sum(count(report, neighbours[:n], votes[:v], most_neighbours=3, most_votes=2)[:2]) for n in range(7)]
        for v in range(7)
    ]

    assert all(row == sorted(row) for row in sums)
    assert all(list(column) == sorted(column) for column in zip(*sums, strict=True))
    assert sums[0] == [0, 1, 2, 3, 3, 3, 3]
    assert sums[-1][-1] == 5


def test_reports_of_another_month_or_without_a_network_support_nothing(tables: None, noon: Any) -> None:
    report = make_report(network="own")
    others = [make_report(network="other", created_ms=report.created_at_ms - 30 * 86_400_000), make_report()]

    assert count(report, others, [], most_neighbours=3, most_votes=2).neighbours == 0
    assert count(make_report(), [report], [], most_neighbours=3, most_votes=2).neighbours == 0
    assert count(make_report(source="file"), [report], [], most_neighbours=3, most_votes=2).neighbours == 1
