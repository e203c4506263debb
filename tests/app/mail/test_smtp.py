"""A mail server of one's own: what it takes, refuses, puts off, or leaves unknown."""

import email
import email.policy
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core.config import read_settings
from app.core.environment import BadSettings
from app.mail.models import Delivery
from tests.configured import settings_of
from tests.mailing import ADDRESS, newcomer
from tests.post import SETTINGS, Post
from tests.post import post as post  # noqa: PLC0414 - a fixture
from tests.rig.smtp_server import SmtpServer, running


def send(client: FlaskClient, post: Post, server: SmtpServer) -> Delivery:
    with settings_of(FLOOD_MAIL=f"smtp://127.0.0.1:{server.port}"):
        newcomer(client).change(email=ADDRESS)
        post.work()
    (row,) = [one for one in Delivery.scan() if one.event.startswith("own-")]
    return row


def test_a_message_has_text_and_html_and_tells_machines_not_to_answer(client: FlaskClient, post: Post) -> None:
    with running() as server:
        row = send(client, post, server)
    message = email.message_from_string(server.messages[0], policy=email.policy.default)

    assert row.state == "sent"
    assert (message["To"], message["From"]) == (ADDRESS, "Floods here <alerts@floods.example.org>")
    assert (message["Reply-To"], message["Auto-Submitted"]) == ("desk@floods.example.org", "auto-generated")
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message["Message-ID"] == row.provider_id
    assert "https://floods.example.org/confirm-email#fc_" in message.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("answers", "state", "reason"),
    [
        ({"RCPT": "550 no such person"}, "failed", "refused-SMTPRecipientsRefused"),
        ({"end": "554 no"}, "failed", "refused-554"),
        ({"RCPT": "451 later"}, "queued", None),
        ({"CONNECT": "421 busy"}, "queued", None),
        ({"end": "452 full"}, "queued", None),
        ({"end": SmtpServer.CLOSE}, "sending", None),
    ],
)
def test_answers_of_the_server_become_states(
    client: FlaskClient, post: Post, answers: dict[str, str], state: str, reason: str | None
) -> None:
    with running(**answers) as server:
        row = send(client, post, server)

    assert (row.state, row.reason, len(server.messages)) == (state, reason, 0)


def test_an_unknown_end_is_tried_once_more_and_then_given_up(client: FlaskClient, post: Post, noon: Any) -> None:
    with running(end=SmtpServer.CLOSE) as server:
        send(client, post, server)
        tries = []
        with settings_of(FLOOD_MAIL=f"smtp://127.0.0.1:{server.port}"):
            for _ in range(4):
                noon.shift(timedelta(seconds=70))
                post.work()
                (row,) = [one for one in Delivery.scan() if one.event.startswith("own-")]
                tries.append((row.state, int(row.tries)))

    assert tries == [("sending", 2), ("failed", 2), ("failed", 2), ("failed", 2)]


def test_a_server_that_is_away_leaves_the_message_waiting(client: FlaskClient, post: Post) -> None:
    with running() as server:
        pass
    assert send(client, post, server).state == "queued"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"FLOOD_MAIL": "sendmail"}, "FLOOD_MAIL must be ses"),
        ({"FLOOD_MAIL": "folder:/tmp/mail"}, "FLOOD_MAIL must be ses"),
        ({"FLOOD_MAIL": "smtp://me:secret@mail.example.org"}, "FLOOD_MAIL must hold no password"),
        ({"FLOOD_MAIL_FROM": ""}, "FLOOD_MAIL_FROM must name the sender"),
        ({"FLOOD_PUBLIC_BASE_URL": ""}, "FLOOD_PUBLIC_BASE_URL must be set"),
        ({"FLOOD_MAIL_TO": "everyone"}, "FLOOD_MAIL_TO may be everyone in the stage prod only"),
        ({"FLOOD_MAIL_PER_SECOND": "0"}, "FLOOD_MAIL_PER_SECOND must be a whole number"),
        ({"FLOOD_MAIL_PER_SECOND": "1", "FLOOD_MAIL_SENDERS": "3"}, "FLOOD_MAIL_SENDERS may be at most twice"),
    ],
)
def test_settings_that_would_send_wrongly_are_refused_at_the_start(changed: dict[str, str], said: str) -> None:
    deployed = {"AWS_LAMBDA_FUNCTION_NAME": "floodmanager-dev-api", "RESOURCE_PREFIX": "floodmanager-dev"}

    with pytest.raises(BadSettings, match=said):
        read_settings(SETTINGS | deployed | changed)


def test_production_may_write_to_everyone() -> None:
    deployed = {"AWS_LAMBDA_FUNCTION_NAME": "floodmanager-prod-api", "RESOURCE_PREFIX": "floodmanager-prod"}

    assert read_settings(SETTINGS | deployed | {"FLOOD_MAIL_TO": "everyone"}).mail.to == "everyone"
