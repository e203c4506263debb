"""Whether a browser sends a form from one of our own pages. What needs no cookie needs none of this."""

from urllib.parse import urlsplit

from flask import request

from app.core.config import settings
from app.core.errors import Forbidden
from app.core.translations import N_

REFUSED = N_("This was sent from a page of another site, so nothing was done. Open the page here and send it again.")
_OWN = ("same-origin", "none")  # `none`: the person did it, by no page at all (Fetch Metadata, 2.3)


def refuse_foreign() -> None:
    """Raises Forbidden for what another site's page sends.

    By Sec-Fetch-Site, else by Origin, else by Referer. All browsers since 2020 send Origin with a form from another
    site, so that where none of them is there it is no such form (OWASP, Cross-Site Request Forgery Prevention).
    None of our forms is plain text, the one type by which a foreign form could look like something else.
    """
    if request.mimetype == "text/plain":
        raise Forbidden(REFUSED)
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in _OWN:
            raise Forbidden(REFUSED)
        return
    said = request.headers.get("Origin") or request.headers.get("Referer")
    if said is not None and _host(said) not in _own_hosts():
        raise Forbidden(REFUSED)


def _own_hosts() -> set[str]:
    """The host that was asked, and the public one: behind a CDN the two differ."""
    return {request.host.lower(), _host(settings().public_base_url)} - {""}


def _host(address: str) -> str:
    """Host and port; `null`, as private pages say, is no host of ours."""
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""
