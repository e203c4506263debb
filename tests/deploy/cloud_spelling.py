"""Template words and API words for the same thing, by botocore's own description of each call.

CloudFormation says `Origins: [..]` where CloudFront's API says `Origins: {Quantity, Items}`, writes numbers as text and
differs in capitals. What a call has no place for is refused, never dropped.
"""

import json
from collections.abc import Mapping
from typing import Any

from botocore.model import Shape, StructureShape


class NoPlace(Exception):
    """The call has no parameter for a property."""


def parameters(client: Any, operation: str, properties: Mapping[str, Any], **other_words: str) -> dict[str, Any]:
    """The parameters of `operation` for these properties; `other_words` maps a property to its name in the API."""
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).input_shape
    return _structure({other_words.get(name, name): value for name, value in properties.items()}, shape)


def as_shape(value: Any, shape: Shape) -> Any:
    kind = shape.type_name
    if kind == "structure":
        assert isinstance(shape, StructureShape)
        if isinstance(value, list):
            return _counted(value, shape)
        if value.keys() == {"Items"} and "Quantity" in shape.members:
            return _counted(value["Items"], shape)
        return _structure(value, shape)
    if kind == "list":
        values = value if isinstance(value, list) else [value]
        return [as_shape(one, shape.member) for one in values]  # type: ignore[attr-defined]
    if kind == "map":
        pairs = {one["Key"]: one["Value"] for one in value} if isinstance(value, list) else value
        return {name: as_shape(one, shape.value) for name, one in pairs.items()}  # type: ignore[attr-defined]
    return _scalar(value, kind)


def _structure(value: Mapping[str, Any], shape: StructureShape) -> dict[str, Any]:
    members = {name.lower(): name for name in shape.members}
    unknown = [name for name in value if name.lower() not in members]
    if unknown:
        raise NoPlace(f"extraneous key {unknown} is not permitted: {shape.name} knows {', '.join(shape.members)}")
    names = {name: members[name.lower()] for name in value}
    return {names[name]: as_shape(one, shape.members[names[name]]) for name, one in value.items()}


def _counted(values: list[Any], shape: StructureShape) -> dict[str, Any]:
    """CloudFront's lists say how many they are."""
    if "Items" not in shape.members:
        raise NoPlace(f"{shape.name} is no list")
    return {"Quantity": len(values), "Items": [as_shape(one, shape.members["Items"].member) for one in values]}


def _scalar(value: Any, kind: str) -> Any:
    if kind in ("integer", "long"):
        return int(value)
    if kind in ("float", "double"):
        return float(value)
    if kind == "boolean":
        return value if isinstance(value, bool) else str(value).lower() == "true"
    if kind == "blob":
        return str(value).encode()
    return text(value)


def text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else str(value)


def differences(wanted: Any, seen: Any, at: str = "") -> list[str]:
    """Return the part of `wanted` that is missing in `seen`. Extra values in `seen` (defaults, dates) do not matter."""
    if isinstance(seen, bytes):
        seen = seen.decode()
    if isinstance(wanted, dict | list) and isinstance(seen, str) and seen[:1] in ("{", "["):
        seen = json.loads(seen)
    if isinstance(wanted, dict):
        return _differences_of_members(wanted, seen, at)
    if isinstance(wanted, list):
        return _differences_of_lists(wanted, seen, at)
    return [] if _same(wanted, seen) else [f"{at}: {wanted!r} is wanted, {seen!r} is there"]


def _differences_of_members(wanted: dict[str, Any], seen: Any, at: str) -> list[str]:
    if not isinstance(seen, dict):
        return [f"{at}: {wanted!r} is wanted, {seen!r} is there"]
    there = {name.lower(): value for name, value in seen.items()}
    found = []
    for name, value in wanted.items():
        if name.lower() in there:
            found += differences(value, there[name.lower()], f"{at}.{name}")
        else:
            found.append(f"{at}.{name}: {value!r} is wanted, nothing is there")
    return found


def _differences_of_lists(wanted: list[Any], seen: Any, at: str) -> list[str]:
    if isinstance(seen, dict) and "Quantity" in seen:
        seen = seen.get("Items", [])
    if isinstance(seen, dict) and all(map(_is_tag, wanted)):
        return differences({one["Key"]: one["Value"] for one in wanted}, seen, at)
    if isinstance(seen, str) and len(wanted) == 1:
        seen = [seen]
    if isinstance(seen, list) and any(map(_is_tag, wanted)):
        seen = [one for one in seen if one in wanted]
    if not isinstance(seen, list) or len(seen) != len(wanted):
        return [f"{at}: {wanted!r} is wanted, {seen!r} is there"]
    return [
        f"{at}: {one!r} is wanted, {seen!r} is there"
        for one in wanted
        if all(differences(one, other) for other in seen)
    ]


def _is_tag(value: Any) -> bool:
    """A stack adds tags of its own to what it makes."""
    return isinstance(value, dict) and set(value) == {"Key", "Value"}


def _same(wanted: Any, seen: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(seen, bool):
        return text(wanted).lower() == text(seen).lower()
    if text(wanted) == text(seen):
        return True
    try:
        return float(wanted) == float(seen)
    except (TypeError, ValueError):
        return False
