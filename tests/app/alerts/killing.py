"""Functions that are killed between any two writes, in tests of alerts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import pytest

from app.core.dynamodb import SharedConnection
from tests.alerting import Alerts
from tests.rig.calls import Killed

WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}


class Executioner:
    """Kills at the write or message of a number, after it is done. Never without a number."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, alerts: Alerts) -> None:
        self.at: int | None = None
        self.count = 0
        self.lock = Lock()
        monkeypatch.setattr(SharedConnection, "_make_api_call", self._counting(SharedConnection._make_api_call))
        for name in ("send", "send_all"):
            monkeypatch.setattr(f"app.aws.queues.{name}", self._after(getattr(alerts, name)))

    def _counting(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(connection: Any, operation: str, *arguments: Any) -> Any:
            answer = call(connection, operation, *arguments)
            if operation in WRITES:
                self._tick()
            return answer

        return counted

    def _after(self, send: Callable[..., None]) -> Callable[..., None]:
        def counted(*arguments: Any, **more: Any) -> None:
            send(*arguments, **more)
            self._tick()

        return counted

    def _tick(self) -> None:
        with self.lock:
            self.count += 1
            is_due = self.count == self.at
        if is_due:
            raise Killed

    @contextmanager
    def killing(self, at: int) -> Iterator[None]:
        """Kill at the write of this number, counted from here."""
        self.at, self.count = at, 0
        try:
            yield
        except Killed:
            pass
        finally:
            self.at = None

    def everywhere(self) -> Iterator[int]:
        """Yield the numbers of all writes of what is done in between, which `killing` has been asked for, from 1 on."""
        at = 1
        while True:
            yield at
            if self.count < at:
                return
            at += 1
