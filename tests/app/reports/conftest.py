"""Fixtures shared by the tests of reports: people, and the logged lines."""

import logging
from collections.abc import Iterator

import pytest

from app.core import telemetry
from tests.factories import sign_in_as


@pytest.fixture
def resident(tables: None) -> dict[str, str]:
    return sign_in_as("resident")


@pytest.fixture
def responder(tables: None) -> dict[str, str]:
    return sign_in_as("responder")


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """The lines of the product's log, as they are written."""
    product = telemetry.logger()
    lines: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            formatter = product.handlers[0].formatter
            assert formatter is not None
            lines.append(formatter.format(record))

    collector = Collector()
    product.addHandler(collector)
    yield lines
    product.removeHandler(collector)
