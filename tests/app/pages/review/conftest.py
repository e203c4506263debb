"""Fixtures shared by the tests of the page of responders: a responder at it, and what waits."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.reports.models import Report
from tests.app.pages.conftest import OWN_FORM, Visitor
from tests.app.pages.frame import markup
from tests.factories import make_report, tell_consumer

SignedIn = Callable[..., Visitor]
FIELDS = ("input", "textarea", "select")


@pytest.fixture
def desk(noon: Any, signed_in: SignedIn) -> Visitor:
    return signed_in("responder")


def waiting(number: int = 1, **wanted: Any) -> list[Report]:
    """Reports that wait in the queue."""
    reports = [make_report(**{"title": f"Water {one}"} | wanted) for one in range(number)]
    tell_consumer(reports)
    return reports


def status_of(report: Report) -> str:
    stored = Report.find(report.id, consistent=True)
    assert stored is not None
    return str(stored.status)


def fields_of(text: str, form_id: str) -> dict[str, str]:
    """Return what a browser would send of a form, unchanged."""
    found = re.search(rf'<form[^>]*id="{form_id}".*?</form>', text, re.DOTALL)
    assert found, text
    said: dict[str, str] = {}
    select = ""
    for element in markup.read(found[0]):
        name, value = element.attributes.get("name") or "", element.attributes.get("value") or ""
        if element.name == "select":
            select = name
        elif element.name == "option" and (select not in said or "selected" in element.attributes):
            said[select] = value
        elif element.name == "textarea":
            said[name] = unescape("".join(element.text))
        elif element.name == "input" and (
            element.attributes.get("type") not in ("radio", "checkbox") or "checked" in element.attributes
        ):
            said[name] = value
    return said


def send_many(desk: Visitor, path: str, reports: list[str], **rest: str) -> TestResponse:
    """Send a form in which several reports are ticked."""
    return desk.client.post(path, data={"report": reports} | rest, headers=OWN_FORM)


def follow(desk: Visitor, answer: TestResponse) -> str:
    """Return the page that a form leads to."""
    assert answer.status_code == 303, answer.text
    return desk.get(answer.headers["Location"].replace("http://localhost", "")).text


def words_of(text: str) -> str:
    return " ".join(markup.named(text, "main")[0].words().split())
