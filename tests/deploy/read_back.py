"""Compare each deployed resource with what the account's own services say of it, property by property."""

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
    """Resources and properties that are only recorded: moto has no place for them, so nobody can be asked."""
    found = []
    for name, made in resources.items():
        kind = resources.kind(made.cf_resource_type)
        if isinstance(kind, Recorded):
            found.append(name)
        found += [f"{name}.{path}" for path in kind.taken_on_trust(made.properties)]
    return found
