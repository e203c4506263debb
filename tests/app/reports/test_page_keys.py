"""Reports sent from pages: the key alone gives the id, and it is never another account's."""

import pytest
from flask import Flask

from app.core.errors import Invalid
from app.reports.create import ReportSender, file_limited, find_filed_report

VALUES = {"location": {"lat": 51.5, "lon": -0.12}, "severity": "moderate"}
KEY = "a-key-of-128-bits-xxxx"


@pytest.fixture(autouse=True)
def request_of_somebody(app: Flask) -> object:
    with app.test_request_context(environ_base={"REMOTE_ADDR": "198.51.100.7"}):
        yield


@pytest.mark.parametrize("later", [None, "acc_own", "acc_other"])
@pytest.mark.parametrize("first", [None, "acc_own"])
def test_key_of_a_page_finds_the_first_whoever_sends_it_again(first: str | None, later: str | None) -> None:
    stored = file_limited(VALUES, ReportSender(first, KEY, is_of_page=True))
    again = file_limited(VALUES, ReportSender(later, KEY, is_of_page=True))

    assert (stored.is_new, again.is_new) == (True, False)
    assert (again.report.id, again.report.account_id) == (stored.report.id, first)


def test_keys_of_the_api_stay_apart_from_those_of_pages() -> None:
    ids = {
        ReportSender(account, KEY, is_of_page=page).report_id for account in (None, "acc_own") for page in (True, False)
    }

    assert len(ids) == 3


def test_other_words_under_a_pages_key_are_refused() -> None:
    file_limited(VALUES, ReportSender(None, KEY, is_of_page=True))

    with pytest.raises(Invalid):
        find_filed_report(VALUES | {"severity": "severe"}, ReportSender("acc_own", KEY, is_of_page=True))
