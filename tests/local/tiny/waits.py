"""A test that waits with a database running and cannot be interrupted, for the tests of what is left behind.

No run finds it by itself.
"""

import os
import threading
from contextlib import suppress
from pathlib import Path


def test_it_waits(dynoxide_address: str) -> None:
    Path(os.environ["WAITS_IN"], "has started").touch()
    while True:
        with suppress(BaseException):
            threading.Event().wait()
