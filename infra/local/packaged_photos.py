"""The packaged function that cleans photos, with its layer, as Lambda would run it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.local.gateway import environment_of_functions, layer_of, unpacked, unpacked_layer
from infra.local.gateway_menu import read_menu
from infra.local.runtime import Runtime

NAME = "clean_photo"


def has_layer(artifact: Path) -> bool:
    """Return whether the libraries of pictures lie beside an artifact."""
    return layer_of(artifact).exists()


@contextmanager
def packaged(artifact: Path, environment: Mapping[str, str]) -> Iterator[Callable[[dict[str, Any], None], Any]]:
    """Yield the function while the block lasts. Raises Failed if the artifact is for another machine."""
    function = read_menu().functions[NAME]
    with unpacked(artifact) as folder, unpacked_layer(layer_of(artifact)) as libraries:
        seen = {**environment_of_functions(environment), **libraries}
        with Runtime(folder, function.handler, seen, name=NAME, workers=1) as runtime:
            yield lambda event, _: runtime.invoke(event, function.timeout_s)
