"""An app that starts with some rooms, and becomes the whole one at the first request for what these do not have."""

import gc
from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask


class GrowingApp:
    """WSGI app that answers by `first` until a request is for none of its routes, then by the one that `grow` makes."""

    def __init__(self, first: Flask, grow: Callable[[], Flask]) -> None:
        self._app, self._grow = first, grow
        self.is_whole = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not self.is_whole and not self._has_route(environ["PATH_INFO"], environ["REQUEST_METHOD"]):
            self.whole()
        return self._app(environ, start_response)

    def whole(self) -> Flask:
        """Return the whole app, which answers from now on."""
        if not self.is_whole:
            gc.disable()  # as at the start: nothing loaded now becomes garbage
            try:
                self._app, self.is_whole = self._grow(), True  # twice by two threads at once, and either is right
            finally:
                gc.freeze()
                gc.enable()
        return self._app

    def _has_route(self, path: str, method: str) -> bool:
        if method == "OPTIONS":  # it asks for all methods of a path, which rooms may share
            return False
        text = path.encode("latin-1").decode("utf-8", "replace")  # PEP 3333
        return self._app.url_map.bind("").test(text, method)
