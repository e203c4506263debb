"""References for the telephone: slips are noticed, they lead to public pages only, and guesses are limited."""

from itertools import pairwise
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from app.accounts import throttle
from app.core import clock, dynamodb
from app.pages.report import reference_page
from app.reports import reference
from app.reports.entry import Status
from tests.app.pages.world import AS_BROWSER
from tests.factories import make_report
from tests.moments import NOON
from tests.reporting import filed

DAY_S = 86400


def reference_at(seconds: float, **values: Any) -> str:
    """The reference of a report that was made at that time after noon."""
    with time_machine.travel(NOON + seconds, tick=False):
        report = make_report(created_ms=clock.now_ms(), **values)
        return reference.reference_of(report) or ""


def opened(client: FlaskClient, code: str) -> tuple[int, str]:
    answer = client.get(f"/r/{code}", headers=AS_BROWSER)
    return answer.status_code, answer.headers.get("Location", "")


def test_reporter_and_everybody_read_the_same_reference(client: FlaskClient, noon: Any) -> None:
    report = filed(client)

    public = client.get(f"/v1/reports/{report['id']}").json
    page = client.get(f"/reports/{report['id']}", headers=AS_BROWSER).text
    sent = client.get(f"/report/sent/{report['id']}?token={report['edit_token']}", headers=AS_BROWSER).text

    assert public["reference"] == report["reference"]  # type: ignore[index]
    assert all(f">{report['reference']}<" in text for text in (page, sent))
    assert f"/r/{report['reference']}" in sent


def test_it_leads_to_the_public_page_however_it_is_typed(client: FlaskClient, noon: Any) -> None:
    report = filed(client)
    code = report["reference"]
    alike = code.replace("0", "o").replace("1", "l")

    for typed in (code, code.replace("-", ""), code.lower(), alike, f" {code} "):
        assert opened(client, typed) == (303, f"/reports/{report['id']}"), typed
    asked = client.get("/r", query_string={"reference": code}, headers=AS_BROWSER)
    assert asked.headers["Location"] == f"/reports/{report['id']}"
    assert asked.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.REJECTED, Status.MERGED])
def test_it_leads_nowhere_once_the_report_is_not_public(client: FlaskClient, noon: Any, status: str) -> None:
    code = reference.reference_of(make_report(created_ms=clock.now_ms(), status=status))
    assert code

    assert opened(client, code) == (404, "")


def test_one_wrong_character_or_two_swapped_ones_are_no_reference(tables: None, noon: Any) -> None:
    code = reference_at(0).replace("-", "")

    slips = [code[:at] + other + code[at + 1 :] for at in range(8) for other in reference.ALPHABET if other != code[at]]
    slips += [
        code[:at] + after + before + code[at + 2 :]
        for at, (before, after) in enumerate(pairwise(code))
        if before != after
    ]
    assert not any(map(reference.is_reference, slips))
    assert len(slips) > 8 * 31
    for bent in ("", code[:7], code + "0", "U" * 8, "é" * 8, "7K3M 9QXA DROP", "\0" * 8):
        assert not reference.is_reference(bent), bent


def test_reports_of_following_milliseconds_have_references_that_do_not_follow(tables: None, noon: Any) -> None:
    reports = [make_report(created_ms=clock.now_ms() - number) for number in range(40)]

    codes = [reference.reference_of(report) or "" for report in reports]

    assert len(set(codes)) == 40
    beginnings = [code[:3] for code in codes]
    assert len(set(beginnings)) > 30


def test_every_moment_of_the_period_comes_back(noon: Any) -> None:
    for number in (0, 1, 12_345_678_901, (1 << 35) - 1):
        assert reference._deciphered(reference._enciphered(number)) == number
        assert reference._enciphered(number) < 1 << 35


def test_it_is_found_for_396_days_and_old_reports_have_none(client: FlaskClient) -> None:
    code = reference_at(0, expires_at_ms=clock.now_ms() * 2)
    with time_machine.travel(NOON + 395 * DAY_S, tick=False):
        assert opened(client, code)[0] == 303
    with time_machine.travel(NOON + 397 * DAY_S, tick=False):
        [old] = reference._filed_at(NOON * 1000)
        assert reference.reference_of(old) is None
        assert opened(client, code) == (404, "")


def test_imported_reports_have_none(client: FlaskClient, noon: Any) -> None:
    report = make_report(source="petabencana", created_ms=clock.now_ms())

    assert client.get(f"/v1/reports/{report.id}").json["reference"] is None  # type: ignore[index]
    assert 'class="reference"' not in client.get(f"/reports/{report.id}", headers=AS_BROWSER).text


def test_several_reports_of_one_millisecond_are_offered(client: FlaskClient, noon: Any) -> None:
    first, second = (make_report(created_ms=clock.now_ms(), title=f"Number {number}") for number in range(2))

    page = client.get(f"/r/{reference.reference_of(first)}", headers=AS_BROWSER)

    assert reference.reference_of(first) == reference.reference_of(second)
    assert page.status_code == 200
    assert all(f'href="/reports/{one.id}"' in page.text for one in (first, second))


def test_guesses_are_limited_and_hits_and_slips_are_not(
    client: FlaskClient, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference_page, "MISSES_PER_HOUR", 3)
    code = filed(client)["reference"]
    nobodys = [reference_at(-DAY_S - number, status=Status.WITHDRAWN) for number in range(4)]
    slip = code[:-1] + ("0" if code[-1] != "0" else "2")

    assert [opened(client, typed)[0] for typed in [code, slip] * 6] == [303, 404] * 6
    assert [opened(client, typed)[0] for typed in nobodys] == [404, 404, 404, 429]
    assert opened(client, code)[0] == 429
    noon.shift(3600)
    assert opened(client, code)[0] == 303


def test_references_are_followed_while_only_the_counters_are_away(
    client: FlaskClient, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise dynamodb.FAILURES[0]("away")

    code = filed(client)["reference"]
    monkeypatch.setattr(throttle.Throttle, "add_one", fail)

    assert opened(client, code)[0] == 303


def test_mistyped_reference_is_kept_in_the_field_with_what_is_wrong(client: FlaskClient, noon: Any) -> None:
    page = client.get("/r/<b>7K3M", headers=AS_BROWSER)

    assert page.status_code == 404
    assert "&lt;b&gt;7K3M" in page.text
    assert "This is not a reference" in page.text
    assert client.get("/r", headers=AS_BROWSER).status_code == 200
