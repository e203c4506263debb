"""Jobs of the search for people whom an event concerns: one message of a queue each, which may leave more of them."""

import json
import re
from typing import Any, NamedTuple

QUEUE = "alert-matches"
_WAITS_S = {"e-": 60, "w-": 5}  # by the beginning of the event's name
_NAME = re.compile(r"[A-Za-z0-9_-]{1,120}", re.ASCII)
_PARTITION = re.compile(r"7/[0-9]{1,3}/[0-9]{1,3}#[0-9]", re.ASCII)
_AFTER = re.compile(r"[ -~]{0,300}", re.ASCII)


class NotAJob(ValueError):
    """Error: a message of the queue is not a job. It will never be one."""


class Job(NamedTuple):
    """A part of the search for the people whom one member of an event concerns.

    `change` names the change that caused it. `partitions`: parts of the table that are left to look through, the first
    beyond the key `after`; none yet in a new job. `is_grown`: who was inside the member's former outline has heard.
    """

    event: str
    member: str
    change: str
    is_grown: bool = False
    partitions: tuple[str, ...] = ()
    after: str = ""

    @property
    def is_begun(self) -> bool:
        """Return whether it is the rest of another one."""
        return bool(self.partitions or self.after)

    @property
    def delay_s(self) -> int:
        """Return the seconds that it waits before it begins.

        An end waits until what was issued in its place is stored and indexed, a warning until the others with its text
        have joined its event.
        """
        return 0 if self.is_begun else _WAITS_S.get(self.event[:2], 0)

    def as_message(self) -> dict[str, Any]:
        """Return the message of the queue; what has its default is left out."""
        return {name: value for name, value in self._asdict().items() if value != self._field_defaults.get(name)}


def read(text: str) -> Job:
    """Return the job in a message; raises NotAJob for any other text."""
    try:
        told = json.loads(text)
        job = Job(**told | {"partitions": tuple(told.get("partitions", ()))})
    except (ValueError, TypeError, AttributeError) as error:
        raise NotAJob("The message is not a job.") from error
    texts = (job.event, job.member, job.change)
    is_named = all(isinstance(one, str) and _NAME.fullmatch(one) for one in texts)
    is_placed = all(isinstance(one, str) and _PARTITION.fullmatch(one) for one in job.partitions)
    if not (is_named and is_placed and isinstance(job.after, str) and _AFTER.fullmatch(job.after)):
        raise NotAJob("The message is not a job.")
    return job
