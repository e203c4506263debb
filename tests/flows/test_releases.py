"""Rows of earlier releases stay readable: before, during and after they are completed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.reports.index import completeness
from tests.configured import settings_of
from tests.conftest import PREFIX
from tests.factories import count_inside
from tests.rig.releases import RELEASES, assert_told, comparable, in_both, kept, restore, without

FIRST = "release-1"  # which read the default sources on a machine of one's own, too


@pytest.fixture(params=RELEASES)
def release(request: pytest.FixtureRequest, tables: None) -> Iterator[str]:
    """The stored data of a release, at the moment at which it answered itself."""
    name: str = request.param
    at_ms = kept(name, "answers")["at_ms"]
    here = settings_of(FLOOD_SOURCES="default" if name == FIRST else "none")
    with here, time_machine.travel(datetime.fromtimestamp(at_ms / 1000, UTC), tick=False):
        restore(name, PREFIX)
        completeness.cache.read_ms = None
        yield name


def assert_all_told(client: FlaskClient, release: str, *, is_filled: bool = True) -> None:
    """Check all answers; of an index that is not filled, changes are refused, and what hangs on them is missing."""
    if release == FIRST:
        count_inside()  # which later ones have stored
    for path, (status, body) in kept(release, "answers")["answers"].items():
        answer = client.get(path)
        if not is_filled and "updated_since" in path:
            assert answer.status_code == 503, path
            continue
        assert answer.status_code == status, path
        before, now = comparable(body), comparable(read_on(client, answer.get_json(force=True), body))
        if not is_filled and "reports_active" in now.get("missing", ()):
            before, now = without("reports_active", before), without("reports_active", now)
        if not is_filled and "items" in before:
            now["items"] = now["items"][: len(before["items"])]  # indexes fill a page, documents have what they have
        if path.startswith("/v1/nearby"):
            before, now = in_both(before, now)
        assert_told(before, now, path)


def read_on(client: FlaskClient, page: Any, before: Any) -> Any:
    """Add following pages up to the length of the earlier answer, and leave out what it left to its next page.

    A page of thin history is shorter today, and one from the indexes longer.
    """
    while (
        isinstance(page, dict)
        and "items" in page
        and page.get("next_cursor")
        and len(page["items"]) < len(before["items"])
    ):
        [following] = [link["href"] for link in page["links"] if link["rel"] == "next"]
        more = client.get(following).get_json()
        page = more | {"items": page["items"] + more["items"]}
    if isinstance(page, dict) and "items" in page and before.get("next_cursor"):
        page = page | {"items": page["items"][: len(before["items"])]}
    return page


def backfill(app: Flask, *more: str) -> str:
    done = app.test_cli_runner().invoke(args=["backfill", "--rate", "100000", *more])
    assert done.exit_code == 0, done.output
    completeness.cache.read_ms = None
    return str(done.output)


def test_what_is_answered_over_its_data_is_the_same(client: FlaskClient, release: str) -> None:
    assert_all_told(client, release, is_filled=release != FIRST)


def test_answers_are_the_same_once_its_data_are_brought_up(app: Flask, client: FlaskClient, release: str) -> None:
    backfill(app)

    assert all(completeness.is_complete(copy) for copy in completeness.COPIES)
    assert_all_told(client, release)


def test_bringing_up_again_changes_nothing(app: Flask, client: FlaskClient, release: str) -> None:
    backfill(app)
    before = boto3.client("dynamodb").scan(TableName=f"{PREFIX}-reports")["Items"]

    told = backfill(app, *completeness.INDEXES)

    reports = [item for item in before if item["id"]["S"].startswith("rep_")]
    assert f"{len(reports)} reports read, 0 completed." in told
    after = boto3.client("dynamodb").scan(TableName=f"{PREFIX}-reports")["Items"]
    assert [item for item in after if item["id"]["S"].startswith("rep_")] == reports
    assert_all_told(client, release)
