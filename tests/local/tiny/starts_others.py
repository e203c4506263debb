"""Starts processes that do not notice its end: `starts_others.py FOLDER`; says so by a file there, and waits."""

import subprocess
import sys
import threading
from pathlib import Path

WAIT = [sys.executable, "-S", "-c", "import threading; threading.Event().wait()"]
for own_session in (False, True):
    subprocess.Popen(WAIT, start_new_session=own_session)
Path(sys.argv[1], "has started").touch()
threading.Event().wait()
