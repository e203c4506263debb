"""Blocks in force: accounts and networks whose reports are shown together, and whose votes and flags weigh nothing.

One row names them all, and a process keeps it for some seconds, as it does the switches: a filing or a vote costs at
most half a read unit more, and nothing while the process knows the row. Reading never fails: while the row cannot be
read, the last one known counts, and a process that has never read it takes none as blocked.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from app.core import clock, telemetry
from app.core.signing_keys import keys
from app.switches.known import KeptContent
from app.switches.models import BLOCKS, SwitchesRow

MOST = 40  # in force at once: they fit into 4 KB
_MARK_LETTERS = 12  # as the marks of connections have
_ACCOUNTS, _NETWORKS = "accounts", "networks"  # members of the row: for each its block's id and its end


class InForce(NamedTuple):
    """One block: of an account, or of a network by its keyed hash under the key of a month. Ends at a moment (ms)."""

    id: str
    ends_at_ms: int
    account_id: str = ""
    month: str = ""
    network: str = ""

    def is_about_same(self, other: "InForce") -> bool:
        """Return whether both block the same account or network."""
        return (self.account_id, self.month, self.network) == (other.account_id, other.month, other.network)


def in_force() -> list[InForce]:
    """Return the blocks that are in force, as this process knows them."""
    return still(_known.get())


def still(blocks: Sequence[InForce]) -> list[InForce]:
    """Return those of some blocks that have not ended."""
    now_ms = clock.now_ms()
    return [block for block in blocks if block.ends_at_ms > now_ms]


def of_account(account_id: str) -> InForce | None:
    """Return the block of an account, or None."""
    return next((block for block in in_force() if block.account_id == account_id), None)


def of_network(name_in: Callable[[str], str | None]) -> InForce | None:
    """Return the block of a network, or None. `name_in`: its keyed hash under the key of a month."""
    return next((block for block in in_force() if block.network and block.network == name_in(block.month)), None)


def mark_at(block: InForce, at_ms: int) -> str:
    """Return the mark that the reports under a block share for an hour. Nothing about who sent them follows from it."""
    text = f"{block.id}:{at_ms // clock.HOUR_MS}"
    return hmac.new(b"block:" + keys().id_key.encode(), text.encode(), hashlib.sha256).hexdigest()[:_MARK_LETTERS]


def read(row: SwitchesRow) -> list[InForce]:
    """Read a row. One that this release cannot read blocks no one, and is logged."""
    try:
        members = row.members()
        accounts = (_read_one(told, account_id=who) for who, told in members.get(_ACCOUNTS, {}).items())
        networks = (_read_network(told, *who.split("#")) for who, told in members.get(_NETWORKS, {}).items())
        return [*accounts, *networks]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        telemetry.logger().error("unreadable blocks", extra={"reason": type(error).__name__})
        return []


def members_of(blocks: Sequence[InForce]) -> dict[str, Any]:
    """Return the members of the row that holds these blocks."""
    return {
        _ACCOUNTS: {one.account_id: [one.id, one.ends_at_ms] for one in blocks if one.account_id},
        _NETWORKS: {f"{one.month}#{one.network}": [one.id, one.ends_at_ms] for one in blocks if one.network},
    }


def forget() -> None:
    """Read the row again at the next question, as in a new process or after a change."""
    _known.forget()


def _read_one(told: Sequence[Any], *, account_id: str = "", month: str = "", network: str = "") -> InForce:
    return InForce(str(told[0]), int(told[1]), account_id, month, network)


def _read_network(told: Sequence[Any], month: str, network: str) -> InForce:
    return _read_one(told, month=month, network=network)


_known = KeptContent("blocks", lambda: read(SwitchesRow.read(BLOCKS)), list[InForce]())
