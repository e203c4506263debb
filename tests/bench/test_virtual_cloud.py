"""The cloud of the storm of alerts behaves as SQS, Lambda and SES do where messages could be lost or doubled."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from bench.alert_storm.cloud import Cloud, Function, Queue
from bench.alert_storm.event_sources import QueueReader, StreamReader
from bench.alert_storm.mail_server import FEWEST_AT_ONCE, Accepted, MailServer, Outage
from bench.virtual_time import VirtualTime

DONE: dict[str, Any] = {"batchItemFailures": []}
VISIBILITY_S, RECEIPTS = 60, 3
Handler = Callable[[Any, Any], Any]


class Account:
    """A cloud with one queue and its reader. `taken`: when which bodies came."""

    def __init__(self, handler: Handler, *, batch: int = 1, most: int = 1, again: float = 0.0) -> None:
        self.time = VirtualTime(0)
        self.cloud = Cloud(self.time, random.Random(1))
        self.taken: list[tuple[float, list[str]]] = []

        def noted(event: Any, context: Any) -> Any:
            self.taken.append((self.time.now // 1000, [one["body"] for one in event["Records"]]))
            return handler(event, self)

        self.function = Function("worker", noted, 30, 512)
        self.queue = Queue(self.cloud, "work", visibility_s=VISIBILITY_S, most_receipts=RECEIPTS, again=again)
        self.reader = QueueReader(self.queue, self.function, batch=batch, most=most)

    def live(self, *bodies: str, delay_s: float = 0, for_s: float = 1000) -> None:
        """Send messages, and let time pass."""

        def act() -> None:
            for body in bodies:
                self.queue.send(body, delay_s=delay_s)
            self.time.spend(for_s * 1000)

        self.time.run([act])


def succeed(event: Any, account: Account) -> Any:
    account.cloud.pause(1000)
    return DONE


def fail(event: Any, account: Account) -> Any:
    return {"batchItemFailures": [{"itemIdentifier": one["messageId"]} for one in event["Records"]]}


def test_a_message_comes_once_when_its_delay_is_over() -> None:
    account = Account(succeed)
    account.live("one", delay_s=90)

    assert account.taken == [(90, ["one"])]
    assert account.queue.pending == 0


def test_a_message_that_failed_comes_again_after_its_visibility_and_is_a_dead_letter_at_last() -> None:
    account = Account(fail)
    account.live("one")

    assert account.taken == [(0, ["one"]), (60, ["one"]), (120, ["one"])]
    assert ([one.body for one in account.queue.dead], account.queue.pending) == (["one"], 0)


def test_only_the_failed_ones_of_a_batch_come_again() -> None:
    account = Account(
        lambda event, _: {"batchItemFailures": [{"itemIdentifier": event["Records"][-1]["messageId"]}]}, batch=2
    )
    account.live("one", "two", for_s=100)

    assert account.taken == [(0, ["one", "two"]), (60, ["two"])]


def test_no_more_run_at_once_than_may() -> None:
    account = Account(succeed, batch=2, most=2)
    account.live(*"abcdef")

    assert account.taken == [(0, ["a", "b"]), (0, ["c", "d"]), (1, ["e", "f"])]


def test_a_deletion_that_does_not_hold_brings_a_message_again() -> None:
    def stumble(event: Any, account: Account) -> Any:
        account.queue.again = float(len(account.taken) == 1)
        return DONE

    account = Account(stumble)
    account.live("one")

    assert account.taken == [(0, ["one"]), (60, ["one"])]


def test_a_message_may_be_handed_out_twice_at_the_same_time() -> None:
    account = Account(succeed, most=2, again=1.0)
    account.live("one")

    assert account.taken[:2] == [(0, ["one"]), (0, ["one"])]


@pytest.mark.parametrize("calls", [0, 1, 3])
def test_a_killed_function_has_not_handled_its_messages(calls: int) -> None:
    done: list[int] = []

    def work(event: Any, account: Account) -> Any:
        for number in range(calls):
            account.cloud.pause(10)
            done.append(number)
        return DONE

    account = Account(work)
    account.cloud.doomed["worker"] = 1
    account.live("one")

    assert [at for at, _ in account.taken] == [0, 60]
    assert account.cloud.killed == {"worker": 1}
    assert calls <= len(done) <= 2 * calls


def test_a_function_that_takes_too_long_is_stopped() -> None:
    account = Account(lambda event, account: account.cloud.pause(31_000))
    account.live("one", for_s=100)

    assert account.cloud.counts["timed out"] == 2


def test_a_stream_goes_on_only_behind_what_was_handled_and_repeats_some_batches() -> None:
    account = Account(succeed)
    seen: list[list[str]] = []

    def handle(event: Any, context: Any) -> Any:
        numbers = [one["dynamodb"]["SequenceNumber"] for one in event["Records"]]
        seen.append(numbers)
        failed = [one for one in numbers if one == "3" and len(seen) == 1]
        return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}

    reader = StreamReader(account.cloud, Function("fan_out", handle, 30, 512), batch=10, again=1.0)
    for number in "1234":
        reader.take({"dynamodb": {"SequenceNumber": number}})
    account.live()

    assert seen == [["1", "2", "3", "4"], ["3", "4"], ["3", "4"]]


class Post:
    """A mail server beside a queue for its reports."""

    def __init__(self, *outages: Outage, seed: int = 1, rate: float = 1000) -> None:
        self.time = VirtualTime(0)
        cloud = Cloud(self.time, random.Random(seed))
        self.reports = Queue(cloud, "reports", visibility_s=60, most_receipts=5)
        self.accepted: list[Accepted] = []
        self.server = MailServer(cloud, self.reports, rate, list(outages), self.accepted.append)

    def send(self) -> str:
        """Send one message; say how that ended."""
        tags = [{"Name": "recipient", "Value": "r"}, {"Name": "event", "Value": "e"}]
        simple = {"Body": {"Text": {"Data": "River at W0001 and at W0002"}}}
        try:
            self.server.send_email(EmailTags=tags, Content={"Simple": simple})
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        except (ConnectTimeoutError, ReadTimeoutError) as error:
            return type(error).__name__
        return "accepted"


def test_what_is_accepted_is_noted_with_the_areas_that_it_names_and_reported_twice() -> None:
    post = Post()
    assert post.send() == "accepted"
    post.time.run([lambda: post.time.spend(60_000)])

    assert [(one.event, one.codes) for one in post.accepted] == [("e", ("W0001", "W0002"))]
    assert len(post.reports) == 2


def test_one_in_a_hundred_fails_and_half_of_these_were_accepted_all_the_same() -> None:
    post = Post()
    ends = [post.send() for _ in range(6_000)]
    faults = [one for one in ends if one != "accepted"]

    assert 40 < len(faults) < 80
    assert set(faults) == {"InternalFailure", "ReadTimeoutError"}
    assert 0.3 < (len(post.accepted) - (len(ends) - len(faults))) / len(faults) < 0.7


def test_in_an_outage_nothing_is_accepted() -> None:
    post = Post(Outage(0, 10_000, is_mute=True), Outage(10_000, 20_000, is_mute=False))
    ends = [post.send() for _ in range(100)]

    assert {"ConnectTimeoutError", "ServiceUnavailable"} <= set(ends)
    assert min(one.at_ms for one in post.accepted) >= 20_000


def test_the_rate_is_kept() -> None:
    post = Post(rate=1)
    ends = [post.send() for _ in range(200)]  # in 24 seconds

    assert 20 <= len(post.accepted) - FEWEST_AT_ONCE <= 25
    assert ends.count("TooManyRequestsException") > 150
