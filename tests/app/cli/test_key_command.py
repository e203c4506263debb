"""`flask end-key`: a person on call ends a key that has leaked, on record."""

from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import api_keys
from app.accounts.models import Account
from app.review.audit import history_of
from tests.factories import make_account
from tests.keyed import make_key
from tests.reporting import bearer, file_report


@pytest.fixture
def owner(client: FlaskClient, noon: Any) -> Account:
    return make_account()


def run(app: Flask, key: str) -> Result:
    return app.test_cli_runner().invoke(args=["end-key", key])


@pytest.mark.parametrize("form", ["whole", "beginning", "id"])
def test_key_is_ended_by_any_form_of_it(app: Flask, client: FlaskClient, owner: Account, form: str) -> None:
    made = make_key(client, owner, "reports:write")
    found = {"whole": made["key"], "beginning": made["beginning"], "id": made["id"]}[form]

    told = run(app, found)

    assert (told.exit_code, owner.id in told.output, made["key"] in told.output) == (0, True, False), told.output
    refused = file_report(client, headers=bearer(made["key"]))
    assert (refused.status_code, refused.json["detail"]) == (401, api_keys.UNKNOWN)  # type: ignore[index]
    (row,) = history_of(owner.id)
    assert (row.action, row.actor, row.before["key"]) == ("key.ended", "command", made["id"])
    assert "There is no such key" in run(app, found).output


def test_what_is_no_key_is_refused(app: Flask, owner: Account) -> None:
    for text in ("", "fm_", "river-watcher", owner.id, "fm_" + "A" * 55):
        told = run(app, text)
        assert (told.exit_code, "This is no API key" in told.output) == (1, True), text
