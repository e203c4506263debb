"""Numbers of active reports inside official warnings, and how they are stored. Pure.

A number belongs to a warning and to its outline: after either has changed it is unknown until it is counted again, so
that no number stands beside an outline for which it was not counted.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import combinations
from typing import Any, NamedTuple, Protocol

from app.core import packed_json, telemetry

FORMAT = 1
KEY_LETTERS = 8  # 48 bits: among 5,000 warnings two share a key in one of some twenty million cases
UNKNOWN = -1  # of reports that two warnings share


class Drawn(Protocol):
    """The columns of a warning that name it and its outline."""

    id: Any
    drawn: Any


class Unreadable(ValueError):
    """Error: the bytes hold no numbers that this release can read."""


class Inside(NamedTuple):
    """Number of active reports inside, true as of a moment (ms) or later; None if it is unknown."""

    reports: int | None
    as_of_ms: int | None


NOT_KNOWN = Inside(None, None)


@dataclass
class Numbers:
    """Active reports inside the warnings of one source, by key; and inside both of two that lists show as one."""

    inside: dict[str, int] = field(default_factory=dict)
    shared: dict[tuple[str, str], int] = field(default_factory=dict)

    def in_any(self, keys: Sequence[str]) -> int | None:
        """Return how many reports are inside at least one of these warnings; None if that cannot be told."""
        if any(key not in self.inside for key in keys):
            return None
        total = sum(self.inside[key] for key in keys)
        met: set[str] = set()
        for pair in combinations(sorted({*keys}), 2):
            if number := self.shared.get(pair, 0):
                if number == UNKNOWN or not met.isdisjoint(pair):
                    return None  # three may share some
                met.update(pair)
                total -= number
        return total


def key_of(row: Drawn) -> str:
    """Return the key of a warning with its outline."""
    drawn = 0 if row.drawn is None else int(row.drawn)
    return urlsafe_b64encode(sha256(f"{row.id} {drawn}".encode()).digest()[:6]).decode()


def pack(numbers: Numbers) -> bytes:
    """Encode numbers, keys in order: equal ones give equal bytes."""
    keys = sorted(numbers.inside)
    shared = [[*pair, number] for pair, number in sorted(numbers.shared.items())]
    document = {"format": FORMAT, "keys": "".join(keys), "numbers": [numbers.inside[key] for key in keys]}
    return packed_json.pack(document | {"shared": shared})


def unpack(body: bytes | None) -> Numbers:
    """Decode numbers; raises Unreadable."""
    try:
        document: Mapping[str, Any] = packed_json.unpack(body or b"")
        if document["format"] != FORMAT:
            raise Unreadable("they are of another format")
        letters, numbers = document["keys"], document["numbers"]
        keys = [letters[start : start + KEY_LETTERS] for start in range(0, len(letters), KEY_LETTERS)]
        inside = {key: int(number) for key, number in zip(keys, numbers, strict=True)}
        return Numbers(inside, {(first, second): int(number) for first, second, number in document["shared"]})
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable("they are damaged") from error


def read_or_none(body: bytes | None) -> Numbers:
    """Decode numbers; none if they are absent, or cannot be read, which is counted."""
    if body is None:
        return Numbers()
    try:
        return unpack(body)
    except Unreadable:
        telemetry.measure("UnreadableWarningDocuments", 1, "Count")
        return Numbers()
