"""Pack the static files of a staged folder: most lie there as `.br` and `.gz` in place of themselves.

The same bytes each time: fixed settings, a Brotli that is pinned, neither dates nor names inside.
"""

import json
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it brings no types

from app.pages.frame import assets

QUALITY = 11
# A second form of each file weighs on every cold start: Brotli stays where it takes a tenth off gzip, or more.
LARGEST_SHARE = 0.9
# Pages for developers: Brotli would spare each of them 100 kB, and weigh 360 kB on every cold start.
GZIP_ALONE = ("vendor/swagger-ui-",)


def pack(folder: Path) -> None:
    """Pack the copy of app/pages/static in `folder`, and write the index beside it: the digest of each file as it was.

    Where a packed form is there the plain one is not: whoever wants that gets it unpacked (app/pages/frame/assets.py).
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
    """The packed forms of a file by their encoding: none where gzip gains nothing, Brotli only well below gzip."""
    packed = assets.gzip_form(Path(name).suffix, content)
    if packed is None:
        return {}
    forms = {"gzip": packed}
    if not name.startswith(GZIP_ALONE):
        tight = brotli.compress(content, mode=brotli.MODE_TEXT, quality=QUALITY)
        if len(tight) <= LARGEST_SHARE * len(packed):
            forms["br"] = tight
    return forms
