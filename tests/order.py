"""Run tests in another order each time, so that none comes to depend on those before it.

The mark `story` is for files whose tests go on where the one before left: those keep their order. Files of FIRST come
first, however they were shuffled: one that takes half a minute, begun last, would keep one worker at work alone.
"""

import random
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

WRITTEN = "written"
STORY = "story"
LONG = "long"
# The benchmarks, whole products in processes of their own, packages, what waits for faults to pass: the longest files,
# with few tests each. Then the longest in the browser and of deploying.
FIRST = ("tests/bench/", "tests/local/", "tests/flows/", "tests/infra/", "tests/reliability/", "tests/test_recipe.py")
FIRST += ("tests/security/test_schemathesis.py", "tests/app/reports/index/test_search.py")
FIRST += ("tests/pages/test_each_page.py", "tests/deploy/test_story.py")


class Item(Protocol):
    nodeid: str

    def get_closest_marker(self, name: str) -> object | None: ...


Some = TypeVar("Some", bound=Item)


def few_cases(items: Sequence[Some], most: int) -> tuple[list[Some], list[Some]]:
    """Choose at most `most` cases of each test, its first and its last among them; return these and the others.

    For a second Python: what it breaks it breaks in nearly each case of a test, and the first one runs all of them.
    """
    tests: dict[str, list[Some]] = {}
    for item in items:
        if not item.get_closest_marker(LONG):  # those are left out by their mark, and shall not be chosen here
            tests.setdefault(item.nodeid.partition("[")[0], []).append(item)
    left_out = set()
    for cases in tests.values():
        chosen = {number * (len(cases) - 1) // max(1, most - 1) for number in range(most)}
        left_out |= {case.nodeid for number, case in enumerate(cases) if number not in chosen}
    kept = [item for item in items if item.nodeid not in left_out]
    return kept, [item for item in items if item.nodeid in left_out]


def new_seed() -> str:
    return str(random.SystemRandom().randrange(1_000_000))


def shuffled(items: Iterable[Some], seed: str) -> list[Some]:
    """The same order for the same seed: files change places, and tests within their file, which stays together."""
    files: dict[str, list[Some]] = {}
    for item in items:
        files.setdefault(item.nodeid.partition("::")[0], []).append(item)
    chance = random.Random(seed)
    names = sorted(files)
    chance.shuffle(names)
    names.sort(key=lambda name: not name.startswith(FIRST))  # stable
    for name in names:
        if not files[name][0].get_closest_marker(STORY):
            chance.shuffle(files[name])
    return [item for name in names for item in files[name]]
