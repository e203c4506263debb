"""`flask audit`: what staff did, for a person on call."""

import csv
import io
from typing import Any

import pytest
import time_machine
from flask import Flask

from app.accounts.models import Account
from app.review import audit
from tests.factories import make_account

FLOOD, OTHER = f"rep_{'a' * 26}", f"rep_{'b' * 26}"


@pytest.fixture
def warden(tables: None, noon: time_machine.Traveller) -> Account:
    """A responder who decided about two reports in turn, 150 times, an hour apart."""
    account = make_account("responder", username="Warden")
    for number in range(150):
        reason, subject = ("photo", FLOOD) if number % 2 else ("seen_by_staff", OTHER)
        after = {"status": "verified"}
        audit.note(subject, "report.verified", by=audit.By(account.id), reason=reason, after=after)
        noon.shift(3600)
    audit.note(account.id, "account.suspended", by=audit.BY_COMMAND, reason="abuse")
    return account


def run(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=["audit", *arguments])


def test_newest_come_first_in_one_line_each(app: Flask, warden: Account) -> None:
    done = run(app, "--limit", "2")

    first, second = done.stdout.splitlines()
    assert first == f"2026-11-27T18:00:00Z  command  account.suspended  {warden.id}  abuse"
    change = '{"status":"verified"}'
    assert second == f"2026-11-27T17:00:00Z  {warden.id}  report.verified  {FLOOD}  photo  {change}"
    assert "There are more. Go on with --until 2026-11-27T17:00:00Z" in done.stderr


def test_one_is_found_by_name_and_all_are_printed_on_request(app: Flask, warden: Account) -> None:
    whole = run(app, "--actor", "warden", "--all")

    assert (whole.exit_code, len(whole.stdout.splitlines()), whole.stderr) == (0, 150, "")
    assert run(app, "--actor", warden.id, "--all").stdout == whole.stdout
    assert len(run(app, "--actor", "command").stdout.splitlines()) == 1
    assert len(run(app).stdout.splitlines()) == 100


def test_filters_and_days_choose(app: Flask, warden: Account) -> None:
    of_one = run(app, "--subject", FLOOD, "--all").stdout.splitlines()
    of_a_day = run(app, "--since", "2026-11-22", "--until", "2026-11-22", "--action", "report.verified").stdout

    assert len(of_one) == 75 and all(FLOOD in line for line in of_one)
    assert [line[:10] for line in of_a_day.splitlines()] == ["2026-11-22"] * 24


def test_table_has_the_columns_of_the_api(app: Flask, warden: Account) -> None:
    done = run(app, "--csv", "--limit", "3", "--actor", "Warden")

    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["reason"] for row in rows] == ["photo", "seen_by_staff", "photo"]
    assert rows[0]["after"] == '{"status":"verified"}'


@pytest.mark.parametrize("wrong", [("--actor", "nobody-here"), ("--since", "yesterday"), ("--action", "report.liked")])
def test_what_cannot_be_meant_is_refused(app: Flask, warden: Account, wrong: tuple[str, str]) -> None:
    assert run(app, *wrong).exit_code == 2


def test_nothing_is_told_as_nothing(app: Flask, tables: None) -> None:
    done = run(app, "--subject", FLOOD)

    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "Nothing matches.\n")
