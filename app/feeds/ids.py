"""Permanent names of what feeds list (RFC 4151), and addresses that never follow the Host header of a request."""

import re
from urllib.parse import quote, urlsplit

from app.core.config import settings

_SINCE = "2026"  # the year in which the names were begun; it never changes
_HOST = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"


def tag(kind: str, name: str) -> str:
    """Return the name of a thing for ever: `tag:floods.example.org,2026:reports/rep_...`."""
    return f"tag:{authority()},{_SINCE}:{quote(kind)}/{quote(name, safe='/:=&?,.-_~')}"


def authority() -> str:
    """Return the host of the public address; without one a name that no host ever has, the same for the deployment."""
    host = (urlsplit(settings().public_base_url).hostname or "").lower()
    if re.fullmatch(_HOST, host):
        return host
    prefix = re.sub(r"[^a-z0-9]+", "-", settings().prefix.lower()).strip("-")
    return f"{prefix or 'floodmanager'}.invalid"


def public_address(path: str) -> str:
    """Return the whole public address of one of our paths; empty if no public address is set."""
    return address(path) if settings().public_base_url else ""


def address(path: str) -> str:
    """Return the public address of one of our paths; the path alone if no public address is set.

    What a request names as its host is never believed: feeds are kept by caches and read by programs.
    """
    return settings().public_base_url + path
