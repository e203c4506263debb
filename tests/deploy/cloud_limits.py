"""Quotas of CloudFormation and rules for names, as AWS documents them. moto knows few of them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html; each service's own API
reference for its names.
"""

import re
from typing import Any

MOST_IN_REQUEST, MOST_IN_S3 = 51_200, 1_048_576  # bytes of a template
MOST_RESOURCES, MOST_OUTPUTS = 500, 200
_WORD = r"[A-Za-z0-9_-]"
# The property that names a resource, and what it must match.
NAMES = {
    "AWS::S3::Bucket": ("BucketName", r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
    "AWS::DynamoDB::Table": ("TableName", r"[A-Za-z0-9_.-]{3,255}"),
    "AWS::SQS::Queue": ("QueueName", rf"{_WORD}{{1,80}}"),
    "AWS::SNS::Topic": ("TopicName", rf"{_WORD}{{1,256}}"),
    "AWS::Lambda::Function": ("FunctionName", rf"{_WORD}{{1,64}}"),
    "AWS::IAM::Role": ("RoleName", r"[\w+=,.@-]{1,64}"),
    "AWS::Logs::LogGroup": ("LogGroupName", r"[A-Za-z0-9_./#-]{1,512}"),
    "AWS::Events::Rule": ("Name", r"[A-Za-z0-9_.-]{1,64}"),
    "AWS::CloudWatch::Alarm": ("AlarmName", r".{1,255}"),
    "AWS::CloudFront::Function": ("Name", rf"{_WORD}{{1,64}}"),
    "AWS::CloudFront::CachePolicy": ("CachePolicyConfig.Name", rf"{_WORD}{{1,128}}"),
}


def check_template(template: dict[str, Any]) -> None:
    """Raise ValueError as CloudFormation does for a template that is too large."""
    for part, most in (("Resources", MOST_RESOURCES), ("Outputs", MOST_OUTPUTS)):
        if len(template.get(part) or {}) > most:
            raise ValueError(
                f"Template format error: Number of {part.lower()}, {len(template[part])}, is greater than "
                f"maximum allowed, {most}"
            )


def check_size(body: str, *, is_stored: bool) -> None:
    """Raise ValueError as CloudFormation does for a text that is too long."""
    most = MOST_IN_S3 if is_stored else MOST_IN_REQUEST
    if len(body.encode()) > most:
        where = "templateURL" if is_stored else "templateBody"
        raise ValueError(
            f"1 validation error detected: Value at '{where}' failed to satisfy constraint: "
            f"Member must have length less than or equal to {most}"
        )


def check_name(kind: str, properties: dict[str, Any]) -> None:
    """Raise ValueError for a name that its service refuses."""
    path, pattern = NAMES.get(kind, ("", ""))
    named: Any = properties
    for part in path.split("."):
        named = named.get(part, {}) if isinstance(named, dict) else {}
    if isinstance(named, str) and not re.fullmatch(pattern, named):
        raise ValueError(f"1 validation error detected: Value '{named}' at '{path}' must satisfy {pattern}")
