"""A person with a second factor, in tests: an app that makes codes, and the ways to set it up."""

from typing import Any, NamedTuple

import pyotp
from flask.testing import FlaskClient

from app.accounts.models import Account
from app.core import clock
from tests.factories import PASSWORD
from tests.reporting import bearer

TOTP = "/v1/me/totp"
STEP_S = 30


class App(NamedTuple):
    """An app that makes codes of a secret, by the product's clock."""

    secret: str

    def code(self, steps: int = 0) -> str:
        """Return the code of now, or of so many steps later."""
        return pyotp.TOTP(self.secret).at(clock.now_ms() // 1000 + steps * STEP_S)

    def wrong(self) -> str:
        """Return six digits that are no code of about now."""
        near = {self.code(steps) for steps in range(-3, 4)}
        return next(text for text in ("000000", "111111", "222222", "333333", "444444") if text not in near)


class Person(NamedTuple):
    """An account with a second factor: its app, its recovery codes, the session in which it was set up."""

    account: Account
    app: App
    recovery_codes: list[str]
    headers: dict[str, str]


def sign_in(client: FlaskClient, username: str, address: str = "198.51.100.7", **rest: str) -> Any:
    body = {"username": username, "password": PASSWORD, **rest}
    return client.post("/v1/tokens", json=body, environ_base={"REMOTE_ADDR": address})


def begin(client: FlaskClient, headers: dict[str, str], **rest: str) -> App:
    answer = client.post(TOTP, headers=headers, json={"password": PASSWORD, **rest})
    assert answer.status_code == 201, answer.text
    return App(answer.json["secret"])


def set_up(client: FlaskClient, account: Account) -> Person:
    """Sign an account in by its password, and set up its second factor with a code of the step before now.

    So the codes of now and of one step later are still unused.
    """
    headers = bearer(sign_in(client, account.username).json["access_token"])
    app = begin(client, headers)
    answer = client.put(TOTP, headers=headers, json={"code": app.code(-1)})
    assert answer.status_code == 200, answer.text
    return Person(account, app, answer.json["recovery_codes"], headers)
