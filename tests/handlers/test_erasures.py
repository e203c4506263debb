"""A deleted account's reports: from the accounts table's stream through the queue, until none leads to a person."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.reports.models import Report
from handlers import account_changed, erase_accounts
from tests.factories import PASSWORD, make_account, make_report, sign_in_as

Taking = Callable[[str], list[str]]


def removal(row_id: str, *, kind: str = "REMOVE", number: int = 1) -> dict[str, Any]:
    """Return the record of the accounts table's stream for a changed row: it holds the key alone."""
    told = {"Keys": {"id": {"S": row_id}}, "SequenceNumber": str(number)}
    return {"eventSource": "aws:dynamodb", "eventName": kind, "dynamodb": told}


def message(body: str, *, number: int = 1) -> dict[str, Any]:
    return {"messageId": f"m{number}", "eventSource": "aws:sqs", "body": body}


class Clock:
    """Lambda's context: the time that is left, a value for each call."""

    def __init__(self, *left_ms: int) -> None:
        self.left_ms = list(left_ms)

    def get_remaining_time_in_millis(self) -> int:
        return self.left_ms.pop(0)


def erase(*bodies: str, context: Clock | None = None) -> dict[str, Any]:
    records = [message(body, number=number) for number, body in enumerate(bodies, 1)]
    return erase_accounts.handler({"Records": records}, context)


def test_removed_account_goes_to_the_queue_and_names_do_not(queues: Taking) -> None:
    records = [removal("acc_1"), removal("name:ada", number=2), removal("acc_2", kind="MODIFY", number=3)]

    answer = account_changed.handler({"Records": records}, None)

    assert answer == {"batchItemFailures": []}
    # The message waits a few seconds; SQS hides it until then.
    assert queue_depth("erasures") == 1


def queue_depth(noun: str) -> int:
    from app.aws import queues as client

    wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
    told = client.client().get_queue_attributes(QueueUrl=client._url(noun), AttributeNames=wanted)
    return sum(int(count) for count in told["Attributes"].values())


def test_poison_among_accounts_is_set_aside_and_holds_up_no_other(queues: Taking) -> None:
    bad = removal("acc_1") | {"dynamodb": {"SequenceNumber": "1"}}

    answer = account_changed.handler({"Records": [bad, removal("acc_2", number=2)], "shardId": "s1"}, None)

    assert answer == {"batchItemFailures": []}
    letter = json.loads(queues("account-changes-dead-letters")[0])
    assert letter["changed"] == {"id": "", "event": "REMOVE", "cells": [], "sequence": "1", "at": None}
    assert queue_depth("erasures") == 1


def test_name_in_a_poison_record_is_not_kept(queues: Taking) -> None:
    bad = removal("name:ada.lovelace")
    del bad["eventName"]

    account_changed.handler({"Records": [bad]}, None)

    [letter] = queues("account-changes-dead-letters")
    assert "lovelace" not in letter and json.loads(letter)["changed"]["sequence"] == "1"


def test_queue_that_does_not_answer_brings_the_record_back(tables: None) -> None:
    answer = account_changed.handler({"Records": [removal("name:x"), removal("acc_1", number=7)]}, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "7"}]}


def test_erased_reports_are_coarse_and_lead_to_nobody(queues: Taking) -> None:
    account = make_account()
    report = make_report(lat=51.50123, lon=-0.12345, account_id=account.id)

    answer = erase(json.dumps({"account_id": account.id}))

    stored = Report.find(report.id, consistent=True)
    assert answer == {"batchItemFailures": []}
    assert stored and stored.account_id is None
    assert (stored.lat, stored.lon) == (51.501, -0.123)


def test_broken_message_fails_alone(queues: Taking) -> None:
    report = make_report(account_id="acc_1")

    answer = erase("{", "[]", json.dumps({"account_id": ""}), json.dumps({"account_id": "acc_1"}))

    assert answer == {"batchItemFailures": [{"itemIdentifier": f"m{number}"} for number in (1, 2, 3)]}
    stored = Report.find(report.id, consistent=True)
    assert stored and stored.account_id is None


def test_list_that_is_longer_than_the_time_goes_on_in_another_message(queues: Taking) -> None:
    reports = [make_report(account_id="acc_1") for _ in range(60)]
    body = json.dumps({"account_id": "acc_1"})

    erase(body, context=Clock(50_000, 9_000))
    first = [Report.find(report.id) for report in reports]
    assert queue_depth("erasures") == 1
    erase(body, context=Clock(*[50_000] * 9))

    assert sum(report is not None and report.account_id is None for report in first) == 25
    assert not list(Report.page_of_account("acc_1", limit=100)[0])


def test_deleting_an_account_answers_at_once_and_leaves_its_reports_to_the_queue(
    client: FlaskClient, queues: Taking
) -> None:
    headers = sign_in_as(username="ada")
    account_id = client.get("/v1/me", headers=headers).json["id"]
    for _ in range(30):
        make_report(account_id=account_id)

    assert client.delete("/v1/me", headers=headers, json={"password": PASSWORD}).status_code == 204
    assert client.get("/v1/me", headers=headers).status_code == 401
    assert len(Report.page_of_account(account_id, limit=100)[0]) == 30
    erase(json.dumps({"account_id": account_id}))

    assert not Report.page_of_account(account_id, limit=100)[0]


@pytest.mark.parametrize("event", [{}, None, {"Records": [{"eventSource": "aws:kinesis"}]}, {"Records": [None]}])
@pytest.mark.parametrize("function", [account_changed, erase_accounts])
def test_any_other_event_is_refused(function: Any, event: Any) -> None:
    with pytest.raises(ValueError, match="nothing else"):
        function.handler(event, None)


def test_message_of_a_later_release_with_more_in_it_is_done(tables: None) -> None:
    report = make_report(account_id="acc_gone")

    answer = erase(json.dumps({"account_id": "acc_gone", "format": 1, "later": {"reason": "left"}}))

    left = Report.find(report.id)
    assert left is not None
    assert (answer, left.account_id) == ({"batchItemFailures": []}, None)
