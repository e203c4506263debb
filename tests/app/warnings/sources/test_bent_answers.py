"""Answers with anything anywhere: never an exception, and never an item in force that says nothing."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from app.warnings.sources.ea import areas
from app.warnings.sources.ea import floods as environment_agency
from app.warnings.sources.message import Answer
from app.warnings.sources.nws import alerts as nws
from app.warnings.sources.nws import zones
from tests.rig.official import SQUARE, alert, alerts, flood, floods

anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
VTEC = {"VTEC": ["/O.CON.KSEW.FL.W.0042.000000T0000Z-260113T0130Z/"]}


def members_of(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a document, as (container, key)."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, inner in list(pairs) for place in [(value, key), *members_of(inner)]]


def bent(data: some.DataObject, document: Any) -> bytes:
    """The document with something else in one to three places."""
    for _ in range(data.draw(some.integers(1, 3))):
        container, key = data.draw(some.sampled_from(members_of(document)))
        container[key] = data.draw(anything)
    return json.dumps(document).encode("utf-8", "surrogatepass")


def is_sound(answer: Answer) -> bool:
    """Everything that the room relies on."""
    messages = all(
        message.source_id and message.texts and message.places and message.texts[0].label and message.sent_at_ms > 0
        for message in answer.messages
    )
    is_accounted = answer.read == answer.taken + answer.ended + sum(answer.left_out.values())
    return messages and is_accounted and (answer.is_whole or bool(answer.broken))


@settings(max_examples=60)
@given(some.data())
def test_bent_floods_are_read_or_told(data: some.DataObject) -> None:
    assert is_sound(environment_agency.parse(bent(data, json.loads(floods(flood("A1"), flood("A2")))), now_ms=0))


@settings(max_examples=60)
@given(some.data())
def test_bent_alerts_are_read_or_told(data: some.DataObject) -> None:
    features = [alert(1, geometry=json.loads(json.dumps(SQUARE)), parameters=dict(VTEC)), alert(2, references=[{}])]

    assert is_sound(nws.parse(bent(data, json.loads(alerts(*features))), now_ms=0))


@settings(max_examples=30)
@given(some.data())
def test_bent_areas_are_read_or_told(data: some.DataObject) -> None:
    feature = {"type": "Feature", "geometry": SQUARE, "properties": {"id": "WAC007", "name": "Chelan"}}
    raw = bent(data, json.loads(json.dumps({"type": "FeatureCollection", "features": [feature]})))

    for reader in (areas, zones):
        assert all(
            outline.id and bool(outline.shape) != bool(outline.reason) for outline in reader.read_outlines(raw).outlines
        )
