"""The worker of photos: what S3, its queue and Lambda do with an upload, done here."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.photos.keys import order_key, upload_key
from infra.local.photo_events import KEPT_S, TRIES, Event, Queue, Tries, event_of
from infra.local.photo_files import PhotoFiles
from tests.photographing import event_of as sent_by_s3

BUCKET = "photos-of-tests"
FIRST, SECOND = (upload_key("rep_1", letter * 22) for letter in "ab")
ORDER = order_key("rep_1", f"{'a' * 22}-1")


class Function:
    """A function that takes what it cleans away, names what it cannot clean, or raises."""

    def __init__(self, files: PhotoFiles, *, fails: int = 0, raises: int = 0, leaves: bool = False) -> None:
        self.files, self.fails, self.raises, self.leaves = files, fails, raises, leaves
        self.told: list[str] = []

    def __call__(self, event: Event, context: None) -> Any:
        [message] = event["Records"]
        key = json.loads(message["body"])["Records"][0]["s3"]["object"]["key"]
        self.told.append(key)
        if len(self.told) <= self.raises:
            raise RuntimeError(key)
        if len(self.told) <= self.fails:
            return {"batchItemFailures": [{"itemIdentifier": message["messageId"]}]}
        if not self.leaves:
            self.files.delete(key)
        return {"batchItemFailures": []}


class Clock:
    now_s = 0.0


Rig = Callable[[Function], Queue]


@pytest.fixture
def files(tmp_path: Path) -> PhotoFiles:
    made = PhotoFiles(tmp_path / "photos")
    made.make()
    return made


@pytest.fixture
def clock(files: PhotoFiles) -> Clock:
    put(files, FIRST)
    about = files.about(FIRST)
    assert about
    clock = Clock()
    clock.now_s = about.written_at_s
    files.delete(FIRST)
    return clock


@pytest.fixture
def rig(files: PhotoFiles, tmp_path: Path, clock: Clock) -> Rig:
    return lambda function: Queue(
        files, Tries(tmp_path / "tries.json"), function, bucket=BUCKET, now_s=lambda: clock.now_s
    )


def put(files: PhotoFiles, *keys: str) -> None:
    for key in keys:
        files.put(key, b"x", media_type="image/jpeg")


def turns(queue: Queue, clock: Clock, count: int = 20) -> None:
    """Turn as often as within a quarter of an hour."""
    for _ in range(count):
        queue.turn()
        clock.now_s += 45


def test_each_upload_and_order_is_handed_over_once_oldest_first(files: PhotoFiles, rig: Rig, clock: Clock) -> None:
    put(files, SECOND, ORDER, FIRST, "kept/rep_1/x/large.jpg", "photos/x/large.jpg")
    function = Function(files)

    turns(rig(function), clock)

    assert function.told == [SECOND, ORDER, FIRST]
    assert files.keys() == ["kept/rep_1/x/large.jpg", "photos/x/large.jpg"]


def test_message_has_the_form_that_the_function_is_tested_with(files: PhotoFiles) -> None:
    for key, name in ((FIRST, "ObjectCreated:Post"), (ORDER, "ObjectCreated:Put")):
        put(files, key)
        about = files.about(key)
        assert about
        [ours], [theirs] = (event["Records"] for event in (event_of(about, BUCKET), sent_by_s3(key, bucket=BUCKET)))
        told = json.loads(ours["body"])["Records"][0]

        assert ours["eventSource"] == theirs["eventSource"]
        assert told["eventName"] == name
        expected = json.loads(theirs["body"])["Records"][0]["s3"]
        assert told["s3"]["bucket"]["name"] == expected["bucket"]["name"]
        assert told["s3"]["object"]["key"] == expected["object"]["key"]


@pytest.mark.parametrize("trouble", [{"fails": 3}, {"raises": 3}])
def test_failed_one_comes_again_later_each_time(files: PhotoFiles, rig: Rig, clock: Clock, trouble: Any) -> None:
    put(files, FIRST)
    function = Function(files, **trouble)
    queue, came = rig(function), []

    for _ in range(40):
        if queue.turn():
            came.append(clock.now_s)
        clock.now_s += 1

    assert (function.told, files.keys()) == ([FIRST] * 4, [])
    assert [later - earlier for earlier, later in pairwise(came)] == [2, 4, 8]


def test_one_that_always_fails_is_left_alone_and_holds_up_no_other(files: PhotoFiles, rig: Rig, clock: Clock) -> None:
    put(files, FIRST)
    function = Function(files, raises=99)
    queue = rig(function)
    turns(queue, clock)

    assert function.told == [FIRST] * TRIES
    function.raises = 0
    put(files, SECOND)
    turns(queue, clock)

    assert function.told == [FIRST] * TRIES + [SECOND]
    assert files.keys() == [FIRST]


def test_restart_loses_none_and_remembers_what_was_tried(files: PhotoFiles, rig: Rig, clock: Clock) -> None:
    put(files, FIRST, SECOND)
    told: list[str] = []
    for _ in range(TRIES + 3):
        function = Function(files, raises=1)
        rig(function).turn()
        told += function.told

    assert told.count(FIRST) == TRIES
    assert files.keys() == [FIRST]
    assert SECOND in told


def test_one_that_ends_its_worker_is_given_up_as_well(files: PhotoFiles, rig: Rig) -> None:
    class Killed(BaseException):
        pass

    def kill(event: Event, context: None) -> Any:
        told.append(event)
        raise Killed

    put(files, FIRST)
    told: list[Event] = []
    function: Any = kill
    for _ in range(TRIES):
        with pytest.raises(Killed):
            rig(function).turn()

    assert not rig(function).turn()
    assert len(told) == TRIES


def test_second_upload_under_the_same_key_is_handed_over_too(files: PhotoFiles, rig: Rig, clock: Clock) -> None:
    function = Function(files, leaves=True)
    queue = rig(function)
    put(files, FIRST)
    turns(queue, clock)
    put(files, FIRST)
    turns(queue, clock)

    assert function.told == [FIRST] * 2


def test_what_lies_there_for_a_day_is_gone(files: PhotoFiles, rig: Rig, clock: Clock, tmp_path: Path) -> None:
    put(files, FIRST, "kept/rep_1/x/large.jpg")
    queue = rig(Function(files, raises=99))
    turns(queue, clock)

    clock.now_s += KEPT_S
    queue.turn()

    assert files.keys() == ["kept/rep_1/x/large.jpg"]
    assert json.loads((tmp_path / "tries.json").read_text()) == {}


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"a": null}', '{"a": "many"}'])
def test_unreadable_counts_begin_anew(tmp_path: Path, kept: str) -> None:
    (tmp_path / "tries.json").write_text(kept)

    assert Tries(tmp_path / "tries.json").add("v") == 1
    assert Tries(tmp_path / "tries.json").counts == {"v": 1}
