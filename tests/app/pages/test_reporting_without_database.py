"""The form while the database does not answer: who is signed in can fill it in, and it stays theirs."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from app.core import dynamodb
from tests.app.pages.conftest import Visitor
from tests.app.pages.reporting_form import SMALLEST, all_reports, fields_of, opened, reviewed, send, stored

Outage = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def outage(monkeypatch: pytest.MonkeyPatch) -> Outage:
    """`with outage():` no call of the database is answered."""

    def fail(*_: Any) -> None:
        raise dynamodb.OutOfTime("It does not answer.")

    @contextmanager
    def begin() -> Iterator[None]:
        with monkeypatch.context() as patch:
            patch.setattr(dynamodb.SharedConnection, "_make_api_call", fail)
            yield

    return begin


def test_form_opens_for_nobody_known(signed_in: Callable[..., Visitor], outage: Outage) -> None:
    visitor = signed_in()

    with outage():
        answer = visitor.get("/report?lat=51.04&lon=-2.83")

    assert (answer.status_code, fields_of(answer.text)["begun_as"]) == (200, "")
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("step", ["review", "change"])
def test_form_that_was_begun_stays_its_accounts(signed_in: Callable[..., Visitor], outage: Outage, step: str) -> None:
    visitor = signed_in()
    form = opened(visitor)

    with outage():
        answer = visitor.post("/report", **(form | SMALLEST | {"water_source": "sea"}), step=step)
    assert (answer.status_code, fields_of(answer.text)["water_source"]) == (200, "sea")
    later = visitor.post("/report", **fields_of(answer.text), step="review")

    assert form["begun_as"] != ""
    assert fields_of(answer.text)["begun_as"] == form["begun_as"]
    report = stored(send(visitor, fields_of(later.text)).headers["Location"])
    assert report.account_id == visitor.account.id


def test_mistakes_are_told_all_the_same(signed_in: Callable[..., Visitor], outage: Outage) -> None:
    visitor = signed_in()
    form = opened(visitor)

    with outage():
        answer = visitor.post("/report", **(form | SMALLEST | {"water": ""}), step="review")

    assert (answer.status_code, fields_of(answer.text)["begun_as"]) == (422, form["begun_as"])


def test_nothing_is_filed_as_nobodys_meanwhile(signed_in: Callable[..., Visitor], outage: Outage) -> None:
    visitor = signed_in()
    review = reviewed(visitor)

    with outage():
        refused = send(visitor, review)
    again = send(visitor, review)

    assert (refused.status_code, again.status_code) == (503, 303)
    assert stored(again.headers["Location"]).account_id == visitor.account.id
    assert len(all_reports(visitor)) == 1
