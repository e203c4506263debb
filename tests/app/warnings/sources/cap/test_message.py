"""CAP messages: the translation of their words, the infos that are one message, and their ends."""

import re
from pathlib import Path

import pytest

from app.core import clock
from app.warnings.sources.cap import reader
from app.warnings.sources.cap.message import messages_of
from app.warnings.sources.cap.reader import CapAlert, CapArea, CapInfo, CapReference
from app.warnings.sources.message import Act, Hazard, Message
from app.warnings.sources.safe_xml import Unreadable

SAMPLES = Path(__file__).parents[4] / "samples" / "cap"
HERE = CapArea("Here", ("51,0 51,1 52,1 51,0",))
RANKS = ["unknown", "minor", "moderate", "severe", "extreme"]
DAY = 1_770_000_000_000


def info(**said: object) -> CapInfo:
    return CapInfo(**({"cap_event": "Flood", "areas": (HERE,)} | said))  # type: ignore[arg-type]


def alert(*infos: CapInfo, **said: object) -> CapAlert:
    header = {"version": "1.2", "identifier": "2", "sender": "s", "sent_at_ms": DAY, "zone": "UTC"}
    return CapAlert(**(header | {"status": "actual", "message_type": "alert", "infos": infos} | said))  # type: ignore[arg-type]


def only(read: CapAlert) -> Message:
    (message,) = messages_of(read)[0]
    return message


def sample(name: str) -> tuple[Message, ...]:
    return messages_of(reader.read((SAMPLES / name).read_bytes()))[0]


def recorded(shared_data: Path, name: str) -> tuple[Message, ...]:
    return messages_of(reader.read((shared_data / "cap" / name).read_bytes()))[0]


def words_of(schema: str, element: str) -> list[str]:
    """The enumeration of an element in one of the standard's own schemas."""
    _, rest = re.split(rf'name\s*=\s*"{element}"', schema, maxsplit=1)
    return re.findall(r'enumeration value\s*=\s*"([^"]+)"', re.split(r"</(?:xs:)?element>", rest, maxsplit=1)[0])


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_every_word_of_the_standard_keeps_its_meaning(shared_data: Path, version: str) -> None:
    schema = (shared_data / "schemas" / f"CAP-v{version}.xsd").read_text(encoding="utf-8")
    severities, urgencies, certainties = (words_of(schema, name) for name in ("severity", "urgency", "certainty"))

    assert [word.lower() for word in severities] == ["extreme", "severe", "moderate", "minor", "unknown"]
    assert [only(alert(info(severity=word))).severity for word in severities] == [word.lower() for word in severities]
    assert [only(alert(info(urgency=word))).urgency for word in urgencies] == [word.lower() for word in urgencies]
    expected = ["likely" if word == "Very Likely" else word.lower() for word in certainties]
    assert [only(alert(info(certainty=word))).certainty for word in certainties] == expected
    assert len(urgencies) == 5 and len(certainties) >= 5


@pytest.mark.parametrize("word", ["", "Catastrophic", "4", "Extremely", "severe;extreme", "EXTRÊME"])
def test_word_that_is_not_the_standards_is_unknown_and_never_more(word: str) -> None:
    message = only(alert(info(severity=word, urgency=word, certainty=word)))

    assert (message.severity, message.urgency, message.certainty) == ("unknown", "unknown", "unknown")


@pytest.mark.parametrize("word", ["EXTREME", " extreme ", "Extreme"])
def test_words_are_folded(word: str) -> None:
    assert only(alert(info(severity=word))).severity == "extreme"


@pytest.mark.parametrize("status", ["test", "exercise", "system", "draft", "practice"])
def test_what_is_not_actual_is_never_a_message(status: str) -> None:
    assert messages_of(alert(info(), status=status)) == ((), ())


@pytest.mark.parametrize(
    "said", [{"scope": "restricted"}, {"scope": "private"}, {"message_type": "ack"}, {"message_type": "error"}]
)
def test_what_is_not_for_the_public_is_never_a_message(said: dict[str, str]) -> None:
    assert messages_of(alert(info(), **said)) == ((), ())


@pytest.mark.parametrize(
    ("said", "act"),
    [
        ({}, Act.HOLD),
        ({"urgency": "Immediate", "response_types": ("Shelter", "Monitor")}, Act.HOLD),
        ({"urgency": "Past"}, Act.HOLD),
        ({"response_types": ("Monitor", "AllClear")}, Act.END),
        ({"response_types": ("All Clear",)}, Act.END),
    ],
)
def test_past_and_all_clear_end(said: dict[str, object], act: Act) -> None:
    assert only(alert(info(**said))).act is act


@pytest.mark.parametrize(
    ("said", "act"),
    [
        ({"parameters": (("Awareness_Level", "1; green; Minor"),)}, Act.END),
        ({"parameters": (("awareness_level", "green"),)}, Act.END),
        ({"cap_event": "Green warning for rain-flood"}, Act.END),
        ({"description": "No special awareness required."}, Act.END),
        ({"headline": "No awareness of the weather is needed: flood"}, Act.END),
        ({"description": "Flooding. No special awareness required elsewhere."}, Act.HOLD),
        ({"cap_event": "Flood warning for the Green River"}, Act.HOLD),
        ({"cap_event": "Green River warning: flood"}, Act.HOLD),
        ({"headline": "Green alert for flood in Made valley"}, Act.HOLD),
        (
            {"description": "No special awareness required.", "parameters": (("awareness_level", "3; orange"),)},
            Act.HOLD,
        ),
    ],
)
def test_green_ends_where_it_means_that_no_awareness_is_needed(said: dict[str, object], act: Act) -> None:
    assert only(alert(info(**said))).act is act


def test_hidden_characters_in_names_are_let_go_in_references_too() -> None:
    first = only(alert(info(), identifier="\u202e1\u200b"))
    second = only(alert(info(), references=(CapReference("s", "\u202e1\u200b", "whenever"),)))

    assert first.source_id == "s,1" and second.replaces == ("s,1",)


def test_cancel_ends_whatever_its_words() -> None:
    assert only(alert(info(urgency="Immediate"), message_type="cancel")).act is Act.END


def test_cancel_without_a_text_ends_what_it_names(shared_data: Path) -> None:
    (message,) = recorded(shared_data, "invalid/no_info_tag.cap")

    assert (message.act, message.texts, message.places) == (Act.END, (), ())
    assert message.replaces == ("AtHoc,1017033100951096-517189320160225203219800",)


def test_message_that_says_nothing_is_refused(shared_data: Path) -> None:
    with pytest.raises(Unreadable, match="what happens"):
        recorded(shared_data, "invalid/no_optional_fields.cap")
    with pytest.raises(Unreadable, match="what happens"):
        messages_of(alert(message_type="cancel"))


def test_reference_names_an_earlier_message_as_that_named_itself() -> None:
    first = only(alert(info(), identifier="1"))
    second = only(alert(info(), references=(CapReference("s", "1", "whenever"),)))

    assert second.replaces == (first.source_id,)


def test_message_does_not_replace_itself(shared_data: Path) -> None:
    (message,) = recorded(shared_data, "alerts/ch-alertswiss.cap.xml")

    assert message.replaces == ()


def test_languages_become_texts_of_one_message_with_one_place_for_each_area() -> None:
    (message,) = sample("river-two-languages.cap.xml")

    assert [(text.language, text.label) for text in message.texts] == [("de-CH", "Hochwasser"), ("fr-CH", "Crue")]
    assert [(place.key, place.areas) for place in message.places] == [
        ("12", (("12", "Unterstadt"),)),
        ("insel", (("", "Insel"),)),
    ]
    assert all(place.shape is not None for place in message.places)
    assert (message.sent_at_ms, message.zone) == (
        clock.midnight_of("2026-02-03") + 5 * clock.HOUR_MS + 1_800_000,
        "+01:00",
    )


def test_infos_that_differ_are_messages_of_their_own_about_their_own_places() -> None:
    messages = sample("river-update-partly-over.cap.xml")

    assert [(one.act, one.severity, [place.key for place in one.places]) for one in messages] == [
        (Act.HOLD, "extreme", ["12"]),
        (Act.HOLD, "minor", ["11"]),
        (Act.END, "minor", ["insel"]),
    ]
    assert {one.source_id for one in messages} == {"floods@rivers.example,river-2"}
    assert {one.replaces for one in messages} == {("floods@rivers.example,river-1",)}


def test_places_keep_their_keys_over_an_update() -> None:
    before = {place.key for one in sample("river-two-languages.cap.xml") for place in one.places}
    after = {place.key for one in sample("river-update-partly-over.cap.xml") for place in one.places}

    assert before < after


def test_what_is_over_is_not_told_of_a_place_where_something_else_holds() -> None:
    messages, _ = messages_of(
        alert(info(urgency="Past", cap_event="Watch"), info(cap_event="Warning", severity="Severe"))
    )

    assert [(one.act, one.texts[0].label) for one in messages] == [(Act.HOLD, "Warning")]


def test_two_dangers_in_one_place_are_two_messages_with_keys_of_their_own() -> None:
    wind, rain = info(cap_event="Wind"), info(cap_event="Rain", severity="Minor")

    messages, _ = messages_of(alert(wind, rain))

    assert [(one.texts[0].label, one.places[0].key) for one in messages] == [("Wind", "here"), ("Rain", "here#2")]


def test_same_text_twice_is_one_message(shared_data: Path) -> None:
    (message,) = recorded(shared_data, "alerts/au-rfs.cap.xml")

    assert (len(message.texts), len(message.places)) == (1, 1)


def test_same_text_about_another_place_is_one_message_with_both() -> None:
    message = only(alert(info(), info(areas=(CapArea("There"),))))

    assert [place.key for place in message.places] == ["here", "there"]


def test_areas_without_outline_and_codes_are_matched_by_position_in_another_language() -> None:
    german = info(language="de", areas=(CapArea("Ufer"), CapArea("Insel")))
    french = info(language="fr", areas=(CapArea("Rive"), CapArea("Île")))

    message = only(alert(german, french))

    assert [place.areas[0][1] for place in message.places] == ["Ufer", "Insel"]


def test_areas_of_one_name_are_two_places(shared_data: Path) -> None:
    (message,) = recorded(shared_data, "alerts/gdacs-1001150.cap.xml")

    assert [place.key for place in message.places] == ["polygon", "polygon#2"]


def test_area_without_outline_names_its_zones() -> None:
    codes = (("FIPS6", "002090"), ("UGC", "AKZ221"), ("UGC", "AKZ222"))
    message = only(alert(info(areas=(CapArea("Interior; Flats", geocodes=codes),))))

    assert message.places[0].zones == ("AKZ221", "AKZ222")
    assert message.places[0].areas == (("AKZ221", "Interior"), ("AKZ222", "Flats"))


def test_names_are_not_paired_with_codes_of_another_order() -> None:
    codes = (("FIPS6", "011001"), ("FIPS6", "051013"))
    message = only(alert(info(areas=(CapArea("Arlington; District", geocodes=codes),))))

    assert message.places[0].areas == (("", "Arlington; District"),)


def test_single_area_of_many_codes_stays_one_place_when_a_code_goes() -> None:
    def key(*codes: str) -> str:
        return only(alert(info(areas=(CapArea("x", geocodes=tuple(("UGC", code) for code in codes)),)))).places[0].key

    assert key("AKZ221", "AKZ222") == key("AKZ221", "AKZ222", "AKZ223")


def test_info_without_area_is_still_shown() -> None:
    place = only(alert(info(areas=()))).places[0]

    assert (place.shape, place.zones, place.areas) == (None, (), ())


def test_message_ends_apart_from_the_hazard() -> None:
    code = ("VTEC", "/O.CON.KABQ.FL.W.0032.140511T1600Z-140512T0100Z/")
    both = only(alert(info(expires_at_ms=DAY, parameters=(("eventEndingTime", "2026-02-03T10:00:00+00:00"), code))))
    coded = only(alert(info(expires_at_ms=DAY, parameters=(code,))))

    assert both.expires_at_ms == coded.expires_at_ms == DAY
    assert (both.ends_at_ms, coded.ends_at_ms) == (1_770_112_800_000, 1_399_856_400_000)
    assert only(alert(info(expires_at_ms=DAY))).ends_at_ms is None


def test_outline_that_is_left_out_is_remarked() -> None:
    messages, remarks = messages_of(alert(info(areas=(CapArea("Here", ("1,1",)),))))

    assert len(messages) == 1
    assert remarks == ("'Here': its outline cannot be used: no ring has three different points",)
    assert messages[0].places[0].reason == "its outline cannot be used: no ring has three different points"


def test_texts_are_cut_cleaned_and_marked_with_their_language() -> None:
    long = only(alert(info(language="pt_BR", headline="x" * 600, description="a\u0085b\r\nc"))).texts[0]

    assert (long.language, len(long.headline), long.headline[-1]) == ("pt-BR", 500, "…")
    assert long.description == "a\nb\nc"
    assert only(alert(info(language="<i>"))).texts[0].language == ""
    assert only(alert(info(cap_event="", headline="High water"))).texts[0].label == "High water"


def test_every_recorded_real_alert_becomes_messages_with_something_to_show(shared_data: Path) -> None:
    for folder in ("alerts", "geometry", "reduced"):
        for file in sorted((shared_data / "cap" / folder).iterdir()):
            read = reader.read(file.read_bytes())
            messages, _ = messages_of(read)

            assert bool(messages) == (read.status == "actual" and read.scope == "public"), file.name
            assert all(one.texts and one.texts[0].label and one.places for one in messages), file.name
            assert all(one.severity in RANKS for one in messages), file.name


@pytest.mark.parametrize("event", ["&Uuml;berschwemmung", "Flo\u200bod", "Fl\u00adood Warning", "<b>Flood</b>ing"])
def test_event_is_judged_as_people_read_it(event: str) -> None:
    assert only(alert(info(cap_event=event))).hazard is Hazard.FLOOD
