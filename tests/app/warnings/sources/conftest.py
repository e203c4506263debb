"""Fixtures shared by the tests of readers."""

import pytest

from app.core import config
from app.warnings.sources import hazards


@pytest.fixture
def all_hazards(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment that takes all official messages, not only those about floods."""
    chosen = config.settings()._replace(hazards=hazards.ALL)
    monkeypatch.setattr(hazards, "settings", lambda: chosen)
