"""Run tests in another order each time, so that none comes to depend on those before it.

The mark `story` is for files whose tests go on where the one before left: those keep their order. Files of FIRST come
first, however they were shuffled: one that takes half a minute, begun last, would keep one worker at work alone.
"""

import random
from collections.abc import Iterable
from typing import Protocol, TypeVar

WRITTEN = "written"
STORY = "story"
# The benchmarks, whole products in processes of their own, packages, what waits for faults to pass: the longest files,
# with few tests each. Then the longest in the browser and of deploying.
FIRST = ("tests/bench/", "tests/local/", "tests/flows/", "tests/infra/", "tests/reliability/", "tests/test_recipe.py")
FIRST += ("tests/security/test_schemathesis.py", "tests/app/reports/index/test_search.py")
FIRST += ("tests/pages/test_each_page.py", "tests/deploy/test_story.py")


class Item(Protocol):
    nodeid: str

    def get_closest_marker(self, name: str) -> object | None: ...


Some = TypeVar("Some", bound=Item)


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
