"""Empty the docstrings of libraries before they are compiled: nothing deployed reads them, and a start loads them.

Lines keep their numbers, so that a traceback still names the right one.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

_OF_THESE = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def empty(file: Path) -> None:
    """Empty those of one file; leave a file that is no Python, or not in UTF-8."""
    source = file.read_bytes()
    try:
        emptied = without(source)
    except (SyntaxError, UnicodeDecodeError, ValueError):
        return
    if emptied != source:
        file.unlink()  # never through a hard link into an installer's cache
        file.write_bytes(emptied)


def without(source: bytes) -> bytes:
    """Return a source with empty docstrings, of as many lines. Raises SyntaxError, UnicodeDecodeError, ValueError."""
    source.decode()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node in sorted(_docstrings(ast.parse(source)), key=lambda one: -one.lineno):
        assert node.end_lineno and node.end_col_offset
        first = starts[node.lineno - 1] + node.col_offset
        last = starts[node.end_lineno - 1] + node.end_col_offset
        kept_lines = b"\n" * (node.end_lineno - node.lineno)
        # Still a string, after which `from __future__` may stand, and to which a library may add its own.
        source = source[:first] + b"(''" + kept_lines + b")" + source[last:]
    return source


def _docstrings(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, _OF_THESE) and ast.get_docstring(node, clean=False):
            first = node.body[0]
            assert isinstance(first, ast.Expr)
            yield first.value
