"""A city in a storm: people who file, edit and take back reports, and the stream's records of their writes."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

from app.aws.streams import as_json
from app.core import clock
from app.reports import entry_encoding
from bench.floods import Seen, entry_of, stored_form
from bench.stand_in import Table
from bench.units import Item

LAT, LON = -6.2, 106.83
NEIGHBOURHOODS = 20
EDITED, WITHDRAWN, SHORT_LIVED = 0.12, 0.08, 0.05
SEVERITIES = ("minor", "moderate", "severe", "extreme")
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


@dataclass(frozen=True)
class Written:
    """One write: when, to which report, and its images."""

    at_ms: float
    id: str
    old: Item | None
    new: Item

    def record(self, number: int) -> dict[str, object]:
        """Return the stream's record of it, as a function receives it."""
        images = {"NewImage": self.new} | ({"OldImage": self.old} if self.old else {})
        told = {"Keys": {"id": {"S": self.id}}, "SequenceNumber": f"{number:021d}", **as_json(images)}
        told["ApproximateCreationDateTime"] = self.at_ms / 1000
        return {"eventSource": "aws:dynamodb", "eventName": "MODIFY", "dynamodb": told}

    def shard_of(self, count: int) -> int:
        """Return the number of its stream shard: all records of an item are in one."""
        return crc32(self.id.encode()) % count


class City:
    """Reports around some neighbourhoods of 5 km, in the stand-in's table."""

    def __init__(self, table: Table, seed: int) -> None:
        self.table = table
        self.dice = random.Random(seed)
        gauss = self.dice.gauss
        self.centres = [(gauss(LAT, 0.03), gauss(LON, 0.03)) for _ in range(NEIGHBOURHOODS)]
        self.ids: list[str] = []

    def live(self, rate: float, seconds: float, began_ms: float) -> Iterator[float]:
        """Yield the moments (ms) of the writes of a storm."""
        for number in range(int(rate * seconds)):
            yield began_ms + number * 1000 / rate

    def write(self, now_ms: float) -> Written:
        """Do one write, and return it."""
        draw = self.dice.random()
        if self.ids and draw < EDITED + WITHDRAWN:
            return self._change(now_ms, {"severity": self.dice.choice(SEVERITIES)} if draw < EDITED else {})
        return self._file(now_ms)

    def _file(self, now_ms: float) -> Written:
        lat, lon = self.dice.choice(self.centres)
        place = round(self.dice.gauss(lat, 0.006), 5), round(self.dice.gauss(lon, 0.006), 5)
        number = self.dice.getrandbits(130)
        report_id = "rep_" + "".join(_BASE32[number >> shift & 31] for shift in range(0, 130, 5))
        item = stored_form(Seen(report_id, int(now_ms), *place, is_over=False), int(now_ms))
        if self.dice.random() < SHORT_LIVED:
            item["expires"] = {"N": str(int(now_ms) + self.dice.randint(20, 90) * 1000)}
        self.ids.append(report_id)
        return self._store(now_ms, None, item)

    def _change(self, now_ms: float, values: dict[str, str]) -> Written:
        """Edit a report, or withdraw it if no new values are given."""
        place = self.dice.randrange(len(self.ids))
        old = self.table.read(self.ids[place])
        assert old is not None
        new = old | {name: {"S": value} for name, value in values.items()}
        if not values:
            new["status"] = {"S": "withdrawn"}
            new.pop("cell", None)
            self.ids.pop(place)
        new["version"] = {"N": str(int(old["version"]["N"]) + 1)}
        new["updated"] = {"N": str(int(now_ms))}
        new["changed_day"] = {"S": clock.day_of(int(now_ms))}
        new["changed_sort"] = {"S": f"{int(now_ms):015d}#{old['id']['S']}"}
        new["changed_lane"] = {"S": f"{clock.day_of(int(now_ms))}#0"}
        return self._store(now_ms, old, new)

    def _store(self, now_ms: float, old: Item | None, item: Item) -> Written:
        item["entry"] = {"B": entry_encoding.pack(entry_of(item))}
        self.table.write(item["id"]["S"], item)
        return Written(now_ms, item["id"]["S"], old, item)
