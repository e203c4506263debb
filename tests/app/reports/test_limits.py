"""Limits of filing and editing. Replays and refused reports do not count; other bodies under a known key do."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from flask.testing import FlaskClient

from app.accounts import network_limits, throttle
from app.core import dynamodb
from app.core.config import settings
from app.reports import create
from bench.units import item_size, write_units
from infra.tables import table_properties
from tests.conftest import PREFIX
from tests.factories import sign_in_as
from tests.reporting import bearer, body_of, file_report, filed, new_key

HOUSEHOLD = "2001:db8:1:2::"


@pytest.fixture(autouse=True)
def _thirty(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a network had 30 reports an hour: its 300 would take minutes here."""
    monkeypatch.setattr(create, "settings", lambda: settings()._replace(anonymous_writes_hard=30))


def use_up(client: FlaskClient, address: str = "198.51.100.7") -> list[int]:
    return [file_report(client, address=address).status_code for _ in range(30)]


def test_thirty_first_report_of_a_network_is_too_many(client: FlaskClient, noon: Any) -> None:
    assert set(use_up(client)) == {201}
    noon.shift(600)

    answer = file_report(client, address="198.51.100.7")

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3000")
    assert answer.headers["RateLimit-Policy"] == '"report";q=30;w=3600'
    assert answer.headers["RateLimit"] == '"report";r=0;t=3000'
    assert answer.json["type"] == "/docs/errors/too-many"


def test_limit_counts_networks_apart(client: FlaskClient, noon: Any) -> None:
    use_up(client)

    assert file_report(client, address="198.51.100.8").status_code == 201


def test_one_household_is_one_network(client: FlaskClient, noon: Any) -> None:
    statuses = [file_report(client, address=f"{HOUSEHOLD}{number:x}").status_code for number in range(1, 32)]

    assert statuses == [201] * 30 + [429]
    assert file_report(client, address="2001:db8:1:3::1").status_code == 201


def test_forwarded_addresses_are_not_believed(client: FlaskClient, noon: Any) -> None:
    use_up(client)

    answer = file_report(
        client, address="198.51.100.7", headers={"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=1.1.1.1"}
    )

    assert answer.status_code == 429


def test_next_hour_begins_anew(client: FlaskClient, noon: Any) -> None:
    use_up(client)
    noon.shift(3600)

    assert file_report(client, address="198.51.100.7").status_code == 201


def test_who_has_a_whole_site_may_file_for_four_households(client: FlaskClient, noon: Any) -> None:
    statuses = [
        file_report(client, address=f"2001:db8:1:{household:x}::1").status_code
        for household in range(0, 0xFFFF, 0xFFFF // 122)
    ]

    assert (statuses.count(201), statuses.count(429)) == (120, len(statuses) - 120)
    assert file_report(client, address="2001:db8:2::1").status_code == 201


def test_a_towns_one_address_is_not_silenced_by_the_thirty_first_report() -> None:
    assert settings().anonymous_writes_hard == 300


def test_account_files_thirty_an_hour(client: FlaskClient, noon: Any, resident: dict[str, str]) -> None:
    key = new_key()
    statuses = [file_report(client, key=key, headers=resident).status_code]
    statuses += [file_report(client, headers=resident).status_code for _ in range(30)]
    again = file_report(client, key=key, headers=resident)
    other = file_report(client, headers=sign_in_as())

    assert statuses == [201] * 30 + [429]
    assert (again.status_code, other.status_code) == (200, 201)
    assert again.headers["RateLimit-Policy"] == '"account-report";q=30;w=3600'


@pytest.mark.parametrize("has_account", [True, False])
def test_reporter_edits_sixty_times_an_hour(client: FlaskClient, noon: Any, has_account: bool) -> None:
    resident = sign_in_as()
    report = filed(client, headers=resident if has_account else {})
    headers = resident if has_account else bearer(report["edit_token"])
    path, statuses = f"/v1/reports/{report['id']}", []
    for number in range(61):
        said = headers | {"If-Match": "*"}
        answer = client.patch(path, json={"radius_m": number + 1}, headers=said)
        statuses.append(answer.status_code)

    assert statuses == [200] * 60 + [429]
    assert (answer.headers["RateLimit-Policy"], "Retry-After" in answer.headers) == ('"edit";q=60;w=3600', True)
    assert client.delete(path, headers=headers).status_code == 204


def test_account_is_not_limited_by_its_network(client: FlaskClient, noon: Any, resident: dict[str, str]) -> None:
    use_up(client)

    assert file_report(client, address="198.51.100.7", headers=resident).status_code == 201


def test_replay_is_answered_though_the_network_is_used_up(client: FlaskClient, noon: Any) -> None:
    key = new_key()
    first = file_report(client, key=key, address="198.51.100.7")
    use_up(client)
    noon.shift(60)

    again = file_report(client, key=key, address="198.51.100.7")

    assert (again.status_code, again.json["id"]) == (200, first.json["id"])


def test_replays_do_not_count(client: FlaskClient, noon: Any) -> None:
    key = new_key()
    file_report(client, key=key, address="198.51.100.7")
    noon.shift(1)
    for _ in range(40):
        again = file_report(client, key=key, address="198.51.100.7")
        assert (again.status_code, again.headers["RateLimit"]) == (200, '"report";r=29;t=3599')

    statuses = [file_report(client, address="198.51.100.7").status_code for _ in range(30)]
    assert statuses == [201] * 29 + [429]


def test_refused_reports_do_not_count(client: FlaskClient, noon: Any) -> None:
    key = new_key()
    file_report(client, key=key, address="198.51.100.7")
    for _ in range(12):
        file_report(client, radius_m=0, address="198.51.100.7")
        file_report(client, observed_at="2020-01-01T00:00:00Z", address="198.51.100.7")
        client.post("/v1/reports", json=body_of(), environ_base={"REMOTE_ADDR": "198.51.100.7"})

    statuses = [file_report(client, address="198.51.100.7").status_code for _ in range(30)]
    assert statuses == [201] * 29 + [429]


def test_other_bodies_under_a_known_key_count_and_then_tell_nothing(client: FlaskClient, noon: Any) -> None:
    """Else a person who knows a key could try bodies until one is the reporter's."""
    key = new_key()
    file_report(client, key=key, address="203.0.113.9")

    statuses = [
        file_report(client, key=key, radius_m=100 + number, address="198.51.100.7").status_code for number in range(32)
    ]

    assert statuses == [422] * 30 + [429] * 2
    assert file_report(client, key=key, address="198.51.100.7").status_code == 200


class Writes:
    """The writes of the product's own connection: their bodies, and what they cost."""

    def __init__(self) -> None:
        self.made: list[tuple[str, dict[str, Any]]] = []

    def note(self, model: Any, params: dict[str, Any], **_: Any) -> None:
        self.made.append((model.name, json.loads(params["body"])))

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.made]

    def units(self) -> int:
        """Write units of new items."""
        return sum(write_units(None, item) * (1 + len(_indexes_of(item))) for item in map(self._item, self.made))

    def _item(self, write: tuple[str, dict[str, Any]]) -> dict[str, Any]:
        operation, said = write
        if operation == "PutItem":
            return dict(said["Item"])
        found = boto3.client("dynamodb").get_item(TableName=said["TableName"], Key=said["Key"])
        return dict(found["Item"])


def _indexes_of(item: dict[str, Any]) -> list[str]:
    (reports,) = [one for one in table_properties(PREFIX) if one["TableName"].endswith("-reports")]
    keys = {
        index["IndexName"]: {key["AttributeName"] for key in index["KeySchema"]}
        for index in reports["GlobalSecondaryIndexes"]
    }
    return [name for name, names in keys.items() if names <= item.keys()]


@pytest.fixture
def writes(client: FlaskClient) -> Iterator[Writes]:
    seen, events = Writes(), dynamodb.connection().client.meta.events
    file_report(client)  # the first one of a process notes the day too
    for operation in ("PutItem", "UpdateItem"):
        events.register(f"before-call.dynamodb.{operation}", seen.note)
    yield seen
    for operation in ("PutItem", "UpdateItem"):
        events.unregister(f"before-call.dynamodb.{operation}", seen.note)


def new_visitor(client: FlaskClient) -> dict[str, str]:
    return bearer(client.post("/v1/visitors").json["visitor_token"])


@pytest.mark.parametrize("address", ["198.51.100.7", "2001:db8:1:2::9"])
@pytest.mark.parametrize("is_visitor", [False, True])
def test_both_counts_of_a_caller_are_one_write_and_filing_costs_five_units(
    client: FlaskClient, noon: Any, writes: Writes, address: str, is_visitor: bool
) -> None:
    headers = new_visitor(client) if is_visitor else {}
    writes.made.clear()

    answer = file_report(client, address=address, headers=headers)

    assert answer.status_code == 201
    assert sorted(writes.operations) == ["PutItem", "UpdateItem"]
    assert writes.units() == 5


def test_marked_report_costs_no_more(
    client: FlaskClient, noon: Any, writes: Writes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(create, "settings", lambda: settings()._replace(anonymous_writes_per_hour=1))

    assert file_report(client).json["many_from_one_network"] is True
    assert (sorted(writes.operations), writes.units()) == (["PutItem", "UpdateItem"], 5)


def test_row_of_a_network_stays_below_one_unit_however_many_count_in_it() -> None:
    """All households and visitors of a site that share its columns."""
    columns = [f"{kind}{number}" for kind in "pv" for number in range(throttle.PART_COLUMNS)]
    row = {"id": {"S": f"report#{'f' * 32}#{10**6}"}, "mark": {"S": "f" * 2 * network_limits.MARK_BYTES}}
    row |= {name: {"N": "9999"} for name in (*columns, "taken")} | {"purge_at": {"N": "1795266000"}}

    assert item_size(row) <= 1024
