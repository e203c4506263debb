"""Make a page: a template with its frame, in the reader's language, with the headers that pages have."""

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from flask import Response, current_app, request
from jinja2 import Environment, ModuleLoader
from jinja2.ext import InternationalizationExtension

from app.core.config import VERSION, settings
from app.core.translations import LANGUAGES
from app.http import headers
from app.pages.frame import assets, language, wording

TEMPLATES = Path(__file__).parents[1] / "templates"
# Templates compiled to Python, in the artifact only (infra/compiled_templates.py): parsing one takes 30 ms.
COMPILED = Path(__file__).parents[1] / "compiled"


def page(template: str, *, status: int = 200, cache: str, **values: object) -> Response:
    """Render one of our templates; `cache` is its Cache-Control."""
    text = _environment().get_template(template).render(lang=language.chosen(), dir=language.direction(), **values)
    response = Response(text, status=status, mimetype="text/html")
    is_by_host = cache.startswith("public") and not settings().public_base_url
    response.headers["Cache-Control"] = headers.ASK_FIRST if is_by_host else cache
    response.headers["Content-Language"] = language.chosen()
    response.headers["Content-Security-Policy"] = _policy()
    response.vary.update(("Accept-Language", "Cookie"))
    return response


@cache
def _policy() -> str:
    """Return the policy of all pages, with the origins of this deployment's files and map."""
    chosen = settings()
    files, tiles, packed = (origin(url) for url in (chosen.static_url, chosen.tile_url, chosen.pmtiles_url))
    if not (files or tiles or packed):
        return headers.PAGE_POLICY
    own, more = f"'self' {files}".strip(), " ".join(filter(None, (tiles, packed)))
    _, _, *rest = headers.PAGE_POLICY.split("; ")
    return "; ".join([f"default-src {own}", f"img-src {own} data: {more}", f"connect-src {own} {more}", *rest])


def origin(url: str) -> str:
    """Return `https://host` of a URL; `https://*.host` if it begins with `{s}.`, as tile URLs may."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}" if parts.netloc else ""


def _environment() -> Environment:
    """Return the app's template environment, prepared at the first page: the API needs none."""
    environment: Environment = current_app.jinja_env
    if "asset_url" not in environment.globals:
        prepare(environment)
        if COMPILED.is_dir():
            environment.loader = ModuleLoader(COMPILED)
        environment.globals.update(
            asset_url=asset_url, whole=whole, languages=LANGUAGES, version=VERSION, wording=wording
        )
    return environment


def prepare(environment: Environment) -> None:
    """Set everything that affects compiled templates: the artifact's were compiled with the same settings."""
    environment.add_extension(InternationalizationExtension)
    environment.install_gettext_callables(language.gettext, language.ngettext, newstyle=True)  # type: ignore[attr-defined]  # set by the extension
    environment.policies["ext.i18n.trimmed"] = True
    environment.trim_blocks = environment.lstrip_blocks = True


def asset_url(name: str) -> str:
    """Return the current URL of one of our files."""
    return assets.address(name, base=settings().static_url or request.script_root)


def base_url() -> str:
    """Return the public URL of this service, for external links; without a slash at its end."""
    return settings().public_base_url or request.host_url.rstrip("/") + request.script_root


def whole(address: str) -> str:
    """Return the absolute URL of one of our paths."""
    return address if "://" in address else base_url() + address.removeprefix(request.script_root)
