"""Photos that wait for a decision in the responders' queue: which reports they bring there, and what takes them out."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.areas import Area
from app.geo.box_circle import Box
from app.reports.entry_encoding import unpack
from app.review.queue_models import QueueRow
from tests.configured import settings_of
from tests.factories import make_report
from tests.photo_rows import add_photo, alter_photo, photos_of
from tests.queueing import Responder, Streams, queue_rows
from tests.reporting import bearer, filed
from tests.voices import Visitor

SMALL = (Area("The harbour", Box(-0.15, 51.49, -0.1, 51.51)),)


def test_report_with_a_new_photo_waits_for_its_photos_and_for_a_first_look(
    responder: Responder, streams: Streams
) -> None:
    plain, photographed = make_report(), make_report()
    add_photo(photographed.id)
    streams.catch_up()

    assert responder.ids(state="photos") == [photographed.id]
    assert responder.item(photographed.id)["state"] == "photos"
    assert {*responder.ids(state="waiting")} == {*responder.ids()} == {plain.id, photographed.id}
    assert len(responder.ids()) == 2, "A report with photos is listed twice."


def test_photos_are_found_in_a_small_area_too(client: FlaskClient, noon: Any, streams: Streams) -> None:
    photographed, verified = make_report(), make_report(status="verified")
    for report in (photographed, verified):
        add_photo(report.id)
    streams.catch_up()
    responder = Responder(client, within=SMALL)

    assert {*responder.ids(state="photos")} == {photographed.id, verified.id}
    assert responder.ids(state="waiting") == [photographed.id]
    assert sorted(responder.ids()) == sorted([photographed.id, verified.id])


@pytest.mark.parametrize(
    "values", [{"state": "awaiting"}, {"state": "refused", "reason": "unreadable"}, {"decision": "hidden"}]
)
def test_photo_that_nobody_has_to_judge_brings_nothing_to_the_queue(
    responder: Responder, streams: Streams, values: dict[str, Any]
) -> None:
    add_photo(make_report(status="verified").id, **values)
    streams.catch_up()

    assert queue_rows() == []


def test_decisions_about_all_photos_take_a_verified_report_out_of_the_queue(
    responder: Responder, streams: Streams
) -> None:
    report = make_report(status="verified")
    first, second = add_photo(report.id), add_photo(report.id)
    streams.catch_up()
    assert responder.ids(state="photos") == [report.id]

    alter_photo(report.id, first.id, decision="shown")
    streams.catch_up()
    assert responder.ids(state="photos") == [report.id]
    alter_photo(report.id, second.id, decision="hidden")
    streams.catch_up()

    assert queue_rows() == []


def test_a_pending_report_waits_on_for_its_first_look(responder: Responder, streams: Streams) -> None:
    report = make_report()
    photo = add_photo(report.id)
    streams.catch_up()
    alter_photo(report.id, photo.id, decision="shown")
    streams.catch_up()

    assert responder.item(report.id)["state"] == "waiting" and responder.ids(state="photos") == []


def test_verifying_a_report_judges_its_photos_unless_they_are_held_back(
    responder: Responder, streams: Streams, noon: Any
) -> None:
    seen, held = make_report(), make_report()
    for report in (seen, held):
        add_photo(report.id)
    noon.shift(60)
    assert responder.verify(seen.id).status_code == 200
    streams.catch_up()
    assert responder.ids(state="photos") == [held.id]

    with settings_of(FLOOD_PHOTOS="held"):
        assert responder.verify(held.id).status_code == 200
        streams.catch_up()
        assert responder.ids(state="photos") == [held.id]
    alter_photo(held.id, photos_of(held.id)[0].id, decision="shown")  # the setting is another one now
    streams.catch_up()
    assert queue_rows() == []


def test_a_photo_that_comes_after_the_verification_waits(responder: Responder, streams: Streams, noon: Any) -> None:
    report = make_report()
    assert responder.verify(report.id).status_code == 200
    noon.shift(60)
    add_photo(report.id)
    streams.catch_up()

    assert responder.ids(state="photos") == [report.id]


def test_flags_come_before_photos(client: FlaskClient, responder: Responder, streams: Streams) -> None:
    report = make_report()
    add_photo(report.id)
    for _ in range(3):
        assert Visitor(client).flag(report.id, note="There is no water here").status_code == 204
    streams.catch_up()

    assert responder.item(report.id)["state"] == "disputed" and responder.ids(state="photos") == []


def test_withdrawn_report_takes_its_photos_with_it(client: FlaskClient, responder: Responder, streams: Streams) -> None:
    report = filed(client)
    photo = add_photo(report["id"], alt="Our garden, with the gate under water")
    streams.catch_up()
    assert responder.ids(state="photos") == [report["id"]]

    answer = client.delete(f"/v1/reports/{report['id']}", headers=bearer(report["edit_token"]))
    assert answer.status_code == 204, answer.text
    streams.catch_up()

    assert photos_of(report["id"]) == [] and queue_rows() == []
    assert photo.id not in str(client.get(f"/v1/reports/{report['id']}", headers=bearer(report["edit_token"])).data)


def test_the_release_before_reads_a_row_with_photos(responder: Responder, streams: Streams) -> None:
    """It knows no state of photos: such a row waits for a first look there, and takes no page down."""
    report = make_report()
    add_photo(report.id)
    streams.catch_up()
    [row] = queue_rows()

    assert row["state"]["S"] == "waiting"
    assert unpack(report.id, row["entry"]["B"].value if hasattr(row["entry"]["B"], "value") else row["entry"]["B"])


def test_a_row_of_the_release_before_is_read_without_photos(responder: Responder, streams: Streams) -> None:
    report = make_report()
    streams.catch_up()
    [row] = QueueRow.scan()
    content = row.content()

    assert content is not None and content.photos == 0 and content.state == "waiting"
    assert responder.ids() == [report.id]
