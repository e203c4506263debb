"""What the tests of warnings and nearness share."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.warning_making import NOON


@pytest.fixture
def noon(app: Flask) -> Iterator[Any]:
    """A clock that stands still."""
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


@pytest.fixture
def at_noon(noon: Any, client: FlaskClient) -> FlaskClient:
    return client
