"""The rating of a report as a sum: its limits, and that a supporting fact never lowers it."""

from hypothesis import assume, given
from hypothesis import strategies as st

from app.review.confidence import MOST_OF_STRANGERS, WEIGHTS, Facts, Kind, rate

LEVELS = ("low", "likely", "high")
OF_KIND = {kind: [code for code, weight in WEIGHTS.items() if weight.kind == kind] for kind in Kind}
facts_of_any_kind = st.builds(Facts, **{code: st.integers(0, 5) for code in Facts._fields})
SUPPORTING = [code for code, weight in WEIGHTS.items() if weight.kind != Kind.AGAINST]
open_statuses = st.sampled_from(["pending", "verified"])


def only(facts: Facts, *kinds: Kind) -> Facts:
    """The same facts without those of other kinds."""
    others = {code: 0 for kind in Kind if kind not in kinds for code in OF_KIND[kind]}
    return facts._replace(**others)


@given(facts_of_any_kind, open_statuses, st.sampled_from(SUPPORTING))
def test_a_supporting_fact_never_lowers_a_rating(facts: Facts, status: str, code: str) -> None:
    before = rate(facts, status)

    after = rate(facts._replace(**{code: getattr(facts, code) + 1}), status)

    assert after.tenths >= before.tenths
    assert LEVELS.index(after.level) >= LEVELS.index(before.level)


@given(facts_of_any_kind, open_statuses, st.sampled_from(OF_KIND[Kind.AGAINST]))
def test_a_fact_against_a_report_never_raises_its_rating(facts: Facts, status: str, code: str) -> None:
    before = rate(facts, status)

    after = rate(facts._replace(**{code: getattr(facts, code) + 1}), status)

    assert after.tenths <= before.tenths
    assert LEVELS.index(after.level) <= LEVELS.index(before.level)


@given(facts_of_any_kind)
def test_strangers_never_reach_more_than_half(facts: Facts) -> None:
    of_strangers = rate(only(facts, Kind.STRANGERS, Kind.AGAINST))
    with_import = rate(only(facts, Kind.STRANGERS, Kind.IMPORTED, Kind.AGAINST))

    assert of_strangers.tenths <= MOST_OF_STRANGERS == 5
    assert (of_strangers.level, with_import.level) == ("low", "low")


@given(facts_of_any_kind, st.sampled_from(["pending", "verified", "rejected", "merged", "withdrawn"]))
def test_weights_add_up_to_a_score_between_none_and_all(facts: Facts, status: str) -> None:
    rating = rate(facts, status)

    assert sum(tenths for _, tenths in rating.reasons) == rating.tenths
    assert 0 <= rating.tenths <= 10
    assert (rating.level == "high") == (status == "verified") == (rating.tenths >= 9)


@given(facts_of_any_kind)
def test_what_a_responder_decides_outweighs_all_facts(facts: Facts) -> None:
    assert rate(facts, "verified") == ("high", 9, (("verified", 9),))
    assert rate(facts, "verified", decision_reason="seen_by_staff").tenths == 10
    assert rate(facts, "rejected") == ("low", 0, (("rejected", 0),))


@given(facts_of_any_kind)
def test_likely_needs_seven_tenths_and_a_fact_that_no_stranger_can_make(facts: Facts) -> None:
    assume(any(getattr(facts, code) for code in OF_KIND[Kind.FIRM]))
    rating = rate(facts)

    assert (rating.level == "likely") == (rating.tenths >= 7)


def test_each_firm_fact_reaches_likely_with_help_of_strangers_and_none_alone() -> None:
    for code in OF_KIND[Kind.FIRM]:
        alone = Facts(**{code: 1})
        assert rate(alone).level == "low", code
        assert rate(alone._replace(in_warning=1, neighbours=1)).level == "likely", code


def test_a_network_beyond_the_third_neighbour_adds_nothing() -> None:
    assert rate(Facts(neighbours=3)) == rate(Facts(neighbours=300)) == ("low", 3, (("neighbours", 3),))


def test_a_fact_beyond_the_limit_is_named_with_no_weight() -> None:
    crowded = rate(Facts(in_warning=1, neighbours=3, votes=2, depth_fits=1))

    assert crowded.reasons == (("in_warning", 2), ("neighbours", 3), ("votes", 0), ("depth_fits", 0))
