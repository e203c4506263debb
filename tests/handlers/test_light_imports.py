"""The web function answers without the parts of Flask that it leaves out, and loads Jinja with its first page."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from handlers import light_imports

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, sys
from bench import environment
environment.enter()
{before}
import handlers.api
from bench.asking import event
left_out = [name for names in handlers.light_imports.LEFT_OUT.values() for name in names]
first = [name for name in left_out if name in sys.modules]
replies = []
for method, path in (("GET", "/healthz"), ("GET", "/none"), ("HEAD", "/healthz"), ("OPTIONS", "/v1/reports"),
                     ("GET", "/openapi.json"), ("POST", "/v1/reports"), ("GET", "/privacy"), ("GET", "/report"),
                     ("GET", "/sign-in"), ("GET", "/docs"), ("GET", "/none.html"), ("GET", "/service-worker.js")):
    reply = handlers.api.handler(event(method, path, headers={{"accept": "text/html"}}), None)
    replies.append([reply["statusCode"], len(reply["body"])])
then = [name for name in left_out if name in sys.modules]
print(json.dumps([first, replies, then]))
"""


def started(before: str = "") -> tuple[list[str], list[list[int]], list[str]]:
    """Return the left-out modules loaded at the start, the replies, and those loaded then."""
    script = SCRIPT.format(before=before)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
    )
    first, replies, then = json.loads(done.stdout)
    return first, replies, then


def test_start_leaves_parts_of_flask_out_and_the_first_page_loads_jinja() -> None:
    first, _, then = started()

    assert first == []
    assert "jinja2" in then


def test_answers_are_those_of_flask_imported_whole() -> None:
    assert started()[1] == started("import flask")[1]


def test_whole_flask_stays_where_it_is_loaded_already() -> None:
    first, _, _ = started("import flask")

    assert set(light_imports.LEFT_OUT["flask"]) <= set(first)


def test_stand_ins_leave_nothing_behind() -> None:
    script = "import importlib, sys\nfrom handlers.light_imports import import_light\nimport_light()\n"
    script += (
        "print(hasattr(importlib, 'metadata'))\nimport importlib.metadata\nprint(importlib.metadata.version('flask'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
    )

    there_before, version = done.stdout.split()
    assert (there_before, version[0]) == ("False", "3")


def test_what_touches_a_part_that_was_left_out_is_told_so() -> None:
    group = light_imports._StandIn("flask.cli").AppGroup()

    with pytest.raises(RuntimeError, match=r"flask\.cli\.AppGroup was left out"):
        group.add_command("load")
