"""Send mail by SES (version 2 of its API), and read what its events report."""

import json
from functools import cache
from typing import Any, NamedTuple

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

from app.core import dynamodb
from app.core.config import settings

# One attempt: a second one of botocore's own could send a message twice.
TIMES = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1, "mode": "standard"})
RECIPIENT, EVENT = "recipient", "event"  # tags that name a message of the ledger
# Codes of requests that SES will not take however often they come.
_NEVER = ("BadRequestException", "MessageRejected", "ValidationException")


class NotTaken(Exception):
    """SES did not accept the message. `is_final`: it never will. The text is SES's own code."""

    def __init__(self, code: str, *, is_final: bool = False) -> None:
        super().__init__(code)
        self.is_final = is_final


class MayBeTaken(Exception):
    """SES did not answer, or said that it failed: it may have accepted the message."""


class Event(NamedTuple):
    """Report of SES about a message of the ledger."""

    kind: str  # Send, Delivery, Bounce, Complaint, Reject, RenderingFailure, ...
    recipient: str
    event: str
    is_permanent: bool  # of a bounce: the address does not work
    provider_id: str


def configuration_set() -> str:
    """Return the configuration set of this deployment, which reports to its topic."""
    return f"{settings().prefix}-mail"


def send(asked: dict[str, Any], *, recipient: str, event: str) -> str:
    """Send one message, given as the operation SendEmail takes it; return SES's id. Raises NotTaken or MayBeTaken."""
    tags = [{"Name": RECIPIENT, "Value": recipient}, {"Name": EVENT, "Value": event}]
    try:
        answer = client().send_email(**asked, ConfigurationSetName=configuration_set(), EmailTags=tags)
    except (EndpointConnectionError, ConnectTimeoutError) as error:
        raise NotTaken(type(error).__name__) from error
    except ClientError as error:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status >= 500:
            raise MayBeTaken(code) from error
        raise NotTaken(code, is_final=code in _NEVER) from error
    except BotoCoreError as error:
        raise MayBeTaken(type(error).__name__) from error
    return str(answer["MessageId"])


def read_event(text: str) -> Event | None:
    """Return what a message of the topic reports; None for one about no message of the ledger. Raises ValueError.

    The topic hands over an envelope of SNS with the event as a text in it, or with raw delivery the event itself.
    """
    try:
        told = json.loads(text)
        told = json.loads(told["Message"]) if "Message" in told else told
        mail = told.get("mail") or {}
        tags = mail.get("tags") or {}
        names = [(tags.get(name) or [""])[0] for name in (RECIPIENT, EVENT)]
        is_permanent = (told.get("bounce") or {}).get("bounceType") == "Permanent"
        kind = str(told.get("eventType") or told.get("notificationType") or "")
    except (TypeError, AttributeError, KeyError) as error:
        raise ValueError("This is no event of SES.") from error
    return (
        Event(kind, str(names[0]), str(names[1]), is_permanent, str(mail.get("messageId", ""))) if all(names) else None
    )


@cache
def client() -> Any:
    """Return the client of this process."""
    return dynamodb.session().create_client("sesv2", region_name=settings().region, config=TIMES)
