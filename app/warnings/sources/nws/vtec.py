"""Parse P-VTEC, the National Weather Service's code for the event that a message is about. Pure.

NWS Instruction 10-1703: /k.aaa.cccc.pp.s.####.yymmddThhnnZ-yymmddThhnnZ/ is class, action, office, phenomenon,
significance, event number, begin and end; a time of zeros has passed or is unknown. The hydrologic code (H-VTEC) that
may follow has another form and is not read.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from app.core import clock

_FORM = re.compile(
    r"/(?P<kind>[OTEX])\.(?P<action>[A-Z]{3})\.(?P<office>[A-Z0-9]{4})\.(?P<phenomenon>[A-Z]{2})"
    r"\.(?P<significance>[A-Z])\.(?P<number>\d{4})\.(?P<begin>\d{6}T\d{4}Z)-(?P<end>\d{6}T\d{4}Z)/",
    re.ASCII,
)
ENDING_ACTIONS = frozenset({"CAN", "EXP", "UPG"})  # cancelled, expired, replaced by a graver event
# Phenomena that are floods, and how the names of their events end (NWS Instruction 10-1703): "Flash Flood Warning".
FLOODS = {
    "CF": "coastal flood", "FA": "flood", "FF": "flash flood", "FL": "flood", "HY": "hydrologic",
    "LS": "lakeshore flood", "SS": "storm surge",
}  # fmt: skip
_SIGNIFICANCE = {"W": "warning", "A": "watch", "Y": "advisory", "S": "statement", "O": "outlook"}


@dataclass(frozen=True, slots=True)
class Vtec:
    """One code. Times are milliseconds since 1970, None if the code has zeros."""

    is_test: bool
    action: str
    event: str  # office, phenomenon, significance and number: unique within a year
    phenomenon: str
    begin: int | None
    end: int | None

    @property
    def is_ending(self) -> bool:
        return self.action in ENDING_ACTIONS

    def is_of(self, event: str) -> bool:
        """Return whether an event's name fits the code. A statement may continue any event."""
        folded_event, significance = " ".join(event.split()).casefold(), self.event.split(".")[2]
        ends = [_SIGNIFICANCE.get(significance, ""), "statement"]
        return any(folded_event.endswith(f"{FLOODS.get(self.phenomenon, '')} {end}".strip()) for end in ends)


def read(codes: Iterable[str], event: str = "") -> Vtec | None:
    """Return the code that a message is about: that of its event, floods before others, ongoing before ending."""
    codes_read = [_vtec(match) for code in codes for match in _FORM.finditer(code)]
    return min(
        codes_read,
        key=lambda vtec: (not vtec.is_of(event), vtec.phenomenon not in FLOODS, vtec.is_ending),
        default=None,
    )


def _vtec(match: re.Match[str]) -> Vtec:
    return Vtec(
        is_test=match["kind"] == "T",
        action=match["action"],
        event=".".join(match[part] for part in ("office", "phenomenon", "significance", "number")),
        phenomenon=match["phenomenon"],
        begin=_moment(match["begin"]),
        end=_moment(match["end"]),
    )


def _moment(text: str) -> int | None:
    try:
        return clock.to_ms(datetime.strptime(text, "%y%m%dT%H%MZ").replace(tzinfo=UTC))
    except ValueError:
        return None  # zeros
