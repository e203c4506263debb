"""The rules of the house that no linter knows. Their reasons: docs/architecture.md."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
CODE = [file for folder in ("app", "handlers", "infra", "bench") for file in sorted((ROOT / folder).rglob("*.py"))]
PRODUCT = [file for file in CODE if file.relative_to(ROOT).parts[0] in {"app", "handlers"}]
WORKERS = [
    file.stem
    for file in (ROOT / "handlers").glob("*.py")
    if "\ndef handler(" in file.read_text() and file.stem != "api"
]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MODULE_LINES = 300
FUNCTION_LINES = 40
PARAMETERS = 6
TEST_MODULE_LINES = 400
TEST_FUNCTION_LINES = 30
SERVERLESS_LINES = 320
FRAGMENT_LINES = 200
# Names that say nothing, so that everything ends up there.
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "service", "services", "misc", "base"}
QUERY = re.compile(r"\.(query|scan|batch_get)\(")
MODELS = ("", "area_", "audit_", "block_", "calendar_", "figure_", "invitation_", "key_", "queue_", "session_", "vote_")
MODELS += ("event_", "place_", "segment_", "subscription_")
MAY_QUERY = {f"{stem}models.py" for stem in MODELS} | {"dynamodb.py"}
# Each worker is imported by a fork of a process that has loaded what all of them need, and nothing of the product.
LOADED = """
import importlib, os, sys
import botocore.session, pynamodb.models
for worker in sys.argv[1:]:
    if not os.fork():
        importlib.import_module(f"handlers.{worker}")
        print(worker, [name for name in ("flask", "marshmallow") if name in sys.modules], flush=True)
        os._exit(0)
    os.wait()
"""
Function = ast.FunctionDef | ast.AsyncFunctionDef
# What a cold start of the web function does without.
LATER = [
    "app.geo.polygon",
    "app.gazetteer.search",
    "app.warnings.sources.http_client",
    "app.warnings.sources.message",
    "app.legacy.signing",
    "app.cli.redrive",
    "app.aws.buckets",
    "app.photos.deciding",
    "app.photos.tickets",
    "app.further_rooms",
    "app.accounts.sign_in_message",
    "app.alerts",
    "app.feeds",
    "app.mail",
    "app.reports.index.tile_documents",
    "app.review.verification",
    "apispec",
    "jwt",
    "zoneinfo",
]
# How many modules and classes of our own a cold start makes; ten modules cost about one percent of it. Raise these for
# what most requests need. All else belongs into app/further_rooms.py, or is imported where it is used.
MOST_MODULES, MOST_CLASSES = 205, 360
STARTED = """
import json, sys
import handlers.api
ours = {name: vars(module) for name, module in sys.modules.items() if name.partition(".")[0] in ("app", "handlers")}
made = [one for name, held in ours.items() for one in held.values() if isinstance(one, type) and one.__module__ == name]
print(json.dumps([[name for name in sys.argv[1:] if name in sys.modules], len(ours), len(made)]))
"""


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def functions_of(file: Path) -> Iterator[Function]:
    for node in statements_in(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def statements_in(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield all statements in it, without their expressions: those are nine of ten nodes, and hold none."""
    pending: list[ast.AST] = [tree]
    while pending:
        for child in ast.iter_child_nodes(pending.pop()):
            if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
                yield child
                pending.append(child)


def lines_of(function: Function) -> int:
    """Without decorators and docstring: those are the contract, not the work."""
    start = function.body[0].end_lineno if ast.get_docstring(function) else function.lineno
    return (function.end_lineno or 0) - (start or 0) + 1


def parameters_of(function: Function) -> int:
    given = function.args
    return len([one for one in (*given.posonlyargs, *given.args, *given.kwonlyargs) if one.arg not in {"self", "cls"}])


def line_count(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


def over(limit: int, sizes: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return the items above the limit, with their sizes."""
    return {name: size for name, size in sizes if size > limit}


def test_modules_stay_within_their_budgets() -> None:
    functions = [(f"{name_of(file)}: {one.name}", one) for file in CODE for one in functions_of(file)]

    assert len(functions) > 1000, "nothing was looked at"
    assert over(MODULE_LINES, ((name_of(file), line_count(file)) for file in CODE)) == {}
    assert over(FUNCTION_LINES, ((name, lines_of(one)) for name, one in functions)) == {}
    assert over(PARAMETERS, ((name, parameters_of(one)) for name, one in functions)) == {}


def test_test_modules_stay_within_their_budgets() -> None:
    functions = [(f"{name_of(file)}: {one.name}", one) for file in TESTS for one in functions_of(file)]
    tests = [(name, one) for name, one in functions if one.name.startswith("test_")]

    assert len(tests) > 1000, "nothing was looked at"
    assert over(TEST_MODULE_LINES, ((name_of(file), line_count(file)) for file in TESTS)) == {}
    assert over(TEST_FUNCTION_LINES, ((name, lines_of(one)) for name, one in tests)) == {}


def test_fragments_and_menu_stay_short() -> None:
    fragments = {file.name: line_count(file) for file in (ROOT / "infra").glob("*.yml")}

    assert line_count(ROOT / "serverless.yml") <= SERVERLESS_LINES
    assert {name: lines for name, lines in fragments.items() if lines > FRAGMENT_LINES} == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [name_of(file) for file in CODE + TESTS if file.stem in FORBIDDEN_NAMES] == []


def test_queries_live_beside_the_index_that_serves_them() -> None:
    others = [file for file in PRODUCT if file.name not in MAY_QUERY]

    assert [name_of(file) for file in others if QUERY.search(file.read_text(encoding="utf-8"))] == []


def test_nothing_a_user_can_reach_scans_a_table() -> None:
    assert [name_of(file) for file in PRODUCT if ".scan(" in file.read_text(encoding="utf-8")] == []


def test_pages_are_never_polled_with_a_text_that_their_policy_refuses() -> None:
    # Playwright asks again by `eval`, which only passes when the first answer is yes: it fails on a slow machine.
    asking = [name_of(file) for file in TESTS if ".wait_for_" + "function(" in file.read_text(encoding="utf-8")]
    assert asking == []


def test_packages_load_nothing_by_themselves() -> None:
    """Else every function would load every room: a package says what it owns, in a docstring, and no more."""
    packages = [file for folder in ("app", "handlers") for file in (ROOT / folder).rglob("__init__.py")]

    for package in packages:
        body = ast.parse(package.read_text(encoding="utf-8")).body
        assert all(isinstance(node, ast.Expr) for node in body), name_of(package)


def test_only_the_web_function_loads_the_web_framework() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", LOADED, *WORKERS], cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
    )

    assert dict(line.split(maxsplit=1) for line in loaded.stdout.splitlines()) == dict.fromkeys(WORKERS, "[]")


def test_web_function_starts_without_what_few_requests_need() -> None:
    """A cold start pays for every module: what draws outlines, asks sources or serves old clients is loaded later."""
    environment = {
        "AWS_LAMBDA_FUNCTION_NAME": "web",
        "AWS_REGION": "eu-west-2",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    }
    keys = dict.fromkeys(("FLOOD_SECRET", "FLOOD_ID_KEY"), "a-key-for-this-test-that-is-long-enough")

    ran = subprocess.run(
        [sys.executable, "-c", STARTED, *LATER],
        cwd=ROOT,
        env=environment | keys,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    too_early, modules, classes = json.loads(ran.stdout)

    assert too_early == []
    assert MOST_MODULES - 10 < modules <= MOST_MODULES
    assert MOST_CLASSES - 20 < classes <= MOST_CLASSES
