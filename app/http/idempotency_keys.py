"""Idempotency-Key: what a sender makes once for each report and sends again with each try."""

from typing import Any

LENGTHS = range(8, 129)
# Without an account only the key distinguishes senders: a UUID has 36 characters, 128 random bits in base64 have 22.
SHORTEST_ANONYMOUS = 20
MALFORMED = f"length|It must have {LENGTHS.start} to {LENGTHS.stop - 1} visible ASCII characters."
TOO_SHORT = (
    f"length|Without an account it must have at least {SHORTEST_ANONYMOUS} characters and be unique, such as a UUID."
)
# As a JSON Schema.
SCHEMA: dict[str, Any] = {
    "type": "string",
    "minLength": LENGTHS.start,
    "maxLength": LENGTHS.stop - 1,
    "pattern": "^[!-~]+$",
    "example": "b0a7c9a2-6f2e-4a53-9f0e-3c1d6a0f9b11",
}


def fault(key: str, *, is_anonymous: bool = False) -> str | None:
    """Return the mistake of a key as `code|sentence`; None if it has none."""
    if is_anonymous and len(key) < SHORTEST_ANONYMOUS:
        return TOO_SHORT
    is_visible = key.isascii() and key.isprintable() and " " not in key
    return None if is_visible and len(key) in LENGTHS else MALFORMED
