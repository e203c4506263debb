"""A proxy before the product that lets some pages fail or brings a newer worker, by rules."""

import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.middleware.http_proxy import ProxyMiddleware
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

WORKER = "/service-worker.js"


class Front:
    """Answers with what the product behind it says. `broken` are paths that fail; `version` is a worker's to come."""

    url: str

    def __init__(self, product_url: str) -> None:
        self.broken: set[str] = set()
        self.version = ""
        self._target = {"target": product_url, "host": None, "headers": {}, "remove_prefix": False, "ssl_context": None}
        self._proxy = ProxyMiddleware(Response(status=404), {})

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        product = self._proxy.proxy_to(self._target, path, "/")
        if path in self.broken:
            answer = Response("<h1>Broken</h1>", 503, mimetype="text/html")
        elif path == WORKER and self.version:
            environ.pop("HTTP_ACCEPT_ENCODING", None)
            answer = Response.from_app(product, environ)
            answer.data = re.sub(r'"version": "\w+"', f'"version": "{self.version}"', answer.get_data(as_text=True))
        else:
            return product(environ, start_response)
        return answer(environ, start_response)


@contextmanager
def front_of(product_url: str) -> Iterator[Front]:
    front = Front(product_url)
    server = make_server("127.0.0.1", 0, front, threaded=True)
    front.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield front
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
