"""Reference of a report for the telephone: eight characters of Crockford's base32, the last one a check digit.

It is made of the millisecond at which the report was filed, enciphered so that it shows no time and cannot be counted
through. So no row leads from a reference to its report: the day's index does, also for reports that were stored before
references existed. After 397 days a reference begins to mean another moment; reports older than 396 days have none. Of
reports that were filed in the same millisecond all have one reference.
"""

import hashlib
import hmac

from app.core import clock
from app.core.signing_keys import keys
from app.reports.entry import PUBLIC, sort_key
from app.reports.index.keys import day_shards
from app.reports.models import Report

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8
MOST_AT_ONCE = 20  # reports of one millisecond, in each shard of the day
_ALIKE = str.maketrans("OIL", "011", "- ")
_PERIOD_MS = 1 << 35  # what seven characters hold
_LONGEST_MS = 396 * clock.DAY_MS
_AHEAD_MS = clock.MINUTE_MS  # clocks of writers may be ahead
_HALF_BITS, _ROUNDS = 18, 4  # 36 bits: the smallest cipher of two equal halves that holds the period
_HALF = (1 << _HALF_BITS) - 1


def reference_of(report: Report) -> str | None:
    """Return a report's reference as people read it, `7K3M-9QXA`; None for imported reports and very old ones."""
    created_ms = report.created_at_ms
    if report.source or not 0 <= clock.now_ms() - created_ms + _AHEAD_MS < _LONGEST_MS:
        return None
    number = _enciphered(created_ms % _PERIOD_MS)
    values = [number >> 5 * place & 31 for place in reversed(range(LENGTH - 1))]
    text = "".join(ALPHABET[value] for value in [*values, _check(values)])
    return f"{text[:4]}-{text[4:]}"


def is_reference(typed: str) -> bool:
    """Return whether a text can be a reference: one wrong character, or two swapped ones, make it none."""
    return _values(typed) is not None


def find_public(typed: str) -> list[Report]:
    """Return the public reports of a reference, in any letter case, with O for 0 and I or L for 1; usually one."""
    values = _values(typed)
    if values is None:
        return []
    number = 0
    for value in values[:-1]:
        number = number << 5 | value
    latest_ms = clock.now_ms() + _AHEAD_MS
    created_ms = latest_ms - (latest_ms - _deciphered(number)) % _PERIOD_MS
    return [report for report in _filed_at(created_ms) if report.status in PUBLIC and reference_of(report)]


def _filed_at(created_ms: int) -> list[Report]:
    """Read the whole reports of one millisecond."""
    after, before = sort_key(created_ms), sort_key(created_ms + 1)
    pages = [
        Report.newest_in_shard(shard, after=after, before=before, limit=MOST_AT_ONCE)
        for shard in day_shards(clock.day_of(created_ms))
    ]
    ids = [entry.id for found in pages for entry in found.entries]
    return Report.find_all(ids) if ids else []


def _values(typed: str) -> list[int] | None:
    text = typed.upper().translate(_ALIKE)
    values = [ALPHABET.find(character) for character in text]
    is_whole = len(values) == LENGTH and -1 not in values
    return values if is_whole and _check(values[:-1]) == values[-1] else None


def _check(values: list[int]) -> int:
    """Return the check digit: a weighted sum in the field of 32 elements, each weight twice the next one."""
    total = 0
    for value in values:
        total = _doubled(total ^ value)
    return total


def _doubled(value: int) -> int:
    return value << 1 ^ (0b100101 if value & 16 else 0)  # modulo x^5 + x^2 + 1, under which 2 generates the field


def _enciphered(number: int) -> int:
    """Permute the numbers below the period; those that leave it go on until they come back."""
    while True:
        left, right = number >> _HALF_BITS, number & _HALF
        for turn in range(_ROUNDS):
            left, right = right, left ^ _mixed(right, turn)
        number = left << _HALF_BITS | right
        if number < _PERIOD_MS:
            return number


def _deciphered(number: int) -> int:
    while True:
        left, right = number >> _HALF_BITS, number & _HALF
        for turn in reversed(range(_ROUNDS)):
            left, right = right ^ _mixed(left, turn), left
        number = left << _HALF_BITS | right
        if number < _PERIOD_MS:
            return number


def _mixed(half: int, turn: int) -> int:
    text = f"reference\0{turn}\0{half}".encode()
    return int.from_bytes(hmac.digest(keys().id_key.encode(), text, hashlib.sha256)[:4], "big") & _HALF
