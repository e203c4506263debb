"""Run one import in a fresh interpreter, and print what it took as one JSON line.

Takes one JSON argument: file, format, and swallows (whether no database is asked: each write succeeds at once).
"""

import json
import resource
import sys
import time
from types import SimpleNamespace
from typing import Any

asked = json.loads(sys.argv[1])


def swallow(**_: Any) -> tuple[Any, dict[str, Any]]:
    """Answer a call of the client before it is sent."""
    return SimpleNamespace(status_code=200, headers={}), {"Attributes": {}, "ResponseMetadata": {"HTTPStatusCode": 200}}


def main() -> None:
    from app.cli.import_command import import_reports
    from app.core import dynamodb

    if asked["swallows"]:
        for operation in ("PutItem", "UpdateItem", "GetItem"):
            dynamodb.connection().client.meta.events.register_first(f"before-call.dynamodb.{operation}", swallow)
    start_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began_s, cpu_s = time.perf_counter(), time.process_time()
    import_reports.main(args=[asked["file"], "--format", asked["format"]], standalone_mode=False)
    told = {
        "seconds": time.perf_counter() - began_s,
        "cpu_seconds": time.process_time() - cpu_s,
        "start_mb": start_kb / 1024,
        "most_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(told))


main()
