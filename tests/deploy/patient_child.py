"""infra/local/runtime_child.py with patience, and with its clock ahead by `CLOCK_AHEAD_S`: same arguments."""

import os
import runpy
import sys
import time
from pathlib import Path

runpy.run_path(str(Path(__file__).parent / "patience" / "sitecustomize.py"))
if ahead_s := float(os.environ.pop("CLOCK_AHEAD_S", "0")):
    # The function must find nothing of the tests' own: not what time_machine itself would import, if it were there.
    away = ("pytest", "dateutil", "dateutil.parser")
    sys.modules.update(dict.fromkeys(away))  # type: ignore[arg-type]
    sys.path.append(sys.argv[1])
    import time_machine

    sys.path.pop()
    for name in away:
        del sys.modules[name]
    time_machine.travel(time.time() + ahead_s, tick=True).start()
runpy.run_path(str(Path(__file__).parents[2] / "infra" / "local" / "runtime_child.py"), run_name="__main__")
