"""A test that waits with a database running, for the tests of what is left behind; no run finds it by itself."""

import os
import threading
from pathlib import Path


def test_it_waits(dynoxide_address: str) -> None:
    Path(os.environ["WAITS_IN"], "has started").touch()
    threading.Event().wait()
