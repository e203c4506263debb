"""Make a page: a template with its frame, in the reader's language, with the headers that pages have."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from flask import Response, g, request, url_for
from jinja2 import BaseLoader, Environment, FileSystemLoader, ModuleLoader
from jinja2.ext import InternationalizationExtension

from app.core.config import VERSION, settings
from app.core.translations import LANGUAGES
from app.http import headers
from app.http.urls import base_url
from app.pages.frame import assets, canonical, language, notices, preview, trust_words, wording

TEMPLATES = Path(__file__).parents[1] / "templates"
# Templates compiled to Python, in the artifact only (infra/compiled_templates.py): parsing one takes 30 ms.
COMPILED = Path(__file__).parents[1] / "compiled"


def page(
    template: str,
    *,
    status: int = 200,
    cache: str,
    place: Mapping[str, str] | None = None,
    is_part: bool = False,
    takes_photos: bool = False,
    **values: object,
) -> Response:
    """Render one of our templates; `cache` is its Cache-Control, `place` what its canonical address says of a place.

    `is_part`: it shows what no canonical address opens, as a later page of a list does; search engines skip it.
    `takes_photos`: it has a field for photos, so its policy lets it send files to their bucket and show a chosen one.
    """
    frame_values = {
        "lang": language.chosen(),
        "lang_asked": language.asked(),
        "dir": language.direction(),
        "is_demo": settings().is_demo,
        "has_mail": settings().mail.is_set_up,
        "canonical": canonical.of_page(place or {}) if status == 200 and not is_part else None,
        "preview": preview.plain(),
        "notice": notices.of_staff(),
        "new_sign_in": notices.of_sign_in(),
        "takes_photos": takes_photos,
    }
    text = environment().get_template(template).render(**frame_values | values)
    response = Response(text, status=status, mimetype="text/html")
    response.headers["Cache-Control"] = cache_by_host(cache)
    response.headers["Content-Language"] = language.chosen()
    response.headers["Content-Security-Policy"] = _policy(settings().photos.origin if takes_photos else "")
    response.vary.update(("Accept-Language", "Cookie"))
    return response


def cache_by_host(cache: str) -> str:
    """Return the Cache-Control of an answer with our own URLs: it must not be shared if they follow the request."""
    is_by_host = cache.startswith("public") and not settings().public_base_url
    return headers.ASK_FIRST if is_by_host else cache


@cache
def _policy(bucket: str = "") -> str:
    """Return the policy of pages, with the origins of this deployment's files and map, and that of a bucket."""
    chosen = settings()
    files, tiles, packed = (origin(url) for url in (chosen.static_url, chosen.tile_url, chosen.pmtiles_url))
    if not (files or tiles or packed or bucket):
        return headers.PAGE_POLICY
    own, more = f"'self' {files}".strip(), " ".join(filter(None, (tiles, packed)))
    _, _, *rest = headers.PAGE_POLICY.split("; ")
    pictures, asked = f"img-src {own} data: {more}", f"connect-src {own} {more}"
    if bucket:
        pictures, asked = f"{pictures.rstrip()} blob:", f"{asked.rstrip()} {bucket}"
        rest = [f"{one} {bucket}" if one.startswith("form-action ") else one for one in rest]
    return "; ".join([f"default-src {own}", pictures, asked, *rest])


def origin(url: str) -> str:
    """Return `https://host` of a URL; `https://*.host` if it begins with `{s}.`, as tile URLs may."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}" if parts.netloc else ""


@cache
def environment() -> Environment:
    """Return the templates, prepared at the first page: the API needs none."""
    made = new_environment(ModuleLoader(COMPILED) if COMPILED.is_dir() else FileSystemLoader(TEMPLATES))
    made.globals.update(
        asset_url=asset_url,
        whole=whole,
        languages=LANGUAGES,
        version=VERSION,
        wording=wording,
        trust_words=trust_words,
        url_for=url_for,
        request=request,
        g=g,
    )
    return made


def new_environment(loader: BaseLoader) -> Environment:
    """Set everything that affects compiled templates: the artifact's were compiled with the same settings.

    It is not the app's own: Flask's consists of parts of Flask that a start leaves out.
    """
    made = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    made.add_extension(InternationalizationExtension)
    made.install_gettext_callables(language.gettext, language.ngettext, newstyle=True)  # type: ignore[attr-defined]  # by the extension
    made.policies["ext.i18n.trimmed"] = True
    made.policies["json.dumps_kwargs"] = {}  # in the order in which they are given
    return made


def asset_url(name: str) -> str:
    """Return the current URL of one of our files."""
    return assets.address(name, base=settings().static_url or request.script_root)


def whole(address: str) -> str:
    """Return the absolute URL of one of our paths."""
    return address if "://" in address else base_url() + address.removeprefix(request.script_root)
