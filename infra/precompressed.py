"""Compress the static files of a staged folder: most are replaced by `.br` and `.gz`.

The same bytes each time: fixed settings, a pinned Brotli, neither dates nor names inside.
"""

import json
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it brings no types

from app.pages.frame import assets

QUALITY = 11
# A second form of each file slows every cold start: Brotli is kept only if it saves a tenth or more over gzip.
LARGEST_SHARE = 0.9
# Pages for developers: Brotli would save each of them 100 kB, and add 360 kB to every cold start.
GZIP_ALONE = ("vendor/swagger-ui-",)


def pack(folder: Path) -> None:
    """Compress the copy of app/pages/static in `folder`, and write the index beside it: the digest of each plain file.

    If there is a compressed form, the plain one is removed: it is made by decompressing (app/pages/frame/assets.py).
    """
    digests: dict[str, str] = {}
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        name, content = file.relative_to(folder).as_posix(), file.read_bytes()
        digests[name] = assets.digest_of(content)
        if forms := forms_of(name, content):
            for encoding, form in forms.items():
                file.with_name(file.name + assets.FORMS[encoding]).write_bytes(form)
            file.unlink()
    text = json.dumps(digests, indent=0, sort_keys=True) + "\n"
    folder.with_suffix(".json").write_text(text, encoding="utf-8")


def forms_of(name: str, content: bytes) -> dict[str, bytes]:
    """Return the compressed forms of a file: none if gzip saves nothing, Brotli only if far smaller than gzip."""
    packed = assets.gzip_form(Path(name).suffix, content)
    if packed is None:
        return {}
    forms = {"gzip": packed}
    if not name.startswith(GZIP_ALONE):
        tight = brotli.compress(content, mode=brotli.MODE_TEXT, quality=QUALITY)
        if len(tight) <= LARGEST_SHARE * len(packed):
            forms["br"] = tight
    return forms
