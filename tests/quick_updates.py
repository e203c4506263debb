"""Updates of moto's DynamoDB that set, remove and add whole members: what is said is read once, and no tree is walked.

Moto copies the tree of an expression for each update and goes through it ten times, a quarter of an update's time.
What has parts of members, functions or sums, and all that moto may refuse, goes moto's own way.
"""

from functools import cache
from typing import Any, NamedTuple

from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.parsing.ast_nodes import (
    ExpressionAttribute,
    ExpressionAttributeName,
    ExpressionAttributeValue,
    Node,
    UpdateExpressionAddAction,
    UpdateExpressionAddClause,
    UpdateExpressionDeleteAction,
    UpdateExpressionDeleteClause,
    UpdateExpressionRemoveAction,
    UpdateExpressionRemoveClause,
    UpdateExpressionSetAction,
    UpdateExpressionSetClause,
    UpdateExpressionValue,
)
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor
from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords
from moto.dynamodb.parsing.validators import UpdateExpressionValidator, Validator

ACTIONS = (
    UpdateExpressionAddAction,
    UpdateExpressionDeleteAction,
    UpdateExpressionRemoveAction,
    UpdateExpressionSetAction,
)
CLAUSES = (
    UpdateExpressionAddClause,
    UpdateExpressionDeleteClause,
    UpdateExpressionRemoveClause,
    UpdateExpressionSetClause,
)
SETS = frozenset({"SS", "NS", "BS"})
_init = Validator.__init__
_validate = Validator.validate
_execute = UpdateExpressionExecutor.execute


class Said(NamedTuple):
    """One action of an expression: what it does, to which member, by its name or by `#`, and with which `:value`."""

    kind: type[Node]
    member: str
    is_placeholder: bool
    value: str | None


class Act(NamedTuple):
    """One action with its names and values."""

    kind: type[Node]
    name: str
    value: DynamoType | None


class Plain:
    """Stands for a tree that moto has found to be right."""

    def __init__(self, acts: list[Act]) -> None:
        self.acts = acts

    def normalize(self) -> None:
        """Leave the order: members that differ are changed in any."""


@cache
def _said(tree: Node) -> tuple[Said, ...] | None:
    """Return the actions of an expression; None if one is not plain. Trees are kept: each is made once."""
    if any(len(tree.find_clauses([clause])) > 1 for clause in CLAUSES):
        return None
    said = [_action(node) for node in tree.find_clauses(list(ACTIONS))]
    return tuple(one for one in said if one) if said and all(said) else None


def _action(node: Node) -> Said | None:
    path, *values = node.children
    if len(path.children) != 1 or len(values) != (type(node) is not UpdateExpressionRemoveAction):
        return None
    value = values[0] if values else None
    if type(value) is UpdateExpressionValue and len(value.children) == 1:
        value = value.children[0]
    member = path.children[0]
    is_known = type(member) in {ExpressionAttribute, ExpressionAttributeName}
    if not is_known or (value is not None and type(value) is not ExpressionAttributeValue):
        return None
    is_placeholder, text = type(member) is ExpressionAttributeName, member.children[0]
    if not is_placeholder and text.upper() in ReservedKeywords.get_reserved_keywords():
        return None
    return Said(type(node), text, is_placeholder, value and value.children[0])


def _prepare(validator: Validator, expression: Node, **asked: Any) -> None:
    vars(validator).update(asked, node_to_validate=expression)


def _look(validator: UpdateExpressionValidator) -> Any:
    """Return what is to be done if it is plain and surely right."""
    tree, item, table = validator.node_to_validate, validator.item, validator.table
    names, values = validator.expression_attribute_names, validator.expression_attribute_values
    said = _said(tree)
    if said and not _may_be_of_a_key(said, table):
        acts = _acts(said, names or {}, values or {}, item.attrs)
        if acts and not any(act.name in table.table_key_attrs for act in acts):
            return Plain(acts)
    _init(validator, tree, names, values, item, table)
    return _validate(validator)


def _may_be_of_a_key(said: tuple[Said, ...], table: Any) -> bool:
    """Return whether a key of an index is named in the expression itself: moto looks at what it is set to then."""
    written = {one.member for one in said if not one.is_placeholder}
    return bool(written) and not written.isdisjoint(
        {*table.attribute_keys, *(one["AttributeName"] for one in table.attr)}
    )


def _acts(said: tuple[Said, ...], names: dict[str, str], values: dict[str, Any], held: dict[str, Any]) -> list[Act]:
    """Return the actions; none if moto might refuse one."""
    acts: list[Act] = []
    for kind, member, is_placeholder, told in said:
        name = names.get(member) if is_placeholder else member
        value = DynamoType(values[told]) if told in values else None
        if name is None or (told and value is None) or not _is_right(kind, held.get(name), value):
            return []
        acts.append(Act(kind, name, value))
    return acts if len({act.name for act in acts}) == len(acts) else []


def _is_right(kind: type[Node], held: DynamoType | None, value: DynamoType | None) -> bool:
    """Return whether an action needs no more to be known than this: numbers are added to numbers, sets to sets."""
    if kind is UpdateExpressionAddAction:
        assert value is not None
        is_addable = value.type == "N" or (value.type in SETS and value.value)
        return bool(is_addable) and (held is None or held.type == value.type)
    return kind is not UpdateExpressionDeleteAction


def _do(executor: UpdateExpressionExecutor, node: Node | None = None) -> None:
    if type(executor.update_ast) is not Plain:
        _execute(executor, node)
        return
    attrs = executor.item.attrs
    for kind, name, value in executor.update_ast.acts:
        if kind is UpdateExpressionRemoveAction:
            attrs.pop(name, None)
        elif kind is UpdateExpressionSetAction:
            attrs[name] = value
        else:
            _add(attrs, name, value)


def _add(attrs: dict[str, Any], name: str, value: Any) -> None:
    if value.type == "N":
        attrs[name] = (attrs[name] if name in attrs else DynamoType({"N": "0"})) + value
        return
    if name not in attrs:
        attrs[name] = DynamoType({value.type: []})
    held = attrs[name].value
    for one in value.value:
        if one not in held:
            held.append(one)


QUICK = (
    (Validator, "__init__", _prepare),
    (Validator, "validate", _look),
    (UpdateExpressionExecutor, "execute", _do),
)
