"""The folder that is deployed, before it is zipped (test_package.py): what it refuses, and how botocore is cut."""

from pathlib import Path

import botocore.session
import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

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
