"""Run tests in another order each time, so that none comes to depend on those before it."""

import random
from collections.abc import Iterable
from typing import Protocol, TypeVar

WRITTEN = "written"


class Item(Protocol):
    nodeid: str


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
    for name in names:
        chance.shuffle(files[name])
    return [item for name in names for item in files[name]]
