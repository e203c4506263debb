"""Records of acts cannot be changed by those who act: no function has the right, and no code tries."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

from infra.rules_rights import rights

ROOT = Path(__file__).parents[2]
ONLY_ADD = {"dynamodb:PutItem", "dynamodb:Query"}
MODEL = ROOT / "app" / "review" / "audit_models.py"


@cache
def product() -> list[tuple[Path, ast.Module]]:
    files = [file for room in ("app", "handlers") for file in sorted((ROOT / room).rglob("*.py"))]
    return [(file, ast.parse(file.read_text(encoding="utf-8"))) for file in files]


def calls_in(tree: ast.Module) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_no_role_may_change_or_delete_an_audit_row() -> None:
    """The rules of every deployment see to it that roles alone give rights, each named (infra/rules_rights.py)."""
    fragments = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in (ROOT / "infra").glob("iam_*.yml")]
    roles = {name: role for fragment in fragments for name, role in fragment["Resources"].items()}
    granted = {name: set(rights(role).get("AuditTable", [])) for name, role in roles.items()}

    assert len(roles) > 5, "nothing was looked at"
    assert granted["ApiRole"] == ONLY_ADD
    assert [name for name, actions in granted.items() if not actions <= ONLY_ADD] == []


def test_one_module_alone_names_the_table() -> None:
    naming = [
        file
        for file, tree in product()
        for call in calls_in(tree)
        if any(isinstance(one, ast.Constant) and one.value == "audit" for one in call.args)
        and ast.unparse(call).endswith("table('audit')")
    ]

    assert naming == [MODEL]


def test_every_put_of_an_audit_row_refuses_to_overwrite() -> None:
    tree = ast.parse(MODEL.read_text(encoding="utf-8"))
    writes = [
        ast.unparse(call)
        for call in calls_in(tree)
        if any(word in ast.unparse(call) for word in ("save", "update", "delete", "batch_write", "put_item"))
    ]

    assert writes
    assert [write for write in writes if "condition=_is_new()" not in write] == []
    assert "return AuditRow.id.does_not_exist()" in ast.unparse(tree)


def test_nobody_goes_around_the_model() -> None:
    """Methods of PynamoDB that change rows are not called on the model of audit rows."""
    forbidden = {"save", "update", "delete", "batch_write", "get_item"}
    found = [
        f"{file.name}: {ast.unparse(node)}"
        for file, tree in product()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in forbidden and "AuditRow" in ast.unparse(node.value)
    ]

    assert found == []
