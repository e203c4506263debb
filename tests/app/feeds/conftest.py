"""A deployment that has a public address."""

from collections.abc import Iterator

import pytest

from tests.configured import settings_of


@pytest.fixture
def public_address() -> Iterator[None]:
    """FLOOD_PUBLIC_BASE_URL is set."""
    with settings_of(FLOOD_PUBLIC_BASE_URL="https://floods.example.org"):
        yield
