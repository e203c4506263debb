"""Official warnings as alerts of our own: whose words, which chain, never the issuer's name."""

import gzip
import re
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.geo.polygon import MultiPolygon
from app.geo.polygon_geojson import from_rings
from app.geo.repair import make_valid
from app.warnings.ingest.roots import warning_id
from app.warnings.models import OfficialWarning
from app.warnings.published import MOST
from app.warnings.sources.cap import reader
from app.warnings.sources.cap.message import messages_of
from app.warnings.sources.message import Act, EndReason, Message, Text
from tests.app.feeds.alerts import Taken, alert_at, checked, deploy
from tests.factories import make_report
from tests.rig.calls import counted
from tests.warning_making import announce, message, place, square

LATER_S = 600


def path_of(event: str) -> str:
    return f"/feeds/warnings/{warning_id('ea', event, event)}.cap.xml"


def names_of(taken: Taken) -> list[str]:
    return [reference.identifier for reference in taken.alert.references]


def say(noon: Any, event: str, **wanted: Any) -> None:
    """Another message of one event, a while later."""
    noon.shift(LATER_S)
    announce(message(event, **wanted))


def test_alert_says_what_the_issuer_says_under_our_own_name(client: FlaskClient, noon: Any) -> None:
    announce(said := message("avon", onset_at_ms=clock.now_ms() + 3_600_000, expires_at_ms=clock.now_ms() + 7_200_000))

    alert, source, note, incidents, _ = taken = alert_at(client, path_of("avon"))

    (info,) = alert.infos
    text = said.texts[0]
    assert (info.headline, info.description, info.instruction) == (text.headline, text.description, text.instruction)
    assert (info.language, info.cap_event) == (text.language, text.label)
    assert (info.severity, info.urgency, info.certainty) == ("Severe", "Immediate", "Likely")
    assert (info.onset_at_ms, info.expires_at_ms) == (said.onset_at_ms, said.expires_at_ms)
    assert source == "Environment Agency (England)" and source in note and said.source_id in note
    assert "not the issuer's own message" in note
    assert incidents == said.source_id
    assert alert.sender.endswith(".invalid") and not names_of(taken)


def test_each_change_is_an_update_that_names_all_before_it_and_the_end_a_cancel(client: FlaskClient, noon: Any) -> None:
    announce(message("avon"))
    seen = [alert_at(client, path_of("avon"))]
    for severity in ("extreme", "moderate"):
        say(noon, "avon", severity=severity)
        seen.append(alert_at(client, path_of("avon")))
    say(noon, "avon", act=Act.END, end_reason=EndReason.ALL_CLEAR, urgency="past")
    seen.append(alert_at(client, path_of("avon")))

    assert [taken.alert.message_type for taken in seen] == ["alert", "update", "update", "cancel"]
    identifiers = [taken.alert.identifier for taken in seen]
    assert [names_of(taken) for taken in seen] == [identifiers[:number] for number in range(4)]
    assert [reference.sent for reference in seen[3].alert.references] == [
        clock.rfc3339(taken.alert.sent_at_ms).replace("Z", "-00:00") for taken in seen[:3]
    ]
    assert seen[3].alert.infos[0].response_types == ("AllClear",)
    assert seen[3].note.startswith("Exercise: trial of this service. Over: the issuer has given the all-clear. ")
    assert seen[3].alert.infos[0].headline.startswith("Over: the issuer has given the all-clear: ")


def test_alert_stays_the_same_to_the_byte_until_the_warning_changes(client: FlaskClient, noon: Any) -> None:
    announce(said := message("avon"))
    first = client.get(path_of("avon"))
    noon.shift(LATER_S)
    announce(said)  # the issuer lists it again, unchanged

    again = client.get(path_of("avon"), headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert client.get(path_of("avon")).data == first.data


def test_warning_whose_own_end_passes_gets_no_new_alert(client: FlaskClient, noon: Any) -> None:
    announce(message("avon", expires_at_ms=clock.now_ms() + 1_000 * LATER_S))
    first = client.get(path_of("avon")).data
    noon.shift(2 * LATER_S)
    announce()
    announce()

    assert client.get(path_of("avon")).data == first


def test_warning_that_comes_back_goes_on_with_its_chain(client: FlaskClient, noon: Any) -> None:
    announce(message("avon"))
    say(noon, "other")  # the issuer no longer lists the first one
    cancel = alert_at(client, path_of("avon"))
    say(noon, "avon")

    again = alert_at(client, path_of("avon"))

    assert "the issuer no longer lists it" in cancel.note
    assert (cancel.alert.message_type, again.alert.message_type) == ("cancel", "update")
    assert names_of(again) == [*names_of(cancel), cancel.alert.identifier]


def test_cancel_without_words_of_its_own_repeats_no_danger(client: FlaskClient, noon: Any) -> None:
    announce(message("avon", texts=(Text("en-GB", "Flood warning", "Flood warning for Avon", "Get out now."),)))
    say(noon, "other")

    taken = alert_at(client, path_of("avon"))

    assert "Get out now." not in taken.text
    assert taken.alert.infos[0].urgency == "Past"


def test_cancel_can_be_read_for_a_day(client: FlaskClient, noon: Any) -> None:
    announce(message("avon"))
    say(noon, "avon", act=Act.END, end_reason=EndReason.CANCELLED)
    noon.shift(23 * 3600)
    assert client.get(path_of("avon")).status_code == 200
    noon.shift(3600)

    gone = client.get(path_of("avon"))

    assert (gone.status_code, gone.mimetype) == (404, "application/problem+json")


def test_row_of_an_earlier_release_begins_its_chain_with_its_last_change(client: FlaskClient, noon: Any) -> None:
    announce(message("avon"))
    row = OfficialWarning.get(warning_id("ea", "avon", "avon"))
    row.published = None
    row.save()
    first = alert_at(client, path_of("avon"))
    say(noon, "avon", severity="extreme")

    second = alert_at(client, path_of("avon"))

    assert (first.alert.message_type, second.alert.message_type) == ("alert", "update")
    assert names_of(second) == [first.alert.identifier]


def test_chain_is_bounded_by_the_newest_alerts(client: FlaskClient, noon: Any) -> None:
    announce(message("avon"))
    row = OfficialWarning.get(warning_id("ea", "avon", "avon"))
    row.published = " ".join([str(int(row.updated_at_ms) - MOST * 60_000), *["60000"] * (MOST - 1)])
    row.save()
    before = alert_at(client, path_of("avon"))
    say(noon, "avon", severity="extreme")

    names = names_of(alert_at(client, path_of("avon")))

    assert len(names) == MOST - 1
    assert names == [*names_of(before)[1:], before.alert.identifier]


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"prefix": "floodmanager-prod"}, "actual"),
        ({"prefix": "floodmanager-prod", "is_demo": True}, "exercise"),
        ({"prefix": "floodmanager-dev"}, "exercise"),
        ({"prefix": "floodmanager-local", "is_local": True}, "actual"),
    ],
)
def test_only_real_data_of_the_real_stage_is_actual(
    client: FlaskClient, noon: Any, monkeypatch: pytest.MonkeyPatch, wanted: dict[str, Any], status: str
) -> None:
    announce(message("avon"))
    deploy(monkeypatch, **wanted)

    alert = alert_at(client, path_of("avon")).alert

    assert alert.status == status
    assert alert.identifier.startswith("exercise.") == (status == "exercise")


def test_public_address_names_sender_and_page(client: FlaskClient, noon: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    announce(message("avon"))
    deploy(monkeypatch, public_base_url="https://floods.example.org")

    taken = alert_at(client, path_of("avon"))

    assert taken.alert.sender == "floods.example.org"
    assert taken.web == f"https://floods.example.org/warnings/{warning_id('ea', 'avon', 'avon')}"


def test_foreign_host_changes_nothing(client: FlaskClient, noon: Any) -> None:
    announce(message("avon"))

    answers = [client.get(path_of("avon"), headers={"Host": host}).data for host in ("localhost", "evil.example")]

    assert answers[0] == answers[1]


def test_new_edition_sends_what_holds_once_more(
    client: FlaskClient, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce(message("avon"))
    say(noon, "avon", severity="extreme")
    before = alert_at(client, path_of("avon"))
    noon.shift(LATER_S)
    monkeypatch.setattr("app.feeds.cap_identifiers.EDITIONS", (0, since := clock.now_ms()))
    noon.shift(LATER_S)

    after = alert_at(client, path_of("avon"))
    say(noon, "avon", severity="moderate")

    assert names_of(after) == [*names_of(before), before.alert.identifier]
    assert after.alert.identifier == f"{before.alert.identifier}-2"
    assert after.alert.sent_at_ms == since
    assert names_of(alert_at(client, path_of("avon"))) == [*names_of(after), after.alert.identifier]


def test_each_language_is_told_apart_and_an_unmarked_one_is_said_to_be_unknown(client: FlaskClient, noon: Any) -> None:
    texts = (Text("", "Alerta"), Text("cy", "Rhybudd"), Text("not a language!", "?"))
    announce(message("avon", texts=texts))

    infos = alert_at(client, path_of("avon")).alert.infos

    assert [(info.language, info.headline) for info in infos] == [("und", "Alerta"), ("cy", "Rhybudd"), ("und", "?")]


def in_two_languages(document: bytes) -> Message:
    """The message of an issuer of CAP that leaves out the first language and translates the name of the area."""
    info = document[document.index(b"<info>") : document.index(b"</info>") + len(b"</info>")]
    first = re.sub(rb"<language>[^<]*</language>", b"", info)
    second = first.replace(b"<info>", b"<info><language>cy</language>").replace(b"River at avon", b"Afon Avon")
    ((read,), _) = messages_of(reader.read(document.replace(info, first + second).replace(b"Exercise<", b"Actual<")))
    return read


def test_area_has_the_name_that_is_kept_in_each_language(client: FlaskClient, noon: Any) -> None:
    announce(message("avon"))
    read = in_two_languages(client.get(path_of("avon")).data)
    announce(message("other", texts=read.texts, places=(replace(read.places[0], key="other", shape=square()),)))

    infos = alert_at(client, path_of("other")).alert.infos

    assert [(info.language, info.areas[0].description) for info in infos] == [
        ("en-US", "River at avon"),
        ("cy", "River at avon"),
    ]


def test_warning_without_outline_says_so(client: FlaskClient, noon: Any) -> None:
    announce(message("avon", places=(place("avon", zones=()),)))

    taken = alert_at(client, path_of("avon"))

    assert taken.alert.infos[0].areas[0].polygons == ()
    assert "It has no outline: the message draws no area and names none." in taken.note


def test_holes_are_filled_with_a_note(client: FlaskClient, noon: Any) -> None:
    ring = [(-0.2, 51.4), (0.0, 51.4), (0.0, 51.6), (-0.2, 51.6), (-0.2, 51.4)]
    hole = [(-0.15, 51.45), (-0.15, 51.55), (-0.05, 51.55), (-0.05, 51.45), (-0.15, 51.45)]
    announce(message("avon", places=(place("avon", MultiPolygon(((tuple(ring), tuple(hole)),))),)))

    taken = alert_at(client, path_of("avon"))

    assert len(taken.alert.infos[0].areas[0].polygons) == 1
    assert "holes, which are filled here" in taken.note


@pytest.mark.parametrize(
    "corners",
    [[(179.5, -17.0), (-179.5, -17.0), (-179.5, -16.0), (179.5, -16.0)], [(-180, 89), (0, 89), (180, 89), (0, 90)]],
    ids=["date line", "pole"],
)
def test_outlines_at_the_edges_of_the_map_are_drawn(client: FlaskClient, noon: Any, corners: list[Any]) -> None:
    shape = make_valid(from_rings([[(float(lon), float(lat)) for lon, lat in corners]]))
    announce(message("avon", places=(place("avon", shape),)))

    assert alert_at(client, path_of("avon")).alert.infos[0].areas[0].polygons


def test_own_reader_takes_in_what_went_out(client: FlaskClient, noon: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(monkeypatch, prefix="floodmanager-prod")
    announce(said := message("avon", places=(place("avon", square()),), expires_at_ms=clock.now_ms() + 7_200_000))

    (read,), remarks = messages_of(checked(client.get(path_of("avon")).data).alert)

    assert remarks == ()
    assert (read.texts, read.severity, read.urgency) == (said.texts, said.severity, said.urgency)
    assert (read.act, read.hazard, read.expires_at_ms) == (Act.HOLD, said.hazard, said.expires_at_ms)
    assert read.places[0].shape == square()


def test_alert_costs_what_the_warning_costs(client: FlaskClient, noon: Any) -> None:
    announce(message("avon"))
    name = warning_id("ea", "avon", "avon")
    made = []
    for path in (f"/v1/warnings/{name}", path_of("avon")):
        client.get(path)
        with counted() as calls:
            client.get(path)
        made.append(sum(calls.made.values()))

    assert made[1] <= made[0] and made[1] == 1


def test_large_alert_is_compressed(client: FlaskClient, noon: Any) -> None:
    announce(message("avon", texts=(Text("en-GB", "Flood warning", "Flood", "The river is high. " * 100),)))

    answer = client.get(path_of("avon"), headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert checked(gzip.decompress(answer.data)).alert.message_type == "alert"


def test_alert_of_this_edition_is_this_to_the_byte(client: FlaskClient, noon: Any) -> None:
    """If this fails because alerts are written in another way: add an edition (`cap_identifiers.EDITIONS`)."""
    announce(message("avon", source_id="ea/avon/1"))
    warned = client.get(path_of("avon")).data
    reported = make_report(id="rep_golden", status="verified", title="Water over the kerb", depth_cm=30)
    read = client.get(f"/feeds/reports/{reported.id}.cap.xml").data

    digests = [sha256(document).hexdigest()[:16] for document in (warned, read)]
    assert digests == ["8a499603a8d64ef8", "d8ba690415ee8c73"]
