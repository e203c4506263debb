"""`make gateway` from outside: the packaged product answers behind the local gateway, and leaves nothing behind."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.demo_photos import PHOTOS
from app.cli.demo_pictures import draw
from infra.local.database import can_keep_data
from infra.local.gateway import running
from infra.local.serve_artifact import build, is_fresh
from infra.target import Target
from tests.local.calling import call
from tests.local.local_run import (
    END_WITHIN_S,
    WITHOUT_PLACES,
    LocalRun,
    await_none_with,
    everything_about,
    processes_with,
    start,
)
from tests.local.storing import add_photo, file_own, pixels_of
from tests.local.test_readme import CURLS

MODULE = "infra.local.serve_artifact"
ROOT = Path(__file__).parents[2]
SECRETS = {name: f"a secret for {name} that is long enough to be taken" for name in ("FLOOD_SECRET", "FLOOD_ID_KEY")}
pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked at as Linux shows them"),
    pytest.mark.skipif(not can_keep_data(), reason="dynoxide is not installed for this system"),
]


@pytest.fixture(scope="module")
def artifact() -> Path:
    return build()


@pytest.fixture(scope="module")
def served(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRun]:
    """A run whose end, after all the others have asked it, leaves no process."""
    options = ("--zip", str(artifact), *WITHOUT_PLACES)
    run = start(tmp_path_factory.mktemp("gateway") / "data", *options, module=MODULE).await_ready()
    yield run
    database = run.database
    assert call(run.url, "/healthz").status == 200
    assert any("runtime_child" in command for command in commands_of(run))
    run.end()
    assert await_none_with(database, END_WITHIN_S) == []


def test_artifact_is_built_anew_once_a_source_is_newer(artifact: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(artifact, tmp_path))

    fresh = is_fresh(copy, Target.here())
    os.utime(copy, (0, 0))

    assert (fresh, is_fresh(copy, Target.here())) == (True, False)
    assert not is_fresh(artifact, Target("3.99", "x86_64"))


def test_each_request_of_the_readme_succeeds_at_the_gateways_url(served: LocalRun) -> None:
    for curl in CURLS:
        status, said = served.ask_as_printed(curl)

        assert status in (200, 201), said
        assert said


def test_packaged_code_answers_and_not_that_of_the_working_tree(served: LocalRun) -> None:
    [worker, *_] = [one for one in processes_with("runtime_child.py") if served.database in environment_of(one)]

    assert served.output.read_text().count("FloodManager runs.") == 1
    assert Path(f"/proc/{worker}/cwd").readlink().name.startswith("floodmanager-function-")


def environment_of(process: int) -> str:
    return Path(f"/proc/{process}/environ").read_bytes().decode(errors="replace")


def test_photo_is_cleaned_by_the_packaged_code(served: LocalRun, artifact: Path) -> None:
    report = file_own(served, "gateway")

    pixels = pixels_of(served, report, add_photo(served, report, draw(PHOTOS[0].picture)))

    assert pixels.startswith(b"\xff\xd8\xff")
    [worker] = [command for command in commands_of(served) if "photo_events" in command and "leash" not in command]
    assert str(artifact) in worker
    libraries = [
        path for one in processes_with("clean_photo") for path in re.findall(r"PYTHONPATH=(\S+)", everything_about(one))
    ]
    assert any("floodmanager-layer-" in path for path in libraries)


def test_head_tells_the_length_of_get(served: LocalRun) -> None:
    got, head = (call(served.url, "/openapi.json", method) for method in ("GET", "HEAD"))

    assert (got.status, head.status, head.body) == (200, 200, b"")
    assert head.header("content-length") == [str(len(got.body))]


def test_file_arrives_byte_for_byte(served: LocalRun) -> None:
    page = call(served.url, "/", headers=[("Accept", "text/html")]).body.decode()
    [path] = set(re.findall(r"/static/\w+/icon\.svg", page))

    got = call(served.url, path)

    assert got.body == (ROOT / "app/pages/static/icon.svg").read_bytes()


def test_unknown_path_is_a_problem_of_the_product(served: LocalRun) -> None:
    got = call(served.url, "/v1/%2e%2e/nothing")

    assert (got.status, got.header("content-type")) == (404, ["application/problem+json"])
    assert got.json["status"] == 404


def test_reader_of_the_stream_runs_beside_it(served: LocalRun) -> None:
    assert any("infra.local.streams" in command for command in commands_of(served))


def commands_of(run: LocalRun) -> list[str]:
    files = [Path(f"/proc/{process}/cmdline") for process in processes_with(run.database)]
    return [file.read_bytes().replace(b"\0", b" ").decode() for file in files if file.exists()]


def test_rest_api_serves_the_product_below_its_stage(served: LocalRun, artifact: Path) -> None:
    environment = SECRETS | {"AWS_ENDPOINT_URL": served.database, "RESOURCE_PREFIX": "floodmanager-local"}

    with running(artifact, environment, kind="rest") as gateway:
        listed = call(gateway.url, "/v1/reports?limit=1&severity_min=minor")
        page = call(gateway.url, "/", headers=[("Accept", "text/html")])

    assert (listed.status, listed.header("content-type")) == (200, ["application/json"])
    assert gateway.url.endswith("/dev")
    assert b'href="/dev/' in page.body
