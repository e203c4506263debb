"""Buckets: each property has an API call of its own."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.deploy.cloud_kinds import Kind, Properties, kind, or_nothing
from tests.deploy.cloud_spelling import NoPlace, as_shape

_MARKER, _ENABLED = "ExpiredObjectDeleteMarker", "ObjectLockEnabled"


class _Part(NamedTuple):
    """One property: the call that sets it, its parameter, the call that reads it, and both ways between the words."""

    call: str
    parameter: str
    read: str
    to_call: Callable[[Any], Any] = lambda value: value
    to_words: Callable[[Any], Any] = lambda answer: answer


def _encryption(value: Any) -> Any:
    rules = value["ServerSideEncryptionConfiguration"]
    other = {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"}
    return {"Rules": [{other.get(name, name): part for name, part in rule.items()} for rule in rules]}


def _encryption_words(answer: Any) -> Any:
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
    other = {"ApplyServerSideEncryptionByDefault": "ServerSideEncryptionByDefault"}
    renamed = [{other.get(name, name): part for name, part in rule.items()} for rule in rules]
    return {"ServerSideEncryptionConfiguration": renamed}


def _life_cycle(value: Any) -> Any:
    return {"Rules": [_life_cycle_rule(dict(rule)) for rule in value["Rules"]]}


def _life_cycle_rule(rule: Properties) -> Properties:
    called: Properties = {"ID": rule.pop("Id", ""), "Filter": {"Prefix": rule.pop("Prefix", "")}}
    if "ExpirationInDays" in rule:
        called["Expiration"] = {"Days": int(rule.pop("ExpirationInDays"))}
    if "ExpiredObjectDeleteMarker" in rule:
        called["Expiration"] = {"ExpiredObjectDeleteMarker": rule.pop("ExpiredObjectDeleteMarker")}
    if "Transitions" in rule:
        called["Transitions"] = [
            {{"TransitionInDays": "Days"}.get(name, name): part for name, part in each.items()}
            for each in rule.pop("Transitions")
        ]
    return called | rule


def _life_cycle_words(answer: Any) -> Any:
    rules = []
    for rule in answer["Rules"]:
        words = {"Id": rule.pop("ID", ""), "Prefix": rule.pop("Filter", {}).get("Prefix", "")}
        if "Expiration" in rule:
            ends = rule.pop("Expiration")
            other = {"ExpirationInDays": ends.get("Days"), "ExpiredObjectDeleteMarker": ends.get(_MARKER)}
            words |= {name: value for name, value in other.items() if value is not None}
        if "Transitions" in rule:
            words["Transitions"] = [{**each, "TransitionInDays": each.get("Days")} for each in rule.pop("Transitions")]
        rules.append(words | rule)
    return {"Rules": rules}


_CORS = {"ExposedHeaders": "ExposeHeaders", "Id": "ID", "MaxAge": "MaxAgeSeconds"}


def _cors(value: Any) -> Any:
    return {"CORSRules": [{_CORS.get(name, name): part for name, part in rule.items()} for rule in value["CorsRules"]]}


def _cors_words(answer: Any) -> Any:
    other = {word: name for name, word in _CORS.items()}
    rules = answer["CORSRules"]
    return {"CorsRules": [{other.get(name, name): part for name, part in rule.items()} for rule in rules]}


def _notifications(value: Any) -> Any:
    """Return them in the words of the call; our buckets tell queues alone."""
    if unknown := value.keys() - {"QueueConfigurations"}:
        raise NoPlace(f"extraneous key {sorted(unknown)} is not known here")
    return {
        "QueueConfigurations": [
            {
                "QueueArn": one["Queue"],
                "Events": [one["Event"]],
                "Filter": {"Key": {"FilterRules": one["Filter"]["S3Key"]["Rules"]}},
            }
            for one in value["QueueConfigurations"]
        ]
    }


def _notification_words(answer: Any) -> Any:
    told = answer.get("QueueConfigurations", [])
    return {
        "QueueConfigurations": [
            {
                "Queue": one["QueueArn"],
                "Event": ",".join(one["Events"]),
                "Filter": {"S3Key": {"Rules": [_in_small(rule) for rule in one["Filter"]["Key"]["FilterRules"]]}},
            }
            for one in told
        ]
    }


def _in_small(rule: Any) -> Any:
    return {"Name": rule["Name"].lower(), "Value": rule["Value"]}


def _inner(name: str) -> Callable[[Any], Any]:
    return lambda answer: answer[name]


_PARTS = {
    "BucketEncryption": _Part(
        "put_bucket_encryption",
        "ServerSideEncryptionConfiguration",
        "get_bucket_encryption",
        _encryption,
        _encryption_words,
    ),
    "VersioningConfiguration": _Part("put_bucket_versioning", "VersioningConfiguration", "get_bucket_versioning"),
    "PublicAccessBlockConfiguration": _Part(
        "put_public_access_block",
        "PublicAccessBlockConfiguration",
        "get_public_access_block",
        to_words=_inner("PublicAccessBlockConfiguration"),
    ),
    "OwnershipControls": _Part(
        "put_bucket_ownership_controls",
        "OwnershipControls",
        "get_bucket_ownership_controls",
        to_words=_inner("OwnershipControls"),
    ),
    "LifecycleConfiguration": _Part(
        "put_bucket_lifecycle_configuration",
        "LifecycleConfiguration",
        "get_bucket_lifecycle_configuration",
        _life_cycle,
        _life_cycle_words,
    ),
    "ObjectLockConfiguration": _Part(
        "put_object_lock_configuration",
        "ObjectLockConfiguration",
        "get_object_lock_configuration",
        to_words=_inner("ObjectLockConfiguration"),
    ),
    "CorsConfiguration": _Part("put_bucket_cors", "CORSConfiguration", "get_bucket_cors", _cors, _cors_words),
    "NotificationConfiguration": _Part(
        "put_bucket_notification_configuration",
        "NotificationConfiguration",
        "get_bucket_notification_configuration",
        _notifications,
        _notification_words,
    ),
    "Tags": _Part(
        "put_bucket_tagging", "Tagging", "get_bucket_tagging", lambda value: {"TagSet": value}, _inner("TagSet")
    ),
}


@kind("AWS::S3::Bucket")
class Bucket(Kind):
    service = "s3"
    named_by = "BucketName"
    fixed = frozenset({"BucketName", "ObjectLockEnabled"})

    def create(self, name: str, properties: Properties) -> str:
        if or_nothing(lambda: self.client.head_bucket(Bucket=name)):
            raise ValueError(f"{name} already exists")  # to its owner S3 itself says it in other words, or not at all
        asked: Properties = {"Bucket": name}
        if self.clients.region != "us-east-1":
            asked["CreateBucketConfiguration"] = {"LocationConstraint": self.clients.region}
        if properties.get("ObjectLockEnabled"):
            asked["ObjectLockEnabledForBucket"] = True
        self.client.create_bucket(**asked)
        self.change(name, properties, {})
        return name

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        for name, value in properties.items():
            if name not in self.fixed and value != before.get(name):
                self._set(identity, name, value)

    def _set(self, identity: str, name: str, value: Any) -> None:
        if name not in _PARTS:
            raise NoPlace(f"extraneous key [{name}] is not permitted for a bucket")
        part = _PARTS[name]
        shape = self.client.meta.service_model.operation_model(self.client.meta.method_to_api_mapping[part.call])
        called = as_shape(part.to_call(value), shape.input_shape.members[part.parameter])
        getattr(self.client, part.call)(Bucket=identity, **{part.parameter: called})

    def delete(self, identity: str, properties: Properties) -> None:
        if self.client.list_objects_v2(Bucket=identity).get("KeyCount"):
            raise ValueError(f"The bucket {identity} you tried to delete is not empty")
        self.client.delete_bucket(Bucket=identity)

    def read(self, identity: str, properties: Properties) -> Properties:
        self.client.head_bucket(Bucket=identity)
        found: Properties = {"BucketName": identity}
        for name in properties.keys() & _PARTS.keys():
            part = _PARTS[name]
            answer = or_nothing(lambda part=part: getattr(self.client, part.read)(Bucket=identity))
            if answer is not None:
                found[name] = part.to_words(answer)
        if "ObjectLockEnabled" in properties:
            locked = or_nothing(lambda: self.client.get_object_lock_configuration(Bucket=identity))
            found["ObjectLockEnabled"] = (locked or {}).get("ObjectLockConfiguration", {}).get(_ENABLED) == "Enabled"
        return found

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        home = f"{identity}.s3.{self.clients.region}.amazonaws.com"
        short = f"{identity}.s3.amazonaws.com"
        return {"Arn": f"arn:aws:s3:::{identity}", "DomainName": short, "RegionalDomainName": home}


@kind("AWS::S3::BucketPolicy")
class BucketPolicy(Kind):
    service = "s3"
    fixed = frozenset({"Bucket"})

    def create(self, name: str, properties: Properties) -> str:
        self.change(properties["Bucket"], properties, {})
        return str(properties["Bucket"])

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        self.client.put_bucket_policy(Bucket=identity, Policy=json.dumps(properties["PolicyDocument"]))

    def delete(self, identity: str, properties: Properties) -> None:
        or_nothing(lambda: self.client.delete_bucket_policy(Bucket=identity))

    def read(self, identity: str, properties: Properties) -> Properties:
        return {"Bucket": identity, "PolicyDocument": self.client.get_bucket_policy(Bucket=identity)["Policy"]}
