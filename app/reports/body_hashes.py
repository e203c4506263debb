"""Hashes of the bodies that reports were filed with, which distinguish a repeated request from another report."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from app.core.signing_keys import keys

_KEYED = "k"  # prefix of a hash that was made with a key


def keyed(report_id: str, values: Mapping[str, Any]) -> str:
    """Hash a body with a key that is in no table, so that bodies cannot be guessed from it; the id is the salt."""
    text = b"body\0" + report_id.encode() + b"\0" + _normal(values)
    return _KEYED + hmac.new(keys().id_key.encode(), text, hashlib.sha256).hexdigest()[:32]


def is_same(report_id: str, stored_hash: str, values: Mapping[str, Any]) -> bool:
    """Compare a body with the one that a report was filed with. Earlier releases stored its hash without a key."""
    is_keyed = stored_hash.startswith(_KEYED)
    body_hash = keyed(report_id, values) if is_keyed else hashlib.sha256(_normal(values)).hexdigest()[:32]
    return hmac.compare_digest(stored_hash, body_hash)


def _normal(values: Mapping[str, Any]) -> bytes:
    """Serialise the validated body: spelling and order of the JSON do not matter."""
    return json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
