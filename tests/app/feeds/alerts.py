"""Alerts as an aggregator takes them: checked by schema and rules, and read by the product's own reader of CAP."""

import re
from itertools import pairwise
from typing import Any, NamedTuple
from xml.etree.ElementTree import fromstring

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core import config
from app.geo.polygon_geojson import signed_area
from app.warnings.sources.cap import reader
from app.warnings.sources.cap.reader import CapAlert
from tests.rig.cap_schema import faults

NAMESPACE = "{urn:oasis:names:tc:emergency:cap:1.2}"
_NAME = re.compile(r"[^\s,<&]+")


def deploy(monkeypatch: pytest.MonkeyPatch, **wanted: Any) -> None:
    """Serve alerts as a deployment with these settings does."""
    usual = config.settings()
    for module in ("ids", "cap_identifiers"):
        monkeypatch.setattr(f"app.feeds.{module}.settings", lambda: usual._replace(**wanted))


class Taken(NamedTuple):
    """An alert as read, and what the product's reader does not keep."""

    alert: CapAlert
    source: str
    note: str
    incidents: str
    web: str

    @property
    def text(self) -> str:
        return "\n".join(f"{info.headline}\n{info.description}\n{info.instruction}" for info in self.alert.infos)


def alert_at(client: FlaskClient, path: str) -> Taken:
    """Read an alert, which is valid."""
    return taken(client.get(path))


def taken(answer: TestResponse) -> Taken:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].partition(";")[0] == "application/cap+xml"
    return checked(answer.data)


def checked(document: bytes) -> Taken:
    """Check an alert by the schema and by what the schema cannot say."""
    assert faults(document) == []
    alert = reader.read(document)
    assert alert.remarks == ()
    check_rules(alert, document)
    root = fromstring(document)
    told = (root.findtext(f"{NAMESPACE}{name}", "") for name in ("source", "note", "incidents"))
    return Taken(alert, *told, root.findtext(f".//{NAMESPACE}web", ""))


def check_rules(alert: CapAlert, document: bytes) -> None:
    """Section 3 of CAP 1.2, where it says more than the schema."""
    for name in (alert.identifier, alert.sender):
        assert _NAME.fullmatch(name)
    assert bool(alert.references) == (alert.message_type != "alert")
    names = [(reference.sender, reference.identifier) for reference in alert.references]
    assert len(set(names)) == len(names) and (alert.sender, alert.identifier) not in names
    assert {sender for sender, _ in names} <= {alert.sender}
    sent = [*(reference.sent for reference in alert.references), fromstring(document).findtext(f"{NAMESPACE}sent")]
    assert all(before <= after for before, after in pairwise(map(str, sent)))
    for info in alert.infos:
        times = (info.effective_at_ms, info.onset_at_ms, info.expires_at_ms)
        assert all(at_ms is None or at_ms >= alert.sent_at_ms for at_ms in times)
        assert info.cap_event and info.categories
        for area in info.areas:
            assert area.description
            for polygon in area.polygons:
                check_ring(polygon)


def check_ring(polygon: str) -> None:
    """A polygon is closed and simple, has 4 to 250 pairs of at most six decimals, on the globe."""
    assert re.fullmatch(r"(-?\d+(\.\d{1,6})?,-?\d+(\.\d{1,6})? ?)+", polygon)
    pairs = [tuple(map(float, pair.split(","))) for pair in polygon.split()]
    assert 4 <= len(pairs) <= 250 and pairs[0] == pairs[-1]
    assert all(abs(lat) <= 90 and abs(lon) <= 180 for lat, lon in pairs)
    ring = tuple((lon, lat) for lat, lon in pairs)
    assert len(set(ring)) == len(ring) - 1 and signed_area(ring)
    assert not crosses_itself(ring)


def crosses_itself(ring: tuple[tuple[float, float], ...]) -> bool:
    """Whether two edges that are no neighbours meet or touch: tried pair by pair, beside the product's own geometry."""
    edges = list(pairwise((round(x * 1e6), round(y * 1e6)) for x, y in ring))
    spans = [(min(a[0], b[0]), max(a[0], b[0]), min(a[1], b[1]), max(a[1], b[1])) for a, b in edges]
    last = len(edges) - 1
    for one, (west, east, south, north) in enumerate(spans):
        for other in range(one + 2, last + (one > 0)):
            beside = spans[other]
            if beside[0] > east or beside[1] < west or beside[2] > north or beside[3] < south:
                continue
            (a, b), (c, d) = edges[one], edges[other]
            if _turn(a, b, c) * _turn(a, b, d) <= 0 and _turn(c, d, a) * _turn(c, d, b) <= 0:
                return True
    return False


def _turn(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> int:
    """1 for a turn to the left, -1 to the right, 0 straight on."""
    area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (area > 0) - (area < 0)
