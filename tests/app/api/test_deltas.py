"""`updated_since` of /v1/warnings: what has changed, tombstones, and a moment that is safe to go on from."""

import csv
import io
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.app.api.test_description import check
from tests.warning_making import announce, message, place, square

MINUTE_S = 60


def follow(client: FlaskClient, address: str, kept: dict[str, Any]) -> tuple[str, int]:
    """Take all pages of a list or delta into a copy; says where the next delta is, and how many items there were."""
    began, number = "", 0
    while address:
        page = client.get(address).json
        for item in page["items"]:
            if item.get("gone"):
                kept.pop(item["id"], None)
            else:
                kept.setdefault(item["id"], item)
                if item["updated_at"] >= kept[item["id"]]["updated_at"]:
                    kept[item["id"]] = item
        links = {link["rel"]: link["href"] for link in page["links"]}
        began, number, address = began or links["next-delta"], number + len(page["items"]), links.get("next", "")
    return began, number


def known(items: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {id_: (item["severity"], item["ended_at"], item["updated_at"]) for id_, item in items.items()}


@pytest.mark.parametrize("seed", range(3))
def test_copy_by_deltas_is_the_list(client: FlaskClient, noon: Any, seed: int) -> None:
    """Two sources bring, change and end warnings over two days; what ended long ago is gone from the copy too."""
    random = Random(seed)
    out: dict[str, dict[str, Any]] = {"ea": {}, "nws": {}}
    for source in out:
        announce(source=source)
    copy: dict[str, Any] = {}
    address, _ = follow(client, "/v1/warnings?limit=3", copy)

    for _ in range(30):
        noon.shift(timedelta(minutes=random.randint(5, 120)))
        source = random.choice(["ea", "nws"])
        held = out[source]
        name = f"event-{random.randint(0, 5)}"
        if held.pop(name, None) is None:
            severity = random.choice(["minor", "severe"])
            held[name] = message(name, severity=severity, places=(place(name, square()),))
        announce(*held.values(), source=source)
        if random.random() < 0.5:
            address, _ = follow(client, address, copy)
    noon.shift(20 * MINUTE_S)
    address, _ = follow(client, address, copy)

    whole: dict[str, Any] = {}
    follow(client, "/v1/warnings?limit=100", whole)
    shown = {id_: item for id_, item in copy.items() if id_ in whole}
    assert known(shown) == known(whole)
    assert all(item["in_force"] is False for id_, item in copy.items() if id_ not in whole)
    noon.shift(20 * MINUTE_S)
    assert follow(client, address, copy)[1] == 0


def test_what_is_gone_leaves_a_tombstone_in_every_form(client: FlaskClient, noon: Any) -> None:
    announce()
    announce(message("E1"))
    since = "2026-11-21T12:30:00Z"
    noon.shift(3600)
    announce(is_whole=False)
    announce()
    announce()
    noon.shift(25 * 3600)
    announce()

    page = client.get(f"/v1/warnings?updated_since={since}").json
    check("WarningPage", client.get("/v1/warnings").json)
    [tombstone] = [item for item in page["items"] if item.get("gone")]
    [row] = list(csv.DictReader(io.StringIO(client.get(f"/v1/warnings.csv?updated_since={since}").text)))
    [feature] = client.get(f"/v1/warnings.geojson?updated_since={since}").json["features"]

    assert set(tombstone) == {"id", "gone", "updated_at"}
    assert (row["id"], row["gone"].lower()) == (tombstone["id"], "true")
    assert (feature["id"], feature["geometry"], feature["properties"]["gone"]) == (tombstone["id"], None, True)


def test_csv_and_geojson_lead_to_the_next_delta_too(client: FlaskClient, noon: Any) -> None:
    announce(message("E1"))

    for path in ("/v1/warnings", "/v1/warnings.geojson", "/v1/warnings.csv"):
        answer = client.get(f"{path}?source=ea&severity_min=minor")
        assert f"<{path}?source=ea&severity_min=minor&updated_since=" in answer.headers["Link"], path
        assert answer.headers["Link"].endswith('rel="next-delta"')


def test_delta_has_no_period(client: FlaskClient) -> None:
    answer = client.get("/v1/warnings?updated_since=2026-11-21T00:00:00Z&since=2026-11-20T00:00:00Z")

    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "conflict")
