"""Offline use of the pages: the manifest, and the service worker."""

import hashlib
import json

from flask import Response, request, url_for

from app.core.config import settings
from app.http.answers import json_answer
from app.http.headers import ASK_FIRST, PAGE_POLICY
from app.pages.frame import assets, language
from app.pages.frame.language import gettext as _
from app.pages.frame.rendering import asset_url, origin, page
from app.pages.report import form_page

WORKER, QUEUE = "service-worker.js", "queue.js"
# Where photos are taken: what keeps and sends them, and what the form chooses them with.
PHOTO_QUEUE, PHOTO_FIELD = "photo_queue.js", "report_photos.js"
# First the form's own files, then those of its map, which is useful offline too.
KEPT = (
    "site.css", "site.js", "icon.svg", "report.css", QUEUE, "suggest.js", "report_place.js", "report.js",
    "coast/index.json",
)  # fmt: skip
ICON_SIZES = (192, 512)
SEA, PAPER = "#10324a", "#f4f7f9"


def send_manifest() -> Response:
    """Send the manifest in the reader's language."""
    icons = [
        {
            "src": asset_url(f"icon-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": "any maskable",
        }
        for size in ICON_SIZES
    ]
    icons.append({"src": asset_url("icon.svg"), "sizes": "any", "type": "image/svg+xml"})
    manifest = {
        "id": f"{request.script_root}/",
        "name": _("FloodManager: flooding near you"),
        "short_name": "FloodManager",
        "description": _("See flooding and official warnings near you, and report what you see."),
        "lang": language.chosen(),
        "dir": language.direction(),
        "start_url": f"{request.script_root}/",
        "scope": f"{request.script_root}/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": SEA,
        "icons": icons,
        "shortcuts": [{"name": _("Report flooding"), "url": url_for("pages.show_report_form")}],
    }
    return _by_language(json_answer(manifest, cache=ASK_FIRST, media_type="application/manifest+json"))


def send_service_worker() -> Response:
    """Send the service worker: our script after this deployment's list of files, under a version of all of them."""
    script = assets.find(WORKER)
    assert script is not None
    text = f"const FLOOD = {_known(script)};\n{script.content.decode()}"
    response = Response(text, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = ASK_FIRST
    # A worker obeys the policy of its own script: it may fetch our pages and files, and send photos, only.
    response.headers["Content-Security-Policy"] = f"{_own_files()}{_bucket()}; frame-ancestors 'none'"
    return _by_language(response)


def _known(script: assets.Asset) -> str:
    photos = (PHOTO_QUEUE, PHOTO_FIELD) if settings().photos.bucket else ()
    kept = (*KEPT, *photos, *form_page.MAP_STYLES, *form_page.MAP_SCRIPTS)
    files = [asset_url(name) for name in kept if assets.find(name)]
    form = form_page.shell().get_data(as_text=True)
    words = {
        "lang": language.chosen(),
        "root": request.script_root,
        "form": url_for("pages.show_report_form", offline="1"),
        "files": files,
        "queue": asset_url(QUEUE),
        **({"photos": asset_url(PHOTO_QUEUE)} if photos else {}),
        "page": page("offline.html", cache=ASK_FIRST).get_data(as_text=True),
        "sent": page("offline_sent.html", cache=ASK_FIRST).get_data(as_text=True),
        "policy": PAGE_POLICY if not settings().static_url else _own_files(),
        "words": {
            "everywhere": _("Everywhere"),
            "position": _("Your place"),
            "offline": _("There is no connection. This is how it stood {time}."),
            "failing": _("The service does not answer properly. This is how it stood {time}."),
        },
    }
    words["version"] = hashlib.sha256(f"{script.digest}{form}{json.dumps(words)}".encode()).hexdigest()[:16]
    return json.dumps(words, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _own_files() -> str:
    return f"default-src 'self' {origin(settings().static_url)}".rstrip()


def _bucket() -> str:
    """Return what lets the worker send photos that wait."""
    chosen = settings()
    own = f"'self' {origin(chosen.static_url)}".rstrip()
    return f"; connect-src {own} {chosen.photos.origin}" if chosen.photos.bucket else ""


def _by_language(response: Response) -> Response:
    response.vary.update(("Accept-Language", "Cookie"))
    return response
