"""Rating reports by what lies around them: who counts, how often a report is written, and what never happens."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient

from app.reactions import minute_passed
from app.reports.models import Report
from app.review import rate
from app.review.settle import settle
from tests.factories import make_account, sign_in_as
from tests.followed import Stream
from tests.rated import (
    DAY_S,
    by_neighbour,
    confidence,
    decide,
    make_trusted,
    of_trusted,
    reasons,
    signed_in,
)
from tests.voices import Visitor
from tests.warning_making import announce_at, square


@pytest.fixture
def stream(client: FlaskClient, noon: Any) -> Stream:
    return Stream()


@pytest.fixture
def trusted(client: FlaskClient, noon: Any, stream: Stream) -> dict[str, str]:
    """The headers of an account that had a report verified, a week ago."""
    return signed_in(make_trusted(client, noon, stream))


def test_a_trusted_account_with_a_warning_and_a_neighbour_is_likely_and_says_why(
    client: FlaskClient, trusted: dict[str, str], stream: Stream
) -> None:
    announce_at(square())
    report = of_trusted(client, trusted)
    stream.run()
    assert confidence(client, report) == {"level": "low", "score": 0, "reasons": []}

    by_neighbour(client, 1)
    stream.run()

    told = confidence(client, report)
    assert (told["level"], told["score"]) == ("likely", 0.7)
    assert reasons(client, report) == {"trusted_account": 0.4, "in_warning": 0.2, "neighbours": 0.1}
    assert sum(reason["weight"] for reason in told["reasons"]) == pytest.approx(told["score"])


def test_strangers_alone_never_make_a_report_likely(client: FlaskClient, stream: Stream) -> None:
    announce_at(square())
    reports = [by_neighbour(client, number, severity="severe", depth_cm=100) for number in range(8)]
    for report in reports:
        for _ in range(4):
            Visitor(client).vote(report)
    stream.run()

    assert {confidence(client, report)["level"] for report in reports} == {"low"}


def test_an_account_without_a_verified_report_or_younger_than_a_week_is_a_stranger(
    client: FlaskClient, noon: Any, stream: Stream
) -> None:
    account = make_account()
    noon.shift(8 * DAY_S)
    old, young = of_trusted(client, signed_in(account)), of_trusted(client, sign_in_as())
    announce_at(square())
    for number in range(4):
        by_neighbour(client, number)
    stream.run()

    assert confidence(client, old)["level"] == "low"
    assert confidence(client, young)["level"] == "low"


def test_neighbours_of_one_network_count_once(client: FlaskClient, trusted: dict[str, str], stream: Stream) -> None:
    report = of_trusted(client, trusted)
    for number in range(6):
        by_neighbour(client, number, network=9)
    by_neighbour(client, 6, network=8)
    stream.run()
    assert confidence(client, report)["level"] == "low"

    by_neighbour(client, 7, network=7)
    stream.run()

    assert reasons(client, report) == {"trusted_account": 0.4, "neighbours": 0.3}


def test_a_network_that_reports_and_votes_counts_once(
    client: FlaskClient, trusted: dict[str, str], stream: Stream
) -> None:
    report = of_trusted(client, trusted)
    for network in (1, 2):
        by_neighbour(client, network)
        Visitor(client, address=f"30.{network}.0.99").vote(report)
    stream.run()
    assert confidence(client, report)["level"] == "low"

    Visitor(client).vote(report)
    settle(report)  # as the consumer of the votes does within seconds
    stream.run()

    assert reasons(client, report) == {"trusted_account": 0.4, "neighbours": 0.2, "votes": 0.1}


@pytest.mark.parametrize(
    "wanted",
    [
        {"location": {"lat": 51.505, "lon": -0.125}},  # 556 m
        {"observed_at": "2026-11-29T08:50:00Z"},  # 3 h and 10 minutes before
        {"radius_m": 1000},
        {"place": "area"},
    ],
    ids=["far", "earlier", "wide", "coarse"],
)
def test_reports_from_elsewhere_or_another_time_support_nothing(
    client: FlaskClient, trusted: dict[str, str], stream: Stream, wanted: dict[str, Any]
) -> None:
    report = of_trusted(client, trusted)
    for number in range(3):
        by_neighbour(client, number, **wanted)
    stream.run()

    assert confidence(client, report)["level"] == "low"


def test_a_report_that_comes_later_than_its_neighbours_is_rated_at_once(
    client: FlaskClient, trusted: dict[str, str], stream: Stream
) -> None:
    for number in range(3):
        by_neighbour(client, number)
    stream.run()
    report = of_trusted(client, trusted)
    stream.run()

    assert confidence(client, report)["level"] == "likely"


def test_a_neighbour_that_is_rejected_or_taken_back_supports_no_longer(
    client: FlaskClient, noon: Any, trusted: dict[str, str], stream: Stream
) -> None:
    report = of_trusted(client, trusted)
    neighbours = [by_neighbour(client, number) for number in range(3)]
    stream.run()
    noon.shift(120)
    decide(client, neighbours[0], decision="rejected", reason="not_flooding")
    stream.run()

    assert confidence(client, report)["level"] == "low"


def test_rating_moves_neither_version_nor_time_nor_lists_of_changes(
    client: FlaskClient, noon: Any, trusted: dict[str, str], stream: Stream
) -> None:
    report = of_trusted(client, trusted)
    for number in range(3):
        by_neighbour(client, number)
    before = client.get(f"/v1/reports/{report}").json
    noon.shift(3600)
    stream.run()

    after = client.get(f"/v1/reports/{report}").json
    assert after["confidence"]["level"] == "likely"
    assert {name: after[name] for name in before if name != "confidence"} == {
        name: before[name] for name in before if name != "confidence"
    }
    changes = client.get("/v1/reports?updated_since=2026-11-29T12:30:00Z").json["items"]
    assert report not in {item["id"] for item in changes}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The ids of the reports that rating writes."""
    ids: list[str] = []
    store = rate._store

    def noting(report: Report, rating: Any) -> None:
        ids.append(report.id)
        store(report, rating)

    monkeypatch.setattr(rate, "_store", noting)
    yield ids


def test_a_report_is_written_twice_at_most_whatever_comes_and_goes(
    client: FlaskClient, noon: Any, trusted: dict[str, str], stream: Stream, written: list[str]
) -> None:
    report = of_trusted(client, trusted)
    for turn in range(4):
        ids = [by_neighbour(client, 10 * turn + number) for number in range(3)]
        stream.run()
        noon.shift(61)
        for neighbour in ids:
            decide(client, neighbour, decision="rejected", reason="spam")
        stream.run()
        noon.shift(61)

    assert written == [report, report]
    assert confidence(client, report)["level"] == "low"


def test_a_second_rating_within_a_minute_waits_for_the_minute(
    client: FlaskClient, noon: Any, trusted: dict[str, str], stream: Stream, written: list[str]
) -> None:
    report = of_trusted(client, trusted)
    for number in range(3):
        by_neighbour(client, number)
    stream.run()
    for _ in range(3):
        Visitor(client).flag(report)
    stream.run()
    minute_passed()
    assert confidence(client, report)["level"] == "likely"

    noon.shift(61)
    minute_passed()
    stream.run()

    assert written == [report, report]
    assert confidence(client, report)["level"] == "low"


def test_redelivered_records_write_nothing_again(
    client: FlaskClient, trusted: dict[str, str], stream: Stream, written: list[str]
) -> None:
    report = of_trusted(client, trusted)
    for number in range(3):
        by_neighbour(client, number)
    start = stream.seen
    stream.run()
    version = Report.get(report).version
    stream.seen = start
    stream.run()

    assert Report.get(report).version == version
    assert confidence(client, report)["level"] == "likely"


def test_a_report_that_cannot_be_rated_is_left_and_stops_no_other(
    client: FlaskClient, trusted: dict[str, str], stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        by_neighbour(client, number)
    stream.run()
    bad, good = of_trusted(client, trusted), of_trusted(client, trusted)
    facts_of_row = rate.facts_of_row

    def failing(report: Report) -> Any:
        if report.id == bad:
            raise TypeError("a column of another kind")
        return facts_of_row(report)

    monkeypatch.setattr(rate, "facts_of_row", failing)
    stream.run()

    assert (confidence(client, bad)["level"], confidence(client, good)["level"]) == ("low", "likely")
    shown = client.get("/tiles/13/4093/2724").get_data(as_text=True)
    assert bad in shown and good in shown


def test_an_outage_makes_the_batch_come_again(
    client: FlaskClient, trusted: dict[str, str], stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_trusted(client, trusted)
    start = stream.seen

    def away(*_: Any, **__: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.eu-west-2.amazonaws.com")

    with monkeypatch.context() as patched:
        patched.setattr(rate, "find_covering", away)
        with pytest.raises(EndpointConnectionError):
            stream.run()
    stream.seen = start

    assert stream.run() > 0


def test_each_decision_carries_its_rating_and_its_undoing_the_facts_again(
    client: FlaskClient, noon: Any, trusted: dict[str, str], stream: Stream, written: list[str]
) -> None:
    report = of_trusted(client, trusted)
    for number in range(3):
        by_neighbour(client, number)
    stream.run()
    answer = decide(client, report, decision="verified", reason="photo")
    assert answer.json["confidence"]["level"] == "high"
    assert reasons(client, report) == {"verified": 0.9}
    stream.run()
    assert decide(client, report).json["confidence"]["level"] == "low"
    stream.run()

    assert confidence(client, report)["level"] == "likely"
    assert written == [report, report]


def test_a_merged_neighbour_is_still_a_voice(
    client: FlaskClient, noon: Any, trusted: dict[str, str], stream: Stream
) -> None:
    report = of_trusted(client, trusted)
    neighbours = [by_neighbour(client, number) for number in range(3)]
    stream.run()
    noon.shift(61)
    decide(client, neighbours[0], decision="merged", into=report)
    stream.run()

    assert confidence(client, report)["level"] == "likely"
