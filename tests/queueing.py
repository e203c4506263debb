"""The responders' queue in tests: what the streams' consumers do, and how responders ask."""

from collections.abc import Iterator, Sequence
from typing import Any

import boto3
from flask.testing import FlaskClient

from app.accounts.areas import Area
from app.aws.streams import as_json
from app.core import clock
from handlers import report_changed, vote_changed
from tests.conftest import PREFIX
from tests.factories import EVERYWHERE, sign_in_as

Image = dict[str, Any]


def stored(table: str) -> list[Image]:
    """All rows of a table, as they are stored."""
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=f"{PREFIX}-{table}", ConsistentRead=True)
    return [row for page in pages for row in page["Items"]]


def queue_rows() -> list[Image]:
    """The rows of the queue, without holds and figures."""
    return [row for row in stored("review") if not row["lane"]["S"].startswith(("hold", "figures"))]


class Streams:
    """Brings what has changed since the last time to the consumers, as both tables' streams do."""

    def __init__(self) -> None:
        self.reports: dict[str, Image] = {}
        self.votes: dict[tuple[str, str], Image] = {}
        self.number = 0

    def catch_up(self) -> list[Image]:
        """Deliver the changes of votes, then those of reports; return the latter."""
        self._deliver_votes()
        records = list(self._changes())
        if records:
            report_changed.handler({"Records": records, "shardId": "shard-1"}, None)
        return records

    def _deliver_votes(self) -> None:
        rows = {(row["report_id"]["S"], row["person"]["S"]): row for row in stored("votes")}
        changed = [key for key, row in rows.items() if self.votes.get(key) != row]
        self.votes = rows
        keys = [{"report_id": {"S": report_id}, "person": {"S": person}} for report_id, person in changed]
        records = [self._record({"Keys": key}) for key in keys]
        if records:
            vote_changed.handler({"Records": records, "shardId": "shard-1"}, None)

    def _changes(self) -> Iterator[Image]:
        now = {row["id"]["S"]: row for row in stored("reports") if row["id"]["S"].startswith("rep_")}
        for report_id in sorted({*now, *self.reports}):
            old, new = self.reports.get(report_id), now.get(report_id)
            if old != new:
                images = {name: image for name, image in (("OldImage", old), ("NewImage", new)) if image}
                yield self._record({"Keys": {"id": {"S": report_id}}} | as_json(images))
        self.reports = now

    def _record(self, change: Image) -> Image:
        self.number += 1
        change |= {"SequenceNumber": str(self.number), "ApproximateCreationDateTime": clock.now_ms() / 1000}
        return {"eventSource": "aws:dynamodb", "eventName": "MODIFY", "dynamodb": change}


class Responder:
    """A responder who asks for the queue, holds and decides."""

    def __init__(self, client: FlaskClient, role: str = "responder", *, within: Sequence[Area] = EVERYWHERE) -> None:
        self.client, self.headers = client, sign_in_as(role, within=within)

    def page(self, **query: Any) -> dict[str, Any]:
        answer = self.client.get("/v1/review/queue", query_string=query, headers=self.headers)
        assert answer.status_code == 200, answer.text
        assert isinstance(answer.json, dict)
        return answer.json

    def items(self, **query: Any) -> list[dict[str, Any]]:
        """All items, page by page."""
        found, page = [], self.page(**query)
        found += page["items"]
        while page["next_cursor"]:
            page = self.page(**query, cursor=page["next_cursor"])
            found += page["items"]
        return found

    def ids(self, **query: Any) -> list[str]:
        return [item["report"]["id"] for item in self.items(**query)]

    def item(self, report_id: str, **query: Any) -> dict[str, Any]:
        return next(item for item in self.items(**query) if item["report"]["id"] == report_id)

    def one(self, report_id: str) -> Any:
        return self.client.get(f"/v1/review/queue/{report_id}", headers=self.headers)

    def hold(self, report_id: str) -> Any:
        return self.client.put(f"/v1/review/holds/{report_id}", headers=self.headers)

    def let_go(self, report_id: str) -> Any:
        return self.client.delete(f"/v1/review/holds/{report_id}", headers=self.headers)

    def decide(self, *decisions: Any) -> Any:
        return self.client.post("/v1/review/decisions", json={"decisions": decisions}, headers=self.headers)

    def verify(self, report_id: str, *, version: int = 1) -> Any:
        headers = self.headers | {"If-Match": f'"v{version}"'}
        body = {"decision": "verified", "reason": "seen_by_staff"}
        return self.client.put(f"/v1/reports/{report_id}/verification", json=body, headers=headers)
