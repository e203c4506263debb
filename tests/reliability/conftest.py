"""The rig's proxy and fleet, one for the session; the tables are emptied after each test."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.rig.fleet import Fleet
from tests.rig.proxy import FaultProxy
from tests.rig.queue import Queues

# Clients of the rig all come from one network, and send more than one household would.
WITHOUT_LIMITS = {
    "FLOOD_ANONYMOUS_WRITES_PER_HOUR": "1000000",
    "FLOOD_ANONYMOUS_WRITES_HARD": "1000000",
    "FLOOD_VISITOR_REPORTS_PER_HOUR": "1000000",
    "FLOOD_ACCOUNT_REPORTS_PER_HOUR": "1000000",
    "FLOOD_ACCOUNT_EDITS_PER_HOUR": "1000000",
    "FLOOD_REGISTRATIONS_PER_HOUR": "1000000",
    "FLOOD_SUBSCRIPTIONS_PER_DAY": "1000000",
    "FLOOD_SIGN_IN_TRIES": "1000000",
    "FLOOD_VOTES_PER_HOUR": "1000000",
    "FLOOD_NETWORK_VOTES_PER_HOUR": "1000000",
    "FLOOD_FLAGS_PER_DAY": "1000000",
    "FLOOD_NETWORK_FLAGS_PER_DAY": "1000000",
}


@pytest.fixture(scope="session")
def session_proxy(dynoxide_address: str) -> Iterator[FaultProxy]:
    with FaultProxy(dynoxide_address) as proxy:
        yield proxy


@pytest.fixture
def proxy(session_proxy: FaultProxy, dynoxide: str) -> Iterator[FaultProxy]:
    """A proxy before the empty tables, in good weather."""
    session_proxy.clear()
    yield session_proxy
    session_proxy.clear()


@pytest.fixture(scope="session")
def session_queues() -> Iterator[Queues]:
    with Queues() as queues:
        yield queues


@pytest.fixture
def sent(session_queues: Queues) -> dict[str, list[Any]]:
    """Return the messages that functions of the fleet have sent, by the queue's name."""
    session_queues.messages.clear()
    return session_queues.messages


@pytest.fixture(scope="session")
def session_fleet(session_proxy: FaultProxy, session_queues: Queues) -> Iterator[Fleet]:
    with Fleet(session_proxy.address, AWS_ENDPOINT_URL_SQS=session_queues.address, **WITHOUT_LIMITS) as fleet:
        yield fleet


@pytest.fixture
def fleet(session_fleet: Fleet) -> Iterator[Fleet]:
    """Instances of any function, behind the proxy; fresh ones for each test."""
    yield session_fleet
    session_fleet.close_instances()
