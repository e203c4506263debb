"""Find the columns whose values are all filled and all different, in bounded memory. Pure.

A Bloom filter knows of most values that they are new. Those it is not sure of are kept, few as they are, and counted
exactly in one more look at the file. A column is dropped at its first certain repetition.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from itertools import islice
from typing import Any

_BITS = 1 << 26  # 8 MB
_HASHES = 6
_MOST_DOUBTS = 20_000  # per column
# With more values the filter doubts too many of them.
MOST_VALUES = 8_000_000
_MOST_COLUMNS = 12


class UniqueColumns:
    """The columns that may hold ids, in the file's order, and what their values have shown."""

    def __init__(self, names: Iterable[str]) -> None:
        self._doubts: dict[str, set[bytes]] = {name: set() for name in islice(names, _MOST_COLUMNS)}
        self._filter = bytearray(_BITS // 8) if self._doubts else bytearray()
        self._values = 0
        self.is_overfull = False

    def see(self, columns: Mapping[str, Any]) -> None:
        """Take one row into account."""
        for name in list(self._doubts):
            value = columns.get(name)
            if not value or self._is_repeated(name, str(value)):
                del self._doubts[name]

    @property
    def doubtful(self) -> dict[str, set[bytes]]:
        """Return by column the values that may have come twice: they have to be counted in one more look."""
        return {name: values for name, values in self._doubts.items() if values}

    def first(self, repeated: Iterable[str] = ()) -> list[str]:
        """Return the first column that is unique, without those that the second look found repeated; or nothing."""
        gone = set(repeated)
        return [name for name in self._doubts if name not in gone][:1]

    def _is_repeated(self, name: str, value: str) -> bool:
        digest = digest_of(name, value)
        doubts = self._doubts[name]
        if digest in doubts:
            return True
        self._values += 1
        if self._values > MOST_VALUES:
            self.is_overfull = True
            return True
        if not self._is_new(digest):
            doubts.add(digest)
        return len(doubts) > _MOST_DOUBTS

    def _is_new(self, digest: bytes) -> bool:
        first, step = int.from_bytes(digest[:8]), int.from_bytes(digest[8:]) | 1
        is_new = False
        for number in range(_HASHES):
            place, bit = divmod((first + number * step) % _BITS, 8)
            mask = 1 << bit
            if not self._filter[place] & mask:
                self._filter[place] |= mask
                is_new = True
        return is_new


class SecondLook:
    """Counts the values in doubt exactly."""

    def __init__(self, doubtful: Mapping[str, set[bytes]]) -> None:
        self._doubtful = doubtful
        self._met: dict[str, set[bytes]] = {name: set() for name in doubtful}
        self.repeated: set[str] = set()

    def see(self, columns: Mapping[str, Any]) -> None:
        """Take one row into account."""
        for name, values in self._doubtful.items():
            digest = digest_of(name, str(columns.get(name)))
            if name in self.repeated or digest not in values:
                continue
            if digest in self._met[name]:
                self.repeated.add(name)
            self._met[name].add(digest)


def digest_of(name: str, value: str) -> bytes:
    """Return 16 bytes that stand for a value of a column."""
    return blake2b(f"{name}\0{value}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
