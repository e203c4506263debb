"""Browsers of one person, in tests: each with cookies and a User-Agent of its own."""

import html
import re

from flask import Flask
from werkzeug.test import TestResponse

from app.accounts import sessions, tokens
from tests.app.pages.conftest import Visitor
from tests.app.pages.frame import markup

FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0"


class Browser(Visitor):
    """A browser in which a person signs in, reads the notice of a new sign-in, and presses buttons."""

    def __init__(self, app: Flask, username: str, user_agent: str = FIREFOX) -> None:
        super().__init__(app.test_client())
        self.username = username
        self.client.environ_base["HTTP_USER_AGENT"] = user_agent

    def enter(self) -> "Browser":
        assert self.sign_in(self.username).status_code == 303
        return self

    @property
    def session_id(self) -> str:
        return tokens.read(self.cookie, tokens.Use.SESSION).family

    @property
    def device(self) -> str:
        """The mark of an earlier sign-in; empty without one."""
        kept = self.client.get_cookie(sessions.device_cookie())
        return kept.value if kept else ""

    def notice(self, path: str = "/me") -> str:
        """The words of the notice on a page; empty without one."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        sections = markup.named(answer.text, "section")
        found = [one for one in sections if "new-sign-in" in one.attributes.get("class", "")]
        return " ".join(found[0].words().split()) if found else ""

    def press(self, button: str, path: str = "/me", number: int = 0) -> TestResponse:
        """Send the form of a page whose button begins with these words; of several the one with this number."""
        forms = re.findall(r"<form.*?</form>", self.get(path).text, flags=re.DOTALL)
        form = [one for one in forms if re.search(rf"<button[^>]*>{re.escape(button)}", one)][number]
        fields = {name: html.unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form)}
        return self.post(re.findall(r'action="([^"]+)"', form)[0], **fields)
