"""Run in a fresh interpreter, without site: import a handler, answer events, print what it took as one JSON line.

Takes one JSON argument: paths (the deployed folders), preload (modules that Lambda's runtime client has loaded),
handler ("package.module.function", empty: nothing), events (one list for each measured kind), rounds, port.
"""

import json
import socket
import sys
import time
from importlib import import_module

asked = json.loads(sys.argv[1])
sys.path[:0] = asked["paths"]
for name in asked["preload"]:
    import_module(name)

# Only the name's address is changed: certificate, handshake and signing are those of the real endpoint.
resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, port, *rest, **named: resolve("127.0.0.1", asked["port"], *rest, **named)

if asked.get("still"):  # on a busy machine calls would run into their time limits, and be counted twice
    limit = socket.socket.settimeout
    socket.socket.settimeout = lambda one, seconds: limit(one, seconds and seconds * 60)

told = {}
known = set(sys.modules)
wall, cpu = time.perf_counter(), time.process_time()
if asked["handler"]:
    module, _, function = asked["handler"].rpartition(".")
    handler = getattr(import_module(module), function)
    told["import_ms"] = (time.process_time() - cpu) * 1000
    first = handler(asked["events"]["first"], None)
    told["status"] = first["statusCode"]
told["cold_ms"] = (time.perf_counter() - wall) * 1000
told["cold_cpu_ms"] = (time.process_time() - cpu) * 1000
told["modules"] = len(sys.modules)
told["loaded"] = sorted({name.partition(".")[0] for name in set(sys.modules) - known})
with open("/proc/self/status") as status:  # noqa: PTH123 - pathlib would be one module more
    told["rss_mb"] = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
if asked.get("still"):  # what our function reads again after some seconds, it reads once
    stopped = sys.modules.get("app.core.clock")
    if stopped:
        now_ms, running_s = stopped.now_ms(), stopped.running_s()
        stopped.now_ms, stopped.running_s = lambda: now_ms, lambda: running_s
for kind, event in asked["events"].items() if asked["rounds"] else ():
    for _ in range(20):
        handler(event, None)
    cpu = time.process_time()
    for _ in range(asked["rounds"]):
        reply = handler(event, None)
    told[f"warm_{kind}_us"] = (time.process_time() - cpu) / asked["rounds"] * 1e6
    assert reply["statusCode"] < 300, reply
print(json.dumps(told))
