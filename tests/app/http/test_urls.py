"""Addresses built from our rules are those that Werkzeug would build."""

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule

from app.http.urls import LazyRule


def _app(rule: type[Rule]) -> Flask:
    app = Flask("addresses")
    app.url_rule_class = rule
    app.add_url_rule("/", "home", str)
    app.add_url_rule("/reports/<report_id>/parts/<int:number>", "part", str)
    return app


@pytest.mark.parametrize("values", [{}, {"q": "a b"}, {"_external": True}, {"q": ["1", "2"], "_anchor": "top"}])
@pytest.mark.parametrize("endpoint", ["home", "part"])
def test_address_is_the_one_that_the_library_builds(endpoint: str, values: dict[str, object]) -> None:
    named = {"report_id": "rep_ä/1", "number": 7} if endpoint == "part" else {}
    built = []

    for rule in (Rule, LazyRule):
        with _app(rule).test_request_context():
            built.append(url_for(endpoint, **named, **values))

    assert built[0] == built[1]


def test_path_that_a_rule_takes_is_read_as_the_library_reads_it() -> None:
    read = [_app(rule).url_map.bind("").match("/reports/rep_1/parts/7") for rule in (Rule, LazyRule)]

    assert read[0] == read[1] == ("part", {"report_id": "rep_1", "number": 7})
