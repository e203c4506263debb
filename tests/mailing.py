"""People with confirmed addresses, through the product's own routes."""

from typing import Any

from flask.testing import FlaskClient

from app.accounts.models import Account
from tests.factories import PASSWORD, make_account
from tests.post import Post

ADDRESS = "anna@example.net"


class Person:
    """A person with an account, and the headers of their requests."""

    def __init__(self, client: FlaskClient, account: Account) -> None:
        self.client, self.name, self.id = client, account.username, account.id
        self.headers = self.sign_in()

    def sign_in(self, password: str = PASSWORD) -> dict[str, str]:
        answer = self.client.post("/v1/tokens", json={"username": self.name, "password": password})
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json['access_token']}"}

    def change(self, **values: Any) -> Any:
        return self.client.patch("/v1/me", headers=self.headers, json=values)

    def me(self) -> Any:
        return self.client.get("/v1/me", headers=self.headers)

    @property
    def account(self) -> Account:
        found = Account.find(self.id)
        assert found
        return found


def newcomer(client: FlaskClient, *, role: str = "resident") -> Person:
    return Person(client, make_account(role))


def confirmed(client: FlaskClient, post: Post, address: str = ADDRESS, *, role: str = "resident") -> Person:
    """A person who has confirmed an address; the message of it is forgotten."""
    person = newcomer(client, role=role)
    assert person.change(email=address).status_code == 200
    post.work()
    answer = client.post("/v1/email-confirmations", json={"token": post.token()})
    assert answer.status_code == 200, answer.text
    post.accepted.clear()
    return person


def ask(client: FlaskClient, *, network: str = "192.0.2.1", **who: str) -> Any:
    """Ask for a new password from a network."""
    return client.post("/v1/password-resets", json=who, environ_overrides={"REMOTE_ADDR": network})


def use(client: FlaskClient, token: str, password: str = "another wet november night") -> Any:
    return client.post("/v1/password-resets/use", json={"token": token, "password": password})
