"""Keep what clients, queues and small tables hold of a release, for later ones to read.

In a checkout of the release: `.venv/bin/python -m pytest -n 0 tests/rig/keep_held.py` with the variable KEEP, the
folder to write to (tests/samples/stored/release-2). The clock stands at noon and the secrets are those of the tests, so
that later tests can read it for ever.
"""

import base64
import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
import time_machine
from flask.testing import FlaskClient

from app.accounts import sessions
from app.reactions import ERASED_AFTER_S
from app.warnings.sources.cap import feed
from app.warnings.sources.http_client import Fetcher
from handlers import account_changed
from tests.conftest import PREFIX
from tests.factories import PASSWORD
from tests.moments import NOON
from tests.post import Post, post
from tests.reporting import bearer, filed
from tests.rig.upstream import Asked, Reply, Upstream
from tests.subscribed import ask, managing, subscribed
from tests.warning_making import announce, message

__all__ = ["post"]  # a fixture
RIVER = Path(__file__).parents[1] / "samples" / "cap" / "river-two-languages.cap.xml"
TABLES = ("accounts", "areas", "deliveries", "reports", "subscriptions", "throttles", "tokens", "votes", "warnings")
LISTS = (
    "/v1/reports?limit=1",
    "/v1/reports?limit=1&severity_min=minor",
    "/v1/reports?limit=1&lat=51.5&lon=-0.12&radius_km=5",
    "/v1/reports?limit=1&since=2026-11-01T00:00:00Z",
    "/v1/reports?limit=1&updated_since=2026-11-21T00:00:00Z",
    "/v1/warnings?limit=1",
    "/v1/areas?limit=1",
)
OWN_LISTS = ("/v1/me/reports?limit=1",)
PAGES = ("/me",)


def keep(name: str, content: Any) -> None:
    folder = Path(os.environ["KEEP"])
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def sign_in(client: FlaskClient, name: str) -> dict[str, Any]:
    said = {"username": name, "password": PASSWORD}
    assert client.post("/v1/accounts", json=said).status_code == 201
    answer = client.post("/v1/tokens", json=said).json
    assert answer is not None
    return dict(answer)


def tokens_of(client: FlaskClient) -> dict[str, str]:
    """One token of each use, and what a form holds."""
    first = sign_in(client, "keeper")
    pair = client.post("/v1/tokens/refresh", json={"refresh_token": first["refresh_token"]}).json
    assert pair is not None
    report = filed(client, title="Edited by its token")
    browser = client.application.test_client()
    answer = browser.post(
        "/sign-in", data={"username": "keeper", "password": PASSWORD}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    cookie = answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
    form = browser.get("/report").text
    fields = {name: re.search(f'name="{name}" value="([^"]*)"', form) for name in ("key", "begun_as")}
    visitor = client.post("/v1/visitors").json
    key = client.post(
        "/v1/me/api-keys", json={"name": "Gauge", "scopes": ["reports:write"]}, headers=bearer(pair["access_token"])
    ).json
    assert visitor is not None
    assert key is not None
    return {
        "access": pair["access_token"],
        "refresh": pair["refresh_token"],
        "edit": report["edit_token"],
        "edited_report": report["id"],
        "session": cookie,
        "visitor": visitor["visitor_token"],
        "api_key": key["key"],
        **{f"form_{name}": found[1] for name, found in fields.items() if found},
    }


def alerts_of(client: FlaskClient, post: Post) -> dict[str, str]:
    """Ask for alerts twice: once confirmed, with the link in every message, and once not, with the first link."""
    confirmed = subscribed(client, post)
    answer = ask(client, "waiting@example.net")
    post.work()
    return {
        "alerts": confirmed.id,
        "alerts_manage": managing(confirmed)["Authorization"].removeprefix("Bearer "),
        "alerts_asked": answer.json["id"],
        "alerts_confirm": post.token(),
    }


def cursors_of(client: FlaskClient, headers: dict[str, str], cookie: str) -> list[dict[str, Any]]:
    """Of each list a cursor and the ids to which it leads."""
    kept = []
    for path in (*LISTS, *OWN_LISTS):
        said = headers if path in OWN_LISTS else {}
        cursor = client.get(path, headers=said).json["next_cursor"]  # type: ignore[index]  # a list's answer
        following = client.get(f"{path}&cursor={cursor}", headers=said).json
        assert following is not None
        assert following["items"], path
        kept.append({"path": path, "cursor": cursor, "ids": [item["id"] for item in following["items"]]})
    browser = client.application.test_client()
    browser.set_cookie(sessions.cookie_name(), cookie)
    for path in PAGES:
        (cursor,) = re.findall(r"cursor=([\w-]+)", browser.get(path).text)
        following = browser.get(f"{path}?cursor={cursor}")
        kept.append({"path": path, "cursor": cursor, "ids": re.findall(r"/reports/(rep_\w+)", following.text)})
    return kept


def messages_of(client: FlaskClient, queues: Callable[[str], list[str]], clock: Any) -> dict[str, Any]:
    """Return the messages in the queues: the erasure of an account, and a record that no code could read."""
    token = sign_in(client, "leaver")["access_token"]
    report = filed(client, headers=bearer(token), title="Left behind")
    account_id = client.get("/v1/me", headers=bearer(token)).json["id"]  # type: ignore[index]  # an account
    assert client.delete("/v1/me", json={"password": PASSWORD}, headers=bearer(token)).status_code == 204
    change = {"eventSource": "aws:dynamodb", "eventName": "REMOVE", "eventVersion": "1.1"}
    removed = change | {"dynamodb": {"Keys": {"id": {"S": account_id}}, "SequenceNumber": "1"}}
    poison = change | {"dynamodb": {"Keys": {"number": {"N": "1"}}, "SequenceNumber": "2"}}
    account_changed.handler({"Records": [removed, poison], "shardId": "shard-1"}, None)
    clock.shift(ERASED_AFTER_S + 1)
    return {
        "account_removed": removed,
        "erasure": queues("erasures"),
        "dead_letter": queues("account-changes-dead-letters"),
        "left_report": report["id"],
    }


def validators_of_a_feed() -> dict[str, str]:
    """Return the memory of a CAP feed whose one link was followed."""
    listed = "<entry><id>1</id><updated>06:30</updated><link href='first'/></entry>"
    bodies = {
        "/index": f"<feed xmlns='http://www.w3.org/2005/Atom'>{listed}</feed>".encode(),
        "/first": RIVER.read_bytes(),
    }

    def answer(asked: Asked) -> Reply:
        return Reply(bodies[asked.path], headers={"ETag": '"index-1"'})

    with Upstream(answer) as host, Fetcher(f"{host.address}/index") as fetcher:
        return dict(feed.fetch(fetcher, {}, now_ms=NOON * 1000).validators)


def rows() -> dict[str, list[Any]]:
    """All items of the tables; bytes as base64, as in a stream's record."""
    client = boto3.client("dynamodb")
    items = {table: client.scan(TableName=f"{PREFIX}-{table}")["Items"] for table in TABLES}
    plain = json.dumps(items, default=lambda value: base64.b64encode(value).decode())
    return {table: sorted(found, key=repr) for table, found in json.loads(plain).items()}


@pytest.mark.skipif("KEEP" not in os.environ, reason="KEEP names the folder to write to")
def test_keep(
    client: FlaskClient,
    queues: Callable[[str], list[str]],
    noon: time_machine.Traveller,
    request: pytest.FixtureRequest,
) -> None:
    announce(message("event-1"), message("event-2"), validators=validators_of_a_feed())
    kept = tokens_of(client)
    for number in range(21):
        noon.shift(1)
        filed(client, headers=bearer(kept["access"]), title=f"Own {number}", place="public")
    keep("cursors", cursors_of(client, bearer(kept["access"]), kept["session"]))
    noon.shift(1)
    keep("messages", messages_of(client, queues, noon))
    keep("tokens", kept | alerts_of(client, request.getfixturevalue("post")) | {"at_s": int(time.time())})
    keep("held_rows", rows())
