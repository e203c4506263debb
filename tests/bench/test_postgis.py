"""The comparison of near-me with Flask over PostGIS: its judge, and the whole of it where PostgreSQL is installed."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bench import postgis, private_postgres

ROOT = Path(__file__).parents[2]
BENCH = ROOT / "build/bench-env/bin/python"
TIMEOUT_S = 900  # only what hangs takes so long
QUERY = ["lat=51.5&lon=-0.12&radius_km=2"]


def _answer(*metres: int, complete_to: float | str | None = None, version: int = 1) -> dict[str, Any]:
    items = [
        {"id": f"rep_{away}", "created_at": f"2026-11-21T11:{59 - place}:00Z", "distance_m": away, "version": version}
        for place, away in enumerate(metres)
    ]
    return {"items": items, "complete_to": complete_to}


def _agree(ours: dict[str, Any], theirs: dict[str, Any]) -> int:
    return postgis.agree(QUERY, [ours], [theirs])


def test_same_reports_in_the_same_order_agree_also_where_a_metre_is_rounded_otherwise() -> None:
    theirs = _answer(10, 300)
    theirs["items"][1] |= {"distance_m": 301}
    assert _agree(_answer(10, 300), theirs) == 0


@pytest.mark.parametrize(
    "ours",
    [
        _answer(10),
        _answer(10, 300, 400),
        _answer(300, 10),
        _answer(10, 300, version=2),
        _answer(),
        _answer(10, 400, complete_to=1.0),
    ],
)
def test_another_report_order_number_or_field_stops_the_comparison(ours: dict[str, Any]) -> None:
    with pytest.raises(postgis.Disagree, match="radius_km=2"):
        _agree(ours, _answer(10, 300))


def test_short_page_is_compared_as_far_as_it_says_to_be_whole() -> None:
    assert _agree(_answer(10, 300, 999, complete_to=0.4), _answer(10, 300, 400)) == 1
    assert _agree(_answer(10, complete_to="2026-11-21T11:59:00Z"), _answer(10, 300)) == 1


def test_cpu_time_is_that_of_the_process_which_works() -> None:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        try:
            before_s = postgis.cpu_of(busy.pid)
            while postgis.cpu_of(busy.pid) - before_s < 0.01:
                time.sleep(0.01)
        finally:
            busy.kill()
    assert abs(postgis.cpu_of(os.getpid()) - time.process_time()) < 1


def test_says_why_it_does_not_run_where_postgis_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_postgres, "programs", lambda: None)
    monkeypatch.setattr(postgis, "find_spec", lambda _: object())
    monkeypatch.setattr(postgis, "DYNOXIDE", ROOT)
    (told,) = postgis.measure([10_000], rounds=3)
    assert told["not run"] == "PostgreSQL is not installed (`make postgis-apt`)"


@pytest.mark.skipif(private_postgres.lacking() is not None, reason="PostgreSQL with PostGIS is not installed")
def test_private_postgresql_answers_on_its_socket_and_ends_with_the_block() -> None:
    folder = private_postgres.programs()
    assert folder is not None
    asking = [folder / "psql", "-U", private_postgres.USER, "-Atc", "SELECT 6 * 7", "-d", "postgres", "-h"]
    with private_postgres.running_postgres() as socket_folder:
        answered = subprocess.run([*asking, socket_folder], capture_output=True, text=True, check=True, timeout=60)
        process = int((Path(socket_folder) / "data/postmaster.pid").read_text().split()[0])
        status = Path(f"/proc/{process}/status").read_text()
    assert answered.stdout == "42\n"
    assert "\nUid:\t0\t" not in status
    assert not Path(f"/proc/{process}").exists() and not Path(socket_folder).exists()


@pytest.mark.long
@pytest.mark.skipif(
    not BENCH.exists() or private_postgres.lacking() is not None, reason="`make bench` or PostGIS is not installed"
)
def test_both_give_the_same_answers_of_a_small_world() -> None:
    if subprocess.run([BENCH, "-c", "import psycopg"], capture_output=True, check=False).returncode:
        pytest.skip("psycopg is not installed: `make bench` brings it")
    command = [BENCH, "-m", "bench", "--only", "postgis", "--sizes", "1500", "--rounds", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(told) == len(postgis.WHERE) * len(postgis.ORDERS) * len(postgis.RADII_KM) * 2
    assert {one["variant"] for one in told} == {postgis.OURS, postgis.THEIRS}
    assert all(one["cpu_ms"] > 0 for one in told)
