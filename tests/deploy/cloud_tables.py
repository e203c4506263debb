"""Tables, and what CloudFormation says against a change of their indexes."""

from typing import Any

from tests.deploy.cloud_kinds import Kind, Properties, kind, only, without
from tests.deploy.cloud_spelling import parameters

_LATER = ("TimeToLiveSpecification", "PointInTimeRecoverySpecification")
# In AWS's own words, as people met them:
# https://github.com/aws/aws-cdk/issues/14920
ONE_AT_A_TIME = "Cannot perform more than one GSI creation or deletion in a single update"
# https://github.com/aws-amplify/amplify-cli/issues/11384
UNCHANGEABLE = (
    "Cannot update GSI's properties other than Provisioned Throughput and Contributor Insights Specification. "
    "You can create a new GSI with a different name."
)
# https://github.com/aws-cloudformation/cfn-lint/issues/1037
INCONSISTENT = "Property AttributeDefinitions is inconsistent with the KeySchema of the table and the secondary indexes"


@kind("AWS::DynamoDB::Table")
class Table(Kind):
    service = "dynamodb"
    named_by = "TableName"
    fixed = frozenset({"TableName", "KeySchema", "LocalSecondaryIndexes"})

    def create(self, name: str, properties: Properties) -> str:
        _check_definitions(properties)
        asked = {"TableName": name, **without(properties, *_LATER)}
        self.client.create_table(**parameters(self.client, "create_table", self._as_call(asked)))
        self._set_later(name, properties)
        return name

    def _as_call(self, properties: Properties) -> Properties:
        called = dict(properties)
        if "SSESpecification" in called:
            called["SSESpecification"] = {
                {"SSEEnabled": "Enabled"}.get(name, name): value for name, value in called["SSESpecification"].items()
            }
        if "StreamSpecification" in called:
            called["StreamSpecification"] = {"StreamEnabled": True, **called["StreamSpecification"]}
        return called

    def _set_later(self, name: str, properties: Properties) -> None:
        if "TimeToLiveSpecification" in properties:
            asked = {"TableName": name, **only(properties, "TimeToLiveSpecification")}
            self.client.update_time_to_live(**parameters(self.client, "update_time_to_live", asked))
        if "PointInTimeRecoverySpecification" in properties:
            asked = {"TableName": name, **only(properties, "PointInTimeRecoverySpecification")}
            self.client.update_continuous_backups(**parameters(self.client, "update_continuous_backups", asked))

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        _check_definitions(properties)
        update = _index_change(properties, before)
        self._change_others(identity, properties, before)
        if update:
            # CloudFormation does not wait for the index.
            self.client.update_table(
                TableName=identity,
                AttributeDefinitions=properties["AttributeDefinitions"],
                GlobalSecondaryIndexUpdates=[update],
            )

    def take_back(self, identity: str, properties: Properties, before: Properties) -> None:
        """All but the index: "If your stack fails to update and is rolled back while adding a new index, you must
        manually delete the index" (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/
        aws-resource-dynamodb-table.html). Of an index that was being removed it says nothing: it is left gone.
        """
        self._change_others(identity, properties, before)

    def _change_others(self, identity: str, properties: Properties, before: Properties) -> None:
        changed = {name: value for name, value in properties.items() if before.get(name) != value}
        gone = before.keys() - properties.keys()
        tags = changed.pop("Tags", None)
        if tags:
            arn = self.attributes(identity, properties)["Arn"]
            self.client.tag_resource(ResourceArn=arn, Tags=tags)
        if "StreamSpecification" in changed and "StreamSpecification" in before:
            self.client.update_table(TableName=identity, StreamSpecification={"StreamEnabled": False})
        if "StreamSpecification" in gone:
            self.client.update_table(TableName=identity, StreamSpecification={"StreamEnabled": False})
        at_once = without(changed, *_LATER, "GlobalSecondaryIndexes", "AttributeDefinitions")
        if at_once:
            asked = {"TableName": identity, **self._as_call(at_once)}
            self.client.update_table(**parameters(self.client, "update_table", asked))
        self._set_later(identity, only(changed, *_LATER))

    def delete(self, identity: str, properties: Properties) -> None:
        self.client.delete_table(TableName=identity)

    def read(self, identity: str, properties: Properties) -> Properties:
        told: Properties = self.client.describe_table(TableName=identity)["Table"]
        backups = self.client.describe_continuous_backups(TableName=identity)["ContinuousBackupsDescription"]
        recovery = backups["PointInTimeRecoveryDescription"]
        expiry = self.client.describe_time_to_live(TableName=identity)["TimeToLiveDescription"]
        return told | {
            "BillingMode": told.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
            "SSESpecification": {"SSEEnabled": told.get("SSEDescription", {}).get("Status") == "ENABLED"},
            "PointInTimeRecoverySpecification": {
                **recovery,
                "PointInTimeRecoveryEnabled": recovery["PointInTimeRecoveryStatus"] == "ENABLED",
            },
            "TimeToLiveSpecification": {
                "Enabled": expiry["TimeToLiveStatus"] == "ENABLED",
                "AttributeName": expiry.get("AttributeName"),
            },
            "Tags": self.client.list_tags_of_resource(ResourceArn=told["TableArn"])["Tags"],
        }

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        told = self.client.describe_table(TableName=identity)["Table"]
        return {"Arn": told["TableArn"], "StreamArn": told.get("LatestStreamArn", "")}


def _indexes(properties: Properties) -> dict[str, Properties]:
    return {index["IndexName"]: index for index in properties.get("GlobalSecondaryIndexes", [])}


def _index_change(properties: Properties, before: Properties) -> Properties:
    """The one change of an index that the update asks for; empty for none. Raises ValueError as CloudFormation does."""
    new, old = _indexes(properties), _indexes(before)
    if any(new[name] != old[name] for name in new.keys() & old.keys()):
        raise ValueError(UNCHANGEABLE)
    changes = [
        *({"Delete": {"IndexName": name}} for name in old if name not in new),
        *({"Create": index} for name, index in new.items() if name not in old),
    ]
    if len(changes) > 1:
        raise ValueError(ONE_AT_A_TIME)
    return changes[0] if changes else {}


def _check_definitions(properties: Properties) -> None:
    indexes = [*properties.get("GlobalSecondaryIndexes", []), *properties.get("LocalSecondaryIndexes", [])]
    keys = {part["AttributeName"] for one in (properties, *indexes) for part in one["KeySchema"]}
    if keys != {one["AttributeName"] for one in properties["AttributeDefinitions"]}:
        raise ValueError(INCONSISTENT)
