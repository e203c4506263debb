"""The name of a place in sentences such as "near ..." and "alerts about ...", however it was asked for."""

import json
from typing import Any

import pytest

from app.alerts import place_words
from app.alerts.subscription_models import Subscription

LANGPORT = {"lat": 51.05, "lon": -2.82, "radius_km": 1.0}


def asked_for(place: dict[str, Any], **more: Any) -> Subscription:
    return Subscription("sub_1", packed_place=json.dumps(place), **more)


@pytest.mark.parametrize(
    ("subscription", "name"),
    [
        (asked_for(LANGPORT, label="Mum"), "Mum"),
        (asked_for(LANGPORT), "51.05, -2.82 (near Langport)"),
        (asked_for({"lat": 55.0, "lon": -30.0, "radius_km": 1.0}), "55, -30"),
        (asked_for({"area": "122WAF946", "name": "Upper River Ouse"}), "Upper River Ouse"),
        (asked_for({"area": "122WAF946"}), "122WAF946"),
    ],
    ids=["named", "near-a-town", "at-sea", "area", "area-without-a-name"],
)
def test_name_is_a_noun_that_stands_after_near_and_around(subscription: Subscription, name: str) -> None:
    assert place_words.name_of(subscription, "en") == name
