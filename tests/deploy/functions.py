"""The deployed functions, run from the deployed zip by AWS's own runtime client, and what brings events to them.

Routes, event sources, filters and schedules are those that the emulated account holds, not those of our files.
"""

import base64
import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from unittest.mock import patch

from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from app.aws.streams import as_lambda_record
from infra.local import runtime
from infra.local.gateway_menu import Function, Menu, Route
from infra.local.gateway_request import Request, event_v2
from infra.local.runtime import Runtime, libraries_of
from tests.deploy.cloud import Cloud
from tests.deploy.cloud_code import content_of
from tests.deploy.functions_rights import Rights, keys_of_role

Event = dict[str, Any]
WAIT_S = 0.2
# No deadline of a function may depend on how busy this machine is.
PATIENCE = 20
CHILD = Path(__file__).with_name("patient_child.py")
NOW = timedelta()


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: Any


class Functions:
    """All functions of one stack. Leaving the block ends their processes."""

    def __init__(self, cloud: Cloud, folder: Path, prefix: str) -> None:
        self.cloud, self.folder, self.prefix = cloud, folder, prefix
        self.running: dict[str, tuple[str, Runtime]] = {}
        self.stack = ExitStack()
        self.read: dict[str, int] = {}
        self.log = self.stack.enter_context((folder / "functions.log").open("wb"))
        self.rights = Rights()
        services = DomainDispatcherApplication.__call__
        self.stack.enter_context(patch.object(DomainDispatcherApplication, "__call__", self.rights.before(services)))
        longer = {"CHILD": CHILD, "INIT_WITHIN_S": 30 * PATIENCE, "END_WITHIN_S": 2 * PATIENCE}
        self.stack.enter_context(patch.multiple(runtime, **longer))

    def __enter__(self) -> Self:
        self.cloud.call = self.call
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.cloud.call = None
        self.stack.close()

    def roles(self) -> dict[str, str]:
        """Return the short name of each function, by its role."""
        told = self.cloud.clients("lambda").list_functions()["Functions"]
        return {each["Role"].rpartition("/")[2]: each["FunctionName"].removeprefix(f"{self.prefix}-") for each in told}

    def said(self) -> str:
        return (self.folder / "functions.log").read_text(encoding="utf-8", errors="replace")

    def configuration(self, name: str) -> Event:
        told: Event = self.cloud.clients("lambda").get_function(FunctionName=name)["Configuration"]
        return told

    def call(self, name: str, body: bytes, *, ahead: timedelta = NOW) -> bytes:
        told = self.configuration(name)
        return self._runtime(name, told, ahead).invoke_bytes(body, float(told["Timeout"]) * PATIENCE)

    def invoke(self, name: str, event: Event, *, ahead: timedelta = NOW) -> Any:
        """By the short name of serverless.yml."""
        return json.loads(self.call(f"{self.prefix}-{name}", json.dumps(event).encode(), ahead=ahead))

    def _runtime(self, name: str, told: Event, ahead: timedelta) -> Runtime:
        """Return a warm instance of this version, or a new one; its clock is ahead of the real one."""
        settled = [told["CodeSha256"], told.get("Environment"), told["Handler"], told["Role"], ahead.total_seconds()]
        settled += [layer["Arn"] for layer in told.get("Layers", [])]
        version = json.dumps(settled, sort_keys=True)
        if name in self.running and self.running[name][0] == version:
            return self.running[name][1]
        environment = {
            **told.get("Environment", {}).get("Variables", {}),
            **keys_of_role(self.cloud, told["Role"]),
            **self._libraries(told),
            "AWS_ENDPOINT_URL": self.cloud.url,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(told["MemorySize"]),
            "CLOCK_AHEAD_S": str(ahead.total_seconds()),
        }
        runtime = Runtime(self._unpacked(name, told), told["Handler"], environment, name=name, workers=1, log=self.log)
        self.running[name] = (version, self.stack.enter_context(runtime))
        return runtime

    def _unpacked(self, name: str, told: Event) -> Path:
        """The deployed zip, as it lies in the account's bucket."""
        folder = self.folder / base64.b64decode(told["CodeSha256"]).hex()[:16]
        if not folder.exists():
            self._unpack(name, "Code", folder)
        return folder

    def _libraries(self, told: Event) -> dict[str, str]:
        """The variable by which a function finds its layer, unpacked as it lies in the account's bucket."""
        found = [layer["Arn"] for layer in told.get("Layers", [])]
        if not found:
            return {}
        [layer] = found
        folder = self.folder / layer.rpartition("layer:")[2].replace(":", "-")
        if not folder.exists():
            self._unpack(layer, "Content", folder)
        return libraries_of(folder)

    def _unpack(self, identity: str, part: str, folder: Path) -> None:
        resources = self.cloud.resources(self.prefix).values()
        [code] = [made.properties[part] for made in resources if made.physical_resource_id == identity]
        with zipfile.ZipFile(io.BytesIO(content_of(self.cloud.clients, code))) as packed:
            packed.extractall(folder)

    # What brings events.

    def request(self, method: str, target: str, body: Any = None, *, ahead: timedelta = NOW, **headers: str) -> Answer:
        """As the deployed API routes it; `headers` with underscores for hyphens."""
        sent = [(name.replace("_", "-"), value) for name, value in headers.items()]
        data = b"" if body is None else json.dumps(body).encode()
        sent += [("Content-Type", "application/json")] if body is not None else []
        domain = self.cloud.outputs(self.prefix)["HttpApiUrl"].removeprefix("https://")
        request = Request(method, target, sent, data, "192.0.2.7", domain)
        found = self._menu().route_to(method, request.path)
        assert found, f"no route for {method} {target}"
        route, parameters = found
        answer = self.call_route(route, event_v2(request, route, parameters), ahead=ahead)
        text = answer.get("body") or ""
        kind = answer["headers"].get("content-type", answer["headers"].get("Content-Type", ""))
        whole = base64.b64decode(text) if answer.get("isBase64Encoded") else text.encode()
        if kind.startswith("image/"):
            return Answer(answer["statusCode"], answer["headers"], whole)
        return Answer(
            answer["statusCode"], answer["headers"], json.loads(whole) if "json" in kind and whole else whole.decode()
        )

    def call_route(self, route: Route, event: Event, *, ahead: timedelta = NOW) -> Event:
        return dict(json.loads(self.call(route.function.name, json.dumps(event).encode(), ahead=ahead)))

    def _menu(self) -> Menu:
        client = self.cloud.clients("apigatewayv2")
        api = self.cloud.outputs(self.prefix)["HttpApiId"]
        integrations = {
            f"integrations/{each['IntegrationId']}": each for each in client.get_integrations(ApiId=api)["Items"]
        }
        routes = [
            Route(each["RouteKey"], _function(integrations[each["Target"]]["IntegrationUri"]))
            for each in client.get_routes(ApiId=api)["Items"]
        ]
        return Menu({}, tuple(sorted(routes, key=Route.rank)))

    def deliver_stream(
        self, name: str, *, table: str = "", spoil: Callable[[Event], None] = lambda record: None
    ) -> int:
        """Hand what is new in the function's stream over, as its event source mapping says; counts the records.

        `table`: of several streams the one of this table. `spoil` may change a record on its way. Retries, halving and
        windows are Lambda's own, and not tried.
        """
        mapping = self._mapping(name, table)
        arn, handed = mapping["EventSourceArn"], 0
        for shard, records in self._new_records(arn):
            batch = [record for record in records if _is_wanted(record, mapping)]
            for record in batch:
                spoil(record)
            size = mapping["BatchSize"]
            for place in range(0, len(batch), size):
                event = {"Records": batch[place : place + size], "shardId": shard, "eventSourceARN": arn}
                answer = self.invoke(name, event)
                assert answer["batchItemFailures"] == [], "it would come again"
            handed += len(batch)
        return handed

    def _mapping(self, name: str, source: str = "") -> Event:
        """The function's event source; of several, the one of this queue or table."""
        told = self.cloud.clients("lambda").list_event_source_mappings()["EventSourceMappings"]
        own = [each for each in told if each["FunctionArn"].endswith(f":{self.prefix}-{name}")]
        endings = (f":{self.prefix}-{source}", f":table/{self.prefix}-{source}")
        [mapping] = [
            each for each in own if not source or each["EventSourceArn"].partition("/stream/")[0].endswith(endings)
        ]
        assert mapping["State"] == "Enabled"
        return dict(mapping)

    def _new_records(self, arn: str) -> Iterator[tuple[str, list[Event]]]:
        client = self.cloud.clients("dynamodbstreams")
        for shard in client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            iterator = client.get_shard_iterator(**place)["ShardIterator"]
            records = client.get_records(ShardIterator=iterator, Limit=1000)["Records"]
            new = records[self.read.get(arn, 0) :]
            self.read[arn] = len(records)
            if new:
                yield shard["ShardId"], [as_lambda_record(record, arn) for record in new]

    def deliver_queue(self, name: str, queue: str = "", *, within_s: float = 15 * PATIENCE) -> list[str]:
        """Hand the next batch of the function's queue over, once there is one; names the messages that failed."""
        mapping = self._mapping(name, queue)
        sqs = self.cloud.clients("sqs")
        url = sqs.get_queue_url(QueueName=mapping["EventSourceArn"].rpartition(":")[2])["QueueUrl"]
        deadline = time.monotonic() + within_s
        while True:
            asked = {"MaxNumberOfMessages": mapping["BatchSize"], "AttributeNames": ["All"]}
            messages = sqs.receive_message(QueueUrl=url, **asked).get("Messages", [])
            if messages or time.monotonic() > deadline:
                break
            time.sleep(WAIT_S)
        assert messages, f"no message came to {url}"
        records = [_sqs_record(message, mapping["EventSourceArn"]) for message in messages]
        failed = [one["itemIdentifier"] for one in self.invoke(name, {"Records": records})["batchItemFailures"]]
        for message in messages:
            if message["MessageId"] not in failed:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return failed

    def tick(self, name: str, *, ahead: timedelta = NOW) -> Any:
        """Return the event of the function's schedule, for now or for a clock that is that much ahead."""
        rules = self.cloud.clients("events").list_rules()["Rules"]
        arn = self.configuration(f"{self.prefix}-{name}")["FunctionArn"]
        [rule] = [each for each in rules if arn in self._targets(each["Name"])]
        assert rule["State"] == "ENABLED"
        event = {"source": "aws.events", "detail-type": "Scheduled Event", "resources": [rule["Arn"]], "detail": {}}
        return self.invoke(name, event, ahead=ahead)

    def _targets(self, rule: str) -> list[str]:
        told = self.cloud.clients("events").list_targets_by_rule(Rule=rule)["Targets"]
        return [target["Arn"] for target in told]

    def failed_batch(self, name: str) -> Event:
        """Return Lambda's dead letter for a stream batch that it gave up: it tells where the records are."""
        arn = self._mapping(name)["EventSourceArn"]
        client = self.cloud.clients("dynamodbstreams")
        [shard] = client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        records = client.get_records(ShardIterator=client.get_shard_iterator(**place)["ShardIterator"])["Records"]
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        told = {
            "shardId": shard["ShardId"],
            "startSequenceNumber": numbers[0],
            "endSequenceNumber": numbers[-1],
            "approximateArrivalOfFirstRecord": datetime.now(UTC).isoformat(),
            "batchSize": len(numbers),
            "streamArn": arn,
        }
        return {"requestContext": {"condition": "RetryAttemptsExhausted"}, "version": "1.0", "DDBStreamBatchInfo": told}

    def put_in(self, queue: str, message: Event) -> None:
        """Into an empty queue: what lay there has had its turn."""
        sqs = self.cloud.clients("sqs")
        url = sqs.get_queue_url(QueueName=f"{self.prefix}-{queue}")["QueueUrl"]
        sqs.purge_queue(QueueUrl=url)
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(message))

    def messages_in(self, queue: str) -> int:
        sqs = self.cloud.clients("sqs")
        url = sqs.get_queue_url(QueueName=f"{self.prefix}-{queue}")["QueueUrl"]
        told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return sum(int(told[name]) for name in told if name.startswith("ApproximateNumberOfMessages"))


def _function(uri: str) -> Function:
    """From an integration: the function's ARN, or the path that API Gateway calls it by."""
    arn = uri.partition("/functions/")[2].removesuffix("/invocations") or uri
    name = arn.rpartition(":")[2]
    return Function(name, "", 0)


def _is_wanted(record: Event, mapping: Event) -> bool:
    """By the patterns of the mapping; of EventBridge's language lists of values and beginnings are understood here."""
    filters = mapping.get("FilterCriteria", {}).get("Filters", [])
    return not filters or any(_matches(record, json.loads(each["Pattern"])) for each in filters)


def _matches(value: Any, pattern: Any) -> bool:
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(_matches(value.get(name), part) for name, part in pattern.items())
    assert all(isinstance(one, str) or one.keys() == {"prefix"} for one in pattern), f"{pattern} is not understood here"
    beginnings = [one["prefix"] for one in pattern if isinstance(one, dict)]
    return value in pattern or any(str(value).startswith(beginning) for beginning in beginnings)


def _sqs_record(message: Event, arn: str) -> Event:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
    }
