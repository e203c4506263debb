"""API keys in tests: made through the product, and sent as programs send them."""

from collections.abc import Sequence
from typing import Any

from flask.testing import FlaskClient

from app.accounts import tokens
from app.accounts.models import Account
from app.review import staff
from app.review.audit import BY_COMMAND
from tests.factories import make_account
from tests.reporting import bearer, body_of, new_key

KEYS, BATCH = "/v1/me/api-keys", "/v1/reports/batch"


def of_session(account: Account) -> dict[str, str]:
    """Return the headers of a new session of an account."""
    stored = Account.find(account.id)
    assert stored
    return bearer(tokens.issue_access(stored))


def ask_for_key(
    client: FlaskClient, account: Account, scopes: Sequence[str], headers: dict[str, str] | None = None, **wanted: Any
) -> Any:
    """Ask for a key in a session of its owner, a new one by default; return the answer."""
    return client.post(
        KEYS, headers=headers or of_session(account), json={"name": "A gauge", "scopes": [*scopes]} | wanted
    )


def make_key(client: FlaskClient, account: Account, *scopes: str, **wanted: Any) -> dict[str, Any]:
    """Make a key; return its form, with `key`."""
    answer = ask_for_key(client, account, scopes, **wanted)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


def make_partner(**wanted: Any) -> Account:
    """Return an account that an admin has marked as a partner."""
    account = make_account(**wanted)
    return staff.change(account.id, {"is_partner": True, "reason": "appointed"}, by=BY_COMMAND)


def item(key: str = "", **wanted: Any) -> dict[str, Any]:
    """Return an item of a batch."""
    return {"idempotency_key": key or new_key(), "report": body_of(**wanted)}


def send_batch(client: FlaskClient, key: str, items: Sequence[Any]) -> Any:
    """Send a batch with a key; return the answer."""
    return client.post(BATCH, headers=bearer(key), json={"items": [*items]})


def results_of(answer: Any) -> list[dict[str, Any]]:
    """Return the results of a batch that was taken."""
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json["results"]
    return results


def problem_of(answer: Any) -> tuple[int, str]:
    """Return status and code of a refusal."""
    return answer.status_code, answer.json["type"].rpartition("/")[2]
