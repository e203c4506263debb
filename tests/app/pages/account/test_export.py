"""The file with one's own data: from the link on one's own page, without scripts."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from app.accounts import tokens
from app.accounts.models import Account
from app.pages.account.export import FILE_HOLDS
from tests.app.pages.conftest import Visitor
from tests.app.pages.frame import markup
from tests.factories import make_report
from tests.reporting import bearer

PATH = "/me/export"
SINCE_MS = 1_795_262_400_000
SignedIn = Callable[..., Visitor]
Ada = tuple[Visitor, Account]


@pytest.fixture
def ada(noon: Any, signed_in: SignedIn) -> Ada:
    visitor = signed_in()
    assert visitor.account is not None
    return visitor, visitor.account


def own_links(visitor: Visitor, path: str = "/me") -> set[str]:
    return {str(link.attributes.get("href")) for link in markup.named(visitor.get(path).text, "a")}


def test_own_page_leads_to_the_file(ada: Ada) -> None:
    visitor, account = ada
    make_report(title="mine", account_id=account.id)
    make_report(title="of a neighbour")

    answer = visitor.get(PATH)

    assert PATH in own_links(visitor)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="floodmanager-2026-11-21.json"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert [report["title"] for report in answer.get_json()["reports"]] == ["mine"]


def test_file_holds_what_the_api_answers(ada: Ada) -> None:
    visitor, account = ada
    make_report(title="mine", account_id=account.id)
    headers = bearer(tokens.issue_access(account))

    file, answer = visitor.get(PATH).get_json(), visitor.client.get("/v1/me/export", headers=headers).json

    assert {name: file[name] for name in file if name != "links"} == {
        name: answer[name] for name in answer if name != "links"
    }


def test_file_that_is_full_ends_with_the_whole_address_of_the_next(ada: Ada) -> None:
    visitor, account = ada
    for at in range(FILE_HOLDS + 1):
        make_report(title=f"report {at}", account_id=account.id, created_ms=SINCE_MS + at)

    first = visitor.get(PATH).get_json()
    address = next(link["href"] for link in first["links"] if link["rel"] == "next")
    second = visitor.get(address).get_json()

    assert address.startswith("http://localhost/me/export?cursor=")
    assert (len(first["reports"]), second["next_cursor"]) == (FILE_HOLDS, None)
    assert [report["title"] for report in second["reports"]] == ["report 0"]
    assert f"at most {FILE_HOLDS} reports" in visitor.get("/me").text


@pytest.mark.parametrize("cursor", ["x", "é", "x" * 3000, "%00"])
def test_bent_cursor_begins_with_the_first_file(ada: Ada, cursor: str) -> None:
    visitor, account = ada
    make_report(title="mine", account_id=account.id)

    assert len(visitor.get(f"{PATH}?cursor={cursor}").get_json()["reports"]) == 1


def test_cursor_of_another_person_gives_nothing_of_theirs(ada: Ada, signed_in: SignedIn) -> None:
    visitor, account = ada
    for at in range(FILE_HOLDS):
        make_report(title="of Ada", account_id=account.id, created_ms=SINCE_MS + at)
    cursor = visitor.get(PATH).get_json()["next_cursor"]
    assert cursor

    other = signed_in()

    assert "of Ada" not in json.dumps(other.get(f"{PATH}?cursor={cursor}").get_json())


def test_person_who_is_not_signed_in_is_asked_to(visitor: Visitor) -> None:
    answer = visitor.get(PATH)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=%2Fme%2Fexport")


def test_privacy_page_says_that_data_can_be_downloaded(visitor: Visitor) -> None:
    assert "You can download what we keep of you" in visitor.get("/privacy").text
