"""Under a block: what its sender files is taken, shown together and checked last, and their votes weigh nothing.

The victims of a block, who share a network with whom it is meant for, are not touched.
"""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient

from app.accounts import tokens
from app.core import clock
from app.reports import under_block
from app.reports.models import Report
from app.reports.vouched_models import Vouched
from app.review import urgency
from app.review.vote_models import COUNT, VoteRow
from app.switches import blocks, known
from app.switches.models import BLOCKS, SwitchesRow
from tests.blocking import Blocker
from tests.factories import delete_account, erase_left, make_account, make_report, sign_in_as, tell_consumer
from tests.queueing import Responder, Streams
from tests.reporting import bearer, file_report, filed, new_key
from tests.voices import Visitor

TOWN, SAME_TOWN, OTHER_TOWN = "198.51.100.7", "198.51.100.200", "203.0.113.9"
HERE = "lat=51.5&lon=-0.125&radius_km=5"


@pytest.fixture
def admin(client: FlaskClient, noon: Any) -> Blocker:
    return Blocker(client)


@pytest.fixture
def blocked(client: FlaskClient, admin: Blocker) -> dict[str, Any]:
    """The block of the town's network."""
    return admin.block(report=filed(client, address=TOWN)["id"], hours=72)


def row(report: dict[str, Any]) -> Report:
    found = Report.find(report["id"], consistent=True)
    assert found is not None
    return found


def nearby(client: FlaskClient) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(f"/v1/nearby?{HERE}").json["items"]
    return items


def test_reports_of_a_blocked_network_are_taken_and_shown_as_one(
    client: FlaskClient, blocked: dict[str, Any], noon: Any
) -> None:
    other = filed(client, address=OTHER_TOWN)

    answers = [file_report(client, address=address) for address in (TOWN, SAME_TOWN, TOWN)]

    assert {answer.status_code for answer in answers} == {201}
    assert {answer.json["many_from_one_network"] for answer in answers} == {True}
    assert len({answer.json["connection"] for answer in answers}) == 1
    assert other["many_from_one_network"] is False
    assert sorted(item.get("count", 1) for item in nearby(client)) == [1, 1, 3], "the one of before stays as it was"
    noon.shift(3600)
    assert filed(client, address=TOWN)["connection"] != answers[0].json["connection"], "hours are not linked"


def test_the_public_is_not_told_of_a_block(client: FlaskClient, blocked: dict[str, Any]) -> None:
    key = new_key()
    report = filed(client, address=TOWN, key=key)
    replayed = file_report(client, address=TOWN, key=key)

    assert (replayed.status_code, replayed.json["id"]) == (200, report["id"])
    paths = ("/v1/reports", f"/v1/reports/{report['id']}", f"/v1/nearby?{HERE}", "/status.json")
    told = [client.get(path) for path in paths]
    assert not any("block" in text for text in (str(report), *(one.text for one in told)))
    assert blocked["id"] not in str([one.text for one in told])


def test_a_block_ends_by_itself_or_by_an_admin_and_what_was_marked_stays_so(
    client: FlaskClient, admin: Blocker, blocked: dict[str, Any], noon: Any
) -> None:
    report = filed(client, address=TOWN)
    admin.end(blocked["id"])

    assert filed(client, address=TOWN)["many_from_one_network"] is False
    assert client.get(f"/v1/reports/{report['id']}").json["many_from_one_network"] is True
    admin.block(report=filed(client, address=TOWN)["id"], hours=1)
    assert filed(client, address=TOWN)["many_from_one_network"] is True
    noon.shift(3600)
    assert filed(client, address=TOWN)["many_from_one_network"] is False


def test_a_blocked_account_is_marked_on_every_network_and_nobody_else_is(client: FlaskClient, admin: Blocker) -> None:
    account = make_account()
    own = bearer(tokens.issue_access(account))
    admin.block(account=account.id)

    reports = [filed(client, headers=own, address=address) for address in (TOWN, OTHER_TOWN)]

    assert {report["many_from_one_network"] for report in reports} == {True}
    assert len({report["connection"] for report in reports}) == 1
    assert filed(client, address=TOWN)["many_from_one_network"] is False
    assert filed(client, headers=sign_in_as(), address=TOWN)["many_from_one_network"] is False


def test_a_verified_report_is_shown_as_any_until_that_is_undone(
    client: FlaskClient, blocked: dict[str, Any], streams: Streams, responder: Responder
) -> None:
    first, second = filed(client, address=TOWN), filed(client, address=TOWN)
    streams.catch_up()

    responder.verify(first["id"])
    streams.catch_up()

    shown = client.get(f"/v1/reports/{first['id']}").json
    assert (shown["many_from_one_network"], shown["connection"]) == (False, None)
    assert sorted(item.get("count", 1) for item in nearby(client)) == [1, 1, 1]
    path = f"/v1/reports/{first['id']}/verification"
    assert client.delete(path, headers=responder.headers | {"If-Match": "*"}).status_code == 200
    streams.catch_up()
    assert sorted(item.get("count", 1) for item in nearby(client)) == [1, 2]
    assert second["many_from_one_network"]


@pytest.mark.parametrize("area", ["", "-0.14,51.495,-0.11,51.505"], ids=["everywhere", "a small area"])
def test_responders_see_it_last_and_with_its_reason(
    client: FlaskClient, blocked: dict[str, Any], streams: Streams, responder: Responder, noon: Any, area: str
) -> None:
    marked = filed(client, address=TOWN, severity="extreme")
    noon.shift(600)
    later = filed(client, address=OTHER_TOWN, severity="minor")
    streams.catch_up()
    query = {"area": area} if area else {}

    ids = responder.ids(**query)

    assert ids == [blocked["report"], later["id"], marked["id"]]
    reasons = responder.item(marked["id"], **query)["priority"]["reasons"]
    assert reasons == [{"code": "severity", "hours": 9}, {"code": "block", "hours": -24}]
    assert responder.one(marked["id"]).json["priority"]["reasons"] == reasons
    assert responder.one(marked["id"]).json["reporter"]["is_blocked"] is True
    assert responder.one(blocked["report"]).json["reporter"]["is_blocked"] is True, "of before, from there all the same"
    assert responder.one(later["id"]).json["reporter"]["is_blocked"] is False
    responder.verify(marked["id"])
    streams.catch_up()
    assert responder.ids(**query) == [blocked["report"], later["id"]]


def test_a_marked_report_comes_to_the_front_in_the_end(tables: None, noon: Any) -> None:
    old = make_report(under_block=True, severity="minor", created_ms=clock.now_ms() - 25 * clock.HOUR_MS)
    new = make_report(severity="minor")

    assert urgency.key_of(old, is_warned=False).sort < urgency.key_of(new, is_warned=False).sort
    assert urgency.bonus_h(old, is_warned=False) == 1 - 24


def test_votes_from_a_blocked_network_end_prolong_and_count_nothing(
    client: FlaskClient, admin: Blocker, blocked: dict[str, Any], streams: Streams, noon: Any
) -> None:
    report = filed(client, address=OTHER_TOWN)
    other_block = admin.block(report=filed(client, address="192.0.2.7")["id"])
    stood_until = row(report).expires_at_ms
    noon.shift(30 * 3600)
    strangers = [Visitor(client, address=address) for address in (TOWN, SAME_TOWN, "192.0.2.9")]
    assert other_block["in_force"] is True
    admin.block(report=filed(client, address="192.0.2.7")["id"])

    answers = [stranger.vote(report["id"], "receded") for stranger in strangers]
    told = strangers[0].vote(report["id"], "flooded")
    streams.catch_up()

    assert [answer.json["votes"] for answer in answers] == [{"flooded": 1, "receded": 1}] * 3
    assert told.json["votes"] == {"flooded": 2, "receded": 0}
    shown = client.get(f"/v1/reports/{report['id']}").json
    assert (shown["votes"]["flooded"], shown["votes"]["receded"], shown["condition"]) == (1, 0, "flooded")
    assert row(report).expires_at_ms == stood_until
    assert told.json["expires_at"] == clock.rfc3339(int(stood_until))


def test_a_vote_counts_once_the_block_is_over_and_it_is_given_again(
    client: FlaskClient, admin: Blocker, blocked: dict[str, Any], streams: Streams
) -> None:
    report, neighbour = filed(client, address=OTHER_TOWN), Visitor(client, address=TOWN)
    neighbour.vote(report["id"])
    admin.end(blocked["id"])
    streams.catch_up()
    assert row(report).votes == (1, 0)

    assert neighbour.vote(report["id"]).json["votes"] == {"flooded": 2, "receded": 0}

    streams.catch_up()
    assert row(report).votes == (2, 0)
    admin.block(report=filed(client, address=TOWN)["id"])
    assert neighbour.take_back(report["id"]).status_code == 204, "what was counted is taken back as ever"
    streams.catch_up()
    assert row(report).votes == (1, 0)


def test_flags_from_blocked_networks_fold_nothing_and_their_words_are_read(
    client: FlaskClient, admin: Blocker, blocked: dict[str, Any], streams: Streams, responder: Responder
) -> None:
    report = filed(client, address=OTHER_TOWN, title="At the mill")
    admin.block(report=filed(client, address="192.0.2.7")["id"])
    for address in (TOWN, "192.0.2.9"):
        assert Visitor(client, address=address).flag(report["id"], "offensive", note="my name").status_code == 204
    streams.catch_up()

    assert client.get(f"/v1/reports/{report['id']}").json["title"] == "At the mill"
    told = responder.one(report["id"]).json["flags"]
    assert (told["count"], told["notes"]) == (0, ["my name", "my name"])
    for _ in range(2):
        Visitor(client).flag(report["id"], "offensive")
    assert client.get(f"/v1/reports/{report['id']}").json["title"] is None, "two others fold it"


def test_a_blocked_account_that_leaves_weighs_no_more_than_before(
    client: FlaskClient, admin: Blocker, streams: Streams
) -> None:
    account, report = make_account(), filed(client, address=OTHER_TOWN)
    admin.block(account=account.id)
    path, own = f"/v1/reports/{report['id']}/votes", bearer(tokens.issue_access(account))
    assert client.put(path, json={"condition": "receded"}, headers=own).status_code == 200

    delete_account(account.id)
    erase_left(account.id)
    streams.catch_up()

    [voice] = [one for one in VoteRow.about(report["id"]) if one.is_vote and one.person != COUNT]
    assert (voice.under_block, voice.account_id, row(report).votes) == (True, None, (1, 0))


def test_ones_own_word_about_ones_own_report_counts_as_ever(client: FlaskClient, blocked: Any, noon: Any) -> None:
    reporter = Visitor(client, address=TOWN)
    report = filed(client, headers=reporter.headers, address=TOWN)

    noon.shift(30 * 3600)
    assert reporter.vote(report["id"]).json["expires_at"] > report["expires_at"]
    assert reporter.vote(report["id"], "receded").json["condition"] == "receded"
    assert not row(report).is_active(clock.now_ms())


def test_blocked_neighbours_support_no_report(client: FlaskClient, noon: Any) -> None:
    from app.review import voices

    report = make_report(network="a" * 20, filer="v_a")
    two = [make_report(network=letter * 20, filer=f"v_{letter}", under_block=letter == "b") for letter in "bc"]
    votes = [VoteRow(report.id, f"v_{letter}", condition="flooded", network=letter * 20) for letter in "de"]
    votes[0].under_block = True

    heard = voices.count(report, two, votes, most_neighbours=3, most_votes=2)

    assert (heard.neighbours, heard.votes) == (1, 1)
    two[0].status = "verified"
    assert voices.count(report, two, votes, most_neighbours=3, most_votes=2).neighbours == 2


def verified(client: FlaskClient, headers: dict[str, str], streams: Streams) -> str:
    """File a report from the town, and let a responder verify it; its id."""
    report = filed(client, headers=headers, address=TOWN)
    assert Responder(client).verify(report["id"]).status_code == 200
    streams.catch_up()
    return str(report["id"])


@pytest.mark.parametrize("kind", ["account", "visitor", "staff"])
def test_who_has_a_verified_report_is_not_touched_by_a_block_of_their_network(
    client: FlaskClient, admin: Blocker, streams: Streams, kind: str
) -> None:
    person = {
        "account": sign_in_as,
        "visitor": lambda: Visitor(client, address=TOWN).headers,
        "staff": lambda: sign_in_as("responder"),
    }[kind]()
    if kind != "staff":
        verified(client, person, streams)
    admin.block(report=filed(client, address=TOWN)["id"])

    assert filed(client, headers=person, address=TOWN)["many_from_one_network"] is False
    report = filed(client, address=OTHER_TOWN)
    path, said = f"/v1/reports/{report['id']}/votes", {"condition": "flooded"}
    client.put(path, json=said, headers=person, environ_base={"REMOTE_ADDR": TOWN})
    streams.catch_up()
    assert row(report).votes == (2, 0)
    for stranger in (sign_in_as(), Visitor(client, address=TOWN).headers, {}):
        assert filed(client, headers=stranger, address=TOWN)["many_from_one_network"] is True


@pytest.mark.parametrize("then", ["undone", "rejected"])
def test_a_verification_that_is_taken_back_protects_nobody(
    client: FlaskClient, admin: Blocker, streams: Streams, noon: Any, then: str
) -> None:
    visitor = Visitor(client, address=TOWN)
    report_id = verified(client, visitor.headers, streams)
    path, matched = f"/v1/reports/{report_id}/verification", admin.headers | {"If-Match": "*"}
    if then == "undone":
        answer = client.delete(path, headers=matched)
    else:
        answer = client.put(path, json={"decision": "rejected", "reason": "spam"}, headers=matched)
    assert answer.status_code == 200
    streams.catch_up()
    admin.block(report=filed(client, address=TOWN)["id"])

    assert filed(client, headers=visitor.headers, address=TOWN)["many_from_one_network"] is True


def test_a_visitor_is_vouched_for_as_long_as_the_token_holds(tables: None, noon: Any) -> None:
    report = make_report(filer="v_a", status="verified")
    tell_consumer([report]), tell_consumer([report])
    assert Vouched.is_there("v_a")

    noon.shift(30 * 24 * 3600)

    assert not Vouched.is_there("v_a") and not Vouched.is_there("v_b")


def test_a_month_that_ends_ends_no_block(client: FlaskClient, admin: Blocker, noon: Any) -> None:
    noon.move_to(1_796_082_000)  # 2026-11-30T23:40:00Z
    admin.block(report=filed(client, address=TOWN)["id"])

    noon.shift(3600)

    assert filed(client, address=TOWN)["many_from_one_network"] is True
    assert filed(client, address=OTHER_TOWN)["many_from_one_network"] is False


def away(*_: Any, **__: Any) -> Any:
    raise EndpointConnectionError(endpoint_url="https://dynamodb.example")


def test_while_blocks_cannot_be_read_the_last_ones_known_count_and_nobody_is_refused(
    client: FlaskClient, blocked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert filed(client, address=TOWN)["many_from_one_network"] is True
    running_s = clock.running_s() + 3600
    monkeypatch.setattr(clock, "running_s", lambda: running_s)
    monkeypatch.setattr(SwitchesRow, "read", away)
    assert filed(client, address=TOWN)["many_from_one_network"] is True

    blocks.forget()  # a process that never read them

    assert filed(client, address=TOWN)["many_from_one_network"] is False


def test_what_would_speak_for_somebody_and_cannot_be_read_speaks_for_them(
    client: FlaskClient, blocked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Visitor(client, address=TOWN)
    monkeypatch.setattr(Vouched, "get", away)

    assert filed(client, headers=visitor.headers, address=TOWN)["many_from_one_network"] is False


def test_a_row_that_this_release_cannot_read_blocks_nobody_and_can_be_replaced(
    client: FlaskClient, admin: Blocker, blocked: dict[str, Any]
) -> None:
    for content in ("cut", '{"networks":{"x":[1]}}', '{"accounts":[]}'):
        SwitchesRow(BLOCKS, content=content, version=7).save()
        blocks.forget()
        assert filed(client, address=TOWN)["many_from_one_network"] is False

    admin.block(report=filed(client, address=TOWN)["id"])

    assert filed(client, address=TOWN)["many_from_one_network"] is True


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The rows of switches and blocks that are read, by id."""
    asked, read = list[str](), SwitchesRow.read.__func__  # type: ignore[attr-defined]  # of the class method

    def noted(cls: type, row_id: str = "current", **rest: Any) -> Any:
        asked.append(row_id)
        return read(cls, row_id, **rest)

    monkeypatch.setattr(SwitchesRow, "read", classmethod(noted))
    return asked


def test_a_process_reads_all_blocks_once_in_ten_seconds(
    client: FlaskClient, blocked: dict[str, Any], reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    running_s = [1000.0]
    monkeypatch.setattr(clock, "running_s", lambda: running_s[0])
    blocks.forget()
    act: Callable[[], Any] = lambda: filed(client, address=TOWN)  # noqa: E731 - one line

    report = act()
    Visitor(client, address=TOWN).vote(report["id"])
    act()
    assert reads.count(BLOCKS) == 1
    running_s[0] += known.LIFE_S
    act()

    assert reads.count(BLOCKS) == 2
    assert under_block.block_of(row(report)) is not None
