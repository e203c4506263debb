"""Calendar: the days with reports and the days with changes, so that lists end."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute

from app.core import dynamodb
from app.core.config import settings

MADE, CHANGED = "made", "changed"
YEARS_AT_FIRST, YEARS_AT_ONCE = 2, 8
ENOUGH_DAYS = 6  # for one page; with fewer, older years are read too


class NewestDays(NamedTuple):
    """Days by kind, newest first; `unread_from`: the last day of the newest year not read, empty if there is none."""

    days: Mapping[str, Sequence[str]]
    unread_from: str
    batches: int
    rows: int


class Calendar(dynamodb.Table):
    """Days of one kind and year, or the years of one kind. Written before the first report of a day."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("reports")

    id = UnicodeAttribute(hash_key=True)  # `made` and `changed` hold years, `made:2026` and `changed:2026` days
    days = UnicodeSetAttribute(null=True)

    @staticmethod
    @cache
    def note(day: str, kind: str = MADE) -> None:
        """Add a day; once in a process, since days are never removed."""
        Calendar(f"{kind}:{day[:4]}").update(actions=[Calendar.days.add({day})])
        Calendar(kind).update(actions=[Calendar.days.add({day[:4]})])

    @classmethod
    def has_reports(cls) -> bool:
        """Return whether a report was ever stored or about to be."""
        return bool(list(cls.batch_get([MADE], consistent_read=True)))

    @classmethod
    def days_known(cls, kind: str = MADE, *, first: str = "", last: str = "9999-12-31") -> list[str]:
        """Return the days of that kind, newest first."""
        years = [year for row in cls.batch_get([kind]) for year in row.days if first[:4] <= year <= last[:4]]
        rows = cls.batch_get([f"{kind}:{year}" for year in years]) if years else []
        return sorted((day for row in rows for day in row.days if first <= day <= last), reverse=True)

    @classmethod
    def newest_days(cls, kinds: Iterable[str], *, first: str, last: str) -> NewestDays:
        """Return the days of the newest two years of a period, and of older ones while those have few.

        One batch, or two if reports are that rare; more only for a period of more than ten such years.
        """
        wanted, read = sorted(kinds), dict[str, set[str]]()
        newest = int(last[:4])
        oldest = max(newest - YEARS_AT_FIRST + 1, min(int(first[:4] or 1), newest))
        years = [f"{year:04d}" for year in range(newest, oldest - 1, -1)]
        batches, rows = 0, 0
        while True:
            keys = [f"{kind}:{year}" for kind in wanted for year in years] + ([] if read else wanted)
            read |= {key: set() for key in keys} | {row.id: row.days or set() for row in cls.batch_get(keys)}
            batches, rows = batches + 1, rows + len(keys)
            days = {kind: _days_of(kind, read, first, last) for kind in wanted}
            known_years = {year for kind in wanted for year in read[kind] if first[:4] <= year <= last[:4]}
            unread = sorted((year for year in known_years if f"{wanted[0]}:{year}" not in read), reverse=True)
            if sum(map(len, days.values())) >= ENOUGH_DAYS or not unread:
                return NewestDays(days, f"{unread[0]}-12-31" if unread else "", batches, rows)
            years = unread[:YEARS_AT_ONCE]


def _days_of(kind: str, read: Mapping[str, set[str]], first: str, last: str) -> list[str]:
    """Return the days of a kind among the rows read, newest first."""
    days = {day for key, row in read.items() if key.startswith(f"{kind}:") for day in row}
    return sorted((day for day in days if first <= day <= last), reverse=True)
