"""One worker of a function: `python -S -s -P -B runtime_child.py LIBRARIES HANDLER`, started by runtime.py.

The current folder is the unpacked artifact. As in Lambda, a handler finds the artifact and the standard library only:
LIBRARIES is used for AWS's runtime client alone. The worker ends with its starter, because its standard input closes
then.
"""

import os
import sys
import threading


def _end_with_starter() -> None:
    os.read(0, 1)
    os._exit(0)


threading.Thread(target=_end_with_starter, daemon=True).start()
libraries, handler = sys.argv[1:3]
sys.path.append(libraries)
# The folder comes first; the client has no types.
from awslambdaric import bootstrap  # type: ignore[import-untyped]  # noqa: E402
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # type: ignore[import-untyped]  # noqa: E402

sys.path.remove(libraries)
sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
bootstrap.run(handler, LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]))
