"""`make serve` from outside: it answers, it keeps, and it leaves nothing behind."""

import json
import re
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.local.database import can_keep_data
from infra.local.processes import is_port_free
from tests.local.local_run import (
    END_WITHIN_S,
    START_WITHIN_S,
    WITHOUT_PLACES,
    LocalRun,
    await_none_with,
    await_true,
    processes_with,
    start,
)
from tests.local.test_readme import CURLS, KEY, README

# The database, the store of photos, the CLI and the app, three of them on a leash.
WITH_WEB = 7
pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked at as Linux shows them"),
    pytest.mark.skipif(not can_keep_data(), reason="dynoxide is not installed for this system"),
]


@dataclass
class Restarted:
    run: LocalRun
    reported: str
    left_by_crash: list[int]


@pytest.fixture(scope="module")
def restarted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restarted]:
    """A run on the folder and port of one that was killed after it had taken a report."""
    folder = tmp_path_factory.mktemp("local") / "a folder"
    first = start(folder, *WITHOUT_PLACES).await_ready()
    reported, database = first.file_report("a-report-before-a-crash"), first.database
    first.end(signal.SIGKILL)
    left = await_none_with(database, END_WITHIN_S)
    second = start(folder, *WITHOUT_PLACES, port=first.port, demo=1).await_ready()
    yield Restarted(second, reported, left)
    second.end()


@pytest.fixture(scope="module")
def running(restarted: Restarted) -> LocalRun:
    return restarted.run


def test_crash_leaves_no_process(restarted: Restarted) -> None:
    assert restarted.left_by_crash == []


def test_report_outlives_a_crash(restarted: Restarted) -> None:
    assert restarted.run.request(f"/v1/reports/{restarted.reported}")[0] == 200


def test_it_answers_and_says_where(running: LocalRun) -> None:
    assert running.request("/healthz")[0] == 200
    assert f"http://localhost:{running.port}/docs" in running.output.read_text()


def test_only_this_machine_reaches_it(running: LocalRun) -> None:
    outside = [address for _, _, _, _, (address, *_) in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]

    for address in set(outside) - {"127.0.0.1"}:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((address, running.port), timeout=END_WITHIN_S)


def test_its_secrets_are_its_owners_alone(running: LocalRun) -> None:
    secrets = running.folder / "secrets.env"

    names = [line.split("=")[0] for line in secrets.read_text().splitlines()]
    assert secrets.stat().st_mode & 0o777 == 0o600
    assert names == ["FLOOD_SECRET", "FLOOD_ID_KEY", "FLOOD_TOTP_KEY", "FLOOD_MAIL_KEY", "PHOTO_STORE_KEY"]


def test_demo_shows_a_flood_and_lets_its_people_in(running: LocalRun) -> None:
    sign_ins = running.folder / "sign-ins.json"
    phrases = json.loads(sign_ins.read_text())

    status, tokens = running.request("/v1/tokens", {"username": "responder", "password": phrases["responder"]})

    assert (status, bool(tokens["access_token"])) == (200, True)
    assert sign_ins.stat().st_mode & 0o777 == 0o600
    assert all(phrase in running.output.read_text() for phrase in phrases.values())
    assert len(running.request("/v1/reports?lat=51.3813&lon=-2.3590&radius_km=5")[1]["items"]) > 10


def test_progress_comes_first_and_then_one_block(running: LocalRun) -> None:
    before, _, block = running.output.read_text().partition("FloodManager runs.")

    assert before.split("\n") == [
        "Starting the database ...",
        "Loading the demo ...",
        "The demo is loaded: 240 invented reports and 4 warnings at Bath.",
        "Starting the app ...",
        "",
        "",
    ]
    assert "{" not in block.split("Try (")[0]


def test_sources_that_nobody_asks_are_switched_off_and_not_silent(running: LocalRun) -> None:
    status = running.request("/status.json")[1]

    assert (status["status"], status["demonstration"]) == ("ok", True)
    assert [one["name"] for one in status["sources"]] == ["demo"]


def test_each_request_of_the_readme_succeeds_as_printed(running: LocalRun) -> None:
    for curl in CURLS:
        status, said = running.ask_as_printed(curl)

        assert status in (200, 201), said
        assert said


def test_edited_report_under_the_key_of_the_readme_is_refused_as_it_says(running: LocalRun) -> None:
    [filing] = [curl for curl in CURLS if "Idempotency-Key" in curl]
    edited = filing.replace("Water over", "Water below")

    answers = [running.ask_as_printed(curl)[1] for curl in (filing, edited)]

    assert [answer.get("status") for answer in answers] == ["pending", 422]
    assert KEY not in running.output.read_text()


def test_printed_block_is_what_serve_prints(running: LocalRun) -> None:
    [block] = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    printed = running.output.read_text().replace(f":{running.port}", ":5000")

    for line in block.split("    resident")[0].strip().splitlines():
        assert line.strip() in printed


def test_taken_port_is_named_and_another_offered(running: LocalRun, tmp_path: Path) -> None:
    second = start(tmp_path / "other", port=running.port)

    assert second.process.wait(END_WITHIN_S) == 1
    assert f"Port {running.port} is taken" in second.output.read_text()
    assert f"make serve PORT={running.port + 1}" in second.output.read_text()


def test_folder_of_another_run_is_left_alone(running: LocalRun) -> None:
    database = running.database

    second = start(running.folder)

    assert second.process.wait(END_WITHIN_S) == 1
    assert "Another run uses" in second.output.read_text()
    assert running.database == database


def test_stream_carries_a_report_into_a_tile_that_is_there(running: LocalRun) -> None:
    position = running.folder / "stream.json"
    running.request("/tiles/6/31/21")

    known = running.file_report("a-report-for-the-tiles")

    await_true(position.exists, within_s=START_WITHIN_S)
    await_true(lambda: known in str(running.request("/tiles/6/31/21")), within_s=START_WITHIN_S)
    assert "the handler raised" not in running.output.read_text()


def test_interrupted_make_ends_all_that_it_started(tmp_path: Path) -> None:
    """Make passes on a SIGTERM of its own, but not a SIGINT."""
    run = start(tmp_path / "ended", with_make=True)
    await_true((run.folder / "endpoint").exists, START_WITHIN_S)
    database = run.database
    await_true(lambda: len(processes_with(database)) >= WITH_WEB, START_WITHIN_S)

    run.end(signal.SIGINT)

    assert processes_with(database) == []
    assert is_port_free(run.port)
    assert not (run.folder / "endpoint").exists()


def test_end_while_it_starts_leaves_nothing(tmp_path: Path) -> None:
    run = start(tmp_path / "early")
    await_true((run.folder / "endpoint").exists, START_WITHIN_S)
    database = run.database

    run.end(signal.SIGTERM)

    assert run.process.returncode == 0
    assert processes_with(database) == []
