import pytest

from tests.handlers.probe import Ask, ask_ours, make_probe


@pytest.fixture
def ask() -> Ask:
    """Our handler around the probe."""
    return ask_ours(make_probe())
