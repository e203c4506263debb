"""Photos of the demo: drawn, not foreign; sent once; cleaned like any other."""

import struct
import zlib
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from app.aws import buckets
from app.cli import demo
from app.cli.demo_photos import PHOTOS
from app.cli.demo_pictures import HEIGHT, SIGNATURE, WIDTH, draw
from app.cli.demo_scenes import SCENES
from app.photos import keys
from app.reports.models import Report
from app.reports.photo_column import Photo
from tests.moments import NOON
from tests.photographing import keys_in


@pytest.fixture(autouse=True)
def few_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {photo.street for photo in PHOTOS}
    few = [scene._replace(reports=2) for scene in SCENES if f"{scene.area}/{scene.street}" in wanted]
    monkeypatch.setattr(demo, "SCENES", few)


def photos() -> dict[str, list[Photo]]:
    """All photos of the demo's reports by the id of their report, as far as the rows tell."""
    loaded_at_ms = demo.demo_warnings.loaded_at_ms() or 0
    ids = [one.id for one in demo.scenario(loaded_at_ms, demo.places()["streets"])]
    rows = [Report.find(one, consistent=True) for one in ids]
    return {row.id: row.photos for row in rows if row and row.photos}


def load(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["demo"])
    assert done.exit_code == 0, done.output


def test_each_photo_is_sent_once_however_often_it_is_loaded(app: Flask, photos_bucket: str) -> None:
    load(app)
    told = photos()
    load(app)

    assert photos() == told
    assert sorted(len(one) for one in told.values()) == [1, 1]
    uploads = [keys.upload_key(report_id, one.id) for report_id, [one] in told.items()]
    assert keys_in(photos_bucket) == sorted(uploads)
    assert sorted(str(one.decision) for [one] in told.values()) == ["None", "shown"]
    assert all(one.alt and "demonstration" in one.alt for [one] in told.values())


def test_upload_that_was_interrupted_is_sent_again(app: Flask, photos_bucket: str) -> None:
    load(app)
    sent = keys_in(photos_bucket)
    for key in sent:
        buckets.delete(photos_bucket, key)
    load(app)

    assert keys_in(photos_bucket) == sent


def test_a_day_later_earlier_photos_are_gone_and_new_ones_come(app: Flask, photos_bucket: str) -> None:
    with time_machine.travel(NOON, tick=False):
        load(app)
        first = photos()
    with time_machine.travel(NOON + 25 * 3600, tick=False):
        load(app)
        second = photos()

    rows = [Report.find(report_id, consistent=True) for report_id in first]
    assert [row.photos for row in rows if row] == [[], []]
    assert len(second) == 2
    assert not first.keys() & second.keys()


def test_without_a_bucket_the_demo_has_no_photos(app: Flask, tables: None) -> None:
    load(app)

    assert photos() == {}


def test_picture_is_the_same_each_time_and_holds_nothing_but_pixels(tmp_path: Path) -> None:
    first, second = (draw(photo.picture) for photo in PHOTOS)

    assert draw(PHOTOS[0].picture) == first != second
    for picture in (first, second):
        assert picture.startswith(SIGNATURE)
        at, names = len(SIGNATURE), []
        while at < len(picture):
            [length] = struct.unpack(">I", picture[at : at + 4])
            names.append((picture[at + 4 : at + 8], length))
            at += length + 12
        assert [name for name, _ in names] == [b"IHDR", b"IDAT", b"IEND"]
        pixels = zlib.decompress(picture[41 : 41 + names[1][1]])
        assert len(pixels) == HEIGHT * (WIDTH * 3 + 1)
        assert len(set(pixels)) > 50
