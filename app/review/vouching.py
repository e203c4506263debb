"""Note of which visitors a responder has verified a report: a block of their network does not hold for them."""

from collections.abc import Iterable

from app.reports.entry import Status
from app.reports.index.consume import Change
from app.reports.vouched_models import Vouched

_TAKES_BACK = (Status.PENDING, Status.REJECTED)


def follow(changes: Iterable[Change]) -> None:
    """Note the visitors whose reports some changes verify, and remove those whose verification they undo.

    Safe to repeat.

    What its reporter takes back, and what is joined to another report, was true all the same.
    """
    for change in changes:
        was_verified = change.old is not None and change.old.status == Status.VERIFIED
        filer = next((str(image.filer) for image in (change.old, change.new) if image and image.filer), "")
        if not filer or change.new is None:
            continue
        if change.new.status == Status.VERIFIED and not was_verified:
            Vouched.note(filer)
        elif was_verified and change.new.status in _TAKES_BACK:
            Vouched.take_back(filer)
