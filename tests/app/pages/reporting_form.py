"""The report form as a browser fills it in and sends it."""

import re
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

from app.reports.models import Report
from tests.app.pages.conftest import Visitor
from tests.app.pages.frame import markup

DOOR = {"lat": "51.50041", "lon": "-0.12463"}
# A pin that the script has set.
PIN = DOOR | {"radius_m": "50", "settled": "", "where": ""}
SMALLEST = PIN | {"water": "knee", "place": "home", "when": "now"}
JSON = {"Accept": "application/json", "Sec-Fetch-Site": "same-origin"}


def fields_of(page: str) -> dict[str, str]:
    """Return the fields that a browser would send of a page's form of a report, unchanged."""
    form = re.search(r"<form[^>]*action=\"(?![^\"]*/votes)[^\"]*report[^\"]*\".*?</form>", page, re.DOTALL)
    assert form, page
    said = {}
    select = ""
    for element in markup.read(form[0]):
        name, value = element.attributes.get("name"), element.attributes.get("value", "")
        if element.name == "select":
            select = name or ""
        elif element.name == "option" and (select not in said or "selected" in element.attributes):
            said[select] = value
        is_off = element.attributes.get("type") == "radio" and "checked" not in element.attributes
        if element.name == "textarea" and name:
            said[name] = unescape("".join(element.text))
        elif element.name == "input" and name and not is_off:
            said[name] = value
    return said


def opened(visitor: Visitor, query: str = "") -> dict[str, str]:
    """The fields of a form that was just opened."""
    answer = visitor.get(f"/report{query}")
    assert answer.status_code == 200
    return fields_of(answer.text)


def reviewed(visitor: Visitor, **wanted: str) -> dict[str, str]:
    """The fields of the review of a form that was just filled in."""
    answer = visitor.post("/report", **(opened(visitor) | SMALLEST | wanted), step="review")
    assert answer.status_code == 200, answer.text
    return fields_of(answer.text)


def send(visitor: Visitor, fields: dict[str, str]) -> TestResponse:
    return visitor.post("/report", **fields, step="send")


def sent(visitor: Visitor, **wanted: str) -> str:
    """The address to which one is led after sending."""
    answer = send(visitor, reviewed(visitor, **wanted))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def id_in(address: str) -> str:
    found = re.search(r"rep_\w+", address)
    assert found, address
    return found[0]


def stored(address: str) -> Report:
    report = Report.find(id_in(address), consistent=True)
    assert report is not None
    return report


def mistakes(page: str) -> list[tuple[str, str]]:
    """The summary's links: to which field, in which words."""
    box = re.search(r'<div class="mistakes".*?</div>', page, re.DOTALL)
    assert box, page
    return [(element.attributes["href"], element.words()) for element in markup.named(box[0], "a")]


def all_reports(visitor: Visitor) -> list[Any]:
    return list(visitor.client.get("/v1/reports").json["items"])
