"""`flask invite`: a link for a responder, printed once, on record."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import areas
from app.core.config import settings
from app.review import inviting
from app.review.audit import history_of
from tests.factories import PASSWORD


def run(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=["invite", *arguments])


def test_link_is_printed_and_works(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    public = settings()._replace(public_base_url="https://flood.example.org")
    monkeypatch.setattr("app.cli.invite_command.settings", lambda: public)

    done = run(app, "--area", "The weir=-2.4,51.3,-2.3,51.4", "--area", "Bath", "--note", "For Maria")

    assert done.exit_code == 0, done.output
    (token,) = re.findall(r"https://flood\.example\.org/invitation#(\S+)", done.output)
    invitation = inviting.of_token(token)
    assert [area.name for area in areas.unpack(invitation.packed_areas)] == ["The weir", "Bath"]
    assert (invitation.note, invitation.maker_id) == ("For Maria", "command")
    (row,) = history_of(invitation.id)
    assert (row.action, row.actor) == ("invitation.made", "command")
    body = {"token": token, "username": "weir-keeper", "password": PASSWORD}
    assert client.post("/v1/invitations/accept", json=body).status_code == 201


def test_without_areas_and_address_it_says_what_is_left_to_do(app: Flask) -> None:
    done = run(app)

    assert "no area: an admin sets areas" in done.output and "FLOOD_PUBLIC_BASE_URL is not set" in done.output
    assert re.search(r"^/invitation#fi_", done.output, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--note", "x" * 201], "/note: "),
        (["--note", "<b>x</b>"], "/note: "),
        (["--area", "Xyzzyplugh"], "No place is called"),
        (["--area", "Pier=179,0 -179,0 -179,1"], "It must not cross 180 degrees"),
    ],
)
def test_what_cannot_be_taken_is_told_and_makes_nothing(app: Flask, arguments: list[str], said: str) -> None:
    done = run(app, *arguments)

    assert done.exit_code != 0 and said in done.output
    assert inviting.page(limit=10) == ([], "")
