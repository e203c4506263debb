"""The address of this service, for links that leave it."""

from flask import request

from app.core.config import settings


def base_url() -> str:
    """Return the public URL of this service, else the one that was asked; without a slash at its end."""
    return settings().public_base_url or request.host_url.rstrip("/") + request.script_root
