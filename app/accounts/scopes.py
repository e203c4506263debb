"""Scopes of API keys: what a key may do, at most what its owner may do at that moment.

A route takes a key only if its lock names a scope that the key has (app/accounts/auth.py).
"""

from enum import StrEnum


class Scope(StrEnum):
    """A right that a key may have."""

    WRITE = "reports:write"
    IMPORT = "reports:import"
    REVIEW = "review"


# Scopes of features that are not built: a key that could do nothing would be a false promise.
NOT_YET = ("webhooks", "export")
