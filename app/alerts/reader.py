"""The recipient of an alert: the name of their place, and what all their messages share: subject, links and foot."""

from functools import lru_cache
from typing import Any, NamedTuple

from app.core import plain_text
from app.core.translations import DECIMAL_COMMA, N_, translated
from app.mail.letters import Letter, Link, link_to

_ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058, 3.1
LONGEST_NAME = 80  # characters of a name in a subject or a heading


class Reader(NamedTuple):
    """A person with an address, a language, and the tokens that end and change their alerts.

    `label`: their own name of the place, or what we call it.
    """

    to: str
    language: str
    label: str
    stop_token: str
    manage_token: str

    @property
    def place(self) -> str:
        """Return what their place is called in a sentence."""
        return one_line(self.label) or self.say(N_("the place you chose"))

    def say(self, text: str, **values: object) -> str:
        """Return a text in their language."""
        return translated(text, self.language, **values)

    def number(self, text: str) -> str:
        """Return a number with the decimal sign of their language."""
        return text.replace(".", ",") if self.language in DECIMAL_COMMA else text

    def letter(self, subject: str, **parts: Any) -> Letter:
        """Return an alert to them: how to stop it is in its headers and at its foot."""
        stop = link_to(f"/alerts/stop?token={self.stop_token}")
        foot = (
            Link(self.say(N_("Stop these messages")), stop),
            Link(self.say(N_("Change what you get, or pause it")), link_to(f"/alerts#{self.manage_token}")),
        )
        return Letter(
            to=self.to,
            subject=subject,
            language=self.language,
            why=self.say(N_("You get this because you asked here for alerts about %(place)s."), place=self.place),
            headers=(("List-Unsubscribe", f"<{stop}>"), ("List-Unsubscribe-Post", _ONE_CLICK)),
            foot=foot,
            **{"heading": subject, "paragraphs": ()} | parts,
        )


@lru_cache(512)  # the same few names and texts, for all people who hear of an event
def cleaned(text: str) -> str:
    """Return foreign words as plain text, with their line breaks."""
    return plain_text.plain(text)


@lru_cache(512)
def one_line(text: str) -> str:
    """Return foreign words cleaned, in one line and not too long."""
    return plain_text.one_line(text, longest=LONGEST_NAME)
