"""Check that tests notice small mistakes in a module: `python -m infra.mutate MODULE [--tests ..]` (docs/mutants.md).

Each mutant runs in a copy of the tree, never in the tree itself, until its first test fails. A run that takes far
longer than without a mistake counts as a failure. A second run continues where the first one stopped, and tries the
survivors again if tests have changed or others are chosen. It exits 1 only if it could not run, not if mutants survive.
"""

import argparse
import contextlib
import hashlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple, NoReturn

from infra.mutants import Mutant, make_mutants

ROOT = Path(__file__).parents[1]
LEFT_BEHIND = (".git", ".venv", "node_modules", "build", "dist", ".local*", ".serverless", ".*_cache", "__pycache__")
LINKED = (".venv", "node_modules")
# Wide, because the machine may be busier than when the time was measured.
TIMES_AS_LONG, PLUS_S = 5, 60
FIRST_RUN_S = 1800
FIRST_SIGNAL = 128
KILLED, SURVIVED, TIMED_OUT, FAILED = "killed", "survived", "timed out", "failed to run"
LEASH = ROOT / "infra" / "local" / "leash.py"
PYTEST = ("-m", "pytest", "-x", "-q", "-p", "no:cacheprovider")


class CannotRun(Exception):
    """The mutants cannot be tried; the message says why."""


class Result(NamedTuple):
    """One line of the results' file."""

    outcome: str
    key: str
    tests: str
    where: str
    change: str

    def line(self) -> str:
        return "\t".join(self)


class Runner:
    """Runs tests in copies of the tree, one process at a time in each copy; all of them end with this process."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.tests = tests
        self.running = set[subprocess.Popen[bytes]]()
        self.is_stopped = False
        self.last_lines = ""

    def run(self, copy: Path, *, most_s: float, writes_bytecode: bool = False) -> int | None:
        """Return the exit status of the tests; None if they took too long."""
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "" if writes_bytecode else "mutant"}
        command = [sys.executable, str(LEASH), sys.executable, *PYTEST, *self.tests]
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                command, cwd=copy, env=environment, stdin=subprocess.PIPE, stdout=output, stderr=output
            )
            self.running.add(process)
            try:
                return process.wait(0 if self.is_stopped else most_s)
            except subprocess.TimeoutExpired:
                return None
            finally:
                _let_go(process)
                process.wait()
                self.running.discard(process)
                output.seek(0)
                self.last_lines = "\n".join(output.read().decode(errors="replace").splitlines()[-15:])

    def stop(self) -> None:
        """End all running tests, and those that start from now on."""
        self.is_stopped = True
        for process in list(self.running):
            _let_go(process)


def _let_go(process: "subprocess.Popen[bytes]") -> None:
    """Close the leash: the tests end, with everything that they have started."""
    if process.stdin is not None:
        process.stdin.close()


def tests_of(root: Path, module: str) -> list[str]:
    """Return the test file that mirrors a module."""
    path = Path("tests", module)
    mirrored = path.with_name(f"test_{path.name}")
    if not (root / mirrored).exists():
        raise CannotRun(f'There is no {mirrored}: name the tests, TESTS="tests/a.py tests/b.py".')
    return [str(mirrored)]


def copy_tree(root: Path, folder: Path) -> Path:
    """Copy the tree without generated files; environments are shared, since mutants do not change them."""
    shutil.copytree(root, folder, ignore=shutil.ignore_patterns(*LEFT_BEHIND), symlinks=True)
    for name in LINKED:
        if (root / name).exists():
            (folder / name).symlink_to((root / name).resolve())
    return folder


def digest_of_tests(root: Path, chosen: Sequence[str]) -> str:
    """Return a digest of the chosen tests and of all test files: after a change, survivors are tried again."""
    digest = hashlib.sha256(" ".join(chosen).encode())
    for file in sorted((root / "tests").rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def known_results(file: Path, tests: str) -> dict[str, Result]:
    """Return earlier results that are still valid: killed mutants, and survivors under the same tests."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    results = [Result(*line.split("\t")) for line in lines if line.count("\t") == len(Result._fields) - 1]
    return {result.key: result for result in results if result.outcome in {KILLED, TIMED_OUT} or result.tests == tests}


def sampled(mutants: list[Mutant], most: int) -> list[Mutant]:
    """Return at most a number of mutants, spread evenly over the module; always the same ones."""
    if not 0 < most < len(mutants):
        return mutants
    return [mutants[at * len(mutants) // most] for at in range(most)]


def try_mutants(
    runner: Runner, root: Path, module: str, mutants: Sequence[Mutant], workers: int
) -> Generator[tuple[Mutant, str], None, None]:
    """Yield the result of each mutant."""
    if not mutants:
        return
    copies = queue.SimpleQueue[tuple[Path, float]]()

    def outcome_of(mutant: Mutant) -> str:
        copy, most_s = copies.get()
        try:
            (copy / module).write_text(mutant.source, encoding="utf-8")
            status = runner.run(copy, most_s=most_s)
        finally:
            copies.put((copy, most_s))
        if status is None:
            return TIMED_OUT
        # Pytest has statuses up to 5; the shell's numbers of signals mean that the run was ended from outside.
        return SURVIVED if status == 0 else KILLED if status < FIRST_SIGNAL else FAILED

    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ThreadPoolExecutor(workers) as pool:
        for number in range(workers):
            copies.put(_prepared(runner, copy_tree(root, Path(folder, str(number), "tree")), module))
        futures = {pool.submit(outcome_of, mutant): mutant for mutant in mutants}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            runner.stop()
            pool.shutdown(cancel_futures=True)


def _prepared(runner: Runner, copy: Path, module: str) -> tuple[Path, float]:
    """Prepare a copy with passing tests and byte code except for the module; return it with the time limit."""
    began = time.monotonic()
    if runner.run(copy, most_s=FIRST_RUN_S, writes_bytecode=True) != 0:
        raise CannotRun(f"The tests fail without a mutant:\n{runner.last_lines}")
    for compiled in (copy / module).parent.glob(f"__pycache__/{Path(module).stem}.*.pyc"):
        compiled.unlink()  # otherwise it would be used for a mutant of the same second and size
    return copy, PLUS_S + TIMES_AS_LONG * (time.monotonic() - began)


def mutate(root: Path, module: str, tests: Sequence[str], *, workers: int, sample: int) -> list[Result]:
    """Try all mutants that no earlier run has tried, and return all results."""
    file = root / "build" / "mutants" / f"{module.replace('/', '.')}.tsv"
    file.parent.mkdir(parents=True, exist_ok=True)
    mutants = make_mutants((root / module).read_text(encoding="utf-8"))
    chosen = sampled(mutants, sample)
    digest = digest_of_tests(root, tests)
    known = known_results(file, digest)
    left = [mutant for mutant in chosen if mutant.key not in known]
    print(f"{module}: {len(mutants)} mutants, {len(chosen)} chosen, {len(left)} to try.", flush=True)
    # Written again, because an interrupted run may have left half a line.
    file.write_text("".join(f"{one.line()}\n" for one in known.values()), encoding="utf-8")
    with file.open("a", encoding="utf-8") as results, contextlib.ExitStack() as stack:
        outcomes = try_mutants(Runner(tests), root, module, left, workers)
        stack.callback(outcomes.close)
        for number, (mutant, outcome) in enumerate(outcomes, 1):
            change = f"{mutant.before} -> {mutant.after}"
            if outcome == FAILED:
                raise CannotRun(f"A signal ended the tests of {mutant.where}: {change}")
            known[mutant.key] = result = Result(outcome, mutant.key, digest, mutant.where, change)
            print(result.line(), file=results, flush=True)
            print(f"{number}/{len(left)}  {outcome}  {result.where}: {change}", flush=True)
    return [known[mutant.key] for mutant in chosen]


def main(arguments: Sequence[str] | None = None, *, root: Path = ROOT) -> int:
    """Run, list the survivors, and print their number."""
    parser = argparse.ArgumentParser(prog="make mutate", description=__doc__)
    parser.add_argument("module", help="app/accounts/tokens.py")
    parser.add_argument("--tests", default="", help="files and folders, divided by spaces; else the mirrored test file")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--sample", type=int, default=0, help="the most mutants, spread evenly")
    wanted = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _raise_stopped)
    try:
        if not (root / wanted.module).is_file():
            raise CannotRun(f"There is no file {wanted.module}.")
        tests = wanted.tests.split() or tests_of(root, wanted.module)
        results = mutate(root, wanted.module, tests, workers=wanted.workers, sample=wanted.sample)
    except CannotRun as error:
        print(error, file=sys.stderr)
        return 1
    _print_survivors(results)
    return 0


def _raise_stopped(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _print_survivors(results: Iterable[Result]) -> None:
    tried = list(results)
    survivors = [one for one in tried if one.outcome == SURVIVED]
    print(f"\n{len(tried) - len(survivors)} of {len(tried)} killed, {len(survivors)} survive:")
    for survivor in survivors:
        print(f"  {survivor.where}: {survivor.change}")


if __name__ == "__main__":
    sys.exit(main())
