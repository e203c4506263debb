"""Mailbox of `make serve`: `/_local/mail` for people, `/_local/mail.json` for programs.

It is registered where mail goes to a folder of this machine, which the settings of a deployment refuse; and this room
is in no artifact.
"""

import re
from html import escape

from flask import Blueprint, Flask, Response, jsonify

from app.accounts.auth import Who, lock_blueprint
from app.core.config import settings
from app.http.headers import PRIVATE
from app.mail import local_mailbox

_ADDRESS = re.compile(r"https?://[^\s<]+")
blueprint = Blueprint("local_mail", __name__)
lock_blueprint(blueprint, Who.ANYONE)


def register(app: Flask) -> None:
    """Add the mailbox to an app whose mail goes to a folder of this machine; to no other."""
    if settings().is_local and settings().mail.is_local:
        app.register_blueprint(blueprint)


@blueprint.get("/_local/mail.json")
def list_messages() -> Response:
    """Return the messages that were sent, newest first."""
    response = jsonify(items=local_mailbox.read())
    response.headers["Cache-Control"] = PRIVATE
    return response


@blueprint.get("/_local/mail")
def show_messages() -> Response:
    """Show the messages that were sent as plain text, whose links can be followed."""
    parts = [_shown(message) for message in local_mailbox.read()] or ["<p>No message was sent yet.</p>"]
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Local mailbox</title>'
    text = f"{head}<h1>Local mailbox</h1>{''.join(parts)}</html>"
    response = Response(text, mimetype="text/html")
    response.headers["Cache-Control"] = PRIVATE
    return response


def _shown(message: dict[str, str]) -> str:
    text = _ADDRESS.sub(lambda match: f'<a href="{match[0]}">{match[0]}</a>', escape(message["text"]))
    about = f"To {escape(message['to'])}, {escape(message['at'])}"
    return f"<article><h2>{escape(message['subject'])}</h2><p>{about}</p><pre>{text}</pre></article>"
