"""Translation of each kind of lawful message, by our own samples: hazard, account, ends, times, words, outlines."""

from pathlib import Path

import pytest

from app.core import clock
from app.geo.polygon import contains
from app.warnings.sources.cap import feed
from app.warnings.sources.drills import is_drill
from app.warnings.sources.message import Act, Answer, EndReason, Hazard, Message, Place, Text

SAMPLES = Path(__file__).parents[3] / "samples" / "official"
SENT = "2026-02-03T06:00:00Z"


def answer_of(name: str) -> Answer:
    answer = feed.parse((SAMPLES / f"{name}.cap.xml").read_bytes(), now_ms=0)

    assert answer.read == answer.taken + answer.ended + sum(answer.left_out.values())
    return answer


def by_identifier(answer: Answer) -> dict[str, Message]:
    return {one.source_id.partition(",")[2]: one for one in answer.messages}


def places_of(name: str) -> dict[str, Place]:
    return {identifier: message.places[0] for identifier, message in by_identifier(answer_of(name)).items()}


def test_floods_are_told_by_code_by_word_and_by_the_headline_of_an_event_that_names_nothing() -> None:
    taken = {one for one, message in by_identifier(answer_of("hazards")).items() if message.act is Act.HOLD}

    assert taken == {
        *("flood-by-code", "flood-by-camel-code", "flood-by-type", "flood-by-word", "flood-by-headline"),
        *("replaced-flood", "cancelled-flood"),
    }


def test_every_other_hazard_is_counted_by_its_name() -> None:
    assert answer_of("hazards").left_out == {
        "other_hazard:fire warning": 1,
        "other_hazard:severe thunderstorm warning": 1,
        "other_hazard:tsunami warning": 1,
        "other_hazard:floodlight failure": 1,
        "other_hazard:hydrologic outlook": 1,
        "other_hazard:wind warning": 1,
        "other_hazard:message": 1,
    }


def test_what_is_left_out_still_ends_what_it_names_and_says_nothing_itself() -> None:
    answer = answer_of("hazards")
    ends = {one: message for one, message in by_identifier(answer).items() if message.act is Act.END}

    assert {one: (message.end_reason, message.replaces) for one, message in ends.items()} == {
        "wind-instead": (EndReason.REPLACED, ("floods@rivers.example,replaced-flood",)),
        "called-off": (EndReason.CANCELLED, ("floods@rivers.example,cancelled-flood",)),
    }
    assert all(message.is_left_out and not message.places for message in ends.values())
    assert answer.ended == 0


def test_update_that_names_no_hazard_ends_nothing_and_is_counted() -> None:
    raw = (SAMPLES / "hazards.cap.xml").read_bytes().replace(b"<event>Wind Warning<", b"<event>Update 2<")
    answer = feed.parse(raw, now_ms=0)

    assert "wind-instead" not in by_identifier(answer)
    assert answer.left_out["other_hazard:update"] == 1


@pytest.mark.parametrize(
    ("headline", "is_test"),
    [
        *[
            (said, True)
            for said in ("TEST", "[TEST] Flood", "Flood Warning TEST", "Test - flood", "This is only a test")
        ],
        *[
            (said, True)
            for said in ("Exercise: flood", "Testwarnung: Hochwasser", "Ceci est un exercice", "test message")
        ],
        *[
            (said, False)
            for said in ("River Test", "RIVER TEST HIGH", "Flooding at Test Ham", "River Test message board")
        ],
        *[
            (said, False)
            for said in ("Test Valley flood warning", "Water test results", "Latest flood", "Do not test it")
        ],
    ],
)
def test_only_words_that_can_mean_nothing_else_make_a_test(headline: str, is_test: bool) -> None:
    assert is_drill(Text("en", "Flood Warning", headline)) is is_test


@pytest.mark.usefixtures("all_hazards")
def test_where_all_hazards_are_wanted_others_come_marked_and_outlooks_do_not() -> None:
    answer = answer_of("hazards")
    found = by_identifier(answer)

    assert answer.left_out == {"other_hazard:hydrologic outlook": 1}
    assert {one for one, message in found.items() if message.hazard is Hazard.OTHER} == {
        *("fire", "storm", "wave", "light", "wind-instead", "called-off"),
    }


def test_what_is_not_for_the_public_is_counted_and_touches_nothing() -> None:
    answer = answer_of("not-public")

    assert set(by_identifier(answer)) == {"real", "drill", "river-test"}
    assert {one: message.replaces for one, message in by_identifier(answer).items() if message.replaces} == {}
    words = "test exercise system draft restricted private ack error".split()
    assert answer.left_out == {f"not_public:{word}": 1 for word in words}


def test_what_calls_itself_a_test_says_so_first_and_a_river_of_that_name_does_not() -> None:
    found = by_identifier(answer_of("not-public"))

    assert found["drill"].texts[0].headline == "TEST: Flood Warning for the ford"
    assert found["drill"].texts[0].description == "This is a test. No action is needed."
    assert found["river-test"].texts[0].headline == "River Test at Lower Ford"


def test_ends_have_their_reason_and_what_is_past_at_first_holds() -> None:
    found = by_identifier(answer_of("ends"))

    assert {one: message.end_reason for one, message in found.items()} == {
        "cancel": EndReason.CANCELLED,
        **dict.fromkeys(("past-update", "all-clear", "green", "no-awareness"), EndReason.ALL_CLEAR),
        **dict.fromkeys(("past-first", "past-first-until", "yellow")),
    }
    assert all((message.act is Act.END) == bool(message.end_reason) for message in found.values())
    assert clock.rfc3339(found["past-first"].expires_at_ms or 0) == "2026-02-04T06:00:00Z"
    assert clock.rfc3339(found["past-first-until"].expires_at_ms or 0) == "2026-02-05T06:00:00Z"
    assert found["past-first"].urgency == "past"


def test_times_are_by_their_own_offset_else_by_that_of_sent_else_utc() -> None:
    ends = {
        one: clock.rfc3339(message.expires_at_ms or 0) for one, message in by_identifier(answer_of("times")).items()
    }

    assert ends.pop("midnight") == "2026-02-03T23:00:00Z"
    assert ends.pop("midnight-of-its-own") == "2026-02-04T00:00:00Z"
    assert set(ends.values()) == {"2026-02-03T21:30:00Z"} and len(ends) == 6


def test_words_are_shown_without_markup_and_none_is_lost() -> None:
    (message,) = answer_of("texts").messages
    text = message.texts[0]

    assert (text.label, text.headline) == ("Flood & surge", "Flood & landslide RED gnp.txt Ynys Môn")
    assert text.description == 'At 12.4 m.\nStay away.\nCall "112"\nlevel a<b, depth < 30 cm 5 °C'
    assert message.places[0].areas == (("", "Lower Ford & Mill"),)


def test_alert_that_says_what_where_and_when_without_an_info_is_read() -> None:
    (message,) = answer_of("no-info").messages

    assert (message.texts[0].label, message.texts[0].headline) == ("Flood Warning", "River high")
    assert (message.severity, clock.rfc3339(message.sent_at_ms)) == ("severe", SENT)
    assert message.places[0].shape is not None


@pytest.mark.parametrize("name", ["brackets", "rings", "pairs", "half", "circle", "far-east-circle"])
def test_outline_is_drawn(name: str) -> None:
    shape = places_of("outlines")[name].shape

    assert shape is not None and contains(shape, lat=51.07, lon=-2.87 if "circle" not in name else -2.85)
    assert contains(shape, lat=51.05, lon=-2.65) == (name == "rings")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("swapped", "its outline is not on the globe: longitude 14.5, latitude 120.9"),
        ("swapped-circle", "its outline is not on the globe: longitude 14.5, latitude 120.9"),
        ("words", "its outline cannot be used: it is not made of numbers"),
        ("half", "one of its outlines cannot be used: no ring has three different points"),
        ("nothing", ""),
        ("code-only", ""),
        ("brackets", ""),
    ],
)
def test_reason_of_an_outline_that_is_not_drawn_is_true(name: str, reason: str) -> None:
    assert places_of("outlines")[name].reason == reason
