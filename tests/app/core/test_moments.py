"""Dates as people read them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.core import clock, moments


def at(*parts: int) -> int:
    return clock.to_ms(datetime(*parts, tzinfo=UTC))  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(("zone", "language", "said"), [
    ("Europe/London", "en", "Saturday 21 November, 18:00 GMT"),
    ("America/New_York", "en", "Saturday 21 November, 13:00 EST"),
    ("Asia/Tokyo", "en", "Sunday 22 November, 03:00 JST"),
    ("America/Sao_Paulo", "en", "Saturday 21 November, 15:00 UTC-03"),
    ("Nowhere/At-All", "en", "Saturday 21 November, 18:00 UTC"),
    ("Europe/Madrid", "es", "sábado 21 de noviembre, 19:00 CET"),
])  # fmt: skip
def test_moment_has_its_weekday_first_and_its_zone_last(noon: Any, zone: str, language: str, said: str) -> None:
    assert moments.moment(at(2026, 11, 21, 18), zone=zone, language=language) == said


def test_moment_far_from_now_has_its_year(noon: Any) -> None:
    told = moments.moment(at(2015, 12, 10, 9), zone="Europe/London", language="en")

    assert told == "Thursday 10 December 2015, 09:00 GMT"


def test_day_is_that_of_the_place_and_not_of_utc(noon: Any) -> None:
    """Noon in London is 21:00 in Tokyo: seven hours on it is another day there, and here it is not."""
    later = at(2026, 11, 21, 19)

    assert moments.beginning(later, zone="Europe/London", language="en") == "from 19:00 (GMT)"
    assert moments.beginning(later, zone="Asia/Tokyo", language="en") == "from 04:00 tomorrow (JST)"
    assert moments.beginning(at(2026, 11, 24, 6), zone="Europe/London", language="en") == (
        "from Tuesday 24 November, 06:00 GMT"
    )
