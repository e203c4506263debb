"""Versions of reports in ETags and If-Match.

The first half of an ETag names the version, which edits and decisions move. The second half changes with what else an
answer shows, and does not count in If-Match.
"""

import re
from collections.abc import Container

from flask import request

from app.core.errors import PreconditionRequired

EVERY_VERSION = range(1, 10**9)
# Compiled at first use: a start needs none.
_ETAG = r"v([1-9][0-9]{0,8})(-exact)?(-staff)?(-many)?(-t[0-9]{1,9})?(-w[0-9a-f]{8})?(-p[0-9a-f]{8})?(-[a-z]{2,3})?"


def seen_versions() -> Container[int]:
    """Return the versions that If-Match names: all without it and for `*`, none for foreign ETags.

    Weak ETags count too, because compression on the way makes an answer's ETag weak.
    """
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return EVERY_VERSION
    tags = request.if_match.as_set(include_weak=True)  # empty tags come as None
    matches = (re.fullmatch(_ETAG, tag or "") for tag in tags)
    return {int(match[1]) for match in matches if match}


def photo_marks() -> set[str] | None:
    """Return the marks of photos in the ETags that If-Match names, "" for none; None if one does not tell of photos.

    Only ETags of full forms for staff tell of all photos.
    """
    if request.if_match.star_tag:
        return None
    matches = [re.fullmatch(_ETAG, tag or "") for tag in request.if_match.as_set(include_weak=True)]
    if not all(match and match[3] for match in matches):
        return None
    return {match[7] or "" for match in matches if match}


def required_versions() -> Container[int]:
    """Return what If-Match names, as `seen_versions` does. Raises PreconditionRequired without it."""
    if "If-Match" not in request.headers:
        raise PreconditionRequired("Send If-Match with the ETag that you read.")
    return seen_versions()
