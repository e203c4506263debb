"""The description with its answers closed, to find members that answers have and it does not name."""

from typing import Any


def closed(described: dict[str, Any]) -> dict[str, Any]:
    """Close every schema in place that names its members; return the whole description."""
    for schema in described["components"]["schemas"].values():
        _close(schema)
    return described


def _close(part: Any) -> None:
    if isinstance(part, dict):
        if "properties" in part and part.get("type") == "object":
            part.setdefault("additionalProperties", False)
        for inner in part.values():
            _close(inner)
    elif isinstance(part, list):
        for inner in part:
            _close(inner)
