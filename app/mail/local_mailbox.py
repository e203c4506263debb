"""Mailbox of a run on one machine: each message becomes a file in a folder, and is read again by `make serve`."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from app.core import clock
from app.core.config import settings
from app.core.settings_groups import LOCAL_MAILBOX
from app.mail.letters import Letter, html_of, subject_of, text_of
from app.mail.models import Delivery

MOST = 200  # messages that it shows, the newest


class LocalMailbox:
    """A carrier that writes messages into a folder; the outcome is always known."""

    unknown_ms = 0
    most_unknown = 1

    def send(self, letter: Letter, delivery: Delivery) -> str:
        """Store a message, completely or not at all; a repeated one replaces itself."""
        from app.mail.smtp import message_of  # the mail server's own form, whose headers it shows

        headers = {name: str(value) for name, value in message_of(letter, delivery).items()}
        shown = {
            "to": letter.to,
            "subject": subject_of(letter),
            "text": text_of(letter),
            "html": html_of(letter),
            "headers": {name: value for name, value in headers.items() if not name.startswith(("Content-", "MIME-"))},
            "at": clock.rfc3339(clock.now_ms()),
        }
        folder = folder_of()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = folder / f"{uuid4().hex}.part"
        part.write_text(json.dumps(shown), encoding="utf-8")
        part.replace(folder / f"{delivery.recipient[:12]}-{delivery.event}.json")
        return f"local-{delivery.event}"


def folder_of() -> Path:
    """Return the folder of the setting."""
    return Path(settings().mail.by.removeprefix(LOCAL_MAILBOX))


def read() -> list[dict[str, Any]]:
    """Return the messages, newest first."""
    messages = [json.loads(file.read_text(encoding="utf-8")) for file in folder_of().glob("*.json")]
    return sorted(messages, key=lambda message: message["at"], reverse=True)[:MOST]
