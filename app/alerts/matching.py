"""Search for the people whom an event concerns, and put them into the ledger: one job of the queue in each call.

A search over many squares of the map is split into further jobs, and one that runs out of time leaves the rest to the
next: so a warning for a whole country takes no longer in each call than one for a street.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from app.alerts import audience, ends
from app.alerts.audience import Audience
from app.alerts.event_models import AlertEvent, Kind
from app.alerts.jobs import Job
from app.alerts.ledger_chunks import MOST_PEOPLE, HandOver, store
from app.alerts.reach import Ranges
from app.alerts.subscription_models import Square
from app.core import dynamodb

PARTITIONS_AT_ONCE = 16  # four squares of zoom 7
PAGE = 500
_NEXT = "!"  # sorts before all that may follow a key: the first key beyond another one

GoesOn = Callable[[], bool]


def run(job: Job, *, hand_over: HandOver, goes_on: GoesOn) -> list[Job]:
    """Do one job, and return what is left of it, as further jobs. Safe to repeat. Raises what the database raises.

    `hand_over` takes messages to their queue. `goes_on` returns whether there is time for another page.
    """
    event = AlertEvent.find(job.event)
    if event is None:
        return []
    if event.kind in (Kind.ENDED, Kind.UNHEARD):
        return ends.run(job, event, hand_over=hand_over, goes_on=goes_on)
    people = audience.of(job, event)
    if people is None:
        return []
    ranges = people.ranges
    partitions = job.partitions or tuple(ranges)
    if len(partitions) > PARTITIONS_AT_ONCE:
        starts = range(0, len(partitions), PARTITIONS_AT_ONCE)
        return [job._replace(partitions=partitions[start : start + PARTITIONS_AT_ONCE]) for start in starts]
    return _Search(job._replace(partitions=partitions), people, ranges, hand_over).run(goes_on)


class _SquaresPage(NamedTuple):
    """A page of squares, and how far the search has come with it."""

    squares: Sequence[Square]
    partition: str
    number: int


class _Search:
    """The search through some partitions, page by page."""

    def __init__(self, job: Job, people: Audience, ranges: dict[str, Ranges], hand_over: HandOver) -> None:
        self.job, self.people, self.ranges, self.hand_over = job, people, ranges, hand_over
        self.recipients: dict[str, str] = {}  # recipients of the next chunk, each with its subscription
        self.seen: set[str] = set()  # recipients that are found, and subscriptions that were looked at

    def run(self, goes_on: GoesOn) -> list[Job]:
        """Look through the pages while there is time; return the rest as jobs."""
        for page in self._pages():
            for square in page.squares:
                self._look_at(square)
                if len(self.recipients) == MOST_PEOPLE:
                    self._store()
            if not goes_on():
                self._store()
                return self._rest(page)
        self._store()
        return []

    def _rest(self, page: _SquaresPage) -> list[Job]:
        """Return what is left behind a page: the rest of its partition, and beside it the others, in two halves.

        Lambda stops a function that has fed its own queue 16 times in a row; halves make the way to each of them short.
        """
        partitions, here = self.job.partitions, page.number
        middle = (here + 1 + len(partitions)) // 2
        rest = self.job._replace(partitions=partitions[here : here + 1], after=str(page.squares[-1].sort))
        halves = (partitions[here + 1 : middle], partitions[middle:])
        return [rest, *(self.job._replace(partitions=half, after="") for half in halves if half)]

    def _look_at(self, square: Square) -> None:
        recipient, subscription = str(square.to), square.subscription_id
        if recipient in self.seen or subscription in self.seen:
            return
        if self.people.has(square):
            self.recipients[recipient] = subscription
            self.seen.add(recipient)
        else:
            self.seen.add(subscription)

    def _store(self) -> None:
        store(self.job, self.recipients, severity=self.people.severity, hand_over=self.hand_over)
        self.recipients = {}

    def _pages(self) -> Iterator[_SquaresPage]:
        """Yield the squares in the order of partitions and keys, none of them empty."""
        for number, partition in enumerate(self.job.partitions):
            after = self.job.after if number == 0 else ""
            spans = [(low, high) for low, high in self.ranges.get(partition, ()) if high > after]
            spans = [(max(low, after + _NEXT) if after else low, high) for low, high in spans]
            for some in dynamodb.some_at_once(spans):
                pages = dynamodb.in_one_round([partial(Square.page, partition, *span, limit=PAGE) for span in some])
                for (_, high), page in zip(some, pages, strict=True):
                    for squares in _onward(page, partition, high):
                        yield _SquaresPage(squares, partition, number)


def _onward(page: list[Square], partition: str, high: str) -> Iterator[list[Square]]:
    """Yield a page of a range unless it is empty, and those that follow it."""
    while page:
        yield page
        if len(page) < PAGE:
            return
        page = Square.page(partition, f"{page[-1].sort}{_NEXT}", high, limit=PAGE)
