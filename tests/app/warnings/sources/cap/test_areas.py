"""Outlines for areas that CAP feeds name by code."""

import json

import pytest

from app.warnings.sources.cap import areas
from app.warnings.sources.http_client import Fetcher

SQUARE = {"type": "Polygon", "coordinates": [[[0, 51], [1, 51], [1, 52], [0, 52], [0, 51]]]}


def features(properties: dict[str, str]) -> bytes:
    feature = {"type": "Feature", "properties": properties, "geometry": SQUARE}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


@pytest.mark.parametrize("name", ["code", "EMMA_ID", "NUTS_ID", "ugc", "WARNCELLID"])
def test_published_outlines_are_known_by_the_code_that_feeds_use(name: str) -> None:
    (outline,) = areas.read_outlines(features({name: "EI807", "NAME": "Irish Sea"})).outlines

    assert (outline.id, outline.name) == ("EI807", "Irish Sea")
    assert outline.shape is not None


def test_feature_without_a_code_is_told() -> None:
    outlines = areas.read_outlines(features({"colour": "blue"}))

    assert outlines.outlines == () and len(outlines.broken) == 1


def test_code_that_nobody_has_drawn_has_a_lasting_reason_without_a_connection() -> None:
    with Fetcher("http://127.0.0.1:1/feed") as nobody:
        outline = areas.fetch_outline(nobody, "EI807")

    assert (outline.id, outline.shape) == ("EI807", None)
    assert "by a code only" in outline.reason
