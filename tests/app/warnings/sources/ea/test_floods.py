"""Warnings of the Environment Agency, translated to our words."""

from datetime import datetime
from pathlib import Path

import pytest

from app.core import clock
from app.warnings.sources.ea import floods as environment_agency
from app.warnings.sources.ea.floods import LEVELS, ahead_in_britain
from app.warnings.sources.http_client import Fetcher, NotFetched
from app.warnings.sources.message import Act, Answer, EndReason, Message
from tests.rig.official import EnvironmentAgency, flood, floods
from tests.rig.upstream import Reply, Upstream

NOW_MS = 1_768_000_000_000


def read(*items: object) -> Answer:
    return environment_agency.parse(floods(*items), now_ms=NOW_MS)


def read_one(**wanted: object) -> Message:
    (message,) = read(flood("112WAFTWSS", **wanted)).messages
    return message


def recorded(shared_data: Path, name: str) -> Answer:
    return environment_agency.parse((shared_data / "ea" / name).read_bytes(), now_ms=NOW_MS)


# The reference, "Flood warnings": what each level is called and means. Graver first.
MEANINGS = [
    (1, "Severe Flood Warning", "extreme", "immediate", "likely"),  # Severe Flooding, Danger to Life.
    (2, "Flood Warning", "severe", "immediate", "likely"),  # Flooding is Expected, Immediate Action Required.
    (3, "Flood Alert", "moderate", "expected", "possible"),  # Flooding is Possible, Be Prepared.
]


@pytest.mark.parametrize(("level", "label", "severity", "urgency", "certainty"), MEANINGS)
def test_level_has_the_severity_of_its_meaning(
    level: int, label: str, severity: str, urgency: str, certainty: str
) -> None:
    message = read_one(severityLevel=level, severity=label)

    assert (message.severity, message.urgency, message.certainty) == (severity, urgency, certainty)
    assert (message.act, message.texts[0].label) == (Act.HOLD, label)


def test_severity_falls_as_the_number_of_the_level_grows() -> None:
    words = ["extreme", "severe", "moderate", "minor"]

    assert [LEVELS[level].severity for level in sorted(LEVELS)] == words


def test_level_four_ends_the_warning() -> None:
    message = read_one(severityLevel=4, severity="Warning no longer in force")

    assert (message.act, message.urgency, message.texts[0].label) == (Act.END, "past", "Warning no longer in force")


@pytest.mark.parametrize("label", ["Flood Warning", "Flood warning", "FLOOD WARNING", " flood  warning "])
def test_word_alone_tells_the_level_whatever_its_case(label: str) -> None:
    assert read_one(severityLevel=None, severity=label).severity == "severe"


@pytest.mark.parametrize("level", [2, "2", 2.0])
def test_number_alone_tells_the_level(level: object) -> None:
    message = read_one(severityLevel=level, severity=None)

    assert (message.severity, message.texts[0].label) == ("severe", "Flood Warning")


@pytest.mark.parametrize(
    ("level", "label", "severity"),
    [
        (3, "Severe flood warning", "extreme"),
        (1, "Flood alert", "extreme"),
        (2, "Warning no longer in force", "severe"),
    ],
)
def test_graver_counts_where_number_and_word_differ(level: int, label: str, severity: str) -> None:
    message = read_one(severityLevel=level, severity=label)

    assert (message.act, message.severity, message.texts[0].label) == (Act.HOLD, severity, label)


@pytest.mark.parametrize("label", ["Flood alert", "Flood Warning", "Severe flood warning", "Something else", None])
def test_level_four_is_over_whatever_the_word_beside_it_says(label: str | None) -> None:
    message = read_one(severityLevel=4, severity=label)

    assert (message.act, message.end_reason, message.severity) == (Act.END, EndReason.ALL_CLEAR, "minor")
    assert message.texts[0].label in ("Warning no Longer in Force", "Something else")


@pytest.mark.parametrize("level", [0, 5, -1, True, [3], {"x": 3}, "three", 2.5, 10**400])
def test_unknown_level_is_broken_and_leaves_what_is_stored(level: object) -> None:
    answer = read(flood("A1", severityLevel=level, severity="Flood hint"), flood("A2"))

    assert [message.event for message in answer.messages] == ["A2"]
    assert (answer.unchanged, answer.is_whole) == ({"A1"}, True)
    assert "A1 has a severity that is not known" in answer.broken[0]


def test_words_of_the_agency_are_kept() -> None:
    (text,) = read_one(message="One.\r\n\r\nTwo \x00 \ud800three.").texts

    assert (text.language, text.headline) == ("en-GB", "Low land by the river at 112WAFTWSS")
    assert (text.description, text.instruction) == ("One.\n\nTwo  three.", "")


def test_area_is_the_place_and_its_outline_is_drawn_elsewhere() -> None:
    (place,) = read_one().places

    assert (place.key, place.zones, place.shape) == ("112WAFTWSS", ("112WAFTWSS",), None)
    assert place.areas == (("112WAFTWSS", "Low land by the river at 112WAFTWSS"),)


def test_update_and_change_of_severity_are_one_event_in_two_messages() -> None:
    first = read_one()
    second = read_one(severityLevel=2, severity="Flood warning", timeRaised="2026-01-10T18:00:00")

    assert first.event == second.event
    assert first.source_id != second.source_id


def test_newest_of_the_three_times_is_when_it_was_sent() -> None:
    message = read_one(timeRaised="2026-01-10T08:00:00", timeMessageChanged="2026-01-10T09:30:00")

    assert clock.rfc3339(message.sent_at_ms) == "2026-01-10T09:30:00Z"


def test_time_in_summer_is_british_clock_time() -> None:
    message = read_one(timeRaised="2026-09-27T17:25:31", timeMessageChanged=None, timeSeverityChanged=None)

    assert (clock.rfc3339(message.sent_at_ms), message.zone) == ("2026-09-27T16:25:31Z", "Europe/London")


def test_time_with_a_zone_is_taken_at_its_word() -> None:
    message = read_one(timeRaised="2026-09-27T17:25:31Z", timeMessageChanged=None, timeSeverityChanged=None)

    assert clock.rfc3339(message.sent_at_ms) == "2026-09-27T17:25:31Z"


@pytest.mark.parametrize(
    ("at", "hours"),
    [
        ("2026-03-29T00:59:59", 0),
        ("2026-03-29T01:00:00", 1),
        ("2026-10-25T00:59:59", 1),
        ("2026-10-25T01:59:59", 1),  # the hour that comes twice: its first coming
        ("2026-10-25T02:00:00", 0),
        ("2024-03-31T01:00:00", 1),
        ("2021-10-31T02:00:00", 0),
    ],
)
def test_british_clocks_change_on_the_last_sundays_of_march_and_october(at: str, hours: int) -> None:
    assert ahead_in_britain(datetime.fromisoformat(at)).total_seconds() == hours * 3600


@pytest.mark.parametrize("at", ["", "yesterday", "2026-02-30T10:00:00", "9999-12-31T23:59:59", None, 5, ["x"]])
def test_item_without_any_time_is_broken(at: object) -> None:
    answer = read(flood("A1", timeRaised=at, timeMessageChanged=at, timeSeverityChanged=at), flood("A2"))

    assert len(answer.messages) == 1
    assert answer.unchanged == {"A1"}


@pytest.mark.parametrize("item", [None, 5, "x", [], {}, {"floodAreaID": "a b"}, {"floodAreaID": "../x"}])
def test_item_that_names_no_area_makes_the_answer_no_longer_whole(item: object) -> None:
    answer = read(item, flood("A2"))

    assert ([message.event for message in answer.messages], answer.is_whole) == (["A2"], False)
    assert len(answer.broken) == 1


def test_older_shapes_name_their_area_in_other_places() -> None:
    by_area = flood("X", floodAreaID=None, floodArea={"notation": "011WAFCD"})
    by_address = flood("X", floodAreaID=None, floodArea="http://environment.data.gov.uk/x/id/floodAreas/011WAFGB")

    assert [message.event for message in read(by_area, by_address).messages] == ["011WAFCD", "011WAFGB"]


def test_area_that_comes_twice_counts_as_it_was_last() -> None:
    older = flood("A1", severityLevel=4, severity="", timeRaised="2026-01-09T08:00:00", timeMessageChanged=None)

    (message,) = read(flood("A1"), older).messages

    assert message.act is Act.HOLD


def test_nothing_in_force_is_a_whole_answer() -> None:
    answer = read()

    assert (answer.messages, answer.broken, answer.is_whole) == ((), (), True)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"<html>503</html>", "a page"),
        (b'{"items": [', "not JSON"),
        (b"[]", "no items"),
        (b"{}", "no items"),
        (b'{"floods": []}', "the other way round"),
        (b'{"warnings": []}', "the other way round"),
        (floods(flood("A1"), meta={"limit": 1}), "cut off at 1 items"),
        (floods("x", "y"), "names no flood area"),
    ],
)
def test_answer_that_may_lack_something_ends_nothing(raw: bytes, reason: str) -> None:
    answer = environment_agency.parse(raw, now_ms=NOW_MS)

    assert not answer.is_whole
    assert reason in answer.broken[0]


@pytest.mark.parametrize(
    ("name", "severities"),
    [
        ("flood-single-2015-12-10.json", {"moderate": 1}),
        ("floods-2015-12-10.json", {"moderate": 9, "severe": 2}),
        ("floods-2015-12-10-later.json", {"moderate": 5, "severe": 2, "extreme": 1, "minor": 1}),
        ("floods-2016-11-somerset.json", {"moderate": 6, "severe": 2, "minor": 1}),
        ("floods-2026-09-27.json", {"moderate": 3}),
        ("floods-empty.json", {}),
    ],
)
def test_recordings_of_eleven_years_are_read_whole(shared_data: Path, name: str, severities: dict[str, int]) -> None:
    answer = recorded(shared_data, name)
    words = [message.severity for message in answer.messages]

    assert (answer.broken, answer.is_whole) == ((), True)
    assert {word: words.count(word) for word in words} == severities


def test_sequel_keeps_its_events(shared_data: Path) -> None:
    first, later = (
        {message.event: message for message in recorded(shared_data, f"floods-2015-12-10{part}.json").messages}
        for part in ("", "-later")
    )

    assert set(later) < set(first)
    assert set(first) - set(later) == {"011WAFLE", "011WAFCD"}
    assert [later[event].act for event in ("122WAF946", "122FWF723")] == [Act.HOLD, Act.END]


def test_other_documents_of_the_agency_are_refused(shared_data: Path) -> None:
    others = ["fws-warnings-2020.json", "stations-2020-sample.json", "floodArea-013WAFUI-2015.json"]

    assert [recorded(shared_data, name).is_whole for name in others] == [False] * 3
    assert [len(recorded(shared_data, name).messages) for name in others] == [0] * 3


def fetch(service: object, validators: dict[str, str] | None = None) -> Answer:
    with Upstream(service) as host, Fetcher(f"{host.address}/flood-monitoring") as fetcher:  # type: ignore[arg-type]
        return environment_agency.fetch(fetcher, validators or {}, now_ms=NOW_MS)


@pytest.mark.parametrize(
    ("count", "soft_limit"), [(0, ""), (3, ""), (700, ""), (0, "500"), (499, "500"), (1200, "500"), (6, "2")]
)
def test_every_page_is_read(count: int, soft_limit: str) -> None:
    service = EnvironmentAgency(floods=[flood(f"A{number}") for number in range(count)], soft_limit=soft_limit)

    answer = fetch(service)

    assert (len(answer.messages), answer.broken, answer.is_whole) == (count, (), True)


def test_pages_without_end_are_left_alone() -> None:
    page = floods(flood("A1"), meta={"limit": 1})

    assert not fetch(lambda _: Reply(page)).is_whole


def test_page_that_cannot_be_read_makes_the_answer_no_longer_whole() -> None:
    first = floods(flood("A1"), meta={"limit": 1})

    answer = fetch(lambda asked: Reply(b"<html>busy</html>" if asked.first("_offset") else first))

    assert (len(answer.messages), answer.is_whole, answer.validators) == (1, False, {})


def test_unchanged_answer_is_not_read_again() -> None:
    asked_for = {"etag": '"v1"'}

    answer = fetch(lambda asked: Reply(status=304 if asked.headers["If-None-Match"] == '"v1"' else 500), asked_for)

    assert (answer.is_not_modified, answer.validators) == (True, asked_for)


def test_broken_answer_is_asked_for_again_in_full() -> None:
    assert fetch(lambda _: Reply(b"<html>", headers={"ETag": '"v1"'})).validators == {}
    assert fetch(lambda _: Reply(floods(), headers={"ETag": '"v1"'})).validators == {"etag": '"v1"'}


def test_blocked_caller_does_not_take_it_for_calm() -> None:
    with pytest.raises(NotFetched):
        fetch(lambda _: Reply(b'{"items": []}', 403))
