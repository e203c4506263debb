"""A data folder of an earlier release, served by this release, by the previous one, and by this one again."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.local.local_run import ROOT, START_WITHIN_S, LocalRun, await_true, start
from tests.rig.releases import RELEASES, assert_told, comparable, kept, unpack_folder, without

PREVIOUS = "b8d61ab1"
PLACE = "lat=51.0435&lon=-2.827"
LISTS = [
    "/v1/reports?limit=100",
    f"/v1/reports?{PLACE}&radius_km=5&limit=100",
    "/v1/reports?bbox=-3.2,50.9,-2.7,51.2&limit=50",
    "/v1/reports?since=2010-01-01T00:00:00Z&limit=100",
    "/v1/reports?updated_since=2010-01-01T00:00:00Z&limit=100",
    f"/v1/reports?since=2010-01-01T00:00:00Z&{PLACE}&radius_km=2&limit=100",
    f"/v1/nearby?{PLACE}&radius_km=5",
    "/v1/warnings",
    "/tiles/4/7/5",
    "/tiles/10/503/343",
]


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of the previous release. Skips, with the reason, if git does not have it."""
    checkout = tmp_path_factory.mktemp("release") / "checkout"
    for command in (
        ["git", "clone", "-q", "--shared", "--no-checkout", ROOT, checkout],
        ["git", "-C", checkout, "checkout", "-q", PREVIOUS],
    ):
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip(f"git does not have the previous release ({PREVIOUS}) here")
    _install(checkout)
    return checkout


def _install(checkout: Path) -> None:
    """Install the packages of its own lock file. Skips, with the reason, if that is impossible."""
    shutil.copytree(ROOT / "node_modules", checkout / "node_modules", symlinks=True)
    subprocess.run([sys.executable, "-m", "venv", checkout / ".venv"], check=True)
    pip = [checkout / ".venv" / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    wanted = ["--require-hashes", "-r", checkout / "requirements-local.txt"]
    installed = subprocess.run([*pip, *wanted], check=False, capture_output=True, text=True)
    if installed.returncode:
        pytest.skip(f"the packages of the previous release cannot be had here: {installed.stderr[-500:]}")


@contextmanager
def served(folder: Path, checkout: Path = ROOT) -> Iterator[LocalRun]:
    run = start(folder, demo=1, checkout=checkout, python=checkout / ".venv" / "bin" / "python")
    try:
        yield run.await_ready()
    finally:
        run.end()


def answers(run: LocalRun) -> dict[str, Any]:
    """Return each list with all its pages joined, since page lengths depend on what the documents hold."""
    told = {}
    for path in LISTS:
        status, body = run.request(path)
        assert status == 200, path
        while cursor := body.get("next_cursor"):
            status, more = run.request(f"{path}&cursor={cursor}")
            assert status == 200, path
            body["items"], body["next_cursor"] = body["items"] + more["items"], more["next_cursor"]
        body.pop("complete_to", None)  # of a page
        told[path] = comparable(without("reports_active", body))  # counted in the first minute after a start
    return told


def file_edit_and_withdraw(run: LocalRun, name: str) -> list[str]:
    """Ids of a report that is edited and one that is withdrawn, once the map's tile knows."""
    body = {"location": {"lat": 51.0435, "lon": -2.827}, "depth_cm": 30, "title": f"By {name}", "place": "public"}
    made = [run.request("/v1/reports", body, Idempotency_Key=f"{name}-report-of-before-000{n}")[1] for n in range(2)]
    for report, change in zip(made, ({"depth_cm": 77}, None), strict=True):
        told = {"Authorization": f"Bearer {report['edit_token']}", "If_Match": '"v1"'}
        method = "PATCH" if change else "DELETE"
        assert run.request(f"/v1/reports/{report['id']}", change, method=method, **told)[0] in (200, 204)
    await_true(lambda: f"By {name}" in str(run.request("/tiles/13/4031/2740")), START_WITHIN_S)
    return [report["id"] for report in made]


def listed(told: dict[str, Any], path: str) -> dict[str, Any]:
    return {item["id"]: item for item in told[path]["items"]}


@pytest.mark.long
@pytest.mark.parametrize("release", RELEASES)
def test_a_folder_goes_from_release_to_release_and_back(release: str, previous: Path, tmp_path: Path) -> None:
    folder = unpack_folder(release, tmp_path / "data")
    with served(folder) as run:
        assert re.search("Filling .*entries_by_place", run.output.read_text())
        stored = {row["id"]["S"] for row in kept(release, "tables")["reports"] if row["id"]["S"].startswith("rep_")}
        assert listed(answers(run), LISTS[4]).keys() >= stored
        edited, withdrawn = file_edit_and_withdraw(run, "new")
        told = answers(run)

    with served(folder, previous) as run:
        back = answers(run)
        for path, body in back.items():
            assert_told(body, told[path], path)
        again, gone = file_edit_and_withdraw(run, "old-again")
        told = answers(run)

    with served(folder) as run:
        assert re.search("Filling .*entries_by_place", run.output.read_text())
        now = answers(run)
        for path, body in told.items():
            assert_told(body, now[path], path)
        delta = listed(now, LISTS[4])
        assert [delta[each]["depth_cm"] for each in (edited, again)] == [77, 77]
        assert [delta[each]["gone"] for each in (withdrawn, gone)] == [True, True]
