"""Run checks side by side, each with a deadline; one that fails or hangs stops no other."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

# A call of AWS ends within 10 s; the checks with several calls make them side by side.
DEADLINE_S = 20.0


class State(StrEnum):
    OK = "ok"
    WRONG = "wrong"
    UNCHECKED = "unchecked"  # it cannot be checked here, and nothing is said of it


class Finding(NamedTuple):
    """Result of a check, and how to repair it. `details`: the single faults, if these are many."""

    state: State
    text: str
    fix: str = ""
    details: tuple[str, ...] = ()


def ok(text: str) -> Finding:
    return Finding(State.OK, text)


def wrong(text: str, fix: str, details: tuple[str, ...] = ()) -> Finding:
    return Finding(State.WRONG, text, fix, details)


def unchecked(text: str) -> Finding:
    return Finding(State.UNCHECKED, text)


class Check(NamedTuple):
    """A check, and how long it may take, in seconds."""

    look: Callable[[], Finding]
    deadline_s: float = DEADLINE_S


class _Run:
    """A check in a thread of its own, which does not keep the process from ending."""

    def __init__(self, check: Check) -> None:
        self.check, self.found = check, None
        self.ends_at = time.monotonic() + check.deadline_s
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()

    found: Finding | None

    def _look(self) -> None:
        try:
            self.found = self.check.look()
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on, and this one is not called right
            # Only the kind: a message may quote what was sent.
            self.found = wrong(f"It could not be checked: {type(error).__name__}.", "See the checks above it first.")

    def finding(self) -> Finding:
        """Return what the check has found; wait for it at most until the deadline."""
        self.thread.join(max(0.0, self.ends_at - time.monotonic()))
        late = f"No answer within {self.check.deadline_s:g} s."
        return self.found or wrong(late, "Look at the network, then run this again.")


def run(checks: Mapping[str, Check]) -> Iterator[tuple[str, Finding]]:
    """Yield what each check has found, in their order."""
    runs = {name: _Run(check) for name, check in checks.items()}
    for name, each in runs.items():
        yield name, each.finding()
