"""Compare each deployed resource with what the account's own services say of it, property by property."""

from collections.abc import Iterator
from typing import Any

from tests.deploy.cloud_edge import Recorded
from tests.deploy.cloud_spelling import differences
from tests.deploy.cloud_stacks import Resources


def faults_of(resources: Resources) -> list[str]:
    """Every property that does not read back as it was asked for: `LogicalId.Property: ...`."""
    found: list[str] = []
    for name, made in resources.items():
        kind = resources.kind(made.cf_resource_type)
        seen = kind.read(made.physical_resource_id, made.properties)
        found += differences(kind.known(made.properties), dict(seen), name)
    return found


def unread(resources: Resources) -> list[str]:
    """Resources and properties that are only recorded: moto does not know them, so they cannot be read back."""
    found = []
    for name, made in resources.items():
        kind = resources.kind(made.cf_resource_type)
        if isinstance(kind, Recorded):
            found.append(name)
        found += [f"{name}.{path}" for path in kind.taken_on_trust(made.properties)]
    return found


def blind_spots(resources: Resources) -> list[str]:
    """Places where another value would have passed as well: a comparison that cannot fail compares nothing."""
    found = []
    for name, made in resources.items():
        kind = resources.kind(made.cf_resource_type)
        seen = dict(kind.read(made.physical_resource_id, made.properties))
        wanted = kind.known(made.properties)
        found += [f"{name}{path}" for path, other in _altered(wanted) if not differences(other, seen, name)]
    return found


def _altered(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The value once for each of its leaves, with that leaf changed."""
    if isinstance(value, dict) and value:
        for name, part in value.items():
            yield from ((inner, {**value, name: other}) for inner, other in _altered(part, f"{path}.{name}"))
    elif isinstance(value, list) and value:
        for place, part in enumerate(value):
            for inner, other in _altered(part, f"{path}[{place}]"):
                yield inner, [*value[:place], other, *value[place + 1 :]]
    else:
        yield path, "no such value"
