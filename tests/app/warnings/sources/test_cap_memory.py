"""Memory of the entries of a CAP feed, written by this release or another."""

from dataclasses import replace

import pytest

from tests.app.warnings.sources.cap.test_feed import BOTH, FIRST, SECOND, Ask, Feed
from tests.app.warnings.sources.cap.test_feed import ask as ask  # noqa: PLC0414 - a fixture


@pytest.mark.parametrize("bent", ["", "0a1b2c3d4e", "0a1b2c3d4e,0a1b id", '{"format": 2}', "0A1B2C3D4E id", " id\n"])
def test_link_whose_memory_cannot_be_read_is_followed_again(ask: Ask, bent: str) -> None:
    feed = Feed(index=BOTH, first=FIRST, second=SECOND)
    known, _ = ask(feed)
    remembered = {name: bent if name.startswith("entry ") else text for name, text in known.validators.items()}

    again, paths = ask(feed, known=replace(known, validators=remembered))

    assert (again.messages, again.unchanged, again.is_whole) == (known.messages, frozenset(), True)
    assert again.validators == known.validators
    assert "/first" in paths


def test_memory_of_a_later_form_under_another_name_is_let_lie(ask: Ask) -> None:
    feed = Feed(index=BOTH, first=FIRST, second=SECOND)
    known, _ = ask(feed)

    again, paths = ask(feed, known=replace(known, validators={**known.validators, "entry/2 a": "{}", "later": "x"}))

    assert (paths, again.validators) == (["/index"], known.validators)
