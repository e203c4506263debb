"""An AWS account on this machine's loopback: moto's services, with a CloudFormation that drops nothing.

moto's own CloudFormation leaves out resource types and properties that it does not know, and says so nowhere; ours
(cloud_stacks, cloud_kinds and their neighbours) takes its place inside the same server.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from random import Random
from typing import Any
from unittest.mock import patch

from cfnlint.api import lint
from cfnlint.core import get_rules
from moto.awslambda.models import LambdaBackend
from moto.cloudformation import models
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack, cloudformation_backends
from moto.cloudformation.responses import CloudFormationResponse
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.responses import ActionResult
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from moto.s3.models import FakeBucket
from moto.sqs.models import Queue

from infra.local.runtime_api import FunctionFailed
from tests.deploy import cloud_backups, cloud_ceilings, cloud_indexes
from tests.deploy.cloud_kinds import Clients
from tests.deploy.cloud_limits import check_size
from tests.deploy.cloud_stacks import Resources, StackFailed

ACCOUNT = "123456789012"
# States in which a stack can only be deleted or, the last, be taken back once more.
UNCHANGEABLE = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED")
REGION = "eu-west-2"


@dataclass
class Cloud:
    """The running account."""

    url: str
    clients: Clients = field(init=False)
    # What the emulated Lambda calls: a function's name and an event in, its answer out; raises FunctionFailed.
    call: Callable[[str, bytes], bytes] | None = None

    def __post_init__(self) -> None:
        self.clients = Clients(self.url, REGION)

    def resources(self, stack: str, region: str = REGION) -> Resources:
        """The resources of a stack as the emulated CloudFormation worked them out."""
        found = [one for one in cloudformation_backends[ACCOUNT][region].stacks.values() if one.name == stack]
        resources = found[0].resource_map
        assert isinstance(resources, Resources)
        return resources

    def settle_indexes(self) -> list[str]:
        """Let time pass until every index is there or gone; names those that were on their way."""
        return cloud_indexes.settle(ACCOUNT)

    def outputs(self, stack: str) -> dict[str, str]:
        told = self.clients("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        return {each["OutputKey"]: each["OutputValue"] for each in told.get("Outputs", [])}


@contextmanager
def running(seed: int = 0, *, linted: bool = True) -> Iterator[Cloud]:
    """An empty account, for as long as the block lasts. The seed decides in which order resources are made.

    Without `linted` no template is compared with CloudFormation's schema: one that is known to be good, many times.
    """
    Resources.chance, Resources.fails_at = Random(seed), ""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with _ours_in_place(linted):
        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        try:
            host, port = server.get_host_and_port()
            with patch.object(Resources, "url", f"http://{host}:{port}"):
                cloud = Cloud(f"http://{host}:{port}")
                # moto's account belongs to the process: what another module left there is gone now.
                moto_api_backend.reset()
                with patch.object(LambdaBackend, "invoke", _invoke(cloud)):
                    yield cloud
        finally:
            server.stop()


@contextmanager
def _ours_in_place(linted: bool) -> Iterator[None]:
    places = [
        patch.object(models, "ResourceMap", Resources),
        patch.object(models, "OutputMap", _Outputs),
        patch.object(models, "validate_template_cfn_lint", _mistakes if linted else lambda _: []),
        patch.object(CloudFormationBackend, "create_change_set", _by_kind(CloudFormationBackend.create_change_set)),
        patch.object(CloudFormationBackend, "execute_change_set", _execute_change_set),
        patch.object(CloudFormationResponse, "create_change_set", _imports(CloudFormationResponse.create_change_set)),
        *(
            patch.object(CloudFormationResponse, act, _within_limits(getattr(CloudFormationResponse, act)))
            for act in ("create_stack", "update_stack", "validate_template")
        ),
        patch.object(CloudFormationBackend, "delete_stack", _delete_stack),
        patch.object(Stack, "parse_template", staticmethod(_parsed(Stack.parse_template))),
        patch.object(Stack, "create_resources", _create),
        patch.object(Stack, "update", _update),
        patch.object(CloudFormationResponse, "update_termination_protection", _protect, create=True),
        # Functions run in the tests' own hands, so that each delivery is seen.
        patch.object(LambdaBackend, "send_dynamodb_items", lambda *_: None),
        patch.object(Queue, "add_message", _add_message(Queue.add_message)),
        patch.object(FakeBucket, "get_permission", _without_tls(FakeBucket.get_permission)),
        *cloud_indexes.places(),
        *cloud_ceilings.places(),
        *cloud_backups.places(),
    ]
    for place in places:
        place.start()
    try:
        yield
    finally:
        for place in places:
            place.stop()


# serverless/SERVICE/STAGE/1796114923356-2026-12-01T08:48:43.356Z, a folder of the CLI's bucket.
MOMENT = re.compile(r"(serverless/[^/\"]+/[^/\"]+/)\d{13}-\d{4}-\d\d-\d\dT[\d:.]+Z(?=/)")


@cache
def _rules() -> Any:
    """Those that say what CloudFormation refuses; not those of taste."""
    return get_rules([], ["W", "I"], [])


def _mistakes(template: str) -> list[Any]:
    """Return the errors of cfn-lint, which moto asks in place of CloudFormation.

    Each deployment puts its moment into the keys of its files. Templates that differ by nothing else are judged once:
    it takes ten seconds of a processor.
    """
    return _judged(MOMENT.sub(r"\1now", template))


@cache
def _judged(template: str) -> list[Any]:
    return lint(template, _rules(), [REGION])


def _parsed(original: Any) -> Any:
    """moto reads JSON as YAML, which takes it a hundred times as long."""

    def parse_template(template: str) -> Any:
        return json.loads(template) if template.lstrip().startswith("{") else original(template)

    return parse_template


class _Outputs(Mapping[str, Any]):
    """A stack's outputs as they are now, whichever way it was deployed."""

    def __init__(self, resources: Resources, template: dict[str, Any], stack_id: str) -> None:
        self.resources = resources
        self.exports: list[Any] = []  # our stacks read no other stack's

    def _now(self) -> dict[str, Any]:
        return self.resources.outputs()

    def __getitem__(self, name: str) -> Any:
        told = self._now()[name]
        return _Output(name, told["Value"], told.get("Description", ""))

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())


@dataclass(frozen=True)
class _Output:
    key: str
    value: str
    description: str


def _carry_out(stack: Stack, text: Any, verb: str, act: Callable[[dict[str, Any]], None]) -> None:
    """Carry out one operation on a stack and record its events; roll back if it fails."""
    template = Stack.parse_template(text) if isinstance(text, str) else text
    try:
        act(template)
        ends = [f"{verb}_COMPLETE"]
        stack.template = text
        stack.template_dict = template
    except StackFailed:
        taken_back = "ROLLBACK" if verb == "CREATE" else f"{verb}_ROLLBACK"
        ends = [f"{taken_back}_IN_PROGRESS", f"{taken_back}_COMPLETE"]
    _tell(stack)
    for status in ends:
        stack._add_stack_event(status)
    stack.status = ends[-1]


def _tell(stack: Stack) -> None:
    for step in stack.resource_map.history:  # type: ignore[attr-defined]
        event = models.Event(
            stack_id=stack.stack_id,
            stack_name=stack.name,
            logical_resource_id=step.logical_id,
            physical_resource_id=step.logical_id,
            resource_type=step.type,
            resource_status=step.status,
            resource_status_reason=step.reason,
            resource_properties=None,
        )
        stack.events.append(event)


def _by_kind(original: Any) -> Any:
    """moto knows no change sets that import; they are kept as what they come nearest to."""

    def create_change_set(self: CloudFormationBackend, *, change_set_type: str, **asked: Any) -> Any:
        kind = change_set_type
        if kind == "IMPORT":
            is_there = asked["stack_name"] in {stack.name for stack in self.stacks.values()}
            kind = "UPDATE" if is_there else "CREATE"
        made = original(self, change_set_type=kind, **asked)
        self.change_sets[made[0]].change_set_type = change_set_type
        return made

    return create_change_set


def _imports(original: Any) -> Any:
    def create_change_set(self: CloudFormationResponse) -> Any:
        answer = _within_limits(original)(self)
        change = self.cloudformation_backend.change_sets[answer.result["Id"]]
        change.imports = self._get_param("ResourcesToImport", [])
        return answer

    return create_change_set


def _within_limits(original: Any) -> Any:
    """moto takes templates of any size, and changes a stack in any state."""

    def act(self: CloudFormationResponse) -> Any:
        body, url = self._get_param("TemplateBody"), self._get_param("TemplateURL")
        text = body or (self._get_stack_from_s3_url(url) if url else "")
        try:
            check_size(text, is_stored=not body)
        except ValueError as error:
            raise ValidationError(message=str(error)) from error
        _check_triggers(self)
        name, kind = self._get_param("StackName"), self._get_param("ChangeSetType", "UPDATE")
        for stack in self.cloudformation_backend.stacks.values():
            if kind != "CREATE" and name in (stack.name, stack.stack_id) and stack.status in UNCHANGEABLE:
                raise ValidationError(
                    message=f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated."
                )
        return original(self)

    return act


def _check_triggers(self: CloudFormationResponse) -> None:
    """Refuse at once what would fail and be rolled back: a rollback trigger that is not there, or a sixth one."""
    triggers = (self._get_param("RollbackConfiguration") or {}).get("RollbackTriggers", [])
    there = {alarm.alarm_arn for alarm in cloudwatch_backends[ACCOUNT][self.region].describe_alarms()}
    if len(triggers) > 5 or {one["Arn"] for one in triggers} - there:
        raise ValidationError(message=f"Rollback triggers are missing, or more than five: {triggers}")


def _execute_change_set(self: CloudFormationBackend, change_set_name: str, stack_name: str | None = None) -> None:
    named = [each for each in self.change_sets.values() if each.change_set_name == change_set_name]
    change = self.change_sets.get(change_set_name) or named[-1]
    stack, verb = self.stacks[change.stack_id], change.change_set_type
    resources: Any = stack.resource_map
    stack._add_stack_event(f"{verb}_IN_PROGRESS", resource_status_reason="User Initiated")
    act = partial(resources.adopt, imports=change.imports) if verb == "IMPORT" else resources.update
    _carry_out(stack, change.template, verb, act)
    change.execution_status = "EXECUTE_COMPLETE"


def _create(stack: Stack) -> None:
    _carry_out(stack, stack.template, "CREATE", stack.resource_map.update)


def _update(stack: Stack, template: str, role_arn: Any = None, parameters: Any = None, tags: Any = None) -> None:
    resources: Any = stack.resource_map
    resources.resolved_parameters = parameters or resources.resolved_parameters
    stack._add_stack_event("UPDATE_IN_PROGRESS", resource_status_reason="User Initiated")
    _carry_out(stack, template, "UPDATE", resources.update)
    stack.tags = stack.tags if tags is None else tags


def _protect(self: CloudFormationResponse) -> ActionResult:
    """UpdateTerminationProtection, which moto lacks."""
    stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
    stack.enable_termination_protection = self._get_bool_param("EnableTerminationProtection", False)
    return ActionResult({"StackId": stack.stack_id})


def _delete_stack(self: CloudFormationBackend, name_or_stack_id: str) -> None:
    for stack in [one for one in self.stacks.values() if name_or_stack_id in (one.name, one.stack_id)]:
        if stack.enable_termination_protection:
            raise ValidationError(
                message=f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
            )
        stack._add_stack_event("DELETE_IN_PROGRESS", resource_status_reason="User Initiated")
        try:
            stack.resource_map.delete()
            stack.status = "DELETE_COMPLETE"
            self.deleted_stacks[stack.stack_id] = self.stacks.pop(stack.stack_id)
        except StackFailed:
            stack.status = "DELETE_FAILED"
        _tell(stack)
        stack._add_stack_event(stack.status)


def _add_message(original: Any) -> Any:
    """moto would run the queue's function in a container at once."""

    def add_message(self: Queue, message: Any) -> None:
        mappings, self.lambda_event_source_mappings = self.lambda_event_source_mappings, {}
        try:
            original(self, message)
        finally:
            self.lambda_event_source_mappings = mappings

    return add_message


def _invoke(cloud: Cloud) -> Any:
    """moto would look for a container."""

    def invoke(self: LambdaBackend, name: str, qualifier: Any, body: bytes | str, headers: Any, answered: Any) -> bytes:
        assert cloud.call, "nobody runs functions here"
        try:
            return cloud.call(name.rpartition(":")[2], body.encode() if isinstance(body, str) else body)
        except FunctionFailed as failed:
            answered["x-amz-function-error"] = "Unhandled"
            return json.dumps({"errorType": failed.kind, "errorMessage": failed.message}).encode()

    return invoke


def _without_tls(original: Any) -> Any:
    """Loopback speaks no TLS, so statements that demand it are kept and read back, but not enforced."""

    def get_permission(self: FakeBucket, action: str, resource: str) -> Any:
        whole = self.policy
        if whole is None:
            return None
        policy = json.loads(whole)
        others = [one for one in policy["Statement"] if "aws:SecureTransport" not in json.dumps(one)]
        self.policy = json.dumps(policy | {"Statement": others}).encode() if others else None
        try:
            return original(self, action, resource)
        finally:
            self.policy = whole

    return get_permission
