"""Start AWS's own runtime client on a handler: arguments are the deployed folders (JSON), the handler, the port.

awslambdaric comes from the last folder. Only name resolution is changed, as in cold_child.py. With the handler "-" it
prints the modules of the standard library that the client itself loads.
"""

import json
import socket
import sys

sys.path[:0] = json.loads(sys.argv[1])
handler, port = sys.argv[2], int(sys.argv[3])
resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, service, *rest, **named: resolve("127.0.0.1", port, *rest, **named)

from awslambdaric import bootstrap  # noqa: E402 - the folders come first

if handler == "-":
    print(json.dumps([name for name in sys.modules if name.partition(".")[0] in sys.stdlib_module_names]))
else:
    import os

    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

    bootstrap.run(handler, LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]))
