"""`flask switch`: a person on call turns things off and on, and shows a notice, on record."""

import pytest
from click.testing import Result
from flask import Flask

from app.review import audit, switching


@pytest.fixture(autouse=True)
def _clock(noon: object) -> None:
    """At noon."""


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["switch", *words])


def test_without_words_it_shows_how_everything_stands(app: Flask) -> None:
    told = run(app).output

    assert "anonymous_reports: on" in told and "notice: null" in told


def test_anonymous_reports_are_turned_off_within_an_area(app: Flask) -> None:
    told = run(app, "anonymous-reports", "off_within", "--area", "-0.2,51.4,0,51.6", "--reason", "false_reports")

    assert told.exit_code == 0, told.output
    switches = switching.read_for_change()
    assert (switches.anonymous_reports, len(switches.off_areas)) == ("off_within", 1)
    row = audit.history_of("switches")[0]
    assert (row.actor, row.reason) == ("command", "false_reports")


def test_a_notice_is_shown_and_ended(app: Flask) -> None:
    run(app, "notice", "on", "--text", "en=The bridge is closed.", "--hours", "6")
    notice = switching.read_for_change().notice
    assert notice is not None and notice.text == {"en": "The bridge is closed."}

    run(app, "notice", "off")

    assert switching.read_for_change().notice is None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["rain", "off"], "switch one of"),
        (["registrations", "maybe"], "/registrations"),
        (["source:bbc", "off"], "There is no such source"),
        (["anonymous-reports", "off", "--area", "Bath"], "--area belongs to"),
        (["anonymous-reports", "off_within"], "/off_within"),
        (["anonymous-reports", "off_within", "--area", "Xyzzyplugh"], "No place is called"),
        (["notice", "on"], "/notice/text"),
        (["notice", "on", "--text", "en=<b>x</b>"], "/notice/text/en"),
    ],
)
def test_what_cannot_be_switched_is_told_and_changes_nothing(app: Flask, words: list[str], sentence: str) -> None:
    told = run(app, *words)

    assert told.exit_code != 0 and sentence in told.output
    assert switching.read_for_change().version == 0


def test_more_areas_than_there_may_be_are_refused(app: Flask) -> None:
    boxes = [word for number in range(21) for word in ("--area", f"{number},51,{number + 0.5},52")]

    told = run(app, "anonymous-reports", "off_within", *boxes)

    assert told.exit_code != 0 and "at most 20 areas" in told.output
    assert switching.read_for_change().version == 0
