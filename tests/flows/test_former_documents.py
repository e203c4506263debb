"""Tile documents of earlier releases: nothing keeps them up, so they go, with the words of people in them."""

from typing import Any

import boto3
import pytest

from app.reports.index import former_removal
from app.reports.index.models import PREFIX as OURS
from app.reports.index.models import ROOT, ZOOMS
from handlers import end_expired
from tests.conftest import PREFIX
from tests.factories import make_report, tell_consumer

TILES = f"{PREFIX}-tiles"
LONELY = "4/1/1"


def keys() -> set[str]:
    return {item["tile"]["S"] for item in boto3.client("dynamodb").scan(TableName=TILES)["Items"]}


@pytest.fixture
def copied(tables: None, noon: Any) -> set[str]:
    """Keys in the table with a copy of each document as the previous release stores it, and one of a tile now empty."""
    tell_consumer([make_report(lat=lat, lon=lon) for lat in (51.5, 51.6, -33.0) for lon in (-0.12, 18.0)])
    ours = keys()
    for key in {*(key.removeprefix(OURS) for key in ours if key.startswith(OURS)), LONELY}:
        item = {"tile": {"S": key}, "version": {"N": "1"}, "body": {"B": b"titles"}, "kept_by": {"S": "2"}}
        boto3.client("dynamodb").put_item(TableName=TILES, Item=item)
    return ours


def test_the_minutes_function_removes_them_and_nothing_else(copied: set[str]) -> None:
    assert len(keys()) > len(copied) + len(ZOOMS)

    end_expired.handler({"source": "aws.events"}, None)

    assert keys() == copied


@pytest.mark.parametrize("most", [1, 4])
def test_those_left_for_the_next_minute_are_found(copied: set[str], most: int) -> None:
    minutes = []
    while ROOT in keys():
        minutes.append(former_removal.remove_some(most))

    assert keys() == copied
    assert max(minutes) == most
    assert former_removal.remove_some() == 0
