"""The cloud that tests run in: one moto for the session, dynoxide where moto is wrong, tables as infra has them."""

import gc
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any
from uuid import uuid4

PREFIX = "floodmanager-test"
ROOT = Path(__file__).parents[1]
# Where bytecode is not to be written beside the sources, each worker and each process that a test starts would compile
# the product and its packages again. Mutants write none: one could be taken for another (infra/mutate.py).
if os.environ.get("PYTHONDONTWRITEBYTECODE", "") not in ("", "mutant"):
    del os.environ["PYTHONDONTWRITEBYTECODE"]
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(ROOT / "build" / "bytecode")
    sys.dont_write_bytecode = False
# Before the first import of the product, which reads the environment once.
for name in [name for name in os.environ if name.startswith(("AWS_", "FLOOD_"))]:
    del os.environ[name]
os.environ |= {
    "AWS_PROFILE": "",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": "eu-west-2",
    "AWS_DEFAULT_REGION": "eu-west-2",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ENDPOINT_URL_DYNAMODB": "",
    "RESOURCE_PREFIX": PREFIX,
    "FLOOD_SECRET": "a-secret-for-tests-that-is-long-enough-to-be-taken",
    "FLOOD_ID_KEY": "an-id-key-for-tests-that-is-long-enough-to-be-taken",
    "FLOOD_MAIL_KEY": "a-mail-key-for-tests-that-is-long-enough-to-be-taken",
    "FLOOD_TOTP_KEY": "a-totp-key-for-tests-that-is-long-enough-to-be-taken",
}
os.environ["AWS_PROFILE"] = "moto"  # "AWS is meant": the settings want a choice; the profile itself is never read
import boto3
import pytest
import time_machine
import yaml
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import StreamRecord

from app.core import config

read_settings_once = config.settings  # itself, whatever a test puts in its place
USUAL_SETTINGS = read_settings_once()
del os.environ["AWS_PROFILE"], os.environ["AWS_ENDPOINT_URL_DYNAMODB"]

from app.accounts import passwords
from app.aws import buckets
from app.aws import queues as queue_client
from app.cli import checks_of_service, redrive
from app.core import dynamodb, telemetry
from app.factory import create_app
from app.review import audit_copy
from app.warnings.sources import http_client
from infra.local.dynoxide import DYNOXIDE, running_dynoxide
from infra.local.sweeper import sweep_after_us
from infra.tables import create_tables, delete_tables, note_complete
from tests import order
from tests.configured import settings_of
from tests.forgetting import forget_what_is_known
from tests.moments import NOON
from tests.quick_cloud import hasten

# Times are never a test: a busy machine is slow. The same examples each time: a change is not refused for what an older
# one has overlooked. The long run looks for others.
settings.register_profile("any machine", deadline=None, derandomize=True)
settings.register_profile("long", deadline=None)
settings.load_profile("any machine")
hasten()
if yaml.__with_libyaml__:
    yaml.SafeLoader = yaml.CSafeLoader  # the same, in C: all workers read the templates while they collect
gc.disable()  # until all tests are collected: what is loaded until then stays
OBJECTS_BETWEEN = 5_000
TIME_ENOUGH_S = 60
CHEAP = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
NOBODYS_CHEAP_HASH = passwords._NOBODYS_HASH.replace(f"m={passwords.MEMORY_KIB},t={passwords.ROUNDS}", "m=8,t=1")
_cheap_hasher = cache(partial(PasswordHasher, **CHEAP))
SHARED = ROOT.parent / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--order", metavar="SEED", help=f"repeat a run's order of tests, or `{order.WRITTEN}`: as they stand"
    )
    parser.addoption("--cases", metavar="MOST", type=int, help="run at most so many cases of each test")


def pytest_configure(config: pytest.Config) -> None:
    """Workers take the order of the run that starts them, and end with it."""
    if config.option.markexpr == "long":
        settings.load_profile("long")
    if hasattr(config, "workerinput"):
        config.option.order = config.workerinput["order"]
    else:
        config.option.order = config.option.order or order.new_seed()
        sweep_after_us()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker before it starts."""
    node.workerinput["order"] = node.config.option.order


def pytest_report_header(config: pytest.Config) -> str:
    return f"order of tests: --order {config.option.order}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Shuffle first: then pytest puts the tests together that share what is dear to set up, a module's parameters."""
    if config.option.cases:
        items[:], left_out = order.few_cases(items, config.option.cases)
        config.hook.pytest_deselected(items=left_out)
    if config.option.order != order.WRITTEN:
        items[:] = order.shuffled(items, config.option.order)


def pytest_collection_finish() -> None:
    """Freeze what is loaded: it lives to the end, and its repeated garbage collection took a tenth of the run.

    What comes later is looked at seldom: the data of a service of AWS alone are more objects than all of a test's.
    """
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN, *gc.get_threshold()[1:])
    gc.enable()


def _forget_connections() -> None:
    """The product keeps one client for the process; a test that changes the database needs another."""
    dynamodb.connection.cache_clear()
    pending = [dynamodb.Table]
    while pending:
        model = pending.pop()
        model._connection = None
        pending.extend(model.__subclasses__())


def _wipe() -> None:
    """Empty moto's tables from inside: asking for each item and its deletion took a tenth of the whole run.

    Their streams too: each transaction copies a table with all that its stream holds.
    """
    for backend in (each for regions in dynamodb_backends.values() for each in regions.values()):
        for table in backend.tables.values():
            table.items.clear()
            if table.stream_shard:
                table.stream_shard.items.clear()
    for kind in (Item, StreamRecord):
        kind.instances_tracked.clear()  # moto keeps a list of all that were ever made


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is slow, and no test of answers is one of time."""
    monkeypatch.setattr(dynamodb, "CALL_S", TIME_ENOUGH_S)
    monkeypatch.setattr(dynamodb, "WAIT_S", TIME_ENOUGH_S)
    monkeypatch.setattr(http_client, "CONNECT_S", TIME_ENOUGH_S)
    monkeypatch.setattr(http_client, "READ_S", TIME_ENOUGH_S)


@pytest.fixture(autouse=True)
def _settings_stay() -> Iterator[None]:
    """A test that leaves other settings behind fails itself, and not a later one of its worker."""
    assert read_settings_once() == USUAL_SETTINGS
    yield
    assert read_settings_once() == USUAL_SETTINGS


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Real hashes are dear on purpose: all the accounts of the tests took a twentieth of the whole run."""
    if "dear_passwords" not in request.fixturenames:
        monkeypatch.setattr(passwords, "_hasher", _cheap_hasher)
        monkeypatch.setattr(passwords, "_NOBODYS_HASH", NOBODYS_CHEAP_HASH)


@pytest.fixture
def dear_passwords() -> None:
    """Passwords are hashed as in a deployment."""


@pytest.fixture(scope="session")
def cloud() -> Iterator[Any]:
    """AWS as moto has it, with our tables; a client of its DynamoDB."""
    with mock_aws():
        client = boto3.client("dynamodb")
        create_tables(client, PREFIX)
        yield client


@pytest.fixture
def tables(cloud: Any) -> Iterator[None]:
    forget_what_is_known()
    note_complete(cloud, PREFIX, f"{PREFIX}-reports")
    yield
    _wipe()


@pytest.fixture
def queues(tables: None) -> Iterator[Callable[[str], list[str]]]:
    """The product's queues, empty; `queues("erasures")` takes what one holds."""
    client = boto3.client("sqs")
    urls = {
        noun: client.create_queue(QueueName=f"{PREFIX}-{noun}")["QueueUrl"]
        for noun in (*redrive.QUEUES.values(), *redrive.EVERY_QUEUE)
    }

    def take(noun: str) -> list[str]:
        taken = client.receive_message(QueueUrl=urls[noun], MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [message["Body"] for message in taken.get("Messages", [])]

    yield take
    for url in urls.values():
        client.delete_queue(QueueUrl=url)
    queue_client._url.cache_clear()
    queue_client.client.cache_clear()


@pytest.fixture
def audit_bucket(tables: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The bucket of copies of audit rows, empty, with Object Lock as in production."""
    client, name = boto3.client("s3"), f"{PREFIX}-audit-{uuid4().hex}"
    place = {"LocationConstraint": "eu-west-2"}
    client.create_bucket(Bucket=name, CreateBucketConfiguration=place, ObjectLockEnabledForBucket=True)
    for module in (audit_copy, checks_of_service):
        monkeypatch.setattr(module, "settings", lambda: config.settings()._replace(audit_bucket=name))
    buckets.client.cache_clear()
    yield name
    buckets.client.cache_clear()


@pytest.fixture
def photos_bucket(tables: None) -> Iterator[str]:
    """The bucket of photos, empty; with it photos are taken."""
    name = f"{PREFIX}-photos-{uuid4().hex}"
    boto3.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    buckets.client.cache_clear()
    with settings_of(FLOOD_PHOTOS_BUCKET=name):
        yield name
    buckets.client.cache_clear()


@pytest.fixture(scope="session")
def dynoxide_address() -> Iterator[str]:
    """A running dynoxide with our tables. Skips, and says so, where there is no binary for this system."""
    if not DYNOXIDE.exists():
        pytest.skip("dynoxide is not installed for this system (npm ci brings it on linux-x64)")
    with running_dynoxide() as address:
        yield address


@pytest.fixture
def dynoxide(dynoxide_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The product's tables on dynoxide, empty: for what moto gets wrong (transactions, capacity, last pages)."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynoxide_address)
    for name in ("CONNECT_TIMEOUT_S", "READ_TIMEOUT_S"):
        monkeypatch.setattr(dynamodb, name, TIME_ENOUGH_S)
    create_tables(boto3.client("dynamodb"), PREFIX)
    _forget_connections()
    forget_what_is_known()
    yield dynoxide_address
    delete_tables(boto3.client("dynamodb"), PREFIX)
    _forget_connections()


@pytest.fixture
def noon() -> Iterator[time_machine.Traveller]:
    """A clock that stands still."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the measures taken; none of them is logged."""
    names: list[str] = []
    monkeypatch.setattr(telemetry, "measure", lambda name, value, unit: names.append(name))
    return names


@pytest.fixture(scope="session")
def _shared_app(cloud: Any) -> Flask:
    """One for all tests: a new one each time, and its first page, took a tenth of the whole run."""
    made = create_app(TESTING=True)
    gc.freeze()
    return made


@pytest.fixture
def app(tables: None, _shared_app: Flask) -> Flask:
    """The product, to be asked and not to be changed: Flask refuses that after the first request."""
    return _shared_app


@pytest.fixture
def own_app(tables: None) -> Flask:
    """An app of the test's own, to change."""
    return create_app(TESTING=True)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def dynoxide_client(dynoxide: str) -> FlaskClient:
    return create_app(TESTING=True).test_client()


@pytest.fixture
def login_as(tables: None) -> Callable[..., dict[str, str]]:
    """`login_as("responder")` makes an account of that role and gives the headers of its requests."""
    from tests.factories import sign_in_as

    return sign_in_as


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real recordings; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the shared recordings are not beside this checkout")
    return SHARED
