"""The ledger: a message ends in a state, and is sent once, through kills, repetitions, outages and unknown ends."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError
from flask.testing import FlaskClient

from app.core import clock
from app.mail.models import Delivery, State
from app.mail.sending import LEASE_MS
from app.mail.suppression_models import Suppression
from handlers import deliver, delivery_added
from tests.mailing import ADDRESS, Person, newcomer
from tests.post import NO_ANSWER, NO_SERVER, Post, record_of, refusal
from tests.post import post as post  # noqa: PLC0414 - a fixture


@pytest.fixture
def asked(client: FlaskClient, post: Post, noon: Any) -> Person:
    """One message waits: a person has stated an address."""
    person = newcomer(client)
    assert person.change(email=ADDRESS).status_code == 200
    return person


def row() -> Delivery:
    (found,) = [one for one in Delivery.scan() if one.event.startswith("own-")]
    return found


def body_of(one: Delivery) -> str:
    return json.dumps({"recipient": one.recipient, "event": one.event})


def test_a_message_is_sent_once_however_often_stream_and_queue_repeat_it(asked: Person, post: Post) -> None:
    post.work()
    for _ in range(3):
        delivery_added.handler({"Records": [record_of(row().recipient, row().event)]}, None)
        post.work()

    assert post.calls == 1
    assert (row().state, row().provider_id) == ("sent", "ses-1")


def test_the_ledger_holds_no_address_once_a_message_is_sent(asked: Person, post: Post) -> None:
    waiting = row()
    post.work()

    assert (waiting.address, row().address) == (ADDRESS, None)
    assert ADDRESS not in waiting.recipient


@pytest.mark.parametrize(
    "fault",
    [NO_SERVER, ConnectTimeoutError(endpoint_url="x"), refusal("TooManyRequestsException", 429)],
)
def test_what_was_not_taken_is_tried_again_longer_each_time(asked: Person, post: Post, noon: Any, fault: Any) -> None:
    post.faults = [fault, fault]
    waits = []
    post.work()
    while row().state != "sent":
        due_ms = post.waiting[0][0]
        waits.append(due_ms / 1000 - clock.now_ms() / 1000)
        noon.move_to(due_ms / 1000)
        post.work()

    assert (len(post.accepted), post.calls) == (1, 3)
    assert 10 <= waits[0] <= 20 <= waits[1] <= 40


def test_a_provider_that_is_away_for_long_ends_the_message(asked: Person, post: Post, noon: Any) -> None:
    row().update(actions=[Delivery.useless_at_ms.remove()])
    post.faults = [NO_SERVER] * 1000
    hours = 0.0
    while row().state == "queued":
        post.minute()
        post.work()
        noon.shift(timedelta(minutes=1))
        hours += 1 / 60

    assert (row().state, row().reason) == ("failed", "EndpointConnectionError")
    assert post.accepted == []
    assert (post.waiting, round(hours)) == ([], 6)
    assert 15 < post.calls < 40


def test_a_message_that_came_too_late_is_not_sent(asked: Person, post: Post, noon: Any) -> None:
    post.stream()
    noon.shift(timedelta(hours=49))
    post.work()

    assert (row().state, row().reason, post.calls) == ("expired", "late", 0)


def test_accepted_but_unknown_is_not_sent_twice(asked: Person, post: Post, noon: Any) -> None:
    """SES took it and its answer was lost: its own report tells."""
    post.faults, post.accepts_in_spite = [NO_ANSWER], True
    post.work()
    assert row().state == "sending"
    post.report("Send")
    noon.shift(timedelta(seconds=130))
    post.work()

    assert (row().state, post.calls) == ("sent", 1)


def test_unknown_and_never_reported_is_sent_once_more(asked: Person, post: Post, noon: Any) -> None:
    post.faults = [refusal("InternalFailure", 500)]
    post.work()
    noon.shift(timedelta(seconds=110))
    post.work()
    early = post.calls
    noon.shift(timedelta(seconds=30))
    post.work()

    assert (early, post.calls, len(post.accepted), row().state) == (1, 2, 1, "sent")


def test_what_stays_unknown_is_given_up_at_last(asked: Person, post: Post, noon: Any) -> None:
    post.faults = [NO_ANSWER] * 20
    post.work()
    while post.waiting:
        noon.move_to(post.waiting[0][0] / 1000)
        post.work()

    assert (row().state, row().reason) == ("failed", "unknown")
    assert post.calls <= 11


def test_a_provider_that_answers_nothing_for_some_minutes_loses_no_message(
    asked: Person, post: Post, noon: Any
) -> None:
    post.faults = [refusal("ServiceUnavailable", 503)] * 5  # ten minutes
    post.work()
    while post.waiting:
        noon.move_to(post.waiting[0][0] / 1000)
        post.work()

    assert (row().state, len(post.accepted)) == ("sent", 1)


@pytest.mark.parametrize("step", ["take_lease", "end"])
def test_a_killed_sender_loses_and_doubles_nothing(
    asked: Person, post: Post, noon: Any, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """It dies before it has handed the message over, or after, before it could note that."""
    real = getattr(Delivery, step)

    def die(self: Delivery, *args: Any, **named: Any) -> Any:
        if step == "take_lease":
            real(self, *args, **named)
        monkeypatch.setattr(Delivery, step, real)
        raise SystemExit

    monkeypatch.setattr(Delivery, step, die)
    post.stream()
    with pytest.raises(SystemExit):
        post.hand_over(body_of(row()))
    if post.accepted:
        post.report("Send")
    for _ in range(3):
        noon.shift(timedelta(seconds=100))
        post.hand_over(body_of(row()))

    assert (row().state, len(post.accepted)) == ("sent", 1)


def test_while_one_sender_has_the_lease_no_other_sends(asked: Person, post: Post, noon: Any) -> None:
    waiting = row()
    now_ms = clock.now_ms()
    assert waiting.take_lease(now_ms=now_ms, until_ms=now_ms + LEASE_MS, unknown_ms=120_000)

    post.work()

    assert post.calls == 0
    assert not row().take_lease(now_ms=now_ms, until_ms=now_ms + LEASE_MS, unknown_ms=120_000)


def test_a_refused_message_has_failed_and_is_not_repeated(asked: Person, post: Post) -> None:
    post.faults = [refusal("MessageRejected", 400)]
    post.work()

    assert (row().state, row().reason, post.waiting) == ("failed", "MessageRejected", [])


def test_a_bounce_suppresses_the_address_for_good(asked: Person, post: Post) -> None:
    post.work()
    post.report("Bounce", bounce={"bounceType": "Permanent"})
    post.report("Delivery")  # reports come in any order, and doubled
    bounced = row().state
    asked.client.post("/v1/me/email/confirmation", headers=asked.headers)
    post.work()

    assert (bounced, len(post.accepted)) == ("bounced", 1)
    assert post.states() == ["bounced", "suppressed"]


def test_a_bounce_for_a_time_suppresses_nothing(asked: Person, post: Post) -> None:
    post.work()
    post.report("Bounce", bounce={"bounceType": "Transient"})
    asked.client.post("/v1/me/email/confirmation", headers=asked.headers)
    post.work()

    assert post.states() == ["bounced", "sent"]


def test_a_complaint_after_the_delivery_counts(asked: Person, post: Post) -> None:
    post.work()
    for kind in ("Send", "Delivery", "Complaint", "Delivery", "Send"):
        post.report(kind)

    assert row().state == "complained"
    assert Suppression.reason_of([row().recipient]) == "complaint"


def test_a_report_about_no_message_of_ours_is_passed_over(asked: Person, post: Post) -> None:
    post.work()
    post.accepted[-1]["EmailTags"] = [{"Name": "other", "Value": "x"}]
    post.report("Complaint")

    assert row().state == "sent"


def test_nobody_outside_the_allow_list_of_a_stage_gets_mail(client: FlaskClient, post: Post, noon: Any) -> None:
    newcomer(client).change(email="bob@example.edu")
    post.work()

    assert (row().state, row().reason, post.calls) == ("suppressed", "not-allowed", 0)


def test_a_message_of_a_stage_says_that_it_is_a_trial(asked: Person, post: Post) -> None:
    post.work()

    assert post.subjects() == ["[test] Confirm your e-mail address"]
    for text in (post.text(), post.html()):
        assert "This message comes from a trial of the service (test)." in text


def test_a_poison_message_holds_up_no_other(asked: Person, post: Post) -> None:
    good = {"messageId": "good", "eventSource": "aws:sqs", "body": body_of(row())}
    bad = {"messageId": "bad", "eventSource": "aws:sqs", "body": "{}"}

    answer = deliver.handler({"Records": [bad, good]}, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert row().state == State.SENT
