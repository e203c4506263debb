"""Alerts of the National Weather Service, translated to our words."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.core import clock
from app.warnings.sources.http_client import Fetcher, NotFetched
from app.warnings.sources.message import Act, Answer, EndReason, Hazard, Message
from app.warnings.sources.nws import alerts as nws
from tests.rig.official import SQUARE, WeatherService, alert, alerts
from tests.rig.upstream import Asked, Reply, Upstream

NOW_MS = 1_768_000_000_000


def read(*features: object) -> Answer:
    return nws.parse(alerts(*features), now_ms=NOW_MS)


def read_one(**wanted: Any) -> Message:
    (message,) = read(alert(1, **wanted)).messages
    return message


# CAP 1.2 §3.2.2, graver first; the service uses these words.
@pytest.mark.parametrize("name", ["Extreme", "Severe", "Moderate", "Minor", "Unknown"])
def test_severity_is_the_word_of_cap(name: str) -> None:
    assert read_one(severity=name).severity == name.lower()


@pytest.mark.parametrize("name", ["Immediate", "Expected", "Future", "Past", "Unknown"])
def test_urgency_is_the_word_of_cap(name: str) -> None:
    assert read_one(urgency=name).urgency == name.lower()


@pytest.mark.parametrize("name", ["Observed", "Likely", "Possible", "Unlikely", "Unknown"])
def test_certainty_is_the_word_of_cap(name: str) -> None:
    assert read_one(certainty=name).certainty == name.lower()


@pytest.mark.parametrize("name", ["", "Catastrophic", None, 5, ["Severe"], {"a": 1}])
def test_word_that_cap_does_not_have_is_unknown_and_never_graver(name: object) -> None:
    message = read_one(severity=name, urgency=name, certainty=name)

    assert (message.severity, message.urgency, message.certainty) == ("unknown", "unknown", "unknown")


@pytest.mark.parametrize("status", ["Test", "Exercise", "System", "Draft", "test"])
def test_what_is_not_actual_is_never_shown(status: str) -> None:
    answer = read(alert(1, status=status), alert(2))

    assert (len(answer.messages), answer.broken, answer.is_whole) == (1, (), True)


def test_test_product_in_an_actual_message_is_never_shown() -> None:
    code = "/T.NEW.KSEW.FL.W.0042.260110T1600Z-260112T1600Z/"

    assert read(alert(1, parameters={"VTEC": [code]})).messages == ()


@pytest.mark.parametrize("kind", ["Ack", "Error"])
def test_messages_between_machines_are_let_go(kind: str) -> None:
    assert read(alert(1, messageType=kind)) == Answer(read=1, left_out={f"not_public:{kind.lower()}": 1})


@pytest.mark.parametrize(
    ("wanted", "act"),
    [
        ({"messageType": "Alert"}, Act.HOLD),
        ({"messageType": "Update"}, Act.HOLD),
        ({"messageType": "Cancel"}, Act.END),
        ({"parameters": {"VTEC": ["/O.CON.KSEW.FL.W.0042.000000T0000Z-000000T0000Z/"]}}, Act.HOLD),
        ({"parameters": {"VTEC": ["/O.CAN.KSEW.FL.W.0042.000000T0000Z-000000T0000Z/"]}}, Act.END),
        ({"parameters": {"VTEC": ["/O.EXP.KSEW.FL.W.0042.000000T0000Z-000000T0000Z/"]}}, Act.END),
        ({"parameters": {"VTEC": ["/O.UPG.KSEW.FA.A.0042.000000T0000Z-000000T0000Z/"]}}, Act.END),
    ],
)
def test_cancelled_expired_and_upgraded_are_over(wanted: dict[str, Any], act: Act) -> None:
    assert read_one(**wanted).act is act


def test_words_of_the_service_are_kept() -> None:
    (text,) = read_one(language="es-US", instruction="Turn around.\nDon't drown.").texts

    assert (text.language, text.label, text.headline) == ("es-US", "Flood Warning", "Flood Warning issued January 10")
    assert (text.description, text.instruction) == ("The river is high.", "Turn around.\nDon't drown.")


def test_headline_of_the_office_serves_where_there_is_no_other() -> None:
    (text,) = read_one(headline=None, parameters={"NWSheadline": ["FLOOD WATCH UNTIL NOON"]}).texts

    assert text.headline == "FLOOD WATCH UNTIL NOON"


@pytest.mark.parametrize(
    ("wanted", "ends"),
    [
        ({"ends": "2026-01-12T02:00:00-08:00"}, "2026-01-12T10:00:00Z"),
        ({"parameters": {"VTEC": ["/O.NEW.KSEW.FL.W.0042.260110T1600Z-260113T0130Z/"]}}, "2026-01-13T01:30:00Z"),
        ({"parameters": {"eventEndingTime": ["2026-01-12T02:00:00-08:00"]}}, "2026-01-12T10:00:00Z"),
        ({"parameters": {"VTEC": ["/O.NEW.KSEW.FL.W.0042.260110T1600Z-000000T0000Z/"]}}, None),
        ({}, None),
    ],
)
def test_end_of_the_flood_is_not_the_end_of_the_message(wanted: dict[str, Any], ends: str | None) -> None:
    message = read_one(**wanted)

    assert (clock.rfc3339(message.ends_at_ms) if message.ends_at_ms else None) == ends
    assert clock.rfc3339(message.expires_at_ms or 0) == "2026-01-11T16:00:00Z"


def test_earlier_alerts_are_named_whether_or_not_they_had_expired() -> None:
    expired = "w@noaa.gov,urn:a,2026-01-09T08:00:00-08:00 w@noaa.gov,urn:b,2026-01-08T08:00:00-08:00"
    references = [{"identifier": "urn:c", "sent": "2026-01-10T07:00:00-08:00"}, {"@id": "https://x/alerts/urn:d"}, None]

    message = read_one(references=references, parameters={"expiredReferences": [expired, "nonsense"]})

    assert message.replaces == ("urn:c", "urn:d", "urn:a", "urn:b")


def test_own_polygon_is_the_place() -> None:
    (place,) = read_one(geometry=SQUARE).places

    assert place.shape is not None
    assert (place.shape.box.west, place.shape.box.north, place.zones) == (0.0, 51.1, ())


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {},
        {"type": "Point", "coordinates": [0, 51]},
        {"type": "Polygon", "coordinates": [[[0, 95], [1, 95], [1, 96]]]},
    ],
)
def test_zones_are_the_place_where_no_polygon_can_be_used(geometry: object) -> None:
    (place,) = read_one(geometry=geometry).places

    assert (place.shape, place.zones, place.areas) == (None, ("WAC007",), (("WAC007", "Chelan, WA"),))


def test_zones_have_names_only_where_the_counts_agree() -> None:
    geocode = {"UGC": ["WAC007", "WAC047", "not a zone", "WAC007"]}

    (place,) = read_one(geocode=geocode, areaDesc="Chelan, WA; Okanogan, WA; Ferry, WA").places
    (named,) = read_one(geocode=geocode, areaDesc="Chelan, WA; Okanogan, WA").places

    assert place.areas == (("WAC007", ""), ("WAC047", ""))
    assert named.areas == (("WAC007", "Chelan, WA"), ("WAC047", "Okanogan, WA"))


def test_zones_are_found_in_their_addresses_too() -> None:
    (place,) = read_one(geocode={}, affectedZones=["https://api.weather.gov/zones/forecast/ORZ001", 5, None]).places

    assert place.zones == ("ORZ001",)


@pytest.mark.parametrize(
    "wanted",
    [
        {"id": None, "@id": None},
        {"sent": None, "effective": "soon"},
        {"event": ""},
        {"geocode": None, "affectedZones": None, "areaDesc": None},
    ],
    ids=lambda wanted: next(iter(wanted)),
)
def test_alert_that_says_too_little_is_broken_and_loses_no_other(wanted: dict[str, Any]) -> None:
    broken = alert(1, **wanted)
    broken["id"] = None if "id" in wanted else broken["id"]

    answer = read(broken, alert(2))

    assert (len(answer.messages), len(answer.broken), answer.is_whole) == (1, 1, False)


def test_broken_update_of_a_known_event_leaves_what_is_stored() -> None:
    code = "/O.CON.KSEW.FL.W.0042.000000T0000Z-000000T0000Z/"

    answer = read(alert(1, event=None, parameters={"VTEC": [code]}), alert(2))

    assert answer.is_whole
    assert "KSEW.FL.W.0042.2026" in answer.unchanged


@pytest.mark.parametrize("feature", [None, 5, [], {}, {"properties": None}, {"properties": {"parameters": 7}}])
def test_feature_that_is_none_loses_no_other(feature: object) -> None:
    answer = read(feature, alert(2))

    assert (len(answer.messages), len(answer.broken), answer.is_whole) == (1, 1, False)


def test_same_alert_twice_is_one() -> None:
    assert len(read(alert(1), alert(1), alert(2)).messages) == 2


def test_single_alert_is_an_answer_too() -> None:
    assert len(nws.parse(json.dumps(alert(1)).encode(), now_ms=NOW_MS).messages) == 1


@pytest.mark.parametrize("raw", [b"<html>", b"{}", b'{"features": 5}', b'{"features": [', b'{"features": ["x"]}'])
def test_answer_that_cannot_be_read_ends_nothing(raw: bytes) -> None:
    answer = nws.parse(raw, now_ms=NOW_MS)

    assert (answer.messages, answer.is_whole, len(answer.broken)) == ((), False, 1)


def test_recording_with_a_further_page_is_not_whole() -> None:
    raw = alerts(alert(1), pagination={"next": "https://api.weather.gov/alerts?cursor=x"})

    assert not nws.parse(raw, now_ms=NOW_MS).is_whole


def recorded(shared_data: Path, name: str) -> Answer:
    return nws.parse((shared_data / "nws" / name).read_bytes(), now_ms=NOW_MS)


def test_of_the_recording_of_all_active_alerts_the_floods_are_taken_and_the_rest_is_counted(shared_data: Path) -> None:
    answer = recorded(shared_data, "alerts-active-2025-12-15-floods.geojson")

    assert all("Flood" in message.texts[0].label for message in answer.messages)
    assert len({message.event or message.source_id for message in answer.messages}) == len(answer.messages) == 27
    assert (answer.read, answer.taken, answer.ended, answer.broken, answer.is_whole) == (50, 27, 0, (), True)
    assert answer.left_out == {
        "other_hazard:gale warning": 5,
        "other_hazard:hazardous seas warning": 1,
        "other_hazard:heavy freezing spray warning": 2,
        "other_hazard:high wind warning": 1,
        "other_hazard:hydrologic outlook": 2,
        "other_hazard:small craft advisory": 7,
        "other_hazard:storm warning": 2,
        "other_hazard:wind advisory": 3,
    }


@pytest.mark.usefixtures("all_hazards")
def test_where_all_hazards_are_wanted_only_outlooks_are_left_out(shared_data: Path) -> None:
    answer = recorded(shared_data, "alerts-active-2025-12-15-floods.geojson")

    assert (answer.taken, answer.left_out) == (48, {"other_hazard:hydrologic outlook": 2})
    assert Counter(one.hazard for one in answer.messages) == {Hazard.FLOOD: 27, Hazard.OTHER: 21}
    assert all(message.places[0].shape or message.places[0].zones for message in answer.messages)


def test_recording_of_one_zone_is_read_whole(shared_data: Path) -> None:
    (message,) = recorded(shared_data, "alerts-active-zone-2019-12-20.geojson").messages

    assert (message.event, message.severity, len(message.replaces)) == ("KPQR.FA.A.0004.2019", "severe", 4)
    assert message.places[0].areas[0] == ("ORZ001", "North Oregon Coast")


@pytest.mark.parametrize("name", ["cap-alert-weather.cap", "cap-atom-us-nws.atom", "zones-ugc.geojson"])
def test_other_documents_of_the_service_end_nothing(shared_data: Path, name: str) -> None:
    answer = recorded(shared_data, name)

    assert (answer.messages, answer.is_whole) == ((), False)


def fetch(service: Callable[[Asked], Reply], validators: dict[str, str] | None = None) -> Answer:
    with Upstream(service) as host, Fetcher(host.address) as fetcher:
        return nws.fetch(fetcher, validators or {}, now_ms=NOW_MS)


def test_live_only_floods_are_asked_for() -> None:
    service = WeatherService(alerts=[alert(1), alert(2, event="Gale Warning"), alert(3, status="Test"), alert(4)])

    answer = fetch(service)

    assert (len(answer.messages), answer.broken, answer.is_whole) == (2, (), True)


@pytest.mark.usefixtures("all_hazards")
def test_live_all_are_asked_for_where_all_are_wanted() -> None:
    asked: list[Asked] = []
    service = WeatherService(alerts=[alert(1), alert(2, event="Gale Warning"), alert(3, event="Hydrologic Outlook")])

    def noting(one: Asked) -> Reply:
        asked.append(one)
        return service(one)

    answer = fetch(noting, {"etag": '"floods only"'})

    assert (answer.taken, answer.left_out) == (2, {"other_hazard:hydrologic outlook": 1})
    assert "If-None-Match" not in asked[0].headers and answer.validators["hazards"] == "all"


def test_messages_of_one_code_and_different_events_are_different_warnings() -> None:
    code = {"parameters": {"VTEC": ["/O.NEW.KSEW.FF.W.0042.260110T1600Z-260112T1600Z/"]}}
    answer = read(alert(1, event="Flash Flood Warning", **code), alert(2, event="Flood Advisory", **code))
    statement = read_one(event="Flash Flood Statement", **code)

    assert {message.event for message in answer.messages} == {
        "KSEW.FF.W.0042.2026",
        "KSEW.FF.W.0042.2026.flood-advisory",
    }
    assert statement.event == "KSEW.FF.W.0042.2026"


def test_code_of_its_own_event_counts_among_several() -> None:
    codes = ["/O.NEW.KSEW.FL.W.0007.260110T1600Z-260112T1600Z/", "/O.EXA.KSEW.FA.A.0003.260110T1600Z-260112T1600Z/"]

    assert read_one(event="Flood Watch", parameters={"VTEC": codes}).event == "KSEW.FA.A.0003.2026"


def test_time_without_an_offset_is_by_the_clock_of_sent() -> None:
    message = read_one(sent="2026-01-10T08:00:00-08:00", expires="2026-01-10T24:00:00", onset="2026-01-10t09:00:00z")

    assert clock.rfc3339(message.expires_at_ms or 0) == "2026-01-11T08:00:00Z"
    assert clock.rfc3339(message.onset_at_ms or 0) == "2026-01-10T09:00:00Z"


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"messageType": "Cancel"}, EndReason.CANCELLED),
        ({"parameters": {"VTEC": ["/O.CAN.KSEW.FL.W.0042.000000T0000Z-260113T0130Z/"]}}, EndReason.CANCELLED),
        ({"parameters": {"VTEC": ["/O.EXP.KSEW.FL.W.0042.000000T0000Z-260113T0130Z/"]}}, EndReason.EXPIRED),
        ({"parameters": {"VTEC": ["/O.UPG.KSEW.FL.W.0042.000000T0000Z-260113T0130Z/"]}}, EndReason.REPLACED),
        ({"messageType": "Update", "urgency": "Past"}, EndReason.ALL_CLEAR),
        ({"response": "AllClear"}, EndReason.ALL_CLEAR),
        ({"urgency": "Past"}, None),
        ({}, None),
    ],
)
def test_end_has_its_reason(wanted: dict[str, Any], reason: EndReason | None) -> None:
    message = read_one(**wanted)

    assert (message.end_reason, message.act is Act.END) == (reason, reason is not None)


def test_what_is_for_some_only_is_let_go() -> None:
    assert read(alert(1, scope="Restricted")).left_out == {"not_public:restricted": 1}


def test_every_page_is_read_and_none_elsewhere() -> None:
    def paged(asked: Asked) -> Reply:
        second = {"pagination": {"next": f"http://{asked.headers['Host']}/alerts?cursor=2"}}
        return Reply(alerts(alert(2)) if asked.first("cursor") else alerts(alert(1), **second))

    elsewhere = Reply(alerts(alert(1), pagination={"next": "https://example.org/alerts"}))

    assert (len(fetch(paged).messages), fetch(paged).is_whole) == (2, True)
    with pytest.raises(NotFetched):
        fetch(lambda _: elsewhere)


def test_unchanged_answer_is_not_read_again() -> None:
    asked_for = {"last_modified": "Sat, 10 Jan 2026 08:00:00 GMT"}

    answer = fetch(lambda asked: Reply(status=304 if "If-Modified-Since" in asked.headers else 500), asked_for)

    assert (answer.is_not_modified, answer.validators) == (True, asked_for)
