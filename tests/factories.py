"""The only way to build data in tests: through the product's own acts."""

from app.accounts import registration, tokens
from app.accounts.models import Account

PASSWORD = "a long and rainy night in november"
_made = 0


def make_account(role: str = "resident", *, username: str = "") -> Account:
    """An account of any role."""
    global _made
    _made += 1
    return registration.register(username=username or f"{role}-{_made}", password=PASSWORD, role=role)


def sign_in_as(role: str = "resident", *, username: str = "") -> dict[str, str]:
    """The headers of a signed-in person's requests."""
    account = make_account(role, username=username)
    return {"Authorization": f"Bearer {tokens.issue_access(account)}"}
