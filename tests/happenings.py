"""People who asked for alerts, and events that reach them: by the product's own steps, one after another."""

import json
from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient

from app.alerts import events, jobs, matching, present, report_events, subscribing, tokens
from app.alerts.jobs import Job
from app.alerts.subscription_models import Subscription
from app.alerts.tokens import Right
from app.mail.models import Delivery
from app.reports.models import Report
from app.warnings import kept
from app.warnings.models import OfficialWarning
from handlers import alerts_due
from tests.post import Post

ADDRESS = "anna@example.net"
HOME: dict[str, Any] = {"lat": 51.5, "lon": -0.1, "radius_km": 2}


class Happenings:
    """Warnings and reports as they were when people heard of them last; their changes become events."""

    def __init__(self, client: FlaskClient, post: Post) -> None:
        self.app, self.post = client.application, post
        self.before: dict[str, OfficialWarning] = {}
        self.is_cache_kept = False  # of what events are about

    def asker(self, address: str = ADDRESS, **asked: Any) -> Subscription:
        """A subscription in force; the message of what is in force is forgotten."""
        subscription = self.confirmed(address, **asked)
        self.post.work()
        self.post.accepted.clear()
        self.post.calls = 0
        return subscription

    def confirmed(self, address: str = ADDRESS, **asked: Any) -> Subscription:
        """A subscription that was confirmed just now."""
        given: Any = {"place": HOME, "label": "Home", "address": address} | asked
        language = given.pop("language", "en")
        with self.app.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.7"}):
            asking = subscribing.subscribe(given, account=None, language=language)
            return subscribing.confirm(tokens.link_token(asking, Right.CONFIRM), asking.id)

    def stop(self, subscription: Subscription) -> None:
        subscribing.stop(tokens.link_token(subscription, Right.STOP))

    def warnings(self, *, works: bool = True) -> None:
        """Let the changes of warnings since the last call become events, and their messages go."""
        kept.forget()
        if not self.is_cache_kept:
            present.forget()
        rows = {row.id: row for row in OfficialWarning.scan(OfficialWarning.id.startswith("wrn_"))}
        for row in rows.values():
            self.search(events.note_warning(self.before.get(row.id), row))
        self.before = rows
        if works:
            self.post.work()

    def minute(self) -> None:
        """Let the function of each minute run, and what follows from it."""
        kept.forget()
        present.forget()
        assert alerts_due.handler({"source": "aws.events"}, None)
        self._search_queued()
        self.post.work()

    def report(self, new: Report, old: Report | None = None) -> None:
        present.forget()
        self.search(report_events.note_report(old, new))
        self.post.work()

    def search(self, job: Job | None) -> None:
        if job is None:
            return
        self._run(job)
        events.note_queued(job)

    def _search_queued(self) -> None:
        """Make the searches that wait in the queue of the post office."""
        waiting = [(at, number, json.loads(body)) for at, number, body in self.post.waiting]
        searches = [one for one in waiting if "member" in one[2]]
        self.post.waiting = [(at, number, json.dumps(body)) for at, number, body in waiting if "member" not in body]
        for _, _, body in searches:
            self._run(jobs.read(json.dumps(body)))

    def _run(self, job: Job) -> None:
        waiting = [job]
        while waiting:
            waiting += matching.run(waiting.pop(), hand_over=self._hand_over, goes_on=lambda: True)

    def _hand_over(self, noun: str, messages: Any) -> None:
        for recipient, event in messages:
            self.post.put(noun, {"recipient": recipient, "event": event})


def states() -> dict[str, tuple[str, str | None]]:
    """State and reason of the alerts in the ledger, by the beginning of their event."""
    rows = [row for row in Delivery.scan() if row.kind == "alert"] if Delivery.exists() else []
    return {row.event: (row.state, row.reason) for row in rows}


def state_of(beginning: str) -> tuple[str, str | None]:
    """State and reason of the one alert whose event begins so."""
    (found,) = [state for event, state in states().items() if event.startswith(beginning)]
    return found


def minutes(happen: Happenings, noon: Any, count: int) -> None:
    """Let minutes pass, each with what is due in it."""
    for _ in range(count):
        noon.shift(timedelta(minutes=1))
        happen.minute()


def at(noon: Any, text: str) -> None:
    noon.move_to(datetime.fromisoformat(text).timestamp())
