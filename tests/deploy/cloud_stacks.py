"""A stack's life in the emulated cloud: make, change, take back what failed, end; as CloudFormation documents it.

Taken from its documentation: a failed operation is taken back; what it had made goes too, unless `DeletionPolicy` is
`Retain` (`RetainExceptOnCreate` lets it go); a name that is taken is refused; a resource with a name of its own cannot
be replaced; what a template no longer holds is deleted last.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from tests.deploy import cloud_buckets, cloud_code, cloud_data, cloud_edge, cloud_tables, cloud_watching
from tests.deploy.cloud_kinds import KINDS, Clients, Kind
from tests.deploy.cloud_limits import check_name, check_template
from tests.deploy.cloud_templates import Made, Resolver, in_order, references

KNOWN = (cloud_buckets, cloud_code, cloud_data, cloud_edge, cloud_tables, cloud_watching)  # each registers its kinds
RETAINING = ("Retain", "RetainExceptOnCreate")


class StackFailed(Exception):
    """Some resource could not be made, changed or ended. What was done has been taken back."""


@dataclass(frozen=True)
class Step:
    """An event of CloudFormation."""

    status: str
    logical_id: str
    type: str
    reason: str | None = None


class Resources(Mapping[str, Made]):
    """The resources of one stack. Takes the place of moto's ResourceMap, whose signature this is."""

    url = ""  # of the emulated cloud; known once its server listens
    chance = Random(0)  # decides the order of resources; cloud.py seeds it
    fails_at = ""  # the next change of the resource with this logical id fails, once

    def __init__(  # noqa: PLR0917 - moto's own
        self,
        stack_id: str,
        stack_name: str,
        parameters: dict[str, Any],
        tags: dict[str, Any],
        region_name: str,
        account_id: str,
        template: dict[str, Any],
        cross_stack_resources: dict[str, Any] | None,
    ) -> None:
        self.stack_name = stack_name
        self.template: dict[str, Any] = {"Resources": {}}
        self.asked = template
        self.clients = Clients(self.url, region_name)
        self.made: dict[str, Made] = {}
        self.history: list[Step] = []
        self.writes = 0
        self.resolved_parameters = parameters
        self.no_echo_parameter_keys: list[str] = []
        self.pseudo = {
            "AWS::StackName": stack_name,
            "AWS::StackId": stack_id,
            "AWS::Region": region_name,
            "AWS::AccountId": account_id,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
        }

    def __getitem__(self, name: str) -> Made:
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(list(self.made))

    def __len__(self) -> int:
        return len(self.made)

    def load(self) -> None:
        """moto asks for it. All is worked out when it is needed."""

    def creation_complete(self) -> bool:
        return True

    def resolver(self, template: dict[str, Any]) -> Resolver:
        known = {**self.pseudo, **self.resolved_parameters}
        return Resolver(template, known=known, made=self.made, stored=self._stored)

    def _stored(self, name: str) -> str:
        """A dynamic reference takes plain parameters only."""
        parameter = self.clients("ssm").get_parameter(Name=name)["Parameter"]
        if parameter["Type"] == "SecureString":
            raise ValueError(f"SSM Secure reference is not supported in: {name}")
        return str(parameter["Value"])

    def kind(self, type_name: str) -> Kind:
        if type_name not in KINDS:
            raise ValueError(f"The emulated cloud does not know {type_name}. tests/deploy/cloud_*.py must learn it.")
        return KINDS[type_name](self.clients)

    def outputs(self) -> dict[str, Any]:
        resolver = self.resolver(self.template)
        bodies: dict[str, Any] = self.template.get("Outputs") or {}
        shown = {name: body for name, body in bodies.items() if _is_wanted(body, resolver)}
        return {name: resolver.resolve(body) for name, body in shown.items()}

    def build_change_set_actions(self, template: dict[str, Any]) -> dict[str, dict[str, dict[str, str]]]:
        old, new = self.template["Resources"], template["Resources"]
        named = {
            "Add": [name for name in new if name not in old],
            "Modify": [name for name in new if name in old and new[name] != old[name]],
            "Remove": [name for name in old if name not in new],
        }
        both = {**old, **new}
        return {
            action: {name: {"LogicalResourceId": name, "ResourceType": both[name]["Type"]} for name in names}
            for action, names in named.items()
        }

    def update(self, template: dict[str, Any]) -> None:
        """Bring what is there to what the template says; raises StackFailed once all is taken back."""
        self.history = []
        resolver = self.resolver(template)
        wanted = {name: body for name, body in template["Resources"].items() if _is_wanted(body, resolver)}
        undo: list[Callable[[], None]] = []
        superseded: list[Made] = []
        name = self.stack_name
        try:
            check_template(template)
            for name in in_order(wanted, self.chance):
                self._bring(name, wanted[name], resolver, undo, superseded)
        except Exception as error:
            body = wanted.get(name, {"Type": "AWS::CloudFormation::Stack"})
            verb = "UPDATE" if name in self.made else "CREATE"
            self.history.append(Step(f"{verb}_FAILED", name, body["Type"], f"{error}"))
            for step in reversed(undo):
                step()
            raise StackFailed(str(error)) from error
        gone = [self.made[name] for name in reversed(in_order(self._bodies(), self.chance)) if name not in wanted]
        self.template = template
        for made in [*gone, *superseded]:
            self._end(made, policy=("UpdateReplacePolicy" if made in superseded else "DeletionPolicy"))

    def adopt(self, template: dict[str, Any], imports: list[dict[str, Any]]) -> None:
        """Take what is there into the stack, and do nothing else; raises StackFailed where more would be done."""
        self.history = []
        identities = {one["LogicalResourceId"]: next(iter(one["ResourceIdentifier"].values())) for one in imports}
        bodies = template["Resources"]
        others = {name: body for name, body in bodies.items() if name not in identities}
        unknown = {name for name in references(list(bodies.values())) if not name.startswith("AWS::")} - bodies.keys()
        if unknown - self.resolved_parameters.keys():
            raise StackFailed(f"Unresolved resource dependencies {sorted(unknown)} in the Resources block")
        if others != self.template["Resources"] or (template.get("Outputs") or {}) != (
            self.template.get("Outputs") or {}
        ):
            raise StackFailed("You have modified resources that are not being imported, or outputs.")
        resolver = self.resolver(template)
        for name in in_order(bodies, self.chance):
            if name in identities:
                self._take_in(name, bodies[name], identities[name], resolver)
        self.template = template

    def _take_in(self, name: str, body: dict[str, Any], identity: str, resolver: Resolver) -> None:
        if "DeletionPolicy" not in body:
            raise StackFailed(f"Resource {name} must have a DeletionPolicy to be imported.")
        kind, properties = self.kind(body["Type"]), resolver.resolve(body["Properties"])
        attributes = kind.attributes(identity, properties)
        made = Made(name, body["Type"], identity, properties, attributes, body)
        self.made[name] = made
        self._note("IMPORT_COMPLETE", made)

    def _bodies(self) -> dict[str, Any]:
        return {name: made.body for name, made in self.made.items()}

    def _bring(
        self, name: str, body: dict[str, Any], resolver: Resolver, undo: list[Any], superseded: list[Made]
    ) -> None:
        properties = resolver.resolve(body.get("Properties", {}))
        there = self.made.get(name)
        if there and there.cf_resource_type != body["Type"]:
            raise ValueError(f"Update of resource type is not permitted: {name}")
        if there and there.properties == properties:
            undo.append(partial(setattr, there, "body", there.body))
            there.body = body
            return
        kind = self.kind(body["Type"])
        self._fail_if_told(name)
        check_name(body["Type"], properties)
        if not there or _is_replaced(kind, properties, there.properties):
            self._make(name, body, properties, undo)
            superseded += [there] if there else []
        else:
            self._change(there, body, properties, undo)

    def _fail_if_told(self, name: str) -> None:
        if Resources.fails_at == name:
            Resources.fails_at = ""
            raise ValueError(f"{name} was told to fail: Rate exceeded")

    def _make(self, name: str, body: dict[str, Any], properties: dict[str, Any], undo: list[Any]) -> None:
        kind, before = self.kind(body["Type"]), self.made.get(name)
        own_name = properties.get(kind.named_by) or f"{self.stack_name}-{name}-{secrets.token_hex(6)}"
        identity = kind.create(own_name if kind.named_by in properties else own_name.lower(), properties)
        made = Made(name, body["Type"], identity, properties, {}, body)
        undo.append(lambda: self._unmake(made, before))
        made.attributes = kind.attributes(identity, properties)
        self._note("CREATE_COMPLETE", made)
        self.made[name] = made

    def _unmake(self, made: Made, before: Made | None) -> None:
        if made.body.get("DeletionPolicy") != "Retain":
            self.kind(made.cf_resource_type).delete(made.physical_resource_id, made.properties)
            self._note("DELETE_COMPLETE", made)
        else:
            self._note("DELETE_SKIPPED", made)
        self.made.pop(made.logical_resource_id, None)
        if before:
            self.made[made.logical_resource_id] = before

    def _change(self, made: Made, body: dict[str, Any], properties: dict[str, Any], undo: list[Any]) -> None:
        before, kind = (made.properties, made.body), self.kind(made.cf_resource_type)

        def take_back() -> None:
            kind.take_back(made.physical_resource_id, before[0], properties)
            made.properties, made.body = before
            self._note("UPDATE_COMPLETE", made)

        undo.append(take_back)
        kind.change(made.physical_resource_id, properties, made.properties)
        made.properties, made.body = properties, body
        made.attributes = kind.attributes(made.physical_resource_id, properties)
        self._note("UPDATE_COMPLETE", made)

    def delete(self) -> None:
        """End all but what is retained; raises StackFailed at what does not go."""
        self.history = []
        for name in reversed(in_order(self._bodies(), self.chance)):
            self._end(self.made[name], policy="DeletionPolicy")

    def _end(self, made: Made, *, policy: str) -> None:
        if self.made.get(made.logical_resource_id) is made:
            del self.made[made.logical_resource_id]
        if made.body.get(policy) in RETAINING:
            self._note("DELETE_SKIPPED", made)
            return
        try:
            self.kind(made.cf_resource_type).delete(made.physical_resource_id, made.properties)
        except Exception as error:
            self.made.setdefault(made.logical_resource_id, made)
            self._note("DELETE_FAILED", made, str(error))
            raise StackFailed(str(error)) from error
        self._note("DELETE_COMPLETE", made)

    def _note(self, status: str, made: Made, reason: str | None = None) -> None:
        self.writes += status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE")
        self.history.append(Step(status, made.logical_resource_id, made.cf_resource_type, reason))


def _is_wanted(body: dict[str, Any], resolver: Resolver) -> bool:
    return "Condition" not in body or resolver.holds(body["Condition"])


def _is_replaced(kind: Kind, properties: dict[str, Any], before: dict[str, Any]) -> bool:
    """Return whether a change must replace the resource. Raises ValueError if its fixed name prevents that."""
    changed = {name for name in properties.keys() | before.keys() if properties.get(name) != before.get(name)}
    if not changed & kind.fixed:
        return False
    if kind.named_by in properties and kind.named_by not in changed:
        raise ValueError(
            "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
            f"Rename {properties[kind.named_by]} and update the stack again."
        )
    return True
