"""Import Flask without its command line, its development server, its test client, Jinja and signed cookies.

Flask and Werkzeug import these at their own import, and no request needs them: a tenth of a start. Stand-ins
replace them while Flask is imported, and are removed afterwards, so that the first page, which makes its own Jinja
environment, imports the real one. Any later use of a stand-in fails at once with a clear message.
"""

import sys
from types import ModuleType
from typing import Any

LEFT_OUT = ("click", "flask.cli", "itsdangerous", "jinja2", "werkzeug.serving", "werkzeug.test")


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

    def __init__(self, *_: Any, **__: Any) -> None:
        """Stand-in for the group of commands that Flask makes for each app and blueprint."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"{self.left_out} was left out of the start (handlers/light_imports.py).")


def import_flask() -> None:
    """Import Flask without these modules; completely if it, or one of them, is already imported."""
    if "flask" in sys.modules or any(name in sys.modules for name in LEFT_OUT):
        return
    stand_ins = {name: _StandIn(name) for name in LEFT_OUT}
    sys.modules.update(stand_ins)
    try:
        import flask  # noqa: F401 - to have it loaded
    finally:
        for name in stand_ins:
            del sys.modules[name]
