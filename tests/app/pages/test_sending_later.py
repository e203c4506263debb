"""Reports that waited on a phone: stored once, and never under another account, whatever happened to the sign-in."""

from collections.abc import Callable

import pytest

from tests.app.pages.conftest import Visitor
from tests.app.pages.reporting_form import all_reports, id_in, reviewed, send, sent, stored
from tests.factories import make_account


def test_report_of_somebody_signed_in_is_theirs(signed_in: Callable[..., Visitor]) -> None:
    visitor = signed_in()

    address = sent(visitor, title="Mine")

    assert "token" not in address
    assert stored(address).account_id == visitor.account.id
    assert visitor.get(address).status_code == 200
    assert "Mine" in visitor.get("/me").text


def test_session_that_ended_before_sending_leaves_the_report_to_nobody(signed_in: Callable[..., Visitor]) -> None:
    visitor = signed_in()
    review = reviewed(visitor)
    visitor.cookie = ""

    address = send(visitor, review).headers["Location"]

    assert stored(address).account_id is None
    assert visitor.get(address).status_code == 200


def test_session_that_ended_after_a_lost_reply_finds_the_first(signed_in: Callable[..., Visitor]) -> None:
    visitor = signed_in()
    review = reviewed(visitor)
    first = send(visitor, review).headers["Location"]
    visitor.cookie = ""

    again = send(visitor, review).headers["Location"]

    assert (id_in(again), stored(again).account_id) == (id_in(first), visitor.account.id)
    assert "token" not in again
    assert len(all_reports(visitor)) == 1


@pytest.mark.parametrize("is_lost", [True, False], ids=["after a lost reply", "before any try"])
def test_somebody_else_on_the_same_device_never_gets_the_report(
    signed_in: Callable[..., Visitor], is_lost: bool
) -> None:
    visitor = signed_in()
    owner, review = visitor.account, reviewed(visitor)
    if is_lost:
        send(visitor, review)
    other = make_account(username="another-person")
    visitor.sign_in(other.username)

    address = send(visitor, review).headers["Location"]

    assert stored(address).account_id == (owner.id if is_lost else None)
    assert ("token" in address) is not is_lost
    assert len(all_reports(visitor)) == 1


def test_report_begun_by_nobody_stays_nobodys_after_signing_in(visitor: Visitor) -> None:
    review = reviewed(visitor)
    visitor.sign_in(make_account().username)

    assert stored(send(visitor, review).headers["Location"]).account_id is None


def test_form_does_not_tell_who_began_it(signed_in: Callable[..., Visitor]) -> None:
    visitor = signed_in()

    begun = reviewed(visitor)["begun_as"]

    assert begun
    assert visitor.account.id not in begun
    assert visitor.account.username not in begun
