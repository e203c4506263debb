"""Fixtures of tests about the queue: the streams' consumers, and a responder."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.queueing import Responder, Streams


@pytest.fixture
def streams(tables: None) -> Streams:
    return Streams()


@pytest.fixture
def responder(client: FlaskClient, noon: Any) -> Responder:
    return Responder(client)
