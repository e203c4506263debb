"""What follows what, all rooms at a glance. No AWS event in sight, no rule, no rendering."""

from collections.abc import Callable, Sequence

from app.aws import queues
from app.reports import forget_homes, replace_unlink
from app.reports.index import backfill, tile_documents
from app.reports.index.tile_documents import Change

ERASURES = "erasures"
# Until then requests that came before the end of an account are over, and the index shows what they filed.
ERASED_AFTER_S = 5


def reports_changed(changes: Sequence[Change], *, shard: str) -> None:
    """Reports were filed, edited, withdrawn or came to their end: the map's tiles follow."""
    tile_documents.absorb(changes, shard=shard)


def account_removed(account_id: str) -> None:
    """Somebody deleted their account: their reports are cut loose, in a queue where there is one."""
    if queues.are_there():
        queues.send(ERASURES, {"account_id": account_id}, delay_s=ERASED_AFTER_S)
        return
    erase_account(account_id)


def erase_account(account_id: str, *, goes_on: Callable[[int], bool] = lambda _: True) -> None:
    """Cut reports of an account that is gone loose; what is left of a long list goes to the end of the queue.

    `goes_on` says whether there is time for more. Lambda stops a function that feeds its own queue after 16 turns, so
    each turn takes all the time that it has: some thousands of reports.
    """
    if not replace_unlink.unlink_reports(account_id, goes_on=goes_on):
        account_removed(account_id)


def minute_passed() -> int:
    """Reports have come to their end while nothing else changed: the tiles over them follow. Says how many cells.

    And homes are forgotten whose time has come, a page each minute.
    """
    backfill.note_if_fresh()
    forget_homes.forget_some()
    return tile_documents.sweep()
