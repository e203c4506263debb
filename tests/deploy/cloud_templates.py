"""Evaluate a template's functions: Ref, GetAtt, Sub, conditions, dynamic references, and the order of resources."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from random import Random
from typing import Any

NOTHING = object()  # AWS::NoValue
_IN_TEXT = re.compile(r"\$\{([^!}]+)\}")
_STORED = re.compile(r"\{\{resolve:ssm:([^}:]+)(?::\d+)?\}\}")


class BadTemplate(Exception):
    """The template's expression cannot be evaluated."""


@dataclass
class Made:
    """One resource that is there: its properties are those that it was last given, all functions worked out."""

    logical_resource_id: str
    cf_resource_type: str
    physical_resource_id: str
    properties: dict[str, Any]
    attributes: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    type = property(lambda self: self.cf_resource_type)
    status = "CREATE_COMPLETE"


def references(part: Any) -> Iterator[str]:
    """Every logical id (or pseudo parameter) that this part names."""
    if isinstance(part, list):
        for one in part:
            yield from references(one)
    if not isinstance(part, dict):
        return
    for name, value in part.items():
        if name in _NAMING:
            yield from _NAMING[name](value)
        if name not in ("Ref", "Fn::GetAtt", "DependsOn"):
            yield from references(value)


def _named_in_text(value: Any) -> list[str]:
    return [found.split(".")[0] for found in _IN_TEXT.findall(value if isinstance(value, str) else value[0])]


_NAMING: dict[str, Callable[[Any], list[str]]] = {
    "Ref": lambda value: [value],
    "Fn::GetAtt": lambda value: [value[0] if isinstance(value, list) else value.split(".")[0]],
    "DependsOn": lambda value: [value] if isinstance(value, str) else value,
    "Fn::Sub": _named_in_text,
}


def in_order(bodies: Mapping[str, Any], chance: Random) -> list[str]:
    """Logical ids, each after all that it names, in an order by chance. Raises BadTemplate for a circle.

    CloudFormation promises no other order than that of references and DependsOn.
    """
    graph = {name: [other for other in references(body) if other in bodies] for name, body in bodies.items()}
    sorter, order, ready = TopologicalSorter(graph), [], []
    try:
        sorter.prepare()
    except CycleError as error:
        raise BadTemplate(f"Circular dependency between resources: {error.args[1]}") from error
    while sorter.is_active():
        ready += sorted(sorter.get_ready())
        order.append(ready.pop(chance.randrange(len(ready))))
        sorter.done(order[-1])
    return order


class Resolver:
    """Works out one template against what has been made so far."""

    def __init__(
        self,
        template: dict[str, Any],
        *,
        known: Mapping[str, Any],
        made: Mapping[str, Made],
        stored: Callable[[str], str],
    ) -> None:
        self.template, self.made, self.stored = template, made, stored
        defaults = {name: body.get("Default") for name, body in template.get("Parameters", {}).items()}
        self.known = {**defaults, **known, "AWS::NoValue": NOTHING}

    def holds(self, condition: str) -> bool:
        return bool(self.resolve(self.template["Conditions"][condition]))

    def resolve(self, part: Any) -> Any:
        if isinstance(part, str):
            return _STORED.sub(lambda found: self.stored(found[1]), part)
        if isinstance(part, list):
            return [value for value in map(self.resolve, part) if value is not NOTHING]
        if not isinstance(part, dict):
            return part
        if len(part) == 1:
            [(name, value)] = part.items()
            if name == "Condition" and value in self.template.get("Conditions", {}):
                return self.holds(value)
            if name == "Ref" or name.startswith("Fn::"):
                return self._call(name.removeprefix("Fn::"), value)
        resolved = {name: self.resolve(value) for name, value in part.items()}
        return {name: value for name, value in resolved.items() if value is not NOTHING}

    def reference(self, name: str) -> Any:
        if name in self.known:
            return self.known[name]
        return self._made(name).physical_resource_id

    def _made(self, name: str) -> Made:
        if name not in self.made:
            raise BadTemplate(f"Unresolved resource dependencies [{name}] in the Resources block of the template")
        return self.made[name]

    def _attribute(self, name: str, attribute: str) -> Any:
        attributes = self._made(name).attributes
        if attribute not in attributes:
            raise BadTemplate(f"{name} has no attribute {attribute}")
        return attributes[attribute]

    def _call(self, function: str, value: Any) -> Any:
        if function not in _FUNCTIONS:
            raise BadTemplate(f"The function Fn::{function} is not known here")
        return _FUNCTIONS[function](self, value)

    def get_att(self, value: Any) -> Any:
        name, _, attribute = value.partition(".") if isinstance(value, str) else (value[0], "", value[1])
        return self._attribute(name, attribute)

    def sub(self, value: Any) -> str:
        text, own = (value, {}) if isinstance(value, str) else (value[0], self.resolve(value[1]))

        def put_in(found: re.Match[str]) -> str:
            name, _, attribute = found[1].partition(".")
            if name in own:
                return str(own[name])
            return str(self._attribute(name, attribute) if attribute else self.reference(name))

        return str(self.resolve(_IN_TEXT.sub(put_in, text))).replace("${!", "${")

    def join(self, value: list[Any]) -> str:
        return str(self.resolve(value[0].join(str(part) for part in self.resolve(value[1]))))

    def choose(self, value: list[Any]) -> Any:
        return self.resolve(value[1] if self.holds(value[0]) else value[2])


_FUNCTIONS: dict[str, Callable[[Resolver, Any], Any]] = {
    "Ref": Resolver.reference,
    "GetAtt": Resolver.get_att,
    "Sub": Resolver.sub,
    "Join": Resolver.join,
    "If": Resolver.choose,
    "Equals": lambda self, value: str(self.resolve(value[0])) == str(self.resolve(value[1])),
    "Not": lambda self, value: not self.resolve(value[0]),
    "And": lambda self, value: all(self.resolve(one) for one in value),
    "Or": lambda self, value: any(self.resolve(one) for one in value),
    "Select": lambda self, value: self.resolve(value[1])[int(value[0])],
    "Split": lambda self, value: self.resolve(value[1]).split(value[0]),
}
