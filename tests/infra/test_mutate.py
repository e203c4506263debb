"""`make mutate` on a tree with one small module: what it tries, what it tells, and what it leaves alone."""

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra import mutate
from infra.mutants import make_mutants

ROOT = Path(__file__).parents[2]
TOY = '''"""Fares by age."""

ADULT = 18


def fare(age: int) -> int:
    """What a ride costs; the docstring stays."""
    if age < ADULT:
        return 1
    return 2
'''
TOY_TESTS = """from app.fares import fare


def test_adults_pay_two():
    assert fare(30) == 2


def test_children_pay_one():
    assert fare(5) == 1
"""
MORE_TESTS = """

def test_who_turns_eighteen_pays_two():
    assert (fare(17), fare(18)) == (1, 2)
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree with one module and the tests that mirror it."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # its tests need none, and start five times sooner
    root = tmp_path / "tree"
    for name, text in {
        "app/fares.py": TOY,
        "tests/app/test_fares.py": TOY_TESTS,
        "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def changes_of(source: str) -> set[str]:
    return {f"{one.where}: {one.before} -> {one.after}" for one in make_mutants(source)}


def test_every_mutant_is_a_module_with_one_mistake() -> None:
    source = (ROOT / "app" / "accounts" / "tokens.py").read_text()

    mutants = make_mutants(source)

    assert len(mutants) > 100
    assert len({one.key for one in mutants}) == len(mutants)
    meaning = ast.dump(ast.parse(source))
    for one in mutants:
        assert ast.dump(ast.parse(one.source)) != meaning, one


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("a = b <= c", {"b <= c -> (b < c)"}),
        ("a = b == c != d", {"b == c != d -> (b != c != d)", "b == c != d -> (b == c == d)"}),
        ("a = b + c", {"b + c -> (b - c)"}),
        ("a = b and not c", {"b and not c -> (b or not c)", "not c -> (c)"}),
        ("a = [b for b in c if b]", {"b -> (not (b))"}),
        ("while a: break", {"a -> (not (a))", "break -> pass"}),
        ("a = max(b, c)", {"max(b, c) -> (min(b, c))"}),
        ("a(b, c=d)", {"a(b, c=d) -> (a(b))", "a(b, c=d) -> pass"}),
        ("a.b = c", {"a.b = c -> pass"}),
        ("a: list[1] = 2", {"2 -> (3)"}),
        ("a = 'word', 'two words', f'{b + 1}', True", {"'word' -> ('')", "True -> (False)"}),
        ('"""Text."""\nraise a', {"raise a -> pass"}),
        ("a = 'Überlauf', 1", {"'Überlauf' -> ('')", "1 -> (2)"}),
    ],
)
def test_mistakes_are_those_that_people_make(source: str, changes: set[str]) -> None:
    assert changes_of(source) == {f"module: {change}" for change in changes}


def test_return_of_a_method_is_told_by_its_name() -> None:
    source = "class A:\n    def b(self):\n        return self"

    assert changes_of(source) == {"A.b: return self -> return None"}


def test_survivors_are_told_and_the_tree_stays_as_it_was(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert mutate.main(["app/fares.py"], root=tree) == 0

    told = capsys.readouterr().out
    assert "app/fares.py: 7 mutants, 7 chosen, 7 to try." in told
    assert "fare: age < ADULT -> (age <= ADULT)" in told.partition("survive:")[2]
    assert "5 of 7 killed, 2 survive:" in told
    assert (tree / "app/fares.py").read_text() == TOY
    assert sorted(one.name for one in tree.iterdir()) == ["app", "build", "pyproject.toml", "tests"]


def test_later_runs_try_what_is_left_and_survivors_under_new_tests(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mutate.main(["app/fares.py"], root=tree)
    results = tree / "build/mutants/app.fares.py.tsv"
    lines = results.read_text().splitlines(keepends=True)
    results.write_text("".join(lines[:6]) + lines[6][:8])  # a run that was cut off
    mutate.main(["app/fares.py"], root=tree)
    assert "7 chosen, 1 to try." in capsys.readouterr().out
    with (tree / "tests/app/test_fares.py").open("a") as tests:
        tests.write(MORE_TESTS)

    mutate.main(["app/fares.py"], root=tree)

    told = capsys.readouterr().out
    assert "7 chosen, 2 to try." in told
    assert "7 of 7 killed, 0 survive:" in told


def test_sample_is_spread_evenly_and_always_the_same() -> None:
    mutants = make_mutants("\n".join(f"a = {number}" for number in range(100)))

    assert [one.before for one in mutate.sampled(mutants, 4)] == ["0", "25", "50", "75"]
    assert mutate.sampled(mutants, 0) == mutants


def test_mutant_that_never_ends_is_killed(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "app/fares.py").write_text(
        "def fare(age):\n    while age > 50:\n        age -= 60\n    return 1 if age < 18 else 2\n"
    )
    monkeypatch.setattr(mutate, "PLUS_S", 2)

    mutate.main(["app/fares.py", "--sample", "2"], root=tree)

    results = (tree / "build/mutants/app.fares.py.tsv").read_text()
    assert "timed out\t" in results


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["app/ghost.py"], "There is no file app/ghost.py."),
        (["app/lonely.py"], "name the tests"),
        (["app/fares.py", "--tests", "tests/broken.py"], "The tests fail without a mutant"),
    ],
)
def test_what_cannot_run_says_why(
    tree: Path, arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "app/lonely.py").write_text("A = 1\n")
    (tree / "tests/broken.py").write_text("def test_nothing():\n    assert False\n")

    assert mutate.main(arguments, root=tree) == 1
    assert reason in capsys.readouterr().err


def test_asked_to_end_it_leaves_nothing_behind(tree: Path, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    (tree / "tests/app/test_fares.py").write_text(
        f"import os, pathlib, time\n\ndef test_waits():\n    pathlib.Path({str(pid)!r}).write_text(str(os.getpid()))\n"
        "    time.sleep(3600)\n"
    )
    script = (
        f"from pathlib import Path; from infra import mutate; mutate.main(['app/fares.py'], root=Path({str(tree)!r}))"
    )
    run = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stderr=subprocess.DEVNULL)
    while not (pid.exists() and pid.read_text()):
        assert run.poll() is None

    run.send_signal(signal.SIGTERM)

    run.wait(60)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
