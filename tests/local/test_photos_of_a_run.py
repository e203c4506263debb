"""Photos of `make serve` from outside: they are taken, cleaned and kept, also on a folder of an earlier release."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.cli.demo_photos import PHOTOS
from app.cli.demo_pictures import draw
from infra.local.data_folder import SECRETS, STORE_KEY, DataFolder
from infra.local.database import can_keep_data
from infra.local.photo_files import PhotoFiles
from infra.local.photo_run import photos_of, reserved_port
from infra.local.processes import kept_port
from tests.local.calling import call
from tests.local.local_run import (
    END_WITHIN_S,
    HANGS_S,
    ROOT,
    START_WITHIN_S,
    WITHOUT_PLACES,
    LocalRun,
    await_none_with,
    await_true,
    start,
)
from tests.local.storing import add_photo, file_own, photo_of, pixels_of, send_photo, ticket_of

CONTENT = draw(PHOTOS[0].picture)
JPEG = b"\xff\xd8\xff"
pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked at as Linux shows them"),
    pytest.mark.skipif(not can_keep_data(), reason="dynoxide is not installed for this system"),
]


@dataclass
class Story:
    """Acts with a folder of an earlier release, up to the run that goes on with it."""

    run: LocalRun
    report: Any
    ready: str  # the photo that was clean before the crash
    pixels: bytes
    waiting: str  # the one that was sent just before
    ticket: Any  # one that was given before, and is used afterwards
    left_by_crash: list[int]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = DataFolder(tmp_path_factory.mktemp("photos") / "data")
    _as_before_photos(folder)
    first = start(folder.path, *WITHOUT_PLACES).await_ready()
    report = file_own(first, "before-a-crash")
    ready = add_photo(first, report, CONTENT)
    pixels = pixels_of(first, report, ready)
    ticket = ticket_of(first, report)
    waiting = add_photo(first, report, CONTENT)
    first.end(signal.SIGKILL)
    left = await_none_with(str(folder.path), END_WITHIN_S)
    second = start(folder.path, *WITHOUT_PLACES, port=first.port).await_ready()
    yield Story(second, report, ready, pixels, waiting, ticket, left)
    second.end()
    assert await_none_with(str(folder.path), END_WITHIN_S) == []


def _as_before_photos(folder: DataFolder) -> None:
    """Leave secrets as the previous release did: none for a store, and no place for photos."""
    folder.make()
    secrets = "".join(f"{name}={name.lower() * 5}\n" for name in SECRETS if name != STORE_KEY)
    folder.secrets.write_text(secrets)


def test_photo_on_a_folder_of_an_earlier_release_is_cleaned_and_outlives_a_crash(story: Story) -> None:
    assert story.left_by_crash == []
    assert story.pixels.startswith(JPEG)
    assert pixels_of(story.run, story.report, story.ready) == story.pixels


def test_photo_that_waited_at_a_crash_is_cleaned_by_the_next_run(story: Story) -> None:
    assert pixels_of(story.run, story.report, story.waiting).startswith(JPEG)


def test_form_of_before_a_crash_leads_to_the_store_of_the_next_run(story: Story) -> None:
    assert send_photo(story.ticket, CONTENT).status == 204
    assert pixels_of(story.run, story.report, story.ticket["id"]).startswith(JPEG)


def test_nothing_of_an_upload_is_left_where_it_came(story: Story) -> None:
    files = PhotoFiles(DataFolder(story.run.folder).photos)

    photo = add_photo(story.run, file_own(story.run, "to-be-gone"), b"no picture")

    await_true(lambda: not files.keys("uploads/"), HANGS_S)
    assert photo not in " ".join(files.keys())
    assert files.keys("photos/") == []


def test_file_that_is_no_picture_is_refused_in_words(story: Story) -> None:
    report = file_own(story.run, "no-picture")
    photo = add_photo(story.run, report, b"<svg xmlns='http://www.w3.org/2000/svg'/>")

    await_true(lambda: photo_of(story.run, report, photo)["state"] == "refused", HANGS_S)
    assert photo_of(story.run, report, photo)["reason"]


def test_only_pages_of_the_run_and_only_this_machine_reach_the_store(story: Story) -> None:
    url = story.ticket["upload"]["url"]
    asked = [("Access-Control-Request-Method", "POST")]
    own = [f"http://localhost:{story.run.port}", f"http://127.0.0.1:{story.run.port}"]

    told = [
        call(url, "", "OPTIONS", headers=[("Origin", origin), *asked]).status for origin in (*own, "http://evil.test")
    ]

    assert told == [200, 200, 403]
    outside = [address for *_, (address, *_) in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    for address in set(outside) - {"127.0.0.1"}:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((address, urlsplit(url).port or 0), timeout=END_WITHIN_S)


def test_run_in_memory_takes_and_shows_photos_and_keeps_none(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    run = start(folder.path, *WITHOUT_PLACES, "--in-memory")
    await_true(lambda: "FloodManager runs" in run.output.read_text(), START_WITHIN_S, run.process)
    report = file_own(run, "in-memory")
    photo = add_photo(run, report, CONTENT)

    assert pixels_of(run, report, photo).startswith(JPEG)
    show(folder, run.database, report["id"])
    await_true(lambda: call(run.url, f"/photos/{photo}-1/small.jpg").status == 200, HANGS_S)
    run.end()

    assert await_none_with(str(folder.path), END_WITHIN_S) == []
    assert not folder.photos_of_this_run.exists()
    assert not folder.photos.exists()


def show(folder: DataFolder, database: str, report_id: str) -> None:
    """Show all photos of a report, as a responder does."""
    program = """
import sys
from app.photos.changing import change
change(sys.argv[1], lambda report: [photo._replace(decision="shown") for photo in report.photos])
"""
    environment = folder.environment(database)
    subprocess.run([sys.executable, "-c", program, report_id], cwd=ROOT, env=environment, timeout=HANGS_S, check=True)


def test_photos_that_are_kept_are_safe_from_a_run_in_memory(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    kept = PhotoFiles(folder.photos)
    kept.make()
    kept.put("kept/a", b"x", media_type="image/jpeg")

    for is_kept in (False, True):
        with photos_of(folder, is_kept=is_kept) as photos:
            PhotoFiles(photos).make()

    assert kept.keys() == ["kept/a"]


@pytest.mark.parametrize("kept", ["", "x", "0", "70000"])
def test_port_is_kept_and_another_is_taken_where_there_is_none(tmp_path: Path, kept: str) -> None:
    folder = DataFolder(tmp_path)
    folder.photo_port.write_text(kept)

    with reserved_port(folder) as first:
        pass
    with reserved_port(folder) as again:
        assert again == first
    with kept_port(first) as taken, socket.create_server(("127.0.0.1", taken)), reserved_port(folder) as other:
        assert other != first
        assert folder.photo_port.read_text() == f"{other}\n"
