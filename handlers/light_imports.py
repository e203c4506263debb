"""Import libraries without their parts that no request needs: a tenth of a start.

Flask: its command line, its development server, its test client, Jinja and signed cookies. botocore: what writes the
texts of its clients, with a reader of HTML. webargs, ulid and botocore's urllib3: what finds the versions of packages.
Stand-ins replace these while the library is imported, and are removed afterwards, so that the first page, which makes
its own Jinja environment, imports the real one. Any later use of a stand-in fails at once with a clear message.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

# By what is imported without them.
LEFT_OUT = {
    "flask": ("click", "flask.cli", "itsdangerous", "jinja2", "werkzeug.serving", "werkzeug.test"),
    "botocore.session": ("botocore.docs.docstring", "botocore.docs.service", "importlib.metadata"),
    "webargs.flaskparser": ("importlib.metadata", "packaging.version"),
    "ulid": ("importlib.metadata",),
}


class _StandIn(ModuleType):
    """Module from which any name can be imported, as a class without function."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (_Absent,), {"left_out": f"{self.__name__}.{name}"})
        setattr(self, name, made)
        return made


class _Absent:
    left_out = ""
    commands: dict[str, Any] = {}  # noqa: RUF012 - Flask looks whether its group of commands has any
    release: tuple[int, ...] = ()  # webargs reads these two of its own version
    pre = None

    def __init__(self, *_: Any, **__: Any) -> None:
        """Stand-in for the group of commands that Flask makes for each app and blueprint."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"{self.left_out} was left out of the start (handlers/light_imports.py).")


def import_light() -> None:
    """Import each library without these modules. What is imported already stays, whole."""
    for library, left_out in LEFT_OUT.items():
        if library not in sys.modules:
            _import_without(library, [name for name in left_out if name not in sys.modules])


def _import_without(library: str, left_out: list[str]) -> None:
    stand_ins = [_StandIn(name) for name in left_out]
    for stand_in in stand_ins:
        sys.modules[stand_in.__name__] = stand_in
        parent, _, own_name = stand_in.__name__.rpartition(".")
        if parent in sys.modules:  # `import a.b` takes `b` from `a`
            setattr(sys.modules[parent], own_name, stand_in)
    try:
        import_module(library)
    finally:
        for stand_in in stand_ins:
            del sys.modules[stand_in.__name__]
            parent, _, own_name = stand_in.__name__.rpartition(".")
            if vars(sys.modules.get(parent, stand_in)).get(own_name) is stand_in:
                delattr(sys.modules[parent], own_name)
