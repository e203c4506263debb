"""The number to call in an emergency at a position."""

from app.gazetteer import countries


def number_at(*, lat: float, lon: float) -> str:
    """The one number of the country that holds it; empty over the open sea, and where several or none are known.

    Of several nobody here can say which one to call first.
    """
    numbers = countries.emergency_numbers(countries.country_at(lat=lat, lon=lon))
    return numbers[0] if len(numbers) == 1 else ""
