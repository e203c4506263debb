"""The folder that is deployed, before it is zipped (test_package.py): what it refuses, and how botocore is cut."""

from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from infra import botocore_data, docstrings, stage

SOURCE = """QUOTEWhat it is.

At length.QUOTE
from __future__ import annotations

def f(x=1):
    QUOTEOne.QUOTE; return x

class A:
    QUOTE\u00e9: two
    lines.QUOTE
    name = QUOTEno docstringQUOTE

    async def g(self): "Short."
"""


def test_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()

    with pytest.raises(stage.StageFailed):
        stage.stage(tmp_path)


def test_cut_keeps_every_shape_that_is_reached_and_members_called_documentation() -> None:
    member = {"shape": "Text", "documentation": "said"}
    model = {
        "operations": {"Get": {"input": {"shape": "In"}, "documentation": "said"}, "Drop": {"input": {"shape": "Out"}}},
        "shapes": {
            "In": {"type": "structure", "members": {"documentation": member}},
            "Text": {"type": "string"},
            "Out": {"type": "structure", "members": {}},
        },
    }

    cut = botocore_data.cut_model(model, frozenset({"Get"}))

    assert cut["operations"] == {"Get": {"input": {"shape": "In"}}}
    assert cut["shapes"] == {
        "In": {"type": "structure", "members": {"documentation": {"shape": "Text"}}},
        "Text": {"type": "string"},
    }


@pytest.mark.parametrize("service", sorted(botocore_data.OPERATIONS))
def test_library_reads_the_reduced_description_of_a_service(service: str) -> None:
    """Also the parameters that it asks only some services for."""
    whole = botocore.session.get_session().get_service_model(service)
    description = Loader().load_service_model(service, "service-2")
    reduced = botocore_data.cut_model(description, botocore_data.OPERATIONS[service])

    model = ServiceModel(reduced, service)

    assert set(model.operation_names) == botocore_data.OPERATIONS[service]
    names = [parameter.name for parameter in model.client_context_parameters]
    assert names == [parameter.name for parameter in whole.client_context_parameters]


def test_libraries_lose_their_docstrings_and_no_line() -> None:
    source = SOURCE.replace("QUOTE", '"""').encode()

    emptied = docstrings.without(source)
    kept: dict[str, Any] = {}
    exec(compile(emptied, "kept", "exec"), kept)

    assert emptied.count(b"\n") == source.count(b"\n")
    assert emptied.splitlines()[3] == b"from __future__ import annotations"
    assert [one.__doc__ for one in (kept["f"], kept["A"], kept["A"].g)] == ["", "", ""]
    assert (kept["f"](7), kept["A"].name, kept["__doc__"]) == (7, "no docstring", "")


def test_a_file_that_is_no_python_stays_as_it_is(tmp_path: Path) -> None:
    template, latin = tmp_path / "template.py", tmp_path / "latin.py"
    template.write_text('"""{{ name }}"""\nclass {{ name }}:\n')
    latin.write_bytes(b'# -*- coding: latin-1 -*-\n"""\xe9"""\n')
    before = [file.read_bytes() for file in (template, latin)]

    for file in (template, latin):
        docstrings.empty(file)

    assert [file.read_bytes() for file in (template, latin)] == before
