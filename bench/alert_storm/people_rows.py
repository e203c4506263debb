"""The table of subscriptions over people who are kept as numbers: a row is made when it is read.

Hundreds of thousands of subscriptions have millions of squares; as rows they would fill the memory of the machine.
What is changed or deleted is kept like in any other table.
"""

import json
import marshal
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, overload

from app.accounts import random_text
from app.alerts import cover, tokens
from app.alerts.subscription_models import ROW, Square, State, Subscription
from app.core import mail_keys
from app.geo.box_circle import Circle
from app.mail import addresses
from bench.alert_storm.people import People
from bench.alert_storm.size import BEGIN_MS
from bench.stand_in import Item, Table

ID_BEGINS = "sub_01kb3vn0s5"  # the time in a ULID; the number stands after it
NUMBER_DIGITS = 16
DOMAIN = "example.net"
SquareKey = tuple[str, str]


def id_of(number: int) -> str:
    """Return the id of a subscription."""
    return f"{ID_BEGINS}{number:0{NUMBER_DIGITS}d}"


def number_of(subscription_id: str) -> int:
    """Return the number of a subscription."""
    return int(subscription_id[len(ID_BEGINS) :])


class SquareRows(Sequence[SquareKey]):
    """The squares of one partition in order, as (sort key, key of the table), over the numbers of subscriptions."""

    def __init__(self, partition: str, blocks: "dict[str, array[int]]") -> None:
        self.partition = partition
        self.beginnings = sorted(f"{quadkey}#" for quadkey in blocks)
        self.numbers = [blocks[beginning[:-1]] for beginning in self.beginnings]
        self._count()

    def _count(self) -> None:
        self.ends = [*accumulate(len(one) for one in self.numbers)]

    def __len__(self) -> int:
        return self.ends[-1] if self.ends else 0

    @overload
    def __getitem__(self, place: int) -> SquareKey: ...
    @overload
    def __getitem__(self, place: slice) -> list[SquareKey]: ...
    def __getitem__(self, place: Any) -> Any:
        block, inside = self._find(place)
        sort = f"{self.beginnings[block]}{id_of(self.numbers[block][inside])}"
        return sort, f"{self.partition}\0{sort}"

    def __delitem__(self, place: int) -> None:
        block, inside = self._find(place)
        del self.numbers[block][inside]
        self._count()

    def _find(self, place: int) -> tuple[int, int]:
        if not 0 <= place < len(self):
            raise IndexError(place)
        block = bisect_right(self.ends, place)
        return block, place - (self.ends[block - 1] if block else 0)


class _Recipients(dict[str, list[SquareKey]]):
    """The index of subscriptions by recipient: an entry is made when it is first asked for."""

    def __init__(self, rows: "PeopleTable") -> None:
        super().__init__()
        self._rows = rows

    def __missing__(self, recipient: str) -> list[SquareKey]:
        person = self._rows.person_by_recipient.get(recipient)
        numbers = [] if person is None else self._rows.numbers_of(person)
        self[recipient] = [(one, f"{one}\0{ROW}") for one in map(id_of, numbers)]
        return self[recipient]

    def get(self, recipient: str, default: Any = None) -> Any:
        return self[recipient]

    def setdefault(self, recipient: str, default: Any = None) -> Any:
        return self[recipient]


class PeopleTable(Table):
    """The table, which holds one row for each subscription and one for each of its squares."""

    def __init__(self, definition: dict[str, Any], people: People) -> None:
        super().__init__(definition)
        assert self.rows is not None
        self.people = people
        self.gone: set[str] = set()
        self.person_by_recipient: dict[str, int] = {}
        self._recipients: list[str | None] = [None] * people.persons
        self._second = {person: number for number, person in enumerate(people.person_of) if number >= people.persons}
        self.squares = [_squares_of(spot) for spot in people.spots]
        self._shapes = [json.dumps(["c", *spot], separators=(",", ":")) for spot in people.spots]
        self.rows.rows.update(self._partitions())
        self.indexes["by_recipient"].rows = _Recipients(self)
        self._square, self._row = _templates()

    def _partitions(self) -> Iterator[tuple[str, SquareRows]]:
        blocks: defaultdict[str, defaultdict[str, Any]] = defaultdict(lambda: defaultdict(lambda: array("I")))
        for number, spot in enumerate(self.people.spot_of):
            shard = cover.shard_of(id_of(number))
            for square in self.squares[spot]:
                blocks[cover.partition_of(square, shard)][square.quadkey].append(number)
        for partition, by_quadkey in blocks.items():
            yield partition, SquareRows(partition, by_quadkey)

    def numbers_of(self, person: int) -> list[int]:
        """Return the numbers of a person's subscriptions."""
        return [person, self._second[person]] if person in self._second else [person]

    def recipient_of(self, person: int) -> str:
        """Return what stands for a person's address in rows."""
        known = self._recipients[person]
        if known is None:
            known = self._recipients[person] = addresses.hash_of(_address_of(person))
            self.person_by_recipient[known] = person
        return known

    def read(self, key: str) -> Item | None:
        """Return a row: a changed one as it was stored, any other as it is made."""
        stored = super().read(key)
        if stored is not None or key in self.gone:
            return stored
        partition, _, sort = key.partition("\0")
        if sort == ROW:
            return self._made_row(partition) if partition.startswith(ID_BEGINS) else None
        return self._made_square(partition, sort) if "#sub_" in sort else None

    def delete(self, key: str) -> int:
        """Delete a row, as any table does."""
        if key not in self.items and (old := self.read(key)) is not None:
            self.items[key] = marshal.dumps(old)
        self.gone.add(key)
        return super().delete(key)

    def _made_square(self, partition: str, sort: str) -> Item:
        number = number_of(sort.rpartition("#")[2])
        made = self._square | {
            "id": {"S": partition},
            "sort": {"S": sort},
            "to": {"S": self.recipient_of(self.people.person_of[number])},
            "shape": {"S": self._shapes[self.people.spot_of[number]]},
        }
        if self.people.is_severe_only[number]:
            made["severity_min"] = {"S": "severe"}
        return made

    def _made_row(self, subscription_id: str) -> Item | None:
        number = number_of(subscription_id)
        if number >= len(self.people):
            return None
        person, spot = self.people.person_of[number], self.people.spot_of[number]
        lat, lon, radius_km = self.people.spots[spot]
        squares = [cover.key_of(square, subscription_id) for square in self.squares[spot]]
        row = Subscription(subscription_id, ROW, nonce=f"{number:032x}", recipient="", address="")
        hashes = {f"{right}_hash": {"S": _hash_of(row, right)} for right in tokens.Right}
        made = self._row | hashes | {
            "id": {"S": subscription_id},
            "recipient": {"S": self.recipient_of(person)},
            "address": {"S": _address_of(person)},
            "place": {"S": json.dumps({"lat": lat, "lon": lon, "radius_km": radius_km})},
            "shape": {"S": self._shapes[spot]},
            "squares": {"S": json.dumps(squares)},
            "nonce": {"S": row.nonce},
        }  # fmt: skip
        if self.people.is_severe_only[number]:
            made["severity_min"] = {"S": "severe"}
        return made


def _squares_of(spot: Any) -> tuple[Any, ...]:
    return tuple(cover.squares_of(Circle(*spot).tiles))


def _address_of(person: int) -> str:
    return f"person-{person}@{DOMAIN}"


def _hash_of(row: Subscription, right: tokens.Right) -> str:
    """Return the hash that the row keeps of a token."""
    return random_text.hash_of(tokens._made(mail_keys.current()[0], right, row.id, row.nonce))


def _templates() -> tuple[Item, Item]:
    """Return what all squares, and all subscriptions' own rows, have in common."""
    square = Square("", "", to="", packed_shape="").serialize()
    more = {"state": State.ACTIVE.value, "confirmed_at_ms": BEGIN_MS, "made_at_ms": BEGIN_MS, "changed_at_ms": BEGIN_MS}
    row = Subscription(
        "", recipient="", address="", packed_place="", packed_shape="", packed_squares="", nonce="", **more
    ).serialize()
    return square, row
