"""Answer near-me requests in a process of its own: by our web function, or by Flask over PostgreSQL.

Arguments: `ours`, or `theirs` and the folder of PostgreSQL's socket. Its first line is the number of the database's
process, if it knows it. Then each line of input is a list of queries, and each line of output what they took: CPU time
of this process and time on the clock for each, and the answers if the list begins with null.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import environment

Answer = Callable[[str], Callable[[], str]]  # a query, then all that is timed


def ours() -> tuple[int, Answer]:
    from bench.asking import event
    from handlers.api import handler

    environment.stop_clock(environment.NOON_MS)

    def prepared(query: str) -> Callable[[], str]:
        request = event("GET", "/v1/reports", query)

        def answer() -> str:
            reply = handler(request, None)
            assert reply["statusCode"] == 200, reply
            return str(reply["body"])

        return answer

    return 0, prepared


def theirs(socket_folder: str) -> tuple[int, Answer]:
    sys.path.insert(0, str(Path(__file__).parent / "references"))
    from flask_postgis import near_app, storage

    connection = storage.connect(socket_folder)
    app = near_app.create_app(connection, storage.moment(environment.NOON_MS))

    def prepared(query: str) -> Callable[[], str]:
        from werkzeug.test import EnvironBuilder

        environ = EnvironBuilder(path="/v1/reports", query_string=query).get_environ()

        def answer() -> str:
            status: list[str] = []
            body = b"".join(app.wsgi_app(dict(environ), lambda line, headers, failure=None: status.append(line)))
            assert status == ["200 OK"], (status, body)
            return body.decode()

        return answer

    return connection.info.backend_pid, prepared


def serve(answer: Answer) -> None:
    for line in sys.stdin:
        queries: list[str | None] = json.loads(line)
        calls = [answer(query) for query in queries if query is not None]
        took, bodies = [], []
        cpu_s = time.process_time()
        for call in calls:
            began = time.perf_counter()
            body = call()
            took.append((time.perf_counter() - began) * 1000)
            if queries[0] is None:
                bodies.append(body)
        cpu_s = time.process_time() - cpu_s
        told: dict[str, Any] = {"cpu_s": cpu_s, "took_ms": took, "answers": [json.loads(body) for body in bodies]}
        print(json.dumps(told), flush=True)


def main(kind: str, *rest: str) -> None:
    if kind == "ours":
        environment_of_lambda()
    process, answer = ours() if kind == "ours" else theirs(*rest)
    print(process, flush=True)
    serve(answer)


def environment_of_lambda() -> None:
    """Take Lambda's environment, but the database that is named here."""
    import os

    address = os.environ["AWS_ENDPOINT_URL_DYNAMODB"]
    environment.enter()
    os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = address


if __name__ == "__main__":
    main(*sys.argv[1:])
