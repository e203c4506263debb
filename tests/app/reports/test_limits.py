"""How often nobody known may file: 30 times an hour and network. Replays and refused ones do not count."""

from typing import Any

from flask.testing import FlaskClient

from tests.reporting import body_of, file_report, new_key

HOUSEHOLD = "2001:db8:1:2::"


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
    assert file_report(client, key=key, address="198.51.100.7", radius_m=51).status_code == 422


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
        file_report(client, key=key, radius_m=77, address="198.51.100.7")
        client.post("/v1/reports", json=body_of(), environ_base={"REMOTE_ADDR": "198.51.100.7"})

    statuses = [file_report(client, address="198.51.100.7").status_code for _ in range(30)]
    assert statuses == [201] * 29 + [429]
