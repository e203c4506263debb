"""Knowledge of each resource type in the emulated CloudFormation: one class, found by its type's name.

A kind makes, changes, ends and reads back its resources through boto3, so moto keeps the data and answers anybody who
asks. A type without a kind is refused. A property that a call has no place for is refused (cloud_spelling.NoPlace).
"""

import copy
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, ClassVar

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

Properties = dict[str, Any]

WITHIN_S = 600  # it answers on this machine, however busy that is
KINDS: dict[str, type["Kind"]] = {}


class Clients:
    """boto3's clients of the emulated cloud, each made once."""

    def __init__(self, url: str, region: str) -> None:
        self.url, self.region = url, region
        self.made: dict[str, Any] = {}

    def __call__(self, service: str) -> Any:
        if service not in self.made:
            config = Config(connect_timeout=WITHIN_S, read_timeout=WITHIN_S, retries={"total_max_attempts": 1})
            keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
            self.made[service] = boto3.client(
                service, endpoint_url=self.url, region_name=self.region, config=config, **keys
            )
        return self.made[service]


class Kind:
    """One resource type. `fixed` properties cannot change in place; `recorded` ones (paths) moto has no place for."""

    service: ClassVar[str] = ""
    named_by: ClassVar[str] = ""
    fixed: ClassVar[frozenset[str]] = frozenset()
    recorded: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, clients: Clients) -> None:
        self.clients = clients
        self.client = clients(self.service) if self.service else None

    def create(self, name: str, properties: Properties) -> str:
        """Make it and give its physical id. Raises when its name is taken."""
        raise NotImplementedError

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        raise NotImplementedError

    def take_back(self, identity: str, properties: Properties, before: Properties) -> None:
        """Undo a change: back to `properties`."""
        self.change(identity, properties, before)

    def delete(self, identity: str, properties: Properties) -> None:
        raise NotImplementedError

    def read(self, identity: str, properties: Properties) -> Mapping[str, Any]:
        """Return the resource as boto3 describes it, in the template's words. `properties` only say where to look."""
        raise NotImplementedError

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        """For Fn::GetAtt."""
        return {}

    def known(self, properties: Properties) -> Properties:
        """Return the properties that can be read back: all but the recorded ones."""
        kept = copy.deepcopy(properties)
        for path in self.recorded:
            *outer, last = path.split(".")
            inner = reduce(lambda part, name: part.get(name, {}), outer, kept)
            inner.pop(last, None)
        return kept

    def taken_on_trust(self, properties: Properties) -> list[str]:
        """The recorded ones that are used."""
        return [path for path in sorted(self.recorded) if reduce(_member, path.split("."), properties) is not None]


def _member(part: Any, name: str) -> Any:
    return part.get(name) if isinstance(part, dict) else None


def kind(name: str) -> Callable[[type[Kind]], type[Kind]]:
    def note(found: type[Kind]) -> type[Kind]:
        KINDS[name] = found
        return found

    return note


def without(properties: Properties, *names: str) -> Properties:
    return {name: value for name, value in properties.items() if name not in names}


def only(properties: Properties, *names: str) -> Properties:
    return {name: value for name, value in properties.items() if name in names}


def or_nothing(ask: Callable[[], Any]) -> Any:
    """None where the answer is that there is none."""
    try:
        return ask()
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404 or "NotFound" in error.response["Error"]["Code"]:
            return None
        raise
