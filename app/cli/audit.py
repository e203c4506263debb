"""`flask audit`: what members of staff did, for a person on call."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import click

from app.accounts.models import Account
from app.api import csv_table
from app.api.audit_schemas import COLUMNS, act_form, table_row
from app.core import clock, dynamodb
from app.core.config import settings
from app.http.fields import parse_moment
from app.review import audit_search
from app.review.audit import ACTIONS, COMMAND, AuditRow
from app.review.audit_search import AuditQuery

_DAY = "%Y-%m-%d"


class Moment(click.ParamType[int]):
    """A time with its offset, or a day, whose first or last moment is meant. As milliseconds since 1970."""

    name = "time"

    def __init__(self, *, is_end: bool) -> None:
        self.is_end = is_end

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        if moment := parse_moment(value):
            return clock.to_ms(moment)
        try:
            begin_ms = clock.to_ms(datetime.strptime(value, _DAY).replace(tzinfo=UTC))
        except ValueError:
            self.fail(f"{value!r} is neither a day (2026-01-05, in UTC) nor a time (2026-01-05T10:00:00Z).")
        return begin_ms + clock.DAY_MS - 1 if self.is_end else begin_ms


def _account_id(_context: click.Context, _parameter: click.Parameter, text: str | None) -> str | None:
    """Return the id of an account by its id or user name."""
    if text is None or text == COMMAND or text.startswith("acc_"):
        return text
    if account := Account.named(text):
        return account.id
    raise click.BadParameter(f"There is no account {text!r}. Of a deleted one give the id, as acc_01...")


@click.command("audit")
@click.option("--subject", help="Id of what was acted upon: a report, an account.")
@click.option("--actor", callback=_account_id, help=f"User name or id of who acted; `{COMMAND}` for a command line.")
@click.option("--action", type=click.Choice(sorted(ACTIONS)), metavar="ACTION", help="As report.verified.")
@click.option("--since", type=Moment(is_end=False), help="Day, or time with its offset.")
@click.option("--until", type=Moment(is_end=True), help="Day, whose end is meant, or time with its offset.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="Rows, at most.")
@click.option("--all", "is_all", is_flag=True, help="All rows that match.")
@click.option("--csv", "is_table", is_flag=True, help="Print a table for a spreadsheet.")
def show_audit(limit: int, *, is_all: bool, is_table: bool, since: int | None, until: int | None, **texts: Any) -> None:
    """Print what members of staff did, newest first: all, or by subject, actor, action and time (UTC)."""
    if missing := settings().missing_database():
        raise click.ClickException(missing)
    rows = _rows(AuditQuery(since_ms=since, until_ms=until, **texts))
    try:
        shown = list(rows if is_all else islice(rows, limit))
        has_more = not is_all and len(shown) == limit and next(rows, None) is not None
    except dynamodb.FAILURES as error:
        raise click.ClickException(f"The audit cannot be read now: {type(error).__name__}.") from error
    if is_table:
        click.echo(csv_table.write(COLUMNS, (table_row(act_form(row)) for row in shown)), nl=False)
    for row in () if is_table else shown:
        click.echo(_line(row))
    if has_more:
        click.echo(f"There are more. Go on with --until {clock.rfc3339(int(shown[-1].at_ms))}, or --all.", err=True)
    if not shown:
        click.echo("Nothing matches.", err=True)


def _rows(query: AuditQuery) -> Iterator[AuditRow]:
    """Yield all rows that match, page by page."""
    query = query._replace(limit=100)
    while True:
        page = audit_search.find(query)
        yield from page.rows
        if not page.next_before:
            return
        query = query._replace(before=page.next_before)


def _line(row: AuditRow) -> str:
    """Return a row as a line: time, actor, action, subject, reason, what changed."""
    act = table_row(act_form(row))
    change = " -> ".join(str(act[name]) for name in ("before", "after") if act[name])
    parts = (act["acted_at"], act["actor"], act["action"], act["subject"], act["reason"], change)
    return "  ".join(part for part in parts if part)
