"""Two lives that differ only in what is erased at their end leave the same behind, down to the last byte."""

import json
import logging
import random
import time
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import boto3
import pytest
from flask.testing import FlaskClient
from ulid import ULID

from app.accounts import session_models
from app.aws.streams import as_json
from app.cli import redrive
from app.core import telemetry
from app.photos import keys
from app.reports.index import shared_state
from app.review import unlink_votes
from handlers import account_changed, erase_accounts, report_changed, vote_changed
from infra.tables import note_complete
from tests.conftest import PREFIX, _wipe
from tests.forgetting import forget_what_is_known
from tests.moments import NOON
from tests.photo_rows import alter_photo
from tests.reporting import bearer

Rows = dict[str, dict[str, Any]]
HOUR_S = 3600
STREAMS = {
    "reports": report_changed.handler,
    "accounts": account_changed.handler,
    "votes": vote_changed.handler,
}
# Those that a person's acts can reach. Indexes hold nothing but what is in the rows.
TABLES = ("reports", "tiles", "accounts", "tokens", "throttles", "votes", "review")
OF_A_NEIGHBOUR = {"location": {"lat": 51.5004, "lon": -0.1242}, "severity": "minor"}
SPOT = (51.5002, -0.1248)  # of one cell of the grid of homes


class Life(NamedTuple):
    """The texts that a person gives about themselves and what they saw, all erased when they leave."""

    name: str
    password: str
    email: str
    place: tuple[float, float]
    texts: tuple[str, str]


def some_life(seed: int) -> Life:
    """Another one for each seed; its home always lies in the same cell of the grid."""
    dice = random.Random(seed)

    def word(longest: int) -> str:
        return "".join(dice.choices("abcdefghijklmnop", k=dice.randint(10, longest)))

    lat, lon = (round(at + dice.randint(-20, 20) / 1e5, 5) for at in SPOT)
    return Life(word(30), word(40), f"{word(20)}@example.org", (lat, lon), (word(90), word(90)))


def spoilt(record: dict[str, Any]) -> dict[str, Any]:
    """The same record with one value that cannot be read, so that it becomes a dead letter."""
    change = {
        name: value | {"lat": {"S": "no number"}} if name.endswith("Image") else value
        for name, value in record["dynamodb"].items()
    }
    return {"eventSource": record["eventSource"], "dynamodb": change}


def _key_of(row: dict[str, Any]) -> str:
    for names in (("report_id", "person"), ("lane", "sort"), ("id",), ("tile",)):
        if all(name in row for name in names):
            return " ".join(row[name]["S"] for name in names)
    raise AssertionError(f"a row without a known key: {sorted(row)}")


class World:
    """Tables, queues and the log, and what follows from each change."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.database = boto3.client("dynamodb")
        self.numbers = count(1)
        self.seen = {noun: self.rows(noun) for noun in STREAMS}

    def rows(self, noun: str) -> Rows:
        found = self.database.scan(TableName=f"{PREFIX}-{noun}")["Items"]
        return {_key_of(row): row for row in found}

    def follow(self) -> None:
        """Bring the changes since the last time to the functions that hang on the tables' streams."""
        for noun, handler in STREAMS.items():
            before, after = self.seen.get(noun, {}), self.rows(noun)
            changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
            records = [self._record(key, before.get(key), after.get(key)) for key in changed]
            if records:
                poison = [spoilt(record) for record in records]
                assert handler({"Records": [*records, *poison], "shardId": "s1"}, None) == {"batchItemFailures": []}
            self.seen[noun] = self.rows(noun)

    def _record(self, key: str, old: Any, new: Any) -> dict[str, Any]:
        images = {name: as_json(image) for name, image in (("OldImage", old), ("NewImage", new)) if image}
        table_key = dict(zip(("report_id", "person"), key.split(), strict=True)) if " " in key else {"id": key}
        keys = {name: {"S": value} for name, value in table_key.items()}
        told = {"Keys": keys, "SequenceNumber": str(next(self.numbers)), **images}
        return {
            "eventSource": "aws:dynamodb",
            "eventName": "MODIFY" if new else "REMOVE",
            "dynamodb": told | {"ApproximateCreationDateTime": time.time()},
        }

    def ask(self, method: str, path: str, **rest: Any) -> Any:
        headers = rest.pop("headers", {}) | {"X-Request-ID": f"req-{next(self.numbers)}-of-this-life"}
        answer = self.client.open(path, method=method, headers=headers, **rest)
        assert answer.status_code < 400, answer.text
        return answer.json


def photograph(world: World, report_id: str, own: dict[str, str], words: str) -> None:
    """Add a photo with words about it, as it is once its pixels are clean."""
    sent = {"content_type": "image/jpeg", "size_bytes": 9000, "alt": words}
    photo = world.ask("POST", f"/v1/reports/{report_id}/photos", json=sent, headers=own)
    alter_photo(report_id, photo["id"], state="ready", width=1600, height=1200)
    world.follow()


def live(world: World, life: Life) -> None:
    """Register, file two reports of a home, change one, take one back, and go."""
    world.ask("POST", "/v1/accounts", json={"username": life.name, "password": life.password, "email": life.email})
    pair = world.ask("POST", "/v1/tokens", json={"username": life.name, "password": life.password})
    own, (lat, lon) = bearer(pair["access_token"]), life.place
    reports = []
    for number, text in enumerate(life.texts):
        key = {"Idempotency-Key": f"the-same-key-in-both-{number}"}
        said = {"location": {"lat": lat, "lon": lon}, "severity": "severe", "title": text, "description": text * 2}
        reports.append(world.ask("POST", "/v1/reports", json=said, headers=own | key))
        world.follow()
        photograph(world, reports[-1]["id"], own, text)
    change = {"title": life.texts[1][::-1]}
    world.ask("PATCH", f"/v1/reports/{reports[0]['id']}", json=change, headers=own | {"If-Match": '"v1"'})
    world.ask("DELETE", f"/v1/reports/{reports[1]['id']}", headers=own)
    others = world.ask("POST", "/v1/reports", json=OF_A_NEIGHBOUR, headers={"Idempotency-Key": "a-neighbours-key-0001"})
    world.ask("PUT", f"/v1/reports/{others['id']}/votes", json={"condition": "flooded"}, headers=own)
    flag = {"reason": "other", "note": life.texts[0]}
    world.ask("POST", f"/v1/reports/{others['id']}/flags", json=flag, headers=own)
    world.follow()
    account_id = world.ask("GET", "/v1/me", headers=own)["id"]
    world.ask("DELETE", "/v1/me", json={"password": life.password}, headers=own)
    world.follow()
    message = {"messageId": "m1", "eventSource": "aws:sqs", "body": json.dumps({"account_id": account_id})}
    assert erase_accounts.handler({"Records": [message]}, None) == {"batchItemFailures": []}
    world.follow()


def taken_from(noun: str) -> list[str]:
    """The messages of a queue, which is empty then."""
    client = boto3.client("sqs")
    url = client.get_queue_url(QueueName=f"{PREFIX}-{noun}")["QueueUrl"]
    bodies: list[str] = []
    while taken := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in taken:
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        bodies += [message["Body"] for message in taken]
    return sorted(bodies)


def left_behind(world: World, lines: list[str], noon: Any) -> dict[str, Any]:
    """Return everything left after what expires within hours has expired: rows, queues, the log."""
    noon.shift(3 * HOUR_S)
    now_s = time.time()
    left: dict[str, Any] = {}
    for noun in TABLES:
        rows = world.rows(noun)
        left[noun] = {key: row for key, row in rows.items() if float(row.get("purge_at", {"N": "inf"})["N"]) > now_s}
    left["queues"] = {noun: taken_from(noun) for noun in ("erasures", *redrive.EVERY_QUEUE)}
    told = [json.loads(line) for line in lines]
    left["log"] = [{name: value for name, value in line.items() if name != "duration_ms"} for line in told]
    return left


def live_and_leave(world: World, life: Life, lines: list[str], noon: Any) -> dict[str, Any]:
    live(world, life)
    return left_behind(world, lines, noon)


def make_ids_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids of accounts, sign-ins and consumers are random and say nothing: here they are the same in each life."""
    numbers = count(1)

    class Known:
        """The time of now, and a number."""

        from_str = ULID.from_str

        def __str__(self) -> str:
            return f"{str(ULID())[:10]}{next(numbers):016d}"

    monkeypatch.setattr(session_models, "ULID", Known)
    monkeypatch.setattr(keys, "new_photo_id", lambda: f"photo{next(numbers):017d}")
    monkeypatch.setattr(unlink_votes, "_new_name", lambda: f"x_{next(numbers):020d}")
    monkeypatch.setattr(shared_state, "holder_name", lambda shard: f"{shard}#{'0' * 16}")


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """The lines of the product's log, as they are written."""
    product, written = telemetry.logger(), list[str]()

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            formatter = product.handlers[0].formatter
            assert formatter is not None
            written.append(formatter.format(record))

    collector = Collector()
    product.addHandler(collector)
    yield written
    product.removeHandler(collector)


def begin_anew(noon: Any) -> None:
    """The same moment again, and nothing that was ever stored or sent."""
    noon.move_to(NOON)
    _wipe()
    forget_what_is_known()
    note_complete(boto3.client("dynamodb"), PREFIX, f"{PREFIX}-reports")


def test_two_lives_leave_the_same_behind(
    client: FlaskClient,
    queues: object,
    photos_bucket: str,
    noon: Any,
    lines: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = []
    for seed in (1, 2, 3):
        begin_anew(noon)
        make_ids_known(monkeypatch)
        lines.clear()
        left.append(live_and_leave(World(client), some_life(seed), lines, noon))

    assert [key for key in left[0]["reports"] if key.startswith("rep_")]
    assert [len(left[0]["log"]), len(left[0]["queues"]["erasures"])] >= [10, 1]
    letters = {noun: len(bodies) for noun, bodies in left[0]["queues"].items()}
    assert letters["report-changes-dead-letters"] >= 6 and letters["account-changes-dead-letters"] >= 2
    for other in left[1:]:
        for part, kept in left[0].items():
            assert other[part] == kept, part


def test_sign_ins_are_deleted_with_the_account(
    client: FlaskClient, queues: object, photos_bucket: str, noon: Any
) -> None:
    world = World(client)
    who_stays = {"username": "stays-in-town", "password": "another wet november evening"}
    world.ask("POST", "/v1/accounts", json=who_stays)
    world.ask("POST", "/v1/tokens", json=who_stays)

    def people() -> set[str]:
        return {row["account_id"]["S"] for row in world.rows("tokens").values() if "account_id" in row}

    before = people()
    live(world, some_life(5))

    assert len(before) == 1
    assert people() == before


def test_nothing_of_a_life_stands_in_what_it_leaves(
    client: FlaskClient, queues: object, photos_bucket: str, noon: Any, lines: list[str]
) -> None:
    life = some_life(4)

    left = json.dumps(live_and_leave(World(client), life, lines, noon), default=bytes.hex)

    told = [life.name, life.password, life.email, *map(str, life.place), *life.texts]
    assert [word for word in told if word in left] == []
