"""Alerts with hostile texts, places and outlines are valid; `make test-clients` does the same with 2,000."""

from typing import Any

import pytest

from app.feeds.cap_document import CapArea, CapDocument, CapInfo, write
from app.feeds.cap_identifiers import AlertName
from tests.app.feeds.alerts import checked
from tests.rig.cap_schema import faults
from tests.rig.hostile_alerts import alerts, titles

FEW = 80


def test_alerts_with_hostile_texts_are_valid_and_read_back(noon: Any) -> None:
    for made in alerts(FEW):
        taken = checked(made.document)
        if made.title.isprintable() and (said := " ".join(made.title.split())):
            assert all(said in info.headline for info in taken.alert.infos) or taken.alert.message_type == "cancel"


@pytest.mark.long
def test_each_hostile_text_is_in_two_valid_alerts(noon: Any) -> None:
    for made in alerts(2 * len(titles()), seed=2):
        checked(made.document)


INFO = CapInfo("en", "Met", "Flood", "past", "minor", "likely", areas=(CapArea("Here"),))


def document(**wanted: Any) -> CapDocument:
    told: dict[str, Any] = {"names": (AlertName("a.1", 0),), "is_cancel": False, "source": "", "note": ""}
    return CapDocument(**(told | {"infos": (INFO,)} | wanted))


def test_schema_check_finds_what_is_wrong() -> None:
    good = write(document())
    assert faults(good) == []
    for right, wrong in (
        (b"-00:00</sent>", b"Z</sent>"),
        (b"<language>en</language>", b"<language>e n</language>"),
        (b"<event>Flood</event>", b""),
        (b"<severity>Minor</severity>", b"<severity>Grave</severity>"),
        (b"<areaDesc>Here</areaDesc>", b""),
        (b"<scope>Public</scope>", b"<scope>Public</scope><scope>Public</scope>"),
        (b"<urgency>Past</urgency><severity>Minor</severity>", b"<severity>Minor</severity><urgency>Past</urgency>"),
        (b"cap:1.2", b"cap:1.1"),
        (b"<info>", b"<info>word"),
        (b"<info>", b"<info><strange/>"),
    ):
        assert right in good and faults(good.replace(right, wrong)), wrong


@pytest.mark.parametrize(
    ("names", "is_cancel", "kind"), [(1, False, "Alert"), (1, True, "Alert"), (3, False, "Update"), (3, True, "Cancel")]
)
def test_kind_of_message_follows_from_what_it_refers_to(names: int, is_cancel: bool, kind: str) -> None:
    named = tuple(AlertName(f"a.{number}", number * 60_000) for number in range(names))

    written = write(document(names=named, is_cancel=is_cancel))

    assert f"<msgType>{kind}</msgType>".encode() in written
    assert checked(written).alert.identifier == f"a.{names - 1}"
    assert (b"<references>" in written) == (names > 1)
