"""Emulated code and rights: functions, event sources, permissions, roles, log groups, schedules, alarms."""

import base64
import hashlib
import json
from typing import Any

from tests.deploy.cloud_kinds import Clients, Kind, Properties, kind, only, or_nothing, without
from tests.deploy.cloud_spelling import parameters

_NOT_CONFIGURED = ("Code", "ReservedConcurrentExecutions", "Tags")


@kind("AWS::Lambda::Function")
class Function(Kind):
    service = "lambda"
    named_by = "FunctionName"
    fixed = frozenset({"FunctionName"})

    def create(self, name: str, properties: Properties) -> str:
        asked = {"FunctionName": name, **without(properties, "ReservedConcurrentExecutions")}
        self.client.create_function(**parameters(self.client, "create_function", asked))
        self._reserve(name, properties)
        return name

    def _reserve(self, name: str, properties: Properties) -> None:
        if "ReservedConcurrentExecutions" in properties:
            count = int(properties["ReservedConcurrentExecutions"])
            self.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=count)

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        if properties["Code"] != before["Code"]:
            code = parameters(self.client, "update_function_code", properties["Code"])
            self.client.update_function_code(FunctionName=identity, **code)
        settings = {"FunctionName": identity, **without(properties, *_NOT_CONFIGURED, "Architectures")}
        self.client.update_function_configuration(**parameters(self.client, "update_function_configuration", settings))
        if "ReservedConcurrentExecutions" in before and "ReservedConcurrentExecutions" not in properties:
            self.client.delete_function_concurrency(FunctionName=identity)
        self._reserve(identity, properties)
        if properties.get("Tags", []) != before.get("Tags", []):
            tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
            self.client.tag_resource(Resource=self._told(identity)["FunctionArn"], Tags=tags)

    def delete(self, identity: str, properties: Properties) -> None:
        self.client.delete_function(FunctionName=identity)

    def _told(self, identity: str) -> Properties:
        told: Properties = self.client.get_function(FunctionName=identity)["Configuration"]
        return told

    def read(self, identity: str, properties: Properties) -> Properties:
        answer = self.client.get_function(FunctionName=identity)
        reserved = self.client.get_function_concurrency(FunctionName=identity)
        code = self._code(answer["Configuration"]["CodeSha256"], properties["Code"])
        layers = {"Layers": [layer["Arn"] for layer in answer["Configuration"].get("Layers", [])]}
        told = {**answer["Configuration"], **layers}
        return {**told, **without(reserved, "ResponseMetadata"), **only(answer, "Tags"), **code}

    def _code(self, digest: str, code: Properties) -> Properties:
        """Return the origin of the code, if it is unchanged there."""
        stored = content_of(self.clients, code)
        is_same = base64.b64encode(hashlib.sha256(stored).digest()).decode() == digest
        return {"Code": code if is_same else {"CodeSha256": digest}}

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        return {"Arn": self._told(identity)["FunctionArn"]}


@kind("AWS::Lambda::LayerVersion")
class LayerVersion(Kind):
    """Each change makes another version."""

    service = "lambda"
    fixed = frozenset({"LayerName", "Content", "Description", "CompatibleRuntimes", "CompatibleArchitectures"})

    def create(self, name: str, properties: Properties) -> str:
        asked = parameters(self.client, "publish_layer_version", properties)
        return str(self.client.publish_layer_version(**asked)["LayerVersionArn"])

    def delete(self, identity: str, properties: Properties) -> None:
        version = int(identity.rpartition(":")[2])
        self.client.delete_layer_version(LayerName=properties["LayerName"], VersionNumber=version)

    def read(self, identity: str, properties: Properties) -> Properties:
        layer, _, version = identity.rpartition(":")
        told = self.client.get_layer_version(LayerName=layer.rpartition(":")[2], VersionNumber=int(version))
        stored = content_of(self.clients, properties["Content"])
        is_same = base64.b64encode(hashlib.sha256(stored).digest()).decode() == told["Content"]["CodeSha256"]
        content = properties["Content"] if is_same else told["Content"]
        return {**told, "LayerName": layer.rpartition(":")[2], "Content": content}


def content_of(clients: Clients, code: Properties) -> bytes:
    """Return a zip as it lies in the account's bucket."""
    stored: bytes = clients("s3").get_object(Bucket=code["S3Bucket"], Key=code["S3Key"])["Body"].read()
    return stored


@kind("AWS::Lambda::Version")
class Version(Kind):
    service = "lambda"
    fixed = frozenset({"FunctionName", "CodeSha256", "Description"})

    def create(self, name: str, properties: Properties) -> str:
        return str(self.client.publish_version(**properties)["FunctionArn"])

    def delete(self, identity: str, properties: Properties) -> None:
        function, _, version = identity.rpartition(":")
        or_nothing(lambda: self.client.delete_function(FunctionName=function, Qualifier=version))

    def read(self, identity: str, properties: Properties) -> Properties:
        function, _, version = identity.rpartition(":")
        told = self.client.get_function(FunctionName=function, Qualifier=version)["Configuration"]
        return {**told, "FunctionName": properties["FunctionName"]}

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        return {"Version": identity.rpartition(":")[2]}


@kind("AWS::Lambda::Permission")
class Permission(Kind):
    """A change replaces it under another id, as CloudFormation does."""

    service = "lambda"
    fixed = frozenset({"FunctionName", "Action", "Principal", "SourceArn", "SourceAccount"})

    def create(self, name: str, properties: Properties) -> str:
        asked = {"StatementId": name, **properties}
        self.client.add_permission(**parameters(self.client, "add_permission", asked))
        return name

    def delete(self, identity: str, properties: Properties) -> None:
        asked = {"FunctionName": properties["FunctionName"], "StatementId": identity}
        or_nothing(lambda: self.client.remove_permission(**asked))

    def read(self, identity: str, properties: Properties) -> Properties:
        policy = json.loads(self.client.get_policy(FunctionName=properties["FunctionName"])["Policy"])
        [told] = [each for each in policy["Statement"] if each["Sid"] == identity]
        conditions = [pair for test in told.get("Condition", {}).values() for pair in test.items()]
        named = {name.rpartition(":")[2]: value for name, value in conditions}
        principal = told["Principal"]
        service = principal.get("Service") if isinstance(principal, dict) else principal
        resource = told["Resource"]
        wanted = properties["FunctionName"]
        function = wanted if resource == wanted or resource.endswith(f":{wanted}") else resource
        return {"FunctionName": function, "Action": told["Action"], "Principal": service, **named}


@kind("AWS::Lambda::EventSourceMapping")
class EventSourceMapping(Kind):
    service = "lambda"
    fixed = frozenset({"EventSourceArn", "StartingPosition"})

    def create(self, name: str, properties: Properties) -> str:
        asked = parameters(self.client, "create_event_source_mapping", properties)
        return str(self.client.create_event_source_mapping(**asked)["UUID"])

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        asked = {"UUID": identity, **without(properties, *self.fixed)}
        self.client.update_event_source_mapping(**parameters(self.client, "update_event_source_mapping", asked))

    def delete(self, identity: str, properties: Properties) -> None:
        self.client.delete_event_source_mapping(UUID=identity)

    def read(self, identity: str, properties: Properties) -> Properties:
        told = self.client.get_event_source_mapping(UUID=identity)
        wanted = properties["FunctionName"]
        is_same = wanted in (told["FunctionArn"], told["FunctionArn"].rpartition(":")[2])
        function = wanted if is_same else told["FunctionArn"]
        return {**told, "FunctionName": function, "Enabled": told["State"] == "Enabled"}

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        return {"Id": identity}


@kind("AWS::Lambda::EventInvokeConfig")
class EventInvokeConfig(Kind):
    service = "lambda"
    fixed = frozenset({"FunctionName", "Qualifier"})

    def create(self, name: str, properties: Properties) -> str:
        self.change(name, properties, {})
        return name

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        asked = parameters(self.client, "put_function_event_invoke_config", properties)
        self.client.put_function_event_invoke_config(**asked)

    def delete(self, identity: str, properties: Properties) -> None:
        asked = only(properties, "FunctionName", "Qualifier")
        or_nothing(lambda: self.client.delete_function_event_invoke_config(**asked))

    def read(self, identity: str, properties: Properties) -> Properties:
        asked = only(properties, "FunctionName", "Qualifier")
        # moto knows one for each function and forgets for which qualifier: what was asked by stands for it.
        return {**self.client.get_function_event_invoke_config(**asked), **asked}


@kind("AWS::IAM::Role")
class Role(Kind):
    service = "iam"
    named_by = "RoleName"
    fixed = frozenset({"RoleName", "Path"})
    _OWN = ("AssumeRolePolicyDocument", "Path", "MaxSessionDuration", "PermissionsBoundary", "Description", "Tags")

    def create(self, name: str, properties: Properties) -> str:
        asked = {"RoleName": name, **without(properties, "Policies", "ManagedPolicyArns")}
        self.client.create_role(**parameters(self.client, "create_role", asked))
        self._put_policies(name, properties, {})
        return name

    def _put_policies(self, name: str, properties: Properties, before: Properties) -> None:
        old, new = ({each["PolicyName"]: each for each in one.get("Policies", [])} for one in (before, properties))
        for gone in old.keys() - new.keys():
            self.client.delete_role_policy(RoleName=name, PolicyName=gone)
        for policy in new.values():
            document = json.dumps(policy["PolicyDocument"])
            self.client.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)
        for arn in set(before.get("ManagedPolicyArns", [])) - set(properties.get("ManagedPolicyArns", [])):
            self.client.detach_role_policy(RoleName=name, PolicyArn=arn)
        for arn in properties.get("ManagedPolicyArns", []):
            self.client.attach_role_policy(RoleName=name, PolicyArn=arn)

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        document = json.dumps(properties["AssumeRolePolicyDocument"])
        self.client.update_assume_role_policy(RoleName=identity, PolicyDocument=document)
        own = only(properties, "Description", "MaxSessionDuration")
        self.client.update_role(RoleName=identity, **own)
        if properties.get("Tags"):
            self.client.tag_role(RoleName=identity, Tags=properties["Tags"])
        self._put_policies(identity, properties, before)

    def delete(self, identity: str, properties: Properties) -> None:
        for name in self.client.list_role_policies(RoleName=identity)["PolicyNames"]:
            self.client.delete_role_policy(RoleName=identity, PolicyName=name)
        for each in self.client.list_attached_role_policies(RoleName=identity)["AttachedPolicies"]:
            self.client.detach_role_policy(RoleName=identity, PolicyArn=each["PolicyArn"])
        self.client.delete_role(RoleName=identity)

    def read(self, identity: str, properties: Properties) -> Properties:
        told = self.client.get_role(RoleName=identity)["Role"]
        names = self.client.list_role_policies(RoleName=identity)["PolicyNames"]
        policies = [self.client.get_role_policy(RoleName=identity, PolicyName=name) for name in names]
        attached = self.client.list_attached_role_policies(RoleName=identity)["AttachedPolicies"]
        return {**told, "Policies": policies, "ManagedPolicyArns": [each["PolicyArn"] for each in attached]}

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        told = self.client.get_role(RoleName=identity)["Role"]
        return {"Arn": told["Arn"], "RoleId": told["RoleId"]}


@kind("AWS::Logs::LogGroup")
class LogGroup(Kind):
    service = "logs"
    named_by = "LogGroupName"
    fixed = frozenset({"LogGroupName", "LogGroupClass"})

    def create(self, name: str, properties: Properties) -> str:
        tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
        asked = {"LogGroupName": name, **without(properties, "RetentionInDays", "Tags")}
        named_tags = {"tags": tags} if tags else {}
        self.client.create_log_group(**parameters(self.client, "create_log_group", asked), **named_tags)
        self._retain(name, properties)
        return name

    def _retain(self, name: str, properties: Properties) -> None:
        if "RetentionInDays" in properties:
            days = int(properties["RetentionInDays"])
            self.client.put_retention_policy(logGroupName=name, retentionInDays=days)

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        if "RetentionInDays" not in properties:
            self.client.delete_retention_policy(logGroupName=identity)
        self._retain(identity, properties)

    def delete(self, identity: str, properties: Properties) -> None:
        self.client.delete_log_group(logGroupName=identity)

    def _told(self, identity: str) -> Properties:
        groups = self.client.describe_log_groups(logGroupNamePrefix=identity)["logGroups"]
        [told] = [group for group in groups if group["logGroupName"] == identity]
        return dict(told)

    def read(self, identity: str, properties: Properties) -> Properties:
        told = self._told(identity)
        tags = self.client.list_tags_for_resource(resourceArn=told["arn"].removesuffix(":*"))["tags"]
        return {**told, "Tags": tags}

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        return {"Arn": f"{self._told(identity)['arn'].removesuffix(':*')}:*"}


@kind("AWS::Events::Rule")
class Rule(Kind):
    service = "events"
    named_by = "Name"
    fixed = frozenset({"Name", "EventBusName"})

    def create(self, name: str, properties: Properties) -> str:
        if or_nothing(lambda: self.client.describe_rule(Name=name)):
            raise ValueError(f"A rule named {name} already exists")
        self.change(name, properties, {})
        return name

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        asked = {"Name": identity, **without(properties, "Targets")}
        self.client.put_rule(**parameters(self.client, "put_rule", asked))
        gone = {each["Id"] for each in before.get("Targets", [])} - {each["Id"] for each in properties["Targets"]}
        if gone:
            self.client.remove_targets(Rule=identity, Ids=sorted(gone))
        targets = {"Rule": identity, "Targets": properties["Targets"]}
        self.client.put_targets(**parameters(self.client, "put_targets", targets))

    def delete(self, identity: str, properties: Properties) -> None:
        targets = self.client.list_targets_by_rule(Rule=identity)["Targets"]
        self.client.remove_targets(Rule=identity, Ids=[each["Id"] for each in targets])
        self.client.delete_rule(Name=identity)

    def read(self, identity: str, properties: Properties) -> Properties:
        targets = self.client.list_targets_by_rule(Rule=identity)["Targets"]
        return {**self.client.describe_rule(Name=identity), "Targets": targets}

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        return {"Arn": self.client.describe_rule(Name=identity)["Arn"]}


@kind("AWS::CloudWatch::Alarm")
class Alarm(Kind):
    service = "cloudwatch"
    named_by = "AlarmName"
    fixed = frozenset({"AlarmName"})

    def create(self, name: str, properties: Properties) -> str:
        if self.client.describe_alarms(AlarmNames=[name])["MetricAlarms"]:
            raise ValueError(f"An alarm named {name} already exists")
        self.change(name, properties, {})
        return name

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        asked = {"AlarmName": identity, **properties}
        self.client.put_metric_alarm(**parameters(self.client, "put_metric_alarm", asked))

    def delete(self, identity: str, properties: Properties) -> None:
        self.client.delete_alarms(AlarmNames=[identity])

    def _told(self, identity: str) -> Properties:
        [told] = self.client.describe_alarms(AlarmNames=[identity])["MetricAlarms"]
        return dict(told)

    def read(self, identity: str, properties: Properties) -> Properties:
        told = self._told(identity)
        return {**told, "Tags": self.client.list_tags_for_resource(ResourceARN=told["AlarmArn"])["Tags"]}

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        return {"Arn": self._told(identity)["AlarmArn"]}
