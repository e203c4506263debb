"""Calendar: the days with reports and the days with changes, so that lists end; and the alerts of each day."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from app.core import clock, dynamodb, telemetry
from app.core.config import settings
from app.reports.index import completeness

MADE, CHANGED = completeness.YEARS, "changed"
YEARS_AT_FIRST, YEARS_AT_ONCE = 2, 8
ENOUGH_DAYS = 6  # for one page; with fewer, older years are read too


ALERT_DAYS = 10  # a report lives for a week, and its end can be read for a day


class AlertDay(dynamodb.Table):
    """The reports about which an alert was published on a day, so that the list of alerts reads only these."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("reports")

    id = UnicodeAttribute(hash_key=True)  # `alerts:2026-01-05`
    reports = UnicodeSetAttribute(null=True)
    purge_at_s = NumberAttribute(attr_name="purge_at", null=True)

    @classmethod
    def note(cls, day: str, report_id: str) -> None:
        """Add a report. A failure leaves it out of the list only: the alert itself can be read."""
        ends_at_s = clock.midnight_of(day) // 1000 + (ALERT_DAYS + 2) * 24 * 3600
        try:
            cls(f"alerts:{day}").update(actions=[cls.reports.add({report_id}), cls.purge_at_s.set(ends_at_s)])
        except dynamodb.FAILURES as error:
            telemetry.logger().error("alert not listed", extra={"error": type(error).__name__})

    @classmethod
    def newest(cls, now_ms: int) -> list[tuple[str, str]]:
        """Return (day, id) of each report with an alert of the last days, the newest day first. One batch."""
        days = [clock.day_of(now_ms - number * clock.DAY_MS) for number in range(ALERT_DAYS)]
        noted = {row.id: row.reports or set() for row in cls.batch_get([f"alerts:{day}" for day in days])}
        last_day = {name: day for day in reversed(days) for name in noted.get(f"alerts:{day}", ())}
        return sorted(((day, name) for name, day in last_day.items()), reverse=True)


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
        if kind == MADE:
            completeness.note_if_new()
        Calendar(f"{kind}:{day[:4]}").update(actions=[Calendar.days.add({day})])
        Calendar(kind).update(actions=[Calendar.days.add({day[:4]})])

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
