"""The pages of blocks: made by a plain form on the page of a report, listed, and ended; for admins alone."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.reports.models import Report
from app.review.block_models import Block
from app.switches import blocks
from tests.app.pages.conftest import Visitor
from tests.app.pages.review.conftest import fields_of
from tests.factories import make_account, make_report, sign_in_as, tell_consumer
from tests.reporting import filed
from tests.voices import Visitor as Neighbour

PAGE = "/admin/blocks"
TOWN = "198.51.100.7"


@pytest.fixture
def desk(noon: Any, signed_in: Callable[..., Visitor]) -> Visitor:
    return signed_in("admin")


@pytest.fixture
def report(client: FlaskClient, desk: Visitor) -> Report:
    """A report by an account that waits in the queue."""
    one = Report.find(filed(client, headers=sign_in_as(), address=TOWN, title="Not true")["id"])
    assert one is not None
    tell_consumer([one])
    return one


def send(desk: Visitor, report: Report, **said: str) -> Any:
    given = {"report_id": report.id, "who": "network", "hours": "6", "reason": "false_reports"}
    return desk.post(PAGE, **(given | said))


def test_an_admin_blocks_the_network_on_the_page_of_a_report(desk: Visitor, report: Report) -> None:
    text = desk.get(f"/review?report={report.id}").text
    form = fields_of(text, "block")
    assert (form["report_id"], form["hours"], form["reason"]) == (report.id, "24", "")
    assert "The network that it came from" in text and "The account that filed it" in text

    answer = desk.post(PAGE, **(form | {"who": "network", "reason": "abuse"}))

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PAGE}?told=made")
    shown = desk.get(answer.headers["Location"]).text
    assert "It is blocked." in shown and "A network" in shown and f"report={report.id}" in shown
    assert str(report.network) not in shown and TOWN not in shown
    assert "Staff block this sender at the moment." in desk.get(f"/review?report={report.id}").text


def test_an_admin_blocks_the_account_and_ends_it(desk: Visitor, report: Report) -> None:
    send(desk, report, who="account")
    [block] = blocks.in_force()
    assert block.account_id == report.account_id
    form = {"id": block.id}

    answer = desk.post(f"{PAGE}/end", **form)

    assert (answer.status_code, blocks.in_force()) == (303, [])
    shown = desk.get(answer.headers["Location"]).text
    assert "The block is ended." in shown and "Nobody is blocked." in shown and "Ended within the last week" in shown
    assert "There is no such block" in desk.get(desk.post(f"{PAGE}/end", id="blk_x").headers["Location"]).text


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"who": ""}, "Choose whom to block"),
        ({"hours": "73"}, "Choose for how long"),
        ({"reason": ""}, "Choose a reason."),
        ({"report_id": "rep_none"}, "There is no such report."),
    ],
    ids=["who", "hours", "reason", "report"],
)
def test_mistakes_are_explained_and_what_was_chosen_stays(
    desk: Visitor, report: Report, said: dict[str, str], sentence: str
) -> None:
    answer = send(desk, report, **said)

    assert (answer.status_code, sentence in answer.text, blocks.in_force()) == (422, True, [])
    if "report_id" not in said:
        kept = {name: fields_of(answer.text, "block")[name] for name in ("hours", "reason") if name not in said}
        assert kept.items() <= {"hours": "6", "reason": "false_reports"}.items()


def test_what_cannot_be_blocked_is_explained(desk: Visitor) -> None:
    imported, of_staff = make_report(), make_report(account_id=make_account("responder").id)

    for report, who in ((imported, "network"), (imported, "account"), (of_staff, "account")):
        answer = send(desk, report, who=who)
        assert (answer.status_code, "This cannot be blocked" in answer.text) == (409, True)
    assert "The account that filed it" not in desk.get(f"/review?report={imported.id}").text


def test_very_many_blocks_are_explained(desk: Visitor, report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MOST", 0)

    answer = send(desk, report)

    assert (answer.status_code, "Very many blocks are in force." in answer.text) == (409, True)


def test_responders_read_the_note_of_a_flag_that_weighs_nothing(desk: Visitor, report: Report) -> None:
    send(desk, report)
    neighbour = make_report(title="At the mill")
    stranger = Neighbour(desk.client, address=TOWN)

    assert stranger.flag(neighbour.id, "personal_data", note="my name is in it").status_code == 204

    text = desk.get(f"/review?report={neighbour.id}").text
    assert "my name is in it" in text and "1 ×" not in text


def test_the_list_has_pages(desk: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.pages.admin.blocks_page.LIMIT", 2)
    for _ in range(3):
        send(desk, make_report(account_id=make_account().id), who="account")
    first = desk.get(PAGE).text
    assert first.count("data-block=") == 2

    address = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")

    assert desk.get(address).text.count("data-block=") == 1
    assert "Nobody is blocked." not in desk.get(address).text


@pytest.mark.parametrize("role", ["resident", "responder"])
def test_only_admins_block(noon: Any, signed_in: Callable[..., Visitor], role: str) -> None:
    person, one = signed_in(role), make_report(network="a" * 20)
    tell_consumer([one])

    assert person.get(PAGE).status_code == 403
    assert send(person, one).status_code == 403
    assert Block.newest(before=None, limit=1) == []
    if role == "responder":
        assert "Block its sender" not in person.get(f"/review?report={one.id}").text
