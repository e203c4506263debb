"""Registering and refreshing under faults: no account without its name, no name without an account, none locked out."""

from tests.rig import client, stored
from tests.rig.fleet import WEB, Fleet, Function, shared_out
from tests.rig.proxy import QUICK_KINDS, FaultProxy, never, sometimes

NAIVE_REGISTRATION = "tests.rig.naive:register_in_two_steps"
NAIVE_REFRESH = "tests.rig.naive:refresh_once_only"
PASSWORD = "a long and rainy night in november"
INSTANCES = 8


def registering(name: str) -> dict:
    return client.event("POST", "/v1/accounts", {"username": name, "password": PASSWORD})


def signing_in(name: str) -> dict:
    return client.event("POST", "/v1/tokens", {"username": name, "password": PASSWORD})


def register_all(function: Function, proxy: FaultProxy, names: list[str], rate: float) -> dict[str, int]:
    """Everybody registers until it is settled; the statuses, by name."""
    proxy.rule = sometimes(rate, seed=5)

    def register(instance, name):
        return name, client.ask_until_settled(instance, registering(name)).status

    statuses = dict(shared_out(function.instances(INSTANCES), names, register))
    proxy.rule = never
    return statuses


def unpaired() -> set[str]:
    """Accounts that hold no name, and names that no account holds."""
    rows = {row["id"]: row for row in stored.items("accounts")}
    held = {row["account_id"]: name.removeprefix("name:") for name, row in rows.items() if name.startswith("name:")}
    accounts = {key: row["username_folded"] for key, row in rows.items() if key.startswith("acc_")}
    return {str(pair) for pair in held.items() ^ accounts.items()}


def test_every_account_has_its_name_and_every_name_its_account(fleet: Fleet, proxy: FaultProxy) -> None:
    names = [f"resident-{number}" for number in range(24)]

    statuses = register_all(fleet.of(WEB), proxy, names, 0.5)

    # 409: the earlier attempt had stored it after all, and only its owner knows the password.
    assert set(statuses.values()) <= {201, 409}
    assert unpaired() == set()
    assert {row["username_folded"] for row in stored.items("accounts") if "username_folded" in row} == set(names)


def test_who_registered_can_sign_in(fleet: Fleet, proxy: FaultProxy) -> None:
    names = [f"resident-{number}" for number in range(8)]
    register_all(fleet.of(WEB), proxy, names, 0.5)

    replies = shared_out(fleet.of(WEB).instances(2), names, lambda i, name: client.ask(i, signing_in(name)).status)

    assert replies == [200] * 8


def test_naive_twin_leaves_accounts_without_a_name(fleet: Fleet, proxy: FaultProxy) -> None:
    for first in range(0, 96, 24):  # until a fault hits between its two steps
        names = [f"resident-{number}" for number in range(first, first + 24)]
        register_all(fleet.of(NAIVE_REGISTRATION), proxy, names, 0.5)
        if unpaired():
            break

    assert len(unpaired()) > 0


def refresh_all(function: Function, proxy: FaultProxy, tokens: list[str], times: int) -> list[int]:
    """Everybody refreshes some times, each time until it is settled; the last statuses."""
    proxy.rule = sometimes(0.4, seed=6, kinds=QUICK_KINDS)

    def refresh(instance, token):
        status = 0
        for _ in range(times):
            request = client.event("POST", "/v1/tokens/refresh", {"refresh_token": token})
            reply = client.ask_until_settled(instance, request)
            token, status = (reply.body or {}).get("refresh_token", token), reply.status
        return status

    statuses = shared_out(function.instances(INSTANCES), tokens, refresh)
    proxy.rule = never
    return statuses


def test_refreshing_through_faults_signs_nobody_out(fleet: Fleet, proxy: FaultProxy) -> None:
    instance = fleet.of(WEB).instance()
    client.ask(instance, registering("resident"))
    tokens = [client.ask(instance, signing_in("resident")).body["refresh_token"] for _ in range(8)]

    assert refresh_all(fleet.of(WEB), proxy, tokens, times=3) == [200] * 8


def test_naive_twin_signs_people_out(fleet: Fleet, proxy: FaultProxy) -> None:
    put = {"number": {"N": "1"}}
    families = [f"fam_{number}" for number in range(16)]
    for family in families:
        stored.put("tokens", put | {"id": {"S": family}})

    statuses = refresh_all(fleet.of(NAIVE_REFRESH), proxy, [f"{family}:1" for family in families], times=3)

    assert 401 in statuses
