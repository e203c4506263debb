"""Parts of an answer are read side by side, and none is left running when the answer fails."""

import threading
import time

import pytest
from flask import Flask, g

from app.core import dynamodb

LONGEST_S = 60


def test_parts_run_side_by_side() -> None:
    both = threading.Barrier(2)

    assert dynamodb.at_once(lambda: both.wait(LONGEST_S) >= 0, lambda: both.wait(LONGEST_S) >= 0) == (True, True)


def test_part_knows_the_request_that_it_belongs_to(app: Flask) -> None:
    with app.test_request_context():
        g.number = 7

        assert dynamodb.at_once(lambda: g.number, lambda: g.number) == (7, 7)


def test_more_answers_than_threads_wait_for_each_other_in_turn() -> None:
    """Each answer's parts make rounds of their own; threads that wait for threads would never end."""

    def answer() -> None:
        dynamodb.at_once(
            lambda: dynamodb.in_one_round([int] * 5),
            lambda: dynamodb.at_once(
                lambda: dynamodb.in_one_round([int] * 5), lambda: dynamodb.in_one_round([int] * 5)
            ),
        )

    threads = [threading.Thread(target=answer, daemon=True) for _ in range(3 * dynamodb.REQUESTS_AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONGEST_S)

    assert not any(thread.is_alive() for thread in threads)


ROUNDS = {
    "fails first": dynamodb.at_once,
    "fails second": lambda fail, write: dynamodb.at_once(write, fail),
    "in one round": lambda fail, write: dynamodb.in_one_round([fail, write]),
}


@pytest.mark.parametrize("how", ROUNDS)
def test_failure_comes_after_all_parts_have_ended(how: str) -> None:
    ended, go_on = threading.Event(), threading.Event()

    def fail() -> None:
        go_on.set()
        raise LookupError

    def write() -> None:
        go_on.wait(LONGEST_S)
        time.sleep(0.1)  # one that does not wait is done by then
        ended.set()

    with pytest.raises(LookupError):
        ROUNDS[how](fail, write)
    assert ended.is_set()
