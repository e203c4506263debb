"""Functions run as Lambda runs them: AWS's own runtime client, workers that come and go."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from infra.local.gateway import environment_of_functions
from infra.local.runtime import Runtime
from infra.local.runtime_api import PAYLOAD_BYTES, FunctionFailed, TimedOut
from tests.local.calling import TINY


def run(handler: str, tmp_path: Path, **more: Any) -> Iterator[Runtime]:
    with (tmp_path / "log").open("wb") as log, Runtime(TINY, handler, {"OURS": "yes"}, log=log, **more) as runtime:
        yield runtime


@pytest.fixture
def behaving(tmp_path: Path) -> Iterator[Runtime]:
    yield from run("functions.behave", tmp_path, workers=1)


@pytest.fixture
def telling(tmp_path: Path) -> Iterator[Runtime]:
    yield from run("functions.tell", tmp_path, name="teller")


def is_running(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


def test_event_and_answer_cross_unchanged(tmp_path: Path) -> None:
    event = {"Records": [{"text": 'naïve ✓ \u2028 "quoted"', "number": 1.5, "none": None}]}

    for runtime in run("functions.echo", tmp_path):
        assert runtime.invoke(event) == event


def test_function_sees_the_artifact_and_its_own_environment_alone(telling: Runtime) -> None:
    told = telling.invoke({}, timeout_s=7)

    assert told["sees_tests"] is False
    assert told["variables"]["OURS"] == "yes"
    assert told["variables"]["AWS_LAMBDA_FUNCTION_NAME"] == "teller"
    assert told["arn"].endswith(":function:teller")
    assert not {"HOME", "USER", "PYTEST_CURRENT_TEST", "VIRTUAL_ENV"} & set(told["variables"])


def test_deadline_follows_the_time_given(telling: Runtime) -> None:
    telling.invoke({})

    assert 600_000 < telling.invoke({}, timeout_s=700)["left_ms"] <= 700_000


def test_worker_stays_warm(telling: Runtime) -> None:
    assert telling.invoke({})["process"] == telling.invoke({})["process"]


def test_error_of_the_function_says_what_and_where(behaving: Runtime) -> None:
    with pytest.raises(FunctionFailed) as failed:
        behaving.invoke({"do": "raise"})

    assert failed.value.kind == "KeyError"
    assert "a fault that was planted" in failed.value.message
    assert "_raise" in "".join(failed.value.trace)


def test_module_that_does_not_load_fails_every_event(tmp_path: Path) -> None:
    for runtime in run("broken.handler", tmp_path):
        for _ in range(2):
            with pytest.raises(FunctionFailed, match="broken on purpose"):
                runtime.invoke({})


def test_late_worker_is_ended_and_replaced(behaving: Runtime) -> None:
    first = int(behaving.invoke({"do": "process"})["body"])

    with pytest.raises(TimedOut, match=r"Task timed out after 0\.30 seconds"):
        behaving.invoke({"do": "sleep", "seconds": "20"}, timeout_s=0.3)

    assert not is_running(first)
    assert int(behaving.invoke({"do": "process"})["body"]) != first


def test_worker_that_dies_is_replaced(behaving: Runtime) -> None:
    with pytest.raises(FunctionFailed, match="exit status 3") as failed:
        behaving.invoke({"do": "exit"})

    assert failed.value.kind == "Runtime.ExitError"
    assert behaving.invoke({"do": "process"})["statusCode"] == 200


def test_answer_over_the_limit_is_refused_as_lambda_does(behaving: Runtime) -> None:
    frame = 100  # bytes that JSON needs around the body, and a few

    assert len(behaving.invoke({"do": "grow", "bytes": PAYLOAD_BYTES - frame})["body"]) == PAYLOAD_BYTES - frame
    with pytest.raises(FunctionFailed, match="exceeded maximum allowed payload size"):
        behaving.invoke({"do": "grow", "bytes": PAYLOAD_BYTES})
    assert behaving.invoke({"do": "process"})["statusCode"] == 200


def test_event_over_the_limit_is_refused_unseen(behaving: Runtime) -> None:
    with pytest.raises(FunctionFailed, match="payload is too large") as failed:
        behaving.invoke({"text": "x" * PAYLOAD_BYTES})

    assert failed.value.kind == "RequestTooLargeException"


def test_two_events_at_a_time_run_side_by_side(tmp_path: Path) -> None:
    events = [{"do": "meet", "at": str(tmp_path), "as": name} for name in ("one", "other")]

    for runtime in run("functions.behave", tmp_path, workers=2):
        with ThreadPoolExecutor() as people:
            met = [answer["body"] for answer in people.map(runtime.invoke, events)]

    assert met == ["met", "met"]


def test_event_that_finds_no_free_worker_waits(behaving: Runtime) -> None:
    with ThreadPoolExecutor() as people:
        answers = list(people.map(behaving.invoke, [{"do": "process"}] * 6))

    assert len({answer["body"] for answer in answers}) == 1


def test_no_worker_outlives_its_runtime(tmp_path: Path) -> None:
    for runtime in run("functions.tell", tmp_path):
        process = runtime.invoke({})["process"]

    assert process != os.getpid()
    assert not is_running(process)


def test_functions_get_keys_only_for_a_store_that_is_named() -> None:
    shell = {"AWS_ACCESS_KEY_ID": "a person's", "AWS_SECRET_ACCESS_KEY": "a person's", "AWS_PROFILE": "p", "HOME": "/"}
    meant = {"FLOOD_PHOTOS_BUCKET": "photos", "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1"}
    store = {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:2"}

    assert environment_of_functions(shell | meant) == meant
    given = environment_of_functions(shell | meant | store)
    assert given.keys() - meant.keys() == {"AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
