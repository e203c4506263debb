"""One app for all tests of pages: they touch no table, so nothing needs wiping between them."""

import pytest
from flask.testing import FlaskClient

from app.factory import create_app


@pytest.fixture(scope="session")
def site(cloud: None) -> FlaskClient:
    return create_app(TESTING=True).test_client()
