"""Parameters of pages: each that a page reads reaches it, and no other."""

import ast
import re
from pathlib import Path

import pytest
from flask import Flask, request

from app.http.page_parameters import OF_PAGES

PAGES = sorted((Path(__file__).parents[3] / "app" / "pages").rglob("*.py"))
FORMS = sorted((Path(__file__).parents[3] / "app" / "pages" / "templates").glob("*.html"))
READERS = ("get", "getlist", "pop")


def _is_args(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "args" and ast.unparse(node.value) == "request"


def names_read(code: str) -> set[str]:
    """The names in `request.args.get("name")`, `request.args["name"]` and `"name" in request.args`."""
    found: list[ast.AST] = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_args(node.func.value):
            found += node.args[:1] if node.func.attr in READERS else []
        elif isinstance(node, ast.Subscript) and _is_args(node.value):
            found.append(node.slice)
        elif isinstance(node, ast.Compare) and _is_args(node.comparators[0]):
            found.append(node.left)
    return {str(each.value) for each in found if isinstance(each, ast.Constant)}


def names_asked(page: str) -> set[str]:
    """The names of the fields of a page's forms that ask by GET."""
    forms = re.findall(r"<form\b(?=[^>]*method=\"get\")[^>]*>(.*?)</form>", page, re.DOTALL | re.IGNORECASE)
    return {name for form in forms for name in re.findall(r"\bname=\"([a-z_]+)\"", form)}


def test_each_parameter_that_a_page_reads_is_listed() -> None:
    read = {name for file in PAGES for name in names_read(file.read_text(encoding="utf-8"))}

    assert {"lat", "role", "cursor", "together"} <= read
    assert read - OF_PAGES == set()


def test_each_field_of_a_form_that_asks_is_listed() -> None:
    asked = {name for file in FORMS for name in names_asked(file.read_text(encoding="utf-8"))}

    assert {"query", "role", "is_suspended", "place"} <= asked
    assert asked - OF_PAGES == set()


@pytest.mark.parametrize(("path", "kept"), [("/", "place"), ("/v1/reports", "place fbclid"), ("/view_floods", "place")])
def test_what_networks_add_to_a_link_reaches_the_api_alone_which_refuses_it(app: Flask, path: str, kept: str) -> None:
    with app.test_request_context(f"{path}?place=Bath&fbclid=x"):
        assert " ".join(request.args) == kept
