"""Read the HTTP part of serverless.yml: functions, routes, timeouts, CORS, binary types, the access log's format.

Read without the CLI, so variables (`${...}`) count as absent, but functions that stand in a file of their own; none of
the other values needed here is one.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from infra.local.processes import ROOT

MENU = ROOT / "serverless.yml"
DEFAULT_STAGE = "dev"
DEFAULT_TIMEOUT_S = 6  # the CLI's
CATCH_ALL = "$default"
# Values of the CLI for `cors: true`.
_ALLOWED_HEADERS = (
    "Content-Type X-Amz-Date Authorization X-Api-Key X-Amz-Security-Token X-Amz-User-Agent X-Amzn-Trace-Id"
)


@dataclass(frozen=True)
class Function:
    name: str
    handler: str
    timeout_s: float
    has_layer: bool = False


@dataclass(frozen=True)
class Route:
    """`key` in the notation of HTTP APIs: `$default`, or a method (or ANY) and a path with {parameters}."""

    key: str
    function: Function

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """Return the path's parameters; None if the request is for another route."""
        if self.key == CATCH_ALL:
            return {}
        wanted, _, template = self.key.partition(" ")
        values = _pattern(template).fullmatch(path) if wanted in ("ANY", method) else None
        return values.groupdict() if values else None

    def rank(self) -> tuple[bool, bool, int, bool]:
        """Sort key: a full match, then a greedy one, then the catch-all; a named method before ANY."""
        return (self.key == CATCH_ALL, "+}" in self.key, self.key.count("{"), self.key.startswith("ANY "))


@dataclass(frozen=True)
class Cors:
    """An API's own CORS configuration, which answers preflights and overrides the function's headers."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...] = ()
    has_credentials: bool = False
    max_age_s: int | None = None


@dataclass(frozen=True)
class Menu:
    functions: Mapping[str, Function]
    routes: tuple[Route, ...]
    cors: Cors | None = None
    stage: str = DEFAULT_STAGE
    binary_types: tuple[str, ...] = ()
    log_format: str = field(
        default='{"at":"$context.requestTime","route":"$context.routeKey","status":$context.status}'
    )

    def route_to(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        matches = ((route, route.match(method, path)) for route in self.routes)
        return next(((route, parameters) for route, parameters in matches if parameters is not None), None)


def read_functions(file: Path = MENU) -> dict[str, dict[str, Any]]:
    """Return the definitions of all functions by name, also of those for which the menu names another file."""
    written = _read(file)["functions"]
    return {name: one if isinstance(one, dict) else _of_another_file(file.parent, one) for name, one in written.items()}


def _of_another_file(folder: Path, reference: str) -> dict[str, Any]:
    match = re.fullmatch(r"\$\{file\((.+)\):(\w+)\}", reference)
    assert match, f"{reference!r} is no reference to a function that this knows"
    return dict(_read(folder / match[1])[match[2]])


def _read(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def read_menu(file: Path = MENU) -> Menu:
    configuration, definitions = _read(file), read_functions(file)
    provider = configuration.get("provider") or {}
    functions = {name: _function(name, definition, provider) for name, definition in definitions.items()}
    routes = [Route(key, functions[name]) for name, definition in definitions.items() for key in _keys(definition)]
    formats: dict[str, Any] = (provider.get("logs") or {}).get("httpApi") or {}
    more = {"log_format": formats["format"]} if isinstance(formats, dict) and "format" in formats else {}
    return Menu(
        functions,
        tuple(sorted(routes, key=Route.rank)),
        _cors((provider.get("httpApi") or {}).get("cors"), routes),
        _plain(provider.get("stage"), DEFAULT_STAGE),
        tuple((provider.get("apiGateway") or {}).get("binaryMediaTypes") or ()),
        **more,
    )


def _function(name: str, definition: dict[str, Any], provider: dict[str, Any]) -> Function:
    times = (definition.get("timeout"), provider.get("timeout"), DEFAULT_TIMEOUT_S)
    timeout_s = next(float(time) for time in times if isinstance(time, int | float))
    return Function(name, definition["handler"], timeout_s, bool(definition.get("layers")))


def _plain(value: Any, default: str) -> str:
    return value if isinstance(value, str) and "${" not in value else default


def _keys(function: dict[str, Any]) -> Iterator[str]:
    for event in function.get("events") or ():
        setting = event.get("httpApi")
        if setting is None:
            continue
        if isinstance(setting, dict):
            setting = f"{setting.get('method', 'ANY')} {setting.get('path', '*')}"
        method, _, path = setting.rpartition(" ")
        if path == "*":
            yield CATCH_ALL
        else:
            yield f"{'ANY' if method in ('', '*') else method.upper()} {path}"


def _cors(setting: Any, routes: list[Route]) -> Cors | None:
    if not setting:
        return None
    setting = setting if isinstance(setting, dict) else {}
    methods = {method for route in routes if (method := route.key.split()[0]) not in (CATCH_ALL, "ANY")}
    return Cors(
        _texts(setting.get("allowedOrigins", "*")),
        _texts(setting.get("allowedMethods", sorted(methods | {"OPTIONS"}))),
        _texts(setting.get("allowedHeaders", _ALLOWED_HEADERS.split())),
        _texts(setting.get("exposedResponseHeaders", ())),
        bool(setting.get("allowCredentials")),
        setting.get("maxAge"),
    )


def _texts(setting: Any) -> tuple[str, ...]:
    return (setting,) if isinstance(setting, str) else tuple(setting)


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)(\+?)\}", template)
    text = ""
    for place in range(0, len(parts) - 1, 3):
        text += f"{re.escape(parts[place])}(?P<{parts[place + 1]}>{'.+' if parts[place + 2] else '[^/]+'})"
    return re.compile(text + re.escape(parts[-1]))


def decoded(path: str) -> str:
    """Decode a path once, as an HTTP API does. AWS's documentation does not say what happens to invalid UTF-8."""
    return unquote(path, errors="replace")
