"""The pages about the service: its status, its statements, its languages."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core import dynamodb, retention
from app.core.config import Settings, settings
from app.gazetteer import data_credits
from app.reports.index.models import ROOT, Document, TileDocument
from app.warnings.models import SourceStates
from tests.app.pages.conftest import HTML
from tests.app.pages.frame import markup
from tests.moments import NOON

MINUTE_S, HOUR_S = 60, 3600
Choose = Callable[..., Settings]


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Choose:
    """`choose(contact="..")` is a deployment with these settings."""

    def replace(**wanted: Any) -> Settings:
        chosen = settings()._replace(**wanted)
        for module in ("app.pages.site.about", "app.pages.frame.rendering", "app.warnings.source_status"):
            monkeypatch.setattr(f"{module}.settings", lambda: chosen)
        return chosen

    return replace


def show(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    answer = client.get(path, headers={"Accept": HTML} | headers)
    assert answer.status_code == 200, answer.text
    return answer


def words(answer: TestResponse) -> str:
    return " ".join(markup.named(answer.text, "main")[0].words().split())


def headline(answer: TestResponse) -> str:
    return markup.named(answer.text, "h1")[0].words()


def note(**sources: dict[str, Any]) -> None:
    SourceStates.read(consistent=True).replace(dict(sources))


def heard(seconds_ago: int, **more: Any) -> dict[str, Any]:
    at = (NOON - seconds_ago) * 1000
    return {
        "state": "ok",
        "tried": at,
        "fetched": at,
        "in_force": 3,
        "is_whole": True,
        "broken": 0,
        "reasons": [],
    } | more


def status_at_noon(client: FlaskClient) -> TestResponse:
    with time_machine.travel(NOON, tick=False):
        return show(client, "/status")


def test_all_is_well(client: FlaskClient) -> None:
    TileDocument.replace(ROOT, Document(built_at_ms=(NOON - 75) * 1000))
    note(ea=heard(120), nws=heard(180, in_force=1))

    answer = status_at_noon(client)

    assert headline(answer) == "Everything works"
    told = words(answer)
    for said in (
        "brought up to date 1 minute ago",
        "2 minutes ago",
        "3 warnings",
        "3 minutes ago",
        "1 warning",
        "0.1.0",
    ):
        assert said in told
    assert "2026-11-21T11:58:00Z" in [each.attributes["datetime"] for each in markup.named(answer.text, "time")]


def test_a_source_that_does_not_answer_is_named_with_the_time_and_the_reason(client: FlaskClient) -> None:
    broken = ["<b>no time</b> in message 7"]
    note(ea=heard(HOUR_S, state="down", reasons=["503 Service Unavailable"]), nws=heard(60, broken=2, reasons=broken))

    answer = status_at_noon(client)

    told = words(answer)
    assert headline(answer) == "Everything works but one source of warnings"
    assert "Environment Agency (England) does not answer." in told
    assert "Last heard: Saturday 21 November, 11:00 GMT" in told
    assert "503 Service Unavailable" in told
    assert "2 messages" in told
    assert "<b>no time" not in answer.text


@pytest.mark.parametrize(
    ("ea", "said"),
    [
        (heard(16 * MINUTE_S), "was not heard for a while"),
        ({"state": "down", "tried": NOON * 1000, "reasons": ["timed out"]}, "does not answer"),
        ({}, "was never heard"),
        (heard(60, is_whole=False), "not whole"),
    ],
)
def test_what_hides_warnings_is_never_passed_over(client: FlaskClient, ea: dict[str, Any], said: str) -> None:
    note(ea=ea, nws=heard(60))

    assert said in words(status_at_noon(client))


def test_a_source_that_was_loaded_once_from_a_file_is_no_trouble(client: FlaskClient) -> None:
    note(ea=heard(60), nws=heard(60), demo=heard(9 * HOUR_S))

    answer = status_at_noon(client)

    assert headline(answer) == "Everything works"
    assert "read once from a file" in words(answer)


def test_a_lost_database_is_told_and_not_failed(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise dynamodb.FAILURES[0]("connect to 10.1.2.3 failed")

    monkeypatch.setattr(TileDocument, "read", fail)
    monkeypatch.setattr(SourceStates, "read", fail)

    answer = show(client, "/status")

    assert headline(answer) == "The database does not answer"
    assert "10.1.2.3" not in answer.text


def test_both_forms_of_the_status_tell_the_same(client: FlaskClient) -> None:
    note(ea=heard(60), nws=heard(2 * HOUR_S, state="down", reasons=["timed out"]))
    with time_machine.travel(NOON, tick=False):
        facts = client.get("/status.json").json
        told = words(show(client, "/status"))

    assert [source["state"] for source in facts["sources"]] == ["ok", "down"]
    assert facts["sources"][1]["reasons"][0] in told
    assert facts["version"] in told


def test_status_is_shared_for_as_long_as_its_json_is(client: FlaskClient, choose: Choose) -> None:
    assert show(client, "/status").headers["Cache-Control"] == "no-cache"

    choose(public_base_url="https://flood.example.org")

    assert show(client, "/status").headers["Cache-Control"] == "public, max-age=0, s-maxage=5"
    assert client.get("/status.json").headers["Cache-Control"] == "public, max-age=0, s-maxage=5"


def test_a_deployment_without_sources_says_so(client: FlaskClient, choose: Choose) -> None:
    choose(sources="")

    answer = show(client, "/status")

    assert headline(answer) == "Everything works"
    assert "no source of official warnings" in words(answer)


def test_about_names_who_runs_it_and_the_issuers_that_it_reads(client: FlaskClient, choose: Choose) -> None:
    choose(operator="Bathwick Flood Wardens", sources="ea,cap:bom=https://example.org/feed")

    told = words(show(client, "/about"))

    assert "It is run by Bathwick Flood Wardens." in told
    assert "Environment Agency (England): check-for-flooding.service.gov.uk" in told
    assert "flood and river level data from the real-time data API (Beta)" in told
    assert "National Weather Service" not in told and "bom" in told


def test_about_says_that_no_warnings_are_read(client: FlaskClient, choose: Choose) -> None:
    choose(operator="", sources="")

    told = words(show(client, "/about"))

    assert "Its operators have given no name." in told
    assert "no source of official warnings" in told and "Environment Agency (England)" not in told


def test_about_credits_the_open_data_by_licence(client: FlaskClient, choose: Choose) -> None:
    choose(tile_attribution='<a href="https://example.org">Maps by the town</a>')

    answer = show(client, "/about")

    for licence in data_credits.PLACES:
        assert licence.address in markup.addresses(answer.text)
        assert [line for line in licence.lines if line not in words(answer)] == []
    assert "The background: Maps by the town." in words(answer)


def test_every_page_leads_to_about(client: FlaskClient) -> None:
    assert [
        path for path in ("/", "/report", "/privacy") if "/about" not in markup.addresses(show(client, path).text)
    ] == []


def test_privacy_names_whoever_else_sees_visitors(client: FlaskClient, choose: Choose) -> None:
    assert "Nothing on our pages comes from others" in words(show(client, "/privacy"))

    choose(tile_url="https://{s}.tiles.example.org/{z}/{x}/{y}.png")
    told = words(show(client, "/privacy"))
    assert "come from tiles.example.org, whose operators" in told
    assert "Nothing on our pages comes from others" not in told
    choose(pmtiles_url="https://maps.example.net/world.pmtiles", tile_url="")
    assert "come from maps.example.net, whose operators" in words(show(client, "/privacy"))


def test_privacy_says_where_the_data_lie(client: FlaskClient, choose: Choose) -> None:
    assert "eu-west-2" in words(show(client, "/privacy"))

    choose(is_local=True)

    assert "on the machine" in words(show(client, "/privacy"))


@pytest.mark.parametrize("path", ["/about", "/privacy", "/accessibility"])
@pytest.mark.parametrize(
    ("contact", "leads_to"),
    [
        ("floods@example.org", "mailto:floods@example.org"),
        ("mailto:floods@example.org", "mailto:floods@example.org"),
        ("https://example.org/floods", "https://example.org/floods"),
        ("javascript:alert(1)", None),
        ("+44 1234 567", None),
    ],
)
def test_statements_say_whom_to_ask(
    client: FlaskClient, choose: Choose, path: str, contact: str, leads_to: str | None
) -> None:
    choose(contact="")
    always = markup.addresses(show(client, path).text)
    choose(contact=contact)

    answer = show(client, path)

    assert contact.removeprefix("mailto:") in words(answer)
    assert [link for link in markup.addresses(answer.text) if link not in always] == ([leads_to] if leads_to else [])


def test_privacy_tells_the_times_of_the_table(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each by its own figure: moved by a day in the table, it moves on the page."""
    names = "LOG_LINE EXACT_PLACE_OF_HOME WITHDRAWN_REPORT SIGN_IN SESSION DEVICE BACKUP BACKUP_APART".split()
    for number, name in enumerate(names):
        monkeypatch.setattr(
            retention, name, getattr(retention, name)._replace(seconds=(700 + number) * retention.DAY_S)
        )

    told = words(show(client, "/privacy"))

    assert [str(700 + number) for number in range(len(names)) if f"{700 + number} days" not in told] == []


def test_a_language_is_remembered_and_one_goes_back(client: FlaskClient) -> None:
    answer = client.get("/language?to=es&next=/privacy")

    (said,) = answer.headers.getlist("Set-Cookie")
    assert (answer.status_code, answer.location) == (303, "/privacy")
    assert said.startswith("lang=es; ")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=31536000"} <= set(said.split("; "))
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "query", ["to=xx&next=/privacy", "next=/privacy", "to=es%0d%0ax&next=/privacy", "to=&next=/privacy"]
)
def test_an_unknown_language_changes_nothing(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/language?{query}")

    assert (answer.status_code, answer.location) == (303, "/privacy")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "wanted", ["", "//evil.example", "https://evil.example", "/\\evil.example", "/%09/evil.example"]
)
def test_a_choice_of_language_leads_to_no_other_site(client: FlaskClient, wanted: str) -> None:
    assert client.get(f"/language?to=en&next={wanted}").location == "/"


def test_the_language_that_was_chosen_goes_before_the_browsers(client: FlaskClient) -> None:
    client.get("/language?to=en&next=/")

    answer = show(client, "/privacy", **{"Accept-Language": "es"})

    assert answer.headers["Content-Language"] == "en"
    assert markup.named(answer.text, "html")[0].attributes["lang"] == "en"
