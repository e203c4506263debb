"""`flask import` with a database that is slow, throttled or down, and with a person who ends it."""

import os
import shlex
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from click.testing import Result
from flask import Flask

from app.core import dynamodb
from app.core.settings_groups import TYPED_AS
from app.reports.importer import storing
from app.reports.index import completeness
from app.reports.index.models import ROOT

HANGS_S = 300
ROWS = 60
TOGETHER = 10
WRITES = ("PutItem", "TransactWriteItems")
Run = Callable[..., Result]
Hook = Callable[..., Any]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "reports.csv"
    lines = "".join(f"{number},53.4,{number / 100},2020-02-18,Row {number}\n" for number in range(1, ROWS + 1))
    path.write_text(f"id,lat,lon,date,title\n{lines}")
    return path


@pytest.fixture
def run(app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("FIRST_PAUSE_S", "LONGEST_PAUSE_S", "LOOK_EVERY_S"):
        monkeypatch.setattr(storing, name, 0.01)
    monkeypatch.setattr(storing, "_LAST_WAIT_S", HANGS_S)  # a row that is stored later than that is not counted
    monkeypatch.setattr(storing, "TOGETHER", TOGETHER)
    monkeypatch.setattr(storing, "AT_ONCE", 2)
    runner = app.test_cli_runner()
    return lambda *options: runner.invoke(args=["import", str(file), *options])


@contextmanager
def hooked(event: str, hook: Hook) -> Iterator[None]:
    events = dynamodb.connection().client.meta.events
    events.register_first(event, hook)
    try:
        yield
    finally:
        events.unregister(event, hook)


def failing(code: str, often: int) -> Hook:
    """Return what answers each of the first `often` puts with an error."""
    left = [often]

    def fail(model: Any, **_: Any) -> Any:
        left[0] -= model.name in WRITES
        if model.name not in WRITES:
            return None
        if left[0] >= 0:
            error = {"Error": {"Code": code, "Message": "Later."}, "ResponseMetadata": {"HTTPStatusCode": 400}}
            return type("Reply", (), {"status_code": 400, "headers": {}})(), error
        return None

    return fail


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "ThrottlingException", "InternalServerError"]
)
def test_database_that_throttles_or_fails_for_a_while_is_waited_for(run: Run, code: str) -> None:
    with hooked("before-call.dynamodb", failing(code, 20)):
        result = run()

    assert result.exit_code == 0, result.output
    assert result.stdout == f"{ROWS} created, 0 already there, 0 repeated in the file, 0 refused.\n"


def test_put_whose_answer_is_lost_counts_as_created(run: Run) -> None:
    """The row is there, and the answer never comes: what tries again finds its own row."""
    left = [4]

    def lose(model: Any, **_: Any) -> None:
        left[0] -= model.name in WRITES
        if left[0] >= 0 and model.name in WRITES:
            raise ReadTimeoutError(endpoint_url="https://nowhere.invalid")

    with hooked("after-call.dynamodb", lose):
        result = run()

    assert result.stdout == f"{ROWS} created, 0 already there, 0 repeated in the file, 0 refused.\n", result.output
    assert run().stdout == f"0 created, {ROWS} already there, 0 repeated in the file, 0 refused.\n"


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException", "ValidationException"])
def test_what_no_waiting_changes_stops_at_once(run: Run, code: str) -> None:
    with hooked("before-call.dynamodb", failing(code, 10**6)):
        result = run("--patience", "86400")

    assert result.exit_code == 1
    assert code in result.stderr
    assert "--from-row 1" in result.stderr


def test_database_that_stays_away_stops_the_run_with_the_command_to_go_on(run: Run, file: Path) -> None:
    with hooked("before-call.dynamodb", failing("InternalServerError", 10**6)):
        result = run("--patience", "0.3", "--map", "id=id", "--date-order", "dmy")

    assert result.exit_code == 1
    assert "Stopped after 0 of 60 rows, at row 1" in result.stderr
    command = result.stderr.splitlines()[-1].strip()
    assert command == (
        f"flask --app app.factory import {file} --patience 0.3 --map id=id --date-order dmy --from-row 1"
    )


def test_command_to_go_on_is_the_one_that_was_typed(run: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TYPED_AS, "make import DATA=/tmp/floods")
    with hooked("before-call.dynamodb", failing("AccessDeniedException", 10**6)):
        result = run("--format", "csv", "--source", "The North")

    command = result.stderr.splitlines()[-1].strip()
    rest = shlex.quote("--source 'The North' --from-row 1")
    assert command == f"make import DATA=/tmp/floods FILE={file} FORMAT=csv ARGS={rest}"


def test_rows_before_the_one_to_go_on_from_are_left_alone(run: Run) -> None:
    assert run("--from-row", "41").stdout.startswith("20 created, 0 already there")
    assert run().stdout.startswith("40 created, 20 already there")
    assert run("--from-row", "61").exit_code == 0


def ended_at_3(number: signal.Signals, often: int, monkeypatch: pytest.MonkeyPatch) -> Hook:
    """Return what sends a signal with the third write, and again while the run tells what it has done."""
    numbers, rest, beyond, ended = count(1), storing.Storing.rest, storing.Storing.beyond, Event()

    def end_at_3(model: Any, **_: Any) -> None:
        write = next(numbers) if model.name in WRITES else 0  # no two threads get the same one
        if write == 3:
            os.kill(os.getpid(), number)
        elif write > 3:
            ended.wait(HANGS_S)

    def rest_of_the_ended(self: storing.Storing) -> Any:
        ended.set()
        return rest(self)

    def beyond_when_asked_again(self: storing.Storing) -> Any:
        for _ in range(often - 1):
            os.kill(os.getpid(), number)
        return beyond(self)

    monkeypatch.setattr(storing.Storing, "rest", rest_of_the_ended)
    monkeypatch.setattr(storing.Storing, "beyond", beyond_when_asked_again)
    return end_at_3


@pytest.mark.parametrize(
    ("number", "often"), [(signal.SIGINT, 1), (signal.SIGTERM, 1), (signal.SIGINT, 3), (signal.SIGTERM, 3)]
)
def test_run_that_a_person_ends_can_be_gone_on_with(
    run: Run, number: signal.Signals, often: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hooked("before-call.dynamodb", ended_at_3(number, often, monkeypatch)):
        result = run()
    words = result.stderr.split()
    row = int(words[words.index("--from-row") + 1])
    created = int(result.stdout.split()[0])

    assert result.exit_code == 130
    assert "nothing was stored" not in result.stderr
    assert row <= created + 1 < ROWS
    assert created >= TOGETHER
    again = run("--from-row", str(row))
    assert again.exit_code == 0
    assert created + int(again.stdout.split()[0]) == ROWS


def test_shifted_run_goes_on_with_the_same_shift(run: Run, app: Flask) -> None:
    with hooked("before-call.dynamodb", failing("InternalServerError", 10**6)):
        stopped = run("--patience", "0.1", "--shift-to-now")
    words = stopped.stderr.split()
    now = words[words.index("--now") + 1]
    run("--shift-to-now", "--now", now)
    items = app.test_client().get("/v1/reports?lat=53.4&lon=0.5&radius_km=100&limit=5").get_json()["items"]

    assert {item["observed_at"][:16] for item in items} == {now[:16]}


def test_equal_ids_near_each_other_are_told_with_the_first_and_far_ones_by_the_put(
    run: Run, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "_REMEMBERED", 10)
    again = "60,53.4,0.6,2020-02-18,Row 60\n60,53.4,0.6,2020-02-18,Other\n1,1,1,2020-02-18,\n"
    file.write_text(file.read_text() + again)
    result = run()

    assert result.stdout == f"{ROWS} created, 0 already there, 3 repeated in the file, 0 refused.\n"
    assert [line for line in result.stderr.splitlines() if line.startswith("repeated")] == [
        "repeated: row 61 (line 62): it says the same as row 60 (line 61), which counts",
        "repeated: row 62 (line 63): it has the same id as row 60 (line 61), which counts",
        "repeated: row 63 (line 64): its report was stored from an earlier row of the file, which counts",
    ]


def test_new_rows_are_stored_some_at_a_time_and_without_a_read_of_each(run: Run) -> None:
    calls: list[tuple[str, str]] = []
    with hooked("before-call.dynamodb", lambda model, params, **_: calls.append((model.name, str(params["body"])))):
        run()

    written = [name for name, _ in calls]
    assert (written.count("TransactWriteItems"), written.count("PutItem")) == (ROWS / TOGETHER, 0)
    # What is read says which indexes are filled, and how far documents are; each writer may look for itself.
    read = [body for name, body in calls if name in ("GetItem", "BatchGetItem", "Query")]
    assert read and not [body for body in read if completeness.ROW not in body and ROOT not in body]


def test_one_row_that_is_there_costs_its_group_no_row(run: Run, file: Path) -> None:
    whole = file.read_text()
    file.write_text("".join(whole.splitlines(keepends=True)[:1] + whole.splitlines(keepends=True)[30:31]))
    assert run().stdout.startswith("1 created")
    file.write_text(whole)

    assert run().stdout.startswith(f"{ROWS - 1} created, 1 already there")
