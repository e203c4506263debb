"""A DynamoDB in memory, for systems that dynoxide has no binary for: `python -m infra.local.stand_in PORT`."""

import sys
from threading import Event, RLock
from typing import Any

from moto.dynamodb.responses import DynamoHandler
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from infra.local.processes import LOOPBACK

_one_at_a_time = RLock()
_call_action = DynamoHandler.call_action


def _locked_call_action(handler: DynamoHandler) -> Any:
    """Lock moto's calls: without a lock it loses updates and breaks transactions when its threads switch."""
    with _one_at_a_time:
        return _call_action(handler)


def main() -> None:
    DynamoHandler.call_action = _locked_call_action  # type: ignore[method-assign]  # moto has no hook for it
    ThreadedMotoServer(ip_address=LOOPBACK, port=int(sys.argv[1]), verbose=False).start()
    Event().wait()


if __name__ == "__main__":
    main()
