"""The pace of senders: all of them together keep the provider's rate, however long each takes for a message."""

import time
from typing import Any

import pytest

from app.core import clock
from handlers import deliver
from tests.configured import settings_of

RATE, SENDERS = "20", "2"
INTERVAL_S = 2 * 2 / 20  # of one of the senders of two queues
BATCH = 5


class Running:
    """A clock that moves while a message is sent, and while a sender waits."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.begun: list[float] = []
        self.takes_s = 0.05

    def send(self, recipient: str, event: str) -> None:
        self.begun.append(self.now_s)
        self.now_s += self.takes_s

    def wait(self, seconds: float) -> None:
        self.now_s += seconds


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Running:
    made = Running()
    monkeypatch.setattr(clock, "running_s", lambda: made.now_s)
    monkeypatch.setattr(time, "sleep", made.wait)
    monkeypatch.setattr(deliver, "send_message", made.send)
    return made


def send_batches(number: int) -> None:
    body = '{"recipient": "r", "event": "own-reset-1"}'
    records: list[Any] = [{"messageId": str(n), "eventSource": "aws:sqs", "body": body} for n in range(BATCH)]
    with settings_of(FLOOD_MAIL_PER_SECOND=RATE, FLOOD_MAIL_SENDERS=SENDERS):
        for _ in range(number):
            assert deliver.handler({"Records": records}, None) == {"batchItemFailures": []}


def gaps(running: Running) -> list[float]:
    return [round(later - earlier, 6) for earlier, later in zip(running.begun, running.begun[1:], strict=False)]


def test_each_sender_keeps_its_share_of_the_rate_also_from_batch_to_batch(running: Running) -> None:
    send_batches(3)

    assert gaps(running) == [INTERVAL_S] * (3 * BATCH - 1)


def test_what_took_its_time_already_is_not_waited_for_again(running: Running) -> None:
    running.takes_s = 0.3
    send_batches(2)

    assert gaps(running) == [0.3] * (2 * BATCH - 1)
