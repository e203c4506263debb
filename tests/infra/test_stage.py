"""The folder that is deployed, before it is zipped (test_package.py): what it refuses, and how botocore is cut."""

from pathlib import Path

import pytest

from infra import botocore_data, stage


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
