"""Settings for a while: the product reads its environment once, and here again."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from app.core import config
from app.core.environment import DATABASE_VARIABLES
from app.mail import carriers

# Whatever database a test has chosen, the deployment of the tests is one on AWS.
_ON_AWS = dict.fromkeys(DATABASE_VARIABLES) | {"AWS_PROFILE": "moto"}


@contextmanager
def settings_of(**chosen: str) -> Iterator[None]:
    """Let the product read its settings again, with these; and as they were afterwards."""
    try:
        with _variables(chosen):
            _read_again()
            yield
    finally:
        _read_again()


def _read_again() -> None:
    with _variables(_ON_AWS):
        config.settings.cache_clear()
        carriers.chosen.cache_clear()
        config.settings()


@contextmanager
def _variables(wanted: Mapping[str, str | None]) -> Iterator[None]:
    """Set these variables of the environment, or remove those that are None; and as they were afterwards."""
    before = {name: os.environ.get(name) for name in wanted}
    try:
        _put(wanted)
        yield
    finally:
        _put(before)


def _put(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
