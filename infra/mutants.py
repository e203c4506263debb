"""Make the mutants of a Python module: its source with one small mistake in each.

The mistakes: another comparison, another operator, a negated condition, another constant, a call without one of its
named arguments, a statement left out, nothing returned. Docstrings, annotations and sentences (texts with a space)
stay as they are: a wording is no logic. Nothing inside an f-string changes, because Python 3.11 gives no positions
there.
"""

import ast
import hashlib
from collections.abc import Iterator
from typing import NamedTuple

_OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.BitXor: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
_FUNCTIONS = {"min": "max", "max": "min", "any": "all", "all": "any"}
_NEGATED_BY_OPERATOR = (ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot)
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Mutant(NamedTuple):
    """One mistake. `key` names it while the module is unchanged; `where` is a function, or `module`."""

    key: str
    where: str
    before: str
    after: str
    source: str


class _Change(NamedTuple):
    node: ast.expr | ast.stmt
    where: str
    replacement: str


def make_mutants(source: str) -> list[Mutant]:
    """Return all mutants of a source, in its order, without duplicates."""
    starts = [0]
    raw = source.encode()
    for line in raw.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    mutants = dict[str, Mutant]()
    for node, where, replacement in _changes(ast.parse(source), ""):
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        mutated = (raw[:start] + replacement.encode() + raw[end:]).decode()
        key = hashlib.sha256(mutated.encode()).hexdigest()[:12]
        before, after = (" ".join(text.split()) for text in (raw[start:end].decode(), replacement))
        mutants.setdefault(key, Mutant(key, where or "module", before, after, mutated))
    return list(mutants.values())


def _changes(node: ast.AST, where: str) -> Iterator[_Change]:
    if isinstance(node, _Scope):
        where = f"{where}.{node.name}" if where else node.name
    if isinstance(node, ast.expr):
        yield from (_Change(node, where, f"({ast.unparse(other)})") for other in _other_expressions(node))
    if isinstance(node, ast.stmt):
        yield from (_Change(node, where, other) for other in _other_statements(node))
    for condition in _conditions(node):
        yield _Change(condition, where, f"(not ({ast.unparse(condition)}))")
    for child in _children(node):
        yield from _changes(child, where)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Return the parts of a node that mutants may change."""
    if isinstance(node, ast.JoinedStr):
        return
    unchanged = {"annotation", "returns", "type_params"}
    for name, value in ast.iter_fields(node):
        if name not in unchanged:
            children = value if isinstance(value, list) else [value]
            yield from (child for child in children if isinstance(child, ast.AST) and not _is_docstring(child))


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _conditions(node: ast.AST) -> list[ast.expr]:
    """Return the conditions of branches that no other operator negates already."""
    conditions = [node.test] if isinstance(node, ast.If | ast.While | ast.IfExp) else []
    conditions += node.ifs if isinstance(node, ast.comprehension) else []
    return [condition for condition in conditions if not _is_negated_otherwise(condition)]


def _is_negated_otherwise(condition: ast.expr) -> bool:
    if isinstance(condition, ast.Compare):
        return len(condition.ops) == 1 and isinstance(condition.ops[0], _NEGATED_BY_OPERATOR)
    return isinstance(condition, ast.UnaryOp) and isinstance(condition.op, ast.Not)


def _other_expressions(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Compare(left, operators, right):
            for at, operator in enumerate(operators):
                others = [*operators[:at], _OPERATORS[type(operator)](), *operators[at + 1 :]]
                yield ast.Compare(left, others, right)  # type: ignore[arg-type]  # comparisons give comparisons
        case ast.BinOp(left, operator, right) if type(operator) in _OPERATORS:
            yield ast.BinOp(left, _OPERATORS[type(operator)](), right)  # type: ignore[arg-type]
        case ast.BoolOp(operator, values):
            yield ast.BoolOp(_OPERATORS[type(operator)](), values)  # type: ignore[arg-type]
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield operand
        case ast.Constant(value):
            yield from (ast.Constant(other) for other in _other_constants(value))
        case ast.Call():
            yield from _other_calls(node)


def _other_constants(value: object) -> list[str | bytes | float | bool]:
    match value:
        case bool():
            return [not value]
        case int() | float():
            return [value + 1]
        case str():
            return [] if " " in value.strip() else ["" if value else "mutant"]
        case bytes():
            return [b"" if value else b"mutant"]
        case _:
            return []


def _other_calls(call: ast.Call) -> Iterator[ast.Call]:
    if isinstance(call.func, ast.Name) and call.func.id in _FUNCTIONS:
        yield ast.Call(ast.Name(_FUNCTIONS[call.func.id]), call.args, call.keywords)
    for at in range(len(call.keywords)):
        yield ast.Call(call.func, call.args, [*call.keywords[:at], *call.keywords[at + 1 :]])


def _other_statements(node: ast.stmt) -> list[str]:
    """Return replacements of a statement: `pass` unless later ones use its names; `return None` for a return."""
    match node:
        case ast.Return(ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            return ["return None"]
        case ast.Expr(ast.Constant()):
            return []
        case ast.Expr() | ast.AugAssign() | ast.Raise() | ast.Break() | ast.Continue() | ast.Delete() | ast.Return():
            return ["pass"]
        case ast.Assign(targets) if all(isinstance(target, ast.Attribute | ast.Subscript) for target in targets):
            return ["pass"]
        case _:
            return []
