"""Steps of the story: an address is confirmed, and a lost password comes back, by mail of the emulated SES."""

import json
import re
from typing import Any

from moto.ses.models import ses_backends

from tests.deploy.cloud import ACCOUNT, REGION, Cloud
from tests.deploy.conftest import PREFIX
from tests.deploy.functions import Functions

SETTINGS = {
    "FLOOD_MAIL: ''": "FLOOD_MAIL: ses",
    "FLOOD_MAIL_FROM: ''": "FLOOD_MAIL_FROM: Floods <alerts@floods.example.org>",
    "FLOOD_MAIL_TO: ''": "FLOOD_MAIL_TO: example.net",
    "FLOOD_PUBLIC_BASE_URL: ''": "FLOOD_PUBLIC_BASE_URL: https://floods.example.org",
}
PERSON = {"username": "forgetful", "password": "a wet november evening", "email": "forgetful@example.net"}


def confirm_an_address(functions: Functions, cloud: Cloud) -> None:
    """Let a person register with an address, and confirm it by the link in the message."""
    cloud.clients("sesv2").create_email_identity(EmailIdentity="floods.example.org")
    made = functions.request("POST", "/v1/accounts", PERSON)
    confirmed = functions.request("POST", "/v1/email-confirmations", {"token": _token(functions)})

    assert (made.status, confirmed.status) == (201, 200)
    assert confirmed.body["email"] == PERSON["email"]


def bring_a_password_back(functions: Functions) -> None:
    """Let the person ask for a new password, and set it by the link in the message."""
    asked = functions.request("POST", "/v1/password-resets", {"email": PERSON["email"]})
    new = "another wet november evening"
    used = functions.request("POST", "/v1/password-resets/use", {"token": _token(functions), "password": new})
    before, after = (
        functions.request("POST", "/v1/tokens", {"username": PERSON["username"], "password": password}).status
        for password in (PERSON["password"], new)
    )

    assert (asked.status, used.status, before, after) == (202, 204, 401, 200)
    assert _letters()[-1].subject == "[dev] Set a new password"


def note_what_ses_reports(functions: Functions, cloud: Cloud) -> None:
    """Let SES's topic report that the first message was delivered: the queue brings it to the ledger."""
    rows = cloud.clients("dynamodb").scan(TableName=f"{PREFIX}-deliveries")["Items"]
    sent = next(row for row in rows if row["kind"]["S"] == "confirm")
    tags = {name: [sent[name]["S"]] for name in ("recipient", "event")}
    told = {"eventType": "Delivery", "mail": {"messageId": "m", "tags": tags}}
    [topic] = [
        one["TopicArn"]
        for one in cloud.clients("sns").list_topics()["Topics"]
        if one["TopicArn"].endswith(f":{PREFIX}-mail-events")
    ]
    cloud.clients("sns").publish(TopicArn=topic, Message=json.dumps(told))
    failed = functions.deliver_queue("mail_events")
    key = {name: sent[name] for name in ("recipient", "event")}
    now = cloud.clients("dynamodb").get_item(TableName=f"{PREFIX}-deliveries", Key=key)["Item"]

    assert (sent["state"]["S"], failed, now["state"]["S"]) == ("sent", [], "delivered")
    assert not [row for row in rows if PERSON["email"] in json.dumps(row)]


def _token(functions: Functions) -> str:
    """Bring what is new to its queue and out of it; return the token in the message."""
    functions.deliver_stream("delivery_added")
    assert functions.deliver_queue("deliver", "deliveries-urgent") == []
    found = re.search(r"https://floods\.example\.org/[a-z-]+#([\w-]+)", str(_letters()[-1].body))
    assert found
    return found[1]


def _letters() -> list[Any]:
    return list(ses_backends[ACCOUNT][REGION].sent_messages)
