"""Fixtures shared by the tests of warnings and nearby."""

from typing import Any

import pytest
from flask.testing import FlaskClient


@pytest.fixture
def at_noon(noon: Any, client: FlaskClient) -> FlaskClient:
    return client
