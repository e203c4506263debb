"""The folder that is deployed: it runs by itself, compiles nothing, and its botocore speaks to a real server."""

import json
import subprocess
import sys
from pathlib import Path

import botocore
import pytest

from infra import botocore_data, stage

TIMEOUT_S = 120
READ_ONE = """
import json, sys
sys.path[:0] = [sys.argv[1]]
sys.dont_write_bytecode = True
import importlib._bootstrap_external as loading
compiled = []
loading.SourceLoader.source_to_code = lambda self, data, path, **_: compiled.append(path) or compile(data, path, "exec")
from handlers.api import handler
http = {"method": "GET", "path": "/v1/reports/rep_none", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9"}
asked = {"version": "2.0", "rawPath": http["path"], "headers": {}, "requestContext": {"http": http}}
reply = handler(asked, None)
homes = {name: sys.modules[name].__file__ for name in ("app", "botocore", "flask", "pynamodb")}
ours = [path for path in compiled if path.startswith(sys.argv[1])]
print(json.dumps({"status": reply["statusCode"], "homes": homes, "compiled": ours, "boto3": "boto3" in sys.modules}))
"""


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("staged") / "function"
    stage.stage(folder)
    return folder


@pytest.fixture
def told(staged: Path, dynoxide: str) -> dict:
    """What the staged web function says of itself after reading a report, without our own packages in reach."""
    environment = {
        "AWS_ENDPOINT_URL_DYNAMODB": dynoxide,
        "AWS_REGION": "eu-west-2",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "RESOURCE_PREFIX": "floodmanager-test",
        "AWS_LAMBDA_FUNCTION_NAME": "api",
        "FLOOD_SECRET": "a-secret-for-tests-that-is-long-enough-to-be-taken",
        "FLOOD_ID_KEY": "an-id-key-for-tests-that-is-long-enough-to-be-taken",
    }
    command = [sys.executable, "-S", "-s", "-P", "-c", READ_ONE, str(staged)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_staged_function_answers_from_the_database_alone(told: dict, staged: Path) -> None:
    assert told["status"] == 404
    assert all(home.startswith(str(staged)) for home in told["homes"].values())


def test_staged_function_compiles_nothing_and_leaves_boto3_alone(told: dict) -> None:
    assert told["compiled"] == []
    assert not told["boto3"]


def test_byte_code_is_taken_without_looking_at_its_source(staged: Path) -> None:
    compiled = next((staged / "app" / "__pycache__").glob("factory.*.pyc"))

    assert compiled.read_bytes()[4:8] == (1).to_bytes(4, "little")  # PEP 552: by hash, and unchecked


def test_only_our_services_are_kept(staged: Path) -> None:
    data = staged / "botocore" / "data"

    assert {entry.name for entry in data.iterdir() if entry.is_dir()} == set(botocore_data.OPERATIONS)


def test_installed_botocore_is_left_whole(staged: Path) -> None:
    installed = Path(botocore.__file__).parent / "data"

    assert (installed / "s3").is_dir()
    assert (installed / "endpoints.json").stat().st_size > 10 * (staged / "botocore/data/endpoints.json").stat().st_size


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
