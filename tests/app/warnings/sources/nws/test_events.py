"""VTEC, and which alert counts where several speak of one event."""

import pytest

from app.warnings.sources.message import Act, Message
from app.warnings.sources.nws import alerts as nws
from app.warnings.sources.nws import vtec
from tests.rig.official import alert, alerts

EVENT = "KSEW.FL.W.0042"
NEXT_DAY = "2026-01-11T08:00:00-08:00"


def code(action: str, event: str = EVENT) -> dict[str, list[str]]:
    return {"VTEC": [f"/O.{action}.{event}.000000T0000Z-260113T0130Z/"]}


def part(number: int, action: str, zones: list[str], sent: str = "2026-01-10T08:00:00-08:00") -> dict[str, object]:
    return alert(number, parameters=code(action), geocode={"UGC": zones}, sent=sent)


def read(*features: object) -> dict[str, Message]:
    """Return the remaining messages by the part of the event that each is."""
    answer = nws.parse(alerts(*features), now_ms=0)
    return {message.event.partition("/")[2]: message for message in answer.messages}


def test_code_of_a_recorded_text_product_is_read() -> None:
    found = vtec.read(
        ["/O.NEW.KBOI.FL.W.0021.170402T0338Z-000000T0000Z/\n/WEII1.1.ER.170402T0338Z.170410T0600Z.000000T0000Z.NO/"]
    )

    assert found is not None
    assert (found.action, found.event, found.begin, found.end) == ("NEW", "KBOI.FL.W.0021", 1_491_104_280_000, None)


@pytest.mark.parametrize(
    "text", ["", "O.NEW", "/WEII1.1.ER.170402T0338Z.170410T0600Z.000000T0000Z.NO/", "/O.NEW.KBOI/"]
)
def test_other_texts_are_no_code(text: str) -> None:
    assert vtec.read([text]) is None


def test_impossible_time_in_a_code_counts_as_none() -> None:
    found = vtec.read(["/O.NEW.KBOI.FL.W.0021.179902T0338Z-179902T9938Z/"])

    assert found is not None
    assert (found.begin, found.end) == (None, None)


def test_flood_comes_before_others_and_what_goes_on_before_what_ends() -> None:
    wind, over, flood = (
        f"/O.{form}.000000T0000Z-000000T0000Z/"
        for form in ("NEW.KSEW.WI.Y.0001", "UPG.KSEW.FA.A.0002", "NEW.KSEW.FA.W.0003")
    )

    found = [vtec.read([wind, over, flood]), vtec.read([over, wind]), vtec.read([wind])]

    assert [one and one.event for one in found] == ["KSEW.FA.W.0003", "KSEW.FA.A.0002", "KSEW.WI.Y.0001"]


def test_event_keeps_its_year_into_the_next() -> None:
    earlier = [{"identifier": "urn:x", "sent": "2025-12-30T08:00:00-08:00"}]
    update = alert(1, parameters=code("CON"), references=earlier, sent="2026-01-02T08:00:00-08:00")

    assert read(update)[""].event == f"{EVENT}.2025"


def test_update_here_takes_the_place_of_what_it_names() -> None:
    first = alert(1)
    update = alert(2, references=[{"identifier": first["properties"]["id"]}])

    left = read(first, update)

    assert [message.source_id for message in left.values()] == [update["properties"]["id"]]


def test_later_alert_of_an_event_takes_the_place_of_the_earlier_one() -> None:
    left = read(part(1, "NEW", ["WAC007"]), part(2, "CON", ["WAC007", "WAC047"], NEXT_DAY))

    assert [len(message.places[0].zones) for message in left.values()] == [2]


def test_parts_of_an_event_side_by_side_are_told_apart() -> None:
    left = read(part(1, "CON", ["WAC047"]), part(2, "EXT", ["WAC007", "WAC009"]))

    assert {key: message.places[0].zones for key, message in left.items()} == {
        "": ("WAC007", "WAC009"),
        "WAC047": ("WAC047",),
    }


@pytest.mark.parametrize("sent", ["2026-01-10T08:00:00-08:00", NEXT_DAY, "2026-01-09T08:00:00-08:00"])
def test_event_cancelled_in_some_zones_goes_on_in_the_others(sent: str) -> None:
    left = read(part(1, "CAN", ["WAC007"], sent), part(2, "CON", ["WAC047"]))

    assert {key: (message.act, message.places[0].zones) for key, message in left.items()} == {
        "": (Act.HOLD, ("WAC047",))
    }


def test_event_cancelled_in_all_zones_is_over() -> None:
    left = read(part(1, "CON", ["WAC007"]), part(2, "CAN", ["WAC007", "WAC047"], NEXT_DAY))

    assert [message.act for message in left.values()] == [Act.END]


def test_two_events_do_not_touch_each_other() -> None:
    other = alert(2, parameters=code("CAN", "KSEW.FL.W.0043"), geocode={"UGC": ["WAC007"]}, sent=NEXT_DAY)

    left = nws.parse(alerts(part(1, "CON", ["WAC007"]), other), now_ms=0).messages

    assert sorted(message.act for message in left) == [Act.END, Act.HOLD]
