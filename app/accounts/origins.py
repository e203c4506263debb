"""Check that a form was sent from one of our own pages. Requests without a cookie do not need this."""

from urllib.parse import urlsplit

from flask import request

from app.core.config import settings
from app.core.errors import Forbidden
from app.core.translations import N_

REFUSED = N_("This was sent from a page of another site, so nothing was done. Open the page here and send it again.")
_OWN = ("same-origin", "none")  # `none`: the person did it, by no page at all (Fetch Metadata, 2.3)


def refuse_foreign() -> None:
    """Refuse a form of another site's page; raises Forbidden.

    By Sec-Fetch-Site, else by Origin, else by Referer. All browsers since 2020 send Origin with a form from another
    site, so without any of these headers it is not such a form (OWASP, Cross-Site Request Forgery Prevention). None of
    our forms is plain text, the one type with which a foreign form could imitate another request.
    """
    if request.mimetype == "text/plain":
        raise Forbidden(REFUSED)
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in _OWN:
            raise Forbidden(REFUSED)
        return
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    if origin is not None and _host(origin) not in _own_hosts():
        raise Forbidden(REFUSED)


def _own_hosts() -> set[str]:
    """Return the host of the request, and the public one: behind a CDN the two differ."""
    return {request.host.lower(), _host(settings().public_base_url)} - {""}


def _host(address: str) -> str:
    """Return host and port; the origin `null` of private pages gives ""."""
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""
