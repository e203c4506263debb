"""Alerts as CAP 1.2 in the hands of others: two schema engines and a reader of another maker."""

import json
from math import isnan
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen
from xml.etree.ElementTree import fromstring

import pytest

from app.warnings.sources.cap import reader
from app.warnings.sources.cap.index import read_index
from tests.clients import running
from tests.local.local_run import LocalRun
from tests.rig.cap_schema import XSD
from tests.rig.hostile_alerts import alerts

MANY = 2_000
ATOM = "{http://www.w3.org/2005/Atom}"
ALL_VALID = """
import sys, pathlib, xmlschema
schema = xmlschema.XMLSchema(sys.argv[1])
wrong = [(one.name, str(error)[:300]) for one in sorted(pathlib.Path(sys.argv[2]).glob("*.xml"))
         for error in schema.iter_errors(str(one))]
print(wrong[:5] or "all valid")
"""
READ_ALL = """
import json, sys, pathlib
from capparselib.parsers import CAPParser
told = {}
for file in pathlib.Path(sys.argv[1]).glob("*.xml"):
    (alert,) = CAPParser(file.read_text(encoding="utf-8")).as_dict()
    told[file.stem] = alert
print(json.dumps(told, default=str))
"""
# Elements by their names in capparselib.
OF_ALERT = {"cap_id": "identifier", "cap_sender": "sender"}
OF_INFO = {
    "cap_event": "cap_event",
    "cap_urgency": "urgency",
    "cap_severity": "severity",
    "cap_certainty": "certainty",
    "cap_headline": "headline",
    "cap_description": "description",
    "cap_language": "language",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two thousand alerts with hostile texts, places and outlines, a file each."""
    made = tmp_path_factory.mktemp("alerts")
    for number, alert in enumerate(alerts(MANY, seed=3)):
        (made / f"{number}.xml").write_bytes(alert.document)
    return made


@pytest.fixture(scope="module")
def served(product: LocalRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every alert that the list of the served product links to, from page to page."""
    made, path = tmp_path_factory.mktemp("served"), "/feeds/cap.atom?limit=20"
    while path:
        page = text_of(product, path)
        for number, entry in enumerate(read_index(page).entries, len(list(made.iterdir()))):
            (made / f"{number}.xml").write_bytes(text_of(product, urlsplit(entry.link).path))
        links = {link.get("rel"): link.get("href", "") for link in fromstring(page).findall(f"{ATOM}link")}
        path = links.get("next", "").removeprefix(product.url)
    assert any(made.iterdir())
    return made


def text_of(product: LocalRun, path: str) -> bytes:
    with urlopen(product.url + path, timeout=running.HANGS_S) as answer:
        text: bytes = answer.read()
        return text


@pytest.mark.parametrize("made", ["folder", "served"])
class TestReaders:
    def test_two_schema_engines_find_every_alert_valid(self, made: str, request: pytest.FixtureRequest) -> None:
        files = request.getfixturevalue(made)

        told = running.run("xmllint", "--noout", "--nonet", "--schema", XSD, *sorted(files.glob("*.xml")))

        assert told.count(" validates") == len(list(files.iterdir()))
        assert running.python(ALL_VALID, XSD, files).strip() == "all valid"

    def test_reader_of_another_maker_finds_what_ours_finds(self, made: str, request: pytest.FixtureRequest) -> None:
        files = request.getfixturevalue(made)

        read = json.loads(running.python(READ_ALL, files))

        assert len(read) == len(list(files.iterdir()))
        for name, theirs in read.items():
            compare(theirs, reader.read((files / f"{name}.xml").read_bytes()))


def compare(theirs: dict[str, Any], ours: reader.CapAlert) -> None:
    """Compare every text of an alert as two readers see it, without regard to blanks."""
    assert {name: theirs[name] for name in OF_ALERT} == {name: getattr(ours, own) for name, own in OF_ALERT.items()}
    assert theirs["cap_message_type"].lower() == ours.message_type
    assert len(theirs["cap_info"]) == len(ours.infos)
    for their_info, info in zip(theirs["cap_info"], ours.infos, strict=True):
        for name, own in OF_INFO.items():
            assert are_same(their_info.get(name, ""), getattr(info, own)), name
        areas = their_info.get("cap_area", [])
        for area, own_area in zip(areas, info.areas, strict=True):
            assert are_same(area["area_description"], own_area.description)


def are_same(theirs: Any, ours: str) -> bool:
    """Whether two readers have the same text; theirs takes `1E2`, `0x1` and `true` for a number and a truth value."""
    if words(theirs) == words(ours) or str(theirs).casefold() == ours.casefold():
        return True
    try:
        their_number, our_number = float(theirs), float(ours)
        return their_number == our_number or isnan(their_number)
    except ValueError:
        return False


def words(text: Any) -> list[str]:
    return str(text or "").split()


def test_demonstration_says_that_it_is_an_exercise(served: Path) -> None:
    read = [reader.read(file.read_bytes()) for file in served.iterdir()]

    assert {alert.status for alert in read} == {"exercise"}
    assert {alert.message_type for alert in read} >= {"alert"}
