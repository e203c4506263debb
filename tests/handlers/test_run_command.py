"""Operators run our own commands in a deployment: those of a list, read as words, and nothing that an event says."""

import logging
from pathlib import Path
from typing import Any

import pytest

from app.accounts.models import Account
from app.cli import remote
from app.core import dynamodb
from app.review import audit, switching
from handlers.run_command import LONGEST_WORD, MOST_WORDS, handler
from tests.factories import make_account


@pytest.fixture(autouse=True)
def _tables(tables: None) -> None:
    """Empty tables."""


def run(*words: str) -> dict[str, Any]:
    return handler({"words": list(words)}, None)


def test_a_command_prints_what_it_prints_in_a_terminal() -> None:
    ran = run("switch")

    assert ran["status"] == 0
    assert ran["output"].startswith("anonymous_reports: on\n")


def test_a_change_is_made_and_kept_on_record() -> None:
    ran = run("switch", "notice", "on", "--text", "en=The bridge is closed.")

    notice = switching.read_for_change().notice
    assert (ran["status"], notice and notice.text) == (0, {"en": "The bridge is closed."})
    assert [row.actor for row in audit.history_of("switches")] == ["command"]


def test_a_second_factor_is_asked_for_by_its_name() -> None:
    make_account(username="warden")

    assert "has no second factor" in run("reset-second-factor", "warden")["output"]
    assert run("reset-second-factor", "stranger")["status"] == 1


def test_a_mistake_is_told_as_in_a_terminal() -> None:
    ran = run("switch", "rain", "off")

    assert ran["status"] == 2
    assert "switch one of" in ran["output"]


@pytest.mark.parametrize("words", [["create-admin", "warden", "--password", "a wet november evening"], ["shell"]])
def test_no_other_command_runs_and_what_to_type_instead_is_said(words: list[str]) -> None:
    ran = run(*words)

    assert ran["status"] == 2
    assert ran["output"].endswith(f".venv/bin/flask --app app.factory {words[0]}\n")
    assert Account.named("warden") is None


@pytest.mark.parametrize(
    "event",
    [
        {"_serverless-wsgi": {"command": "exec", "data": "open('{marker}', 'w')"}},
        {"_serverless-wsgi": {"command": "command", "data": "touch {marker}"}},
        {"words": ["switch"], "_serverless-wsgi": {"command": "exec", "data": "open('{marker}', 'w')"}},
        {"words": "switch"},
        {"words": []},
        {"words": ["switch", 1]},
        {"words": ["switch"] * (MOST_WORDS + 1)},
        {"words": ["switch", "x" * (LONGEST_WORD + 1)]},
        {"Records": [], "words": ["switch"]},
        [],
        None,
    ],
)
def test_another_event_is_refused_and_runs_nothing(event: Any, tmp_path: Path) -> None:
    marker = tmp_path / "run"
    if isinstance(event, dict) and "_serverless-wsgi" in event:
        event["_serverless-wsgi"]["data"] = event["_serverless-wsgi"]["data"].format(marker=marker)

    with pytest.raises(ValueError, match="words of a command"):
        handler(event, None)

    assert not marker.exists()


@pytest.mark.parametrize("word", ["$(touch {marker})", "; touch {marker}", "`touch {marker}`", "__import__('os')"])
def test_words_are_never_run_as_a_program(word: str, tmp_path: Path) -> None:
    marker = tmp_path / "run"

    ran = run("switch", word.format(marker=marker), "off")

    assert ran["status"] == 2
    assert not marker.exists()


def test_the_log_has_the_commands_name_and_nothing_of_its_words(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("floodmanager")
    logger.addHandler(caplog.handler)
    try:
        run("audit", "--actor", "acc_secret")
        run("create-admin", "secret")
    finally:
        logger.removeHandler(caplog.handler)

    told = [(vars(one)["command"], vars(one)["exit_status"]) for one in caplog.records if one.message == "command run"]
    assert told == [("audit", 0), ("", 2)]
    assert not [one for one in caplog.records if "secret" in str(vars(one))]


def test_an_answer_that_is_too_long_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "MOST_CHARACTERS", 20)

    ran = run("switch")

    assert ran["status"] == 1
    assert ran["output"].endswith("ask for less.")


def test_an_outage_of_the_database_is_told_without_its_details(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise dynamodb.OutOfTime("GetItem of a secret")

    monkeypatch.setattr(switching, "read_for_change", fail)

    ran = run("switch")

    assert ran["status"] == 1
    assert "the database failed: OutOfTime" in ran["output"]
    assert "secret" not in ran["output"]
