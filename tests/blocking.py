"""An admin in tests who blocks accounts and networks."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts import tokens
from tests.factories import make_account
from tests.reporting import bearer

PATH = "/v1/admin/blocks"


class Blocker:
    """An admin, and what that admin asks of blocks."""

    def __init__(self, client: FlaskClient) -> None:
        self.client, self.account = client, make_account("admin")

    @property
    def headers(self) -> dict[str, str]:
        """A sign-in of this moment, since tests move the clock by days."""
        return bearer(tokens.issue_access(self.account))

    def ask(self, **body: Any) -> TestResponse:
        """Send a new block as it is."""
        return self.client.post(PATH, json=body, headers=self.headers)

    def block(self, *, hours: int = 24, **subject: str) -> dict[str, Any]:
        """Block `account=` or the network of `report=`; fails unless it is stored."""
        answer = self.ask(**subject, hours=hours, reason="false_reports")
        assert answer.status_code in (200, 201), answer.text
        assert isinstance(answer.json, dict)
        return answer.json

    def end(self, block_id: str) -> int:
        return self.client.delete(f"{PATH}/{block_id}", headers=self.headers).status_code

    def listed(self, **query: Any) -> list[dict[str, Any]]:
        """All blocks, page by page."""
        answer = self.client.get(PATH, query_string=query, headers=self.headers).json
        found = list(answer["items"])
        while answer["next_cursor"]:
            asked = query | {"cursor": answer["next_cursor"]}
            answer = self.client.get(PATH, query_string=asked, headers=self.headers).json
            found += answer["items"]
        return found
