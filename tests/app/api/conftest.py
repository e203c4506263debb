"""Fixtures shared by the tests of warnings and nearby."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.app.review.conftest import responder as responder  # noqa: PLC0414 - a fixture
from tests.app.review.conftest import streams as streams  # noqa: PLC0414 - a fixture


@pytest.fixture
def at_noon(noon: Any, client: FlaskClient) -> FlaskClient:
    return client
