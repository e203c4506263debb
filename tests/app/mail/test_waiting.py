"""Messages that wait for a minute, and digests that tell of several at once."""

from datetime import timedelta
from typing import Any

import pytest

from app.core import clock
from app.mail import carriers, digests, index_models, sending
from app.mail.due_models import Released
from app.mail.letters import Letter
from app.mail.models import Delivery
from app.mail.sending import Again, Hold
from tests.post import NO_SERVER, Post
from tests.post import post as post  # noqa: PLC0414 - a fixture

SHARDS = index_models.SHARDS  # as many as in use
ANNA, BERT = "a" * 44, "b" * 44


def waiting(recipient: str, event: str) -> Delivery:
    row = Delivery(recipient, event, kind="alert")
    assert row.put_once()
    return row


def letter(delivery: Delivery) -> Letter:
    told = tuple(row.event for row in delivery.held())
    return Letter("anna@example.net", "News", "News", (", ".join(told),), "You asked.", "en", tells=told)


class Office:
    """Sends the rows of the ledger by a rule of the test's own. `until_ms`: what is no digest is held until then."""

    def __init__(self, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
        self.post, self.until_ms, self.answer = post, 0, None
        monkeypatch.setattr("app.reactions.send_message", self.send)
        monkeypatch.setattr("handlers.deliver.send_message", self.send)

    def compose(self, delivery: Delivery) -> Any:
        if self.answer:
            return self.answer
        is_own = not delivery.event.startswith(digests.BEGINNING)
        return Hold(self.until_ms) if is_own and self.until_ms > clock.now_ms() else letter(delivery)

    def send(self, recipient: str, event: str) -> Any:
        return sending.send(recipient, event, compose=self.compose, carrier=carriers.chosen())


@pytest.fixture
def office(post: Post, noon: Any, monkeypatch: pytest.MonkeyPatch) -> Office:
    post.minute()
    return Office(post, monkeypatch)


def state_of(recipient: str, event: str) -> tuple[str, str | None]:
    row = Delivery.find(recipient, event)
    assert row
    return row.state, row.reason


def minutes(office: Office, noon: Any, count: int) -> None:
    for _ in range(count):
        noon.shift(timedelta(minutes=1))
        office.post.minute()
        office.post.work()


def hold(office: Office, recipient: str, *events: str, hours: int = 1) -> None:
    office.until_ms = clock.now_ms() + hours * clock.HOUR_MS
    for event in events:
        waiting(recipient, event)
        assert office.send(recipient, event) is None


def test_what_is_held_back_comes_as_one_message_for_each_person_when_its_minute_comes(
    office: Office, noon: Any
) -> None:
    hold(office, ANNA, "w-1", "w-2")
    hold(office, BERT, "w-1")
    minutes(office, noon, 59)
    early = office.post.calls
    minutes(office, noon, 3)

    assert (early, office.post.calls) == (0, 2)
    assert sorted("w-1, w-2" in office.post.text(number) for number in (0, 1)) == [False, True]
    assert {state_of(ANNA, event) for event in ("w-1", "w-2")} == {("sent", "digest")}


def test_a_message_that_is_held_back_is_not_sent_by_itself_however_often_its_queue_repeats_it(
    office: Office, noon: Any
) -> None:
    hold(office, ANNA, "w-1")
    noon.shift(timedelta(hours=2))
    for _ in range(3):
        assert office.send(ANNA, "w-1") is None

    assert office.post.calls == 0
    assert state_of(ANNA, "w-1") == ("queued", None)


def test_minutes_in_which_nothing_ran_are_caught_up_with(office: Office, noon: Any) -> None:
    hold(office, ANNA, "w-1")
    noon.shift(timedelta(hours=9))
    minutes(office, noon, 1)

    assert office.post.calls == 1


def test_a_run_without_time_goes_on_in_the_next_minute(office: Office, noon: Any) -> None:
    hold(office, ANNA, "w-1")
    noon.shift(timedelta(hours=1))
    before = Released.find().minute_ms
    from app.reactions import messages_due

    assert messages_due(lambda: False) == 0
    assert Released.find().minute_ms == before + clock.MINUTE_MS
    minutes(office, noon, 1)
    assert office.post.calls == 1


def test_a_minute_that_was_cut_off_goes_on_where_it_was(
    office: Office, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.mail import due

    monkeypatch.setattr(index_models, "SHARDS", SHARDS)
    people = [f"{number:044x}" for number in range(40)]
    for person in people:
        hold(office, person, "w-1")
    noon.shift(timedelta(hours=1))
    monkeypatch.setattr(due, "MOST_AT_ONCE", 1)
    handed: list[str] = []
    while len(set(handed)) < len(people):
        turns = iter([True, True, True, False])
        due.release(lambda keys: handed.extend(key[0] for key in keys), lambda: next(turns))  # noqa: B023 - used now

    assert sorted(set(handed)) == people
    assert len(handed) <= 2 * len(people)


def test_who_is_killed_after_sending_a_digest_leaves_nothing_waiting_and_sends_no_second_one(
    office: Office, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(office, ANNA, "w-1")
    noon.shift(timedelta(hours=1))
    office.post.minute()

    def die(_: Delivery) -> None:
        raise SystemExit

    with monkeypatch.context() as killed, pytest.raises(SystemExit):
        killed.setattr(digests, "settle", die)
        office.post.work()
    (digest,) = [row for row in Delivery.scan() if row.event.startswith("d-")]
    left = state_of(ANNA, "w-1")
    assert office.send(ANNA, digest.event) is None

    assert (left, state_of(ANNA, "w-1"), office.post.calls) == (("queued", None), ("sent", "digest"), 1)


def test_who_is_killed_between_both_marks_loses_and_doubles_nothing(
    office: Office, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as killed, pytest.raises(SystemExit):
        killed.setattr(Delivery, "hold_in", die)
        hold(office, ANNA, "w-1")
    noon.shift(timedelta(minutes=5))
    office.send(ANNA, "w-1")
    minutes(office, noon, 60)

    assert (office.post.calls, state_of(ANNA, "w-1")) == (1, ("sent", "digest"))


def test_what_does_not_hold_any_more_when_its_digest_goes_is_over(office: Office, noon: Any) -> None:
    hold(office, ANNA, "w-1", "w-2")
    office.compose = lambda delivery: letter(delivery)._replace(tells=("w-2",))  # type: ignore[method-assign]
    minutes(office, noon, 61)

    assert (state_of(ANNA, "w-1"), state_of(ANNA, "w-2")) == (("expired", "over"), ("sent", "digest"))


def test_what_a_digest_holds_ends_as_the_digest_does(office: Office, noon: Any) -> None:
    hold(office, ANNA, "w-1")
    office.post.faults = [NO_SERVER] * 1000
    minutes(office, noon, 7 * 60 + 30)

    assert state_of(ANNA, "w-1") == ("failed", "EndpointConnectionError")


def test_a_message_that_finds_its_digest_on_its_way_gets_another_one(office: Office, noon: Any) -> None:
    hold(office, ANNA, "w-1")
    (digest,) = [row for row in Delivery.scan() if row.event.startswith("d-")]
    now_ms = clock.now_ms()
    assert digest.take_lease(now_ms=now_ms, until_ms=now_ms + 60_000, unknown_ms=120_000)
    waiting(ANNA, "w-2")

    assert office.send(ANNA, "w-2") == Again(60)
    assert state_of(ANNA, "w-2") == ("queued", None)


def test_a_composer_that_fails_leaves_the_message_to_its_next_attempt(office: Office) -> None:
    waiting(ANNA, "w-1")

    def fail(_: Delivery) -> None:
        raise ValueError("no words")

    with pytest.raises(ValueError, match="no words"):
        sending.send(ANNA, "w-1", compose=fail, carrier=carriers.chosen())
    assert state_of(ANNA, "w-1") == ("queued", None)
    assert office.send(ANNA, "w-1") is None
    assert state_of(ANNA, "w-1") == ("sent", None)


@pytest.mark.parametrize(("after_s", "said"), [(60, Again(60)), (901, None)])
def test_what_waits_longer_than_a_queue_can_waits_under_its_minute(
    office: Office, noon: Any, after_s: int, said: Again | None
) -> None:
    waiting(ANNA, "w-1")
    office.answer = Again(after_s)  # type: ignore[assignment]
    told = office.send(ANNA, "w-1")
    office.answer = None
    minutes(office, noon, 17)

    assert (told, office.post.calls) == (said, 0 if said else 1)
