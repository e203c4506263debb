"""Our routes' rules: an address is built from one when somebody asks for it, which a start does not."""

from collections.abc import Callable
from functools import cache
from typing import Any

from werkzeug.routing import Rule

Built = tuple[str, str]


class LazyRule(Rule):
    """Werkzeug compiles two functions for each rule, for `url_for`: a twenty-fifth of a cold start."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Built]:
        compiled = cache(super()._compile_builder)

        def build(rule: Rule, **values: Any) -> Built:
            return compiled(append_unknown)(rule, **values)

        return build
