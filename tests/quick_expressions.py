"""Expressions of moto's DynamoDB: the product says the same few again and again, so they are read once."""

import copy
import re
from collections import deque
from functools import cache
from typing import Any

import moto.dynamodb.parsing.validators
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Node
from moto.dynamodb.parsing.expressions import UpdateExpressionParser
from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords
from moto.dynamodb.parsing.validators import ActionCountValidator, OverlappingPathsValidator

PATH = r"(:|#)?[A-z0-9\-_]+"
# Moto's nodes are abstract classes, of which Python asks much at each isinstance.
_is_of = cache(issubclass)
ABSENT = object()  # no such member of its own: it is inherited
_make = UpdateExpressionParser.make.__func__
_traverse = DepthFirstTraverser.traverse
_words = ReservedKeywords.get_reserved_keywords.__func__
_lex_one_node = ConditionExpressionParser._lex_one_node
LEXEMES = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (ConditionExpressionParser.Nonterminal.WHITESPACE, r"^ +"),
        (ConditionExpressionParser.Nonterminal.COMPARATOR, r"^(<>|<=|>=|=|<|>)"),
        (ConditionExpressionParser.Nonterminal.OPERAND, rf"^{PATH}(\.{PATH}|\[[0-9]\])*"),
        (ConditionExpressionParser.Nonterminal.COMMA, r"^,"),
        (ConditionExpressionParser.Nonterminal.LEFT_PAREN, r"^\("),
        (ConditionExpressionParser.Nonterminal.RIGHT_PAREN, r"^\)"),
    )
)


@cache
def _parsed(expression: str) -> Node:
    """Return one tree for all who ask: who changes it takes a copy first."""
    tree: Node = _make(UpdateExpressionParser, expression)
    return tree


def _copied(node: Any) -> Any:
    """Python's copy of a tree goes through each node's dictionary and keeps a memo of every text in it."""
    return _copied_node(node) if isinstance(node, Node) else copy.deepcopy(node)


def _copied_node(node: Node) -> Node:
    made: Node = object.__new__(type(node))
    vars(made).update(vars(node))
    if node.children is not None:
        made.children = [_copied_node(each) if _is_of(type(each), Node) else each for each in node.children]
        for each in made.children:
            if _is_of(type(each), Node):
                each.parent = made
    return made


def _walk(traverser: DepthFirstTraverser, node: Any, position: int = -1) -> Any:
    """Moto makes the table of kinds that are looked for again at each node."""
    is_told = type(traverser).pre_processing_of_child is not DepthFirstTraverser.pre_processing_of_child
    return _walk_for(traverser, traverser.nodes_to_be_processed(), node, position, is_told)


def _walk_for(traverser: DepthFirstTraverser, kinds: tuple[type, ...], node: Any, position: int, is_told: bool) -> Any:
    if not _is_of(type(node), Node):
        return node
    parent = node.parent
    for number, child in enumerate(node.children or ()):
        if is_told:
            traverser.pre_processing_of_child(node, number)
        if _is_of(type(child), Node):
            _walk_for(traverser, kinds, child, number, is_told)
    if _is_of(type(node), kinds):
        node = traverser.process(node)
        node.parent = parent
        if parent:
            parent.children[position] = node
    return node


def _look_at_the_whole(traverser: DepthFirstTraverser, node: Node) -> Node:
    """Moto repeats for each part of a tree what it asks the whole, which has every clause that its parts have."""
    try:
        return traverser.process(node)
    except Exception:
        return _traverse(traverser, node)  # to complain of the part that moto complains of


@cache
def _lexemes(expression: str) -> tuple[Any, ...]:
    found, left = [], expression
    while left:
        node, left = _lex_one(left)
        if node.nonterminal != ConditionExpressionParser.Nonterminal.WHITESPACE:
            found.append(node)
    return tuple(found)


def _lex_one(left: str) -> tuple[Any, str]:
    for kind, pattern in LEXEMES:
        if match := pattern.match(left):
            text = match.group()
            literal = ConditionExpressionParser.Kind.LITERAL
            return ConditionExpressionParser.Node(kind, literal, text, text, []), left[len(text) :]
    raise ValueError(f"Cannot parse condition starting at:{left}")


class _Words(list[str]):
    """The reserved words in their order, in which one is found at once."""

    def __init__(self, words: list[str]) -> None:
        super().__init__(words)
        self._known = frozenset(words)

    def __contains__(self, word: object) -> bool:
        return word in self._known


_reserved = cache(lambda: _Words(_words(ReservedKeywords)))

QUICK = (
    (UpdateExpressionParser, "make", staticmethod(_parsed)),
    (moto.dynamodb.parsing.validators, "deepcopy", _copied),
    (DepthFirstTraverser, "traverse_node_recursively", _walk),
    (ActionCountValidator, "traverse", _look_at_the_whole),
    (OverlappingPathsValidator, "traverse", _look_at_the_whole),
    (
        ConditionExpressionParser,
        "_lex_condition_expression",
        lambda parser: deque(_lexemes(parser.condition_expression)),
    ),
    (ReservedKeywords, "get_reserved_keywords", staticmethod(_reserved)),
)
