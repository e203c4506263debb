"""`flask doctor`: each check where all is well and where it is not; no check stops another, and no secret is shown."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import boto3
import pytest
import time_machine
from botocore.awsrequest import AWSResponse
from click.testing import CliRunner
from flask import Flask

from app.aws import buckets, identity, parameters
from app.cli import checks, checks_of_service, doctor
from app.core import clock, config, dynamodb
from app.core.totp_keys import NAME as TOTP_KEY
from app.gazetteer import pack_file
from app.gazetteer.models import GazetteerBlock
from app.switches import current
from app.warnings import source_status
from app.warnings.models import SourceStates
from app.warnings.sources import registry
from infra import secrets
from infra.tables import table_properties
from tests.configured import settings_of
from tests.conftest import PREFIX, ROOT
from tests.warning_making import announce, message

Findings = dict[str, dict[str, Any]]
Choose = Callable[..., None]


def look(*names: str, arguments: tuple[str, ...] = ()) -> Findings:
    """Run the command for some checks; the exit status follows from what was found."""
    only = [part for name in names for part in ("--only", name)]
    done = CliRunner().invoke(doctor.examine, [*only, "--json", *arguments])
    found = {finding["check"]: finding for finding in json.loads(done.stdout)}
    assert done.exit_code == any(finding["state"] == "wrong" for finding in found.values())
    assert all(finding["fix"] for finding in found.values() if finding["state"] == "wrong")
    return found


def state_of(name: str, *arguments: str) -> tuple[str, str]:
    """The state that a check has found, and what it says with its fix and details."""
    finding = look(name, arguments=arguments)[name]
    return finding["state"], " ".join([finding["text"], finding["fix"], *finding["details"]])


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Choose:
    """Set some of the settings."""

    def replace(**wanted: Any) -> None:
        chosen = config.settings()._replace(**wanted)
        for module in (config, checks_of_service, parameters, identity, source_status, registry):
            monkeypatch.setattr(module, "settings", lambda: chosen)

    return replace


def test_python(monkeypatch: pytest.MonkeyPatch) -> None:
    assert state_of("python")[0] == "ok"
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))

    state, said = state_of("python")

    assert state == "wrong" and "3.10.4 is too old" in said


@pytest.mark.parametrize(
    ("environment", "exit_code", "said"),
    [
        ({"FLOOD_ZONE": "Mars/Olympus", "FLOOD_SOURCES": "none"}, 1, "FLOOD_ZONE must be a time zone"),
        ({"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9", "FLOOD_SOURCES": "moon"}, 1, "FLOOD_SOURCES names 'moon'"),
        ({"FLOOD_SECRET": "hunter2"}, 1, "FLOOD_SECRET must hold at least 32"),
        ({}, 1, "No database is chosen."),
        ({"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9"}, 0, "one machine: floodmanager-local"),
    ],
)
def test_environment_with_which_no_application_can_be_loaded(
    environment: dict[str, str], exit_code: int, said: str, tmp_path: Path
) -> None:
    own = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | environment
    command = [sys.executable, "-m", "app.cli.doctor", "--only", "environment", "--only", "python", "--only", "region"]
    done = subprocess.run(command, env=own, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)

    assert (done.returncode, done.stderr) == (exit_code, "")
    assert said in " ".join(done.stdout.split()) and "hunter2" not in done.stdout
    lines = done.stdout.splitlines()
    assert lines[0].startswith("ok         python") and max(map(len, lines)) <= 80
    assert f"{1 if exit_code else 0} wrong" in lines[-1]


def test_port(choose: Choose, app: Flask) -> None:
    choose(is_local=True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        number = taken.getsockname()[1]
        taken.listen()
        assert state_of("port", "--port", str(number))[0] == "wrong"
    assert state_of("port", "--port", str(number)) == ("ok", f"{number} is free for `make serve` ")

    with Served(app) as number:
        state, said = state_of("port", "--port", str(number))
        assert state == "ok" and "FloodManager" in said

        choose(is_local=False, public_base_url=f"http://127.0.0.1:{number}")
        assert state_of("port")[0] == "ok"
        choose(is_local=False, public_base_url=f"http://127.0.0.1:{number}/nowhere")
        assert state_of("port")[0] == "wrong"
    choose(is_local=False, public_base_url="")
    assert state_of("port")[0] == "unchecked"


class Served:
    """The product on a port of this machine, while the block lasts."""

    def __init__(self, app: Flask) -> None:
        from werkzeug.serving import make_server

        self.server = make_server("127.0.0.1", 0, app)

    def __enter__(self) -> int:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return int(self.server.server_port)

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def test_credentials(cloud: Any, choose: Choose, monkeypatch: pytest.MonkeyPatch) -> None:
    state, said = state_of("credentials")
    assert state == "ok" and "ends in 9012" in said and "123456789012" not in said

    session = dynamodb.session()
    monkeypatch.setattr(session, "get_credentials", lambda: None)
    assert state_of("credentials")[0] == "wrong"
    choose(is_local=True)
    assert state_of("credentials")[0] == "unchecked"


def test_region(cloud: Any, choose: Choose) -> None:
    assert state_of("region") == ("ok", "eu-west-2 ")
    choose(region="eu-west-99")
    assert state_of("region")[0] == "wrong"
    choose(is_local=True)
    assert state_of("region")[0] == "unchecked"


@pytest.fixture
def service_clock(tables: None) -> Iterator[Callable[[float], None]]:
    """`service_clock(-300)`: the database's service has a clock that is 300 s behind ours."""
    events = dynamodb.connection().client.meta.events
    ahead = [0.0]

    def answer(request: Any, **_: Any) -> AWSResponse:
        date = formatdate(clock.now_ms() / 1000 + ahead[0], usegmt=True)
        raw = type("Raw", (), {"stream": lambda self, **_: iter([b'{"__type": "InvalidSignatureException"}'])})()
        return AWSResponse(request.url, 400 if abs(ahead[0]) >= 300 else 200, {"date": date}, raw)

    events.register_first("before-send.dynamodb", answer)
    yield lambda seconds: ahead.__setitem__(0, seconds)
    events.unregister("before-send.dynamodb", answer)


def test_clock(service_clock: Callable[[float], None], choose: Choose, noon: time_machine.Traveller) -> None:
    assert state_of("clock")[0] == "ok"
    service_clock(-310)
    state, said = state_of("clock")
    assert state == "wrong" and "310 s ahead of AWS's. AWS refuses" in said
    service_clock(90)
    state, said = state_of("clock")
    assert state == "wrong" and "90 s behind AWS's." in said and "refuses" not in said
    choose(is_local=True)
    assert state_of("clock")[0] == "unchecked"


def test_keys(cloud: Any, choose: Choose) -> None:
    """Keys of a deployment are in the parameter store; the command tells names, and no value."""
    assert state_of("keys") == ("ok", "in the environment ")
    choose(secret="", id_key="", prefix="floodmanager-dev")
    client, folder = boto3.client("ssm"), parameters.path("floodmanager-dev")
    secrets.ensure(client, folder)
    assert state_of("keys") == ("ok", f"5 in the parameter store, under {folder} ")

    client.delete_parameter(Name=folder + TOTP_KEY)
    state, said = state_of("keys")
    assert state == "wrong" and folder + TOTP_KEY in said and "infra.secrets ensure --prefix floodmanager-dev" in said
    assert "safe" not in said
    client.delete_parameter(Name=f"{folder}id-key")
    assert "from your safe" in state_of("keys")[1]
    secret = client.get_parameter(Name=f"{folder}secret", WithDecryption=True)["Parameter"]["Value"]
    assert secret not in said


def test_expected_tables_are_those_of_the_templates() -> None:
    templates = {
        table["TableName"]: {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", [])}
        for table in table_properties(PREFIX)
    }

    assert checks_of_service.expected_tables() == templates


def test_tables(tables: None, monkeypatch: pytest.MonkeyPatch, cloud: Any) -> None:
    state, said = state_of("tables")
    assert state == "ok" and f"{len(table_properties(PREFIX))} tables with" in said

    cloud.update_item(
        TableName=f"{PREFIX}-reports",
        Key={"id": {"S": "complete"}},
        UpdateExpression="DELETE copies :one",
        ExpressionAttributeValues={":one": {"SS": ["entries_by_day"]}},
    )
    state, said = state_of("tables")
    assert state == "wrong" and "Not filled yet: entries_by_day" in said and "backfill entries_by_day" in said


@pytest.mark.parametrize(
    ("table", "told", "said"),
    [
        ("votes", None, f"1 of {len(table_properties(PREFIX))} tables are absent. {PREFIX}-votes"),
        ("review", {"TableStatus": "UPDATING"}, f"{PREFIX}-review is UPDATING"),
        ("audit", {"GlobalSecondaryIndexes": []}, f"{PREFIX}-audit, index by_action: absent"),
        (
            "accounts",
            {"GlobalSecondaryIndexes": [{"IndexName": "by_role", "IndexStatus": "CREATING"}]},
            f"{PREFIX}-accounts, index by_role: CREATING",
        ),
    ],
)
def test_table_or_index_that_is_not_ready_is_named(
    tables: None, monkeypatch: pytest.MonkeyPatch, table: str, told: dict[str, Any] | None, said: str
) -> None:
    """As the service describes it while it makes one."""
    client = dynamodb.connection().client
    describe = client.describe_table

    def described(TableName: str) -> Any:  # noqa: N803 - the service's name
        if TableName != f"{PREFIX}-{table}":
            return describe(TableName=TableName)
        if told is None:
            return describe(TableName=f"{PREFIX}-no-such-table")
        answer = describe(TableName=TableName)
        return answer | {"Table": answer["Table"] | told}

    monkeypatch.setattr(client, "describe_table", described)

    finding = look("tables")["tables"]

    assert finding["state"] == "wrong"
    assert said in " ".join([finding["text"], *finding["details"]])


def test_sources(tables: None, choose: Choose, noon: time_machine.Traveller) -> None:
    choose(sources="ea")
    state, said = state_of("sources")
    assert state == "wrong" and "ea: never heard" in said
    announce(message())
    assert state_of("sources") == ("ok", "ea heard 0 s ago ")

    noon.shift(40 * 60)
    state, said = state_of("sources")
    assert state == "wrong" and "ea: heard 40 min ago" in said and "R8" in said
    choose(sources="ea", is_local=True)
    assert state_of("sources")[0] == "unchecked"
    choose(sources="none")
    assert state_of("sources")[0] == "unchecked"


def test_gazetteer(tables: None) -> None:
    state, said = state_of("gazetteer")
    assert state == "wrong" and "load-gazetteer" in said
    about = pack_file.read_about(pack_file.FILE)
    GazetteerBlock.switch_to("an-older-one", None)
    assert state_of("gazetteer")[0] == "wrong"

    GazetteerBlock.switch_to(about["version"], "an-older-one")
    assert state_of("gazetteer")[0] == "ok"


def test_photos(photos_bucket: str) -> None:
    assert state_of("photos") == ("ok", "0 uploads wait to be cleaned, 0 orders to blur ")
    for key in ("uploads/rep_1/a", "uploads/rep_1/b", "orders/rep_1/a-1.json", "kept/rep_1/a-1/large.jpg"):
        buckets.put(photos_bucket, key, b"x", media_type="image/jpeg", cache_control="")

    assert state_of("photos")[1].startswith("2 uploads wait to be cleaned, 1 orders")


def test_photos_without_a_bucket_or_with_one_that_is_absent(tables: None) -> None:
    assert state_of("photos")[0] == "unchecked"
    with settings_of(FLOOD_PHOTOS_BUCKET=f"{PREFIX}-no-such-bucket"):
        state, said = state_of("photos")

    assert state == "wrong" and "does not exist" in said


def test_map(choose: Choose, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.pages.frame import map_archive
    from infra.local import map_file

    def set_map(file: str) -> None:
        choose(map_file=file)
        monkeypatch.setattr(map_archive, "settings", checks_of_service.settings)

    set_map("")
    assert state_of("map")[0] == "unchecked"
    set_map(str(tmp_path / "absent.pmtiles"))
    state, said = state_of("map")
    assert state == "wrong" and "absent.pmtiles" in said and "FLOOD_MAP_FILE" in said
    set_map(map_file.environment_of("")["FLOOD_MAP_FILE"])
    assert state_of("map")[0] == "ok"


def test_check_that_fails_or_hangs_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    hung = threading.Event()
    passing = {
        "hangs": checks.Check(lambda: checks.ok(str(hung.wait())), deadline_s=0.05),
        "fails": checks.Check(lambda: checks.ok(str(1 // 0))),
        "well": checks.Check(lambda: checks.ok("all is well")),
    }

    found = dict(checks.run(passing))
    hung.set()

    assert [finding.state for finding in found.values()] == ["wrong", "wrong", "ok"]
    assert "No answer within 0.05 s." in found["hangs"].text and "ZeroDivisionError" in found["fails"].text


def test_database_that_does_not_answer_is_said_by_each_check_of_it(
    tables: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pynamodb.exceptions import GetError

    def fail(*_: Any, **__: Any) -> Any:
        raise GetError("away")

    monkeypatch.setattr(SourceStates, "read", fail)
    monkeypatch.setattr(GazetteerBlock, "read_current", fail)
    monkeypatch.setattr(current, "current", current.Switches)

    found = look("sources", "gazetteer", "tables", "python")

    assert {name: finding["state"] for name, finding in found.items()} == {
        "python": "ok", "tables": "ok", "sources": "wrong", "gazetteer": "wrong",
    }  # fmt: skip
    assert "No answer: GetError." in found["gazetteer"]["text"]
