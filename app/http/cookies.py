"""Cookies of the pages: no script reads them, other sites do not send them along, and they go over TLS alone."""

from flask import Response

from app.core.config import settings


def bound_name(name: str) -> str:
    """Return the full name of a cookie that is bound to this host and to TLS by `__Host-`, which is absent locally.

    Source: RFC 6265bis, 4.1.3.2.
    """
    return name if settings().is_local else f"__Host-{name}"


def keep(response: Response, name: str, value: str, *, life_s: int) -> None:
    """Let a browser keep a cookie for `life_s` seconds."""
    secure = not settings().is_local
    response.set_cookie(name, value, max_age=life_s, path="/", secure=secure, httponly=True, samesite="Lax")


def forget(response: Response, name: str) -> None:
    """Let a browser forget a cookie."""
    response.delete_cookie(name, path="/", secure=not settings().is_local, httponly=True, samesite="Lax")
