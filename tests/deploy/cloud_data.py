"""Emulated stores of data except tables (cloud_tables.py) and buckets: queues, topics; and what reports of mail."""

import json
from typing import Any

from moto.ses.models import ses_backends

from tests.deploy.cloud_kinds import Kind, Properties, kind, or_nothing, without
from tests.deploy.cloud_spelling import parameters, text


@kind("AWS::SQS::Queue")
class Queue(Kind):
    service = "sqs"
    named_by = "QueueName"
    fixed = frozenset({"QueueName", "FifoQueue"})

    def create(self, name: str, properties: Properties) -> str:
        if name in {url.rpartition("/")[2] for url in self.client.list_queues().get("QueueUrls", [])}:
            raise ValueError(f"A queue named {name} already exists")
        tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
        made = self.client.create_queue(QueueName=name, Attributes=self._as_call(properties), tags=tags)
        return str(made["QueueUrl"])

    def _as_call(self, properties: Properties) -> dict[str, str]:
        return {name: text(value) for name, value in without(properties, "QueueName", "Tags").items()}

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        gone = dict.fromkeys(before.keys() - properties.keys() - {"Tags"}, "")
        self.client.set_queue_attributes(QueueUrl=identity, Attributes={**gone, **self._as_call(properties)})

    def delete(self, identity: str, properties: Properties) -> None:
        self.client.delete_queue(QueueUrl=identity)

    def read(self, identity: str, properties: Properties) -> Properties:
        told = self.client.get_queue_attributes(QueueUrl=identity, AttributeNames=["All"])["Attributes"]
        tags = self.client.list_queue_tags(QueueUrl=identity).get("Tags", {})
        return {**told, "QueueName": told["QueueArn"].rpartition(":")[2], "Tags": tags}

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        told = self.read(identity, properties)
        return {"Arn": told["QueueArn"], "QueueName": told["QueueName"], "QueueUrl": identity}


@kind("AWS::SQS::QueuePolicy")
class QueuePolicy(Kind):
    service = "sqs"

    def create(self, name: str, properties: Properties) -> str:
        self.change(name, properties, {})
        return name

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        policy = {"Policy": json.dumps(properties["PolicyDocument"])}
        for url in properties["Queues"]:
            self.client.set_queue_attributes(QueueUrl=url, Attributes=policy)
        self.delete(identity, {"Queues": set(before.get("Queues", [])) - set(properties["Queues"])})

    def delete(self, identity: str, properties: Properties) -> None:
        for url in properties["Queues"]:
            or_nothing(lambda url=url: self.client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""}))

    def read(self, identity: str, properties: Properties) -> Properties:
        """The policy of the queue that differs, if one does."""
        texts = {url: self._policy(url) for url in properties["Queues"]}
        odd = [found for found in texts.values() if found != json.dumps(properties["PolicyDocument"])]
        return {"Queues": [url for url in texts if texts[url]], "PolicyDocument": (odd or list(texts.values()))[0]}

    def _policy(self, url: str) -> str:
        told = self.client.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        return str(told.get("Attributes", {}).get("Policy", ""))


@kind("AWS::SNS::Topic")
class Topic(Kind):
    service = "sns"
    named_by = "TopicName"
    fixed = frozenset({"TopicName", "FifoTopic"})

    def create(self, name: str, properties: Properties) -> str:
        there = [topic["TopicArn"] for topic in self.client.list_topics()["Topics"]]
        if name in {arn.rpartition(":")[2] for arn in there}:
            raise ValueError(f"A topic named {name} already exists")
        attributes = {each: text(value) for each, value in without(properties, "TopicName", "Tags").items()}
        made = self.client.create_topic(Name=name, Attributes=attributes, Tags=properties.get("Tags", []))
        return str(made["TopicArn"])

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        for name, value in without(properties, "TopicName", "Tags").items():
            self.client.set_topic_attributes(TopicArn=identity, AttributeName=name, AttributeValue=text(value))

    def delete(self, identity: str, properties: Properties) -> None:
        self.client.delete_topic(TopicArn=identity)

    def read(self, identity: str, properties: Properties) -> Properties:
        told = self.client.get_topic_attributes(TopicArn=identity)["Attributes"]
        tags = self.client.list_tags_for_resource(ResourceArn=identity)["Tags"]
        return {**told, "TopicName": identity.rpartition(":")[2], "Tags": tags}

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        return {"TopicArn": identity, "TopicName": identity.rpartition(":")[2]}


@kind("AWS::SNS::Subscription")
class Subscription(Kind):
    service = "sns"
    fixed = frozenset({"TopicArn", "Protocol", "Endpoint"})

    def create(self, name: str, properties: Properties) -> str:
        asked = parameters(self.client, "subscribe", properties)
        return str(self.client.subscribe(**asked, ReturnSubscriptionArn=True)["SubscriptionArn"])

    def delete(self, identity: str, properties: Properties) -> None:
        self.client.unsubscribe(SubscriptionArn=identity)

    def read(self, identity: str, properties: Properties) -> Properties:
        told: Properties = self.client.get_subscription_attributes(SubscriptionArn=identity)["Attributes"]
        return told


@kind("AWS::SNS::TopicPolicy")
class TopicPolicy(Kind):
    service = "sns"

    def create(self, name: str, properties: Properties) -> str:
        self.change(name, properties, {})
        return name

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        for arn in properties["Topics"]:
            policy = json.dumps(properties["PolicyDocument"])
            self.client.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)

    def delete(self, identity: str, properties: Properties) -> None:
        """A topic's policy ends with the topic."""

    def read(self, identity: str, properties: Properties) -> Properties:
        told = [self.client.get_topic_attributes(TopicArn=arn)["Attributes"] for arn in properties["Topics"]]
        return {"Topics": [each["TopicArn"] for each in told], "PolicyDocument": told[0]["Policy"]}


@kind("AWS::SES::ConfigurationSet")
class ConfigurationSet(Kind):
    service = "sesv2"
    named_by = "Name"
    fixed = frozenset({"Name"})

    def create(self, name: str, properties: Properties) -> str:
        asked = parameters(self.client, "create_configuration_set", properties, Name="ConfigurationSetName")
        self.client.create_configuration_set(**asked)
        return name

    def delete(self, identity: str, properties: Properties) -> None:
        self.client.delete_configuration_set(ConfigurationSetName=identity)

    def read(self, identity: str, properties: Properties) -> Properties:
        told: Properties = self.client.get_configuration_set(ConfigurationSetName=identity)
        return {**told, "Name": told["ConfigurationSetName"]}


@kind("AWS::SES::ConfigurationSetEventDestination")
class EventDestination(Kind):
    """Of the first version of SES's API, which has CloudFormation's own words."""

    service = "ses"
    fixed = frozenset({"ConfigurationSetName", "EventDestination"})

    def create(self, name: str, properties: Properties) -> str:
        asked = parameters(self.client, "create_configuration_set_event_destination", properties)
        self.client.create_configuration_set_event_destination(**asked)
        return name

    def delete(self, identity: str, properties: Properties) -> None:
        """moto has no call for it, and keeps its name when the configuration set ends."""
        for backend in (ses_backends[account][self.client.meta.region_name] for account in ses_backends):
            backend.event_destinations.pop(properties["EventDestination"]["Name"], None)
            backend.config_set_event_destination.pop(properties["ConfigurationSetName"], None)

    def read(self, identity: str, properties: Properties) -> Properties:
        asked = {"ConfigurationSetAttributeNames": ["eventDestinations"]}
        told = self.client.describe_configuration_set(ConfigurationSetName=properties["ConfigurationSetName"], **asked)
        [found] = told["EventDestinations"]
        found["SnsDestination"] = found.pop("SNSDestination")
        return {"ConfigurationSetName": told["ConfigurationSet"]["Name"], "EventDestination": found}
