"""Tell search engines and makers of link previews what they may read: robots.txt, and the list of public pages."""

from html import escape

from flask import Response, request

from app.http.headers import PUBLIC_DOCUMENT
from app.pages.frame.canonical import LISTED, address, in_languages
from app.pages.frame.rendering import cache_by_host, whole

# What a robot gains nothing by: what programs ask for, one's own pages, references to try, and views of a filter. Forms
# may be read, because only who reads a page sees its `noindex`; each has a link on every page.
CLOSED = (
    "/v1/",
    "/tiles/",
    "/outlines.geojson",
    "/clusters",
    "/language",
    "/me$",
    "/me/",
    "/r/",
    "/*severity_min=",
    "/*show=",
    "/*hours=",
    "/*sort=",
    "/*bbox=",
    "/*accuracy_m=",
    "/*cursor=",
)


def send_robots() -> Response:
    """Send robots.txt (RFC 9309)."""
    closed = (f"Disallow: {request.script_root}{path}" for path in CLOSED)
    lines = ("User-agent: *", *closed, "", f"Sitemap: {whole(address('send_sitemap', {}, None))}", "")
    return _send("\n".join(lines), "text/plain")


def send_sitemap() -> Response:
    """Send the public pages in each language (sitemaps.org, with the alternates that search engines read beside it)."""
    return _send(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
        f"{''.join(map(_page, LISTED))}</urlset>\n",
        "application/xml",
    )


def _page(name: str) -> str:
    """Return the entries of one page: one for each language, and each names all."""
    paths = {code: escape(whole(path)) for code, path in in_languages(name, {}).items()}
    others = "".join(
        f'  <xhtml:link rel="alternate" hreflang="{code}" href="{path}"/>\n' for code, path in paths.items()
    )
    return "".join(f"<url>\n  <loc>{path}</loc>\n{others}</url>\n" for path in paths.values())


def _send(text: str, media_type: str) -> Response:
    response = Response(text, mimetype=media_type)
    response.headers["Cache-Control"] = cache_by_host(PUBLIC_DOCUMENT)
    return response
