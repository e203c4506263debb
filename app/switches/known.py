"""Keep a row that staff change in the process: read again after some seconds, and kept while it cannot be read."""

from collections.abc import Callable
from typing import Generic, TypeVar

from app.core import clock, dynamodb, replies, telemetry

Content = TypeVar("Content")
LIFE_S = 10.0  # pages may be kept another 15 s by caches: together under half a minute
READ_S = 1.0


class KeptContent(Generic[Content]):
    """Content of a row, at most `LIFE_S` old unless the database does not answer; before the first read `otherwise`."""

    def __init__(self, name: str, read: Callable[[], Content], otherwise: Content) -> None:
        self.name, self.read, self.otherwise = name, read, otherwise
        self.content, self.read_at = otherwise, float("-inf")

    def get(self) -> Content:
        """Return the content; it never fails."""
        if clock.running_s() - self.read_at >= LIFE_S:
            self.read_at = clock.running_s()  # also after a failure: a database that is away is not asked each time
            try:
                with replies.ending_within(READ_S):
                    self.content = self.read()
            except (*dynamodb.FAILURES, dynamodb.NoDatabase) as error:
                telemetry.logger().warning(f"{self.name} not read", extra={"error": type(error).__name__})
        return self.content

    def forget(self) -> None:
        """Read the row again at the next question, as in a new process or after a change."""
        self.content, self.read_at = self.otherwise, float("-inf")
