"""Measure what it costs to send alerts: units of each message, of warnings, digests, ends, and reports of SES."""

import os
from collections.abc import Callable, Iterator
from typing import Any

from app.core import clock, config, dynamodb, mail_keys
from app.mail import addresses, due
from bench import environment
from bench.metering import Meter
from bench.stand_in import StandIn
from infra.tables import table_properties

PEOPLE = 100
MAIL = {
    "FLOOD_MAIL": "ses",
    "FLOOD_MAIL_FROM": "Floods <alerts@example.org>",
    "FLOOD_MAIL_TO": "example.net",
    "FLOOD_PUBLIC_BASE_URL": "https://floods.example.org",
}
SOURCE, EVENT, END, WARNING = "ea", "w-bench", "e-bench", "wrn_bench"
QUIET = '{"from":"22:00","to":"07:00","time_zone":"Europe/London"}'


def measure(people: int = PEOPLE) -> Iterator[dict[str, Any]]:
    """Yield one record for each kind of message: the units of a message on average."""
    os.environ.update(MAIL)
    config.settings.cache_clear()
    mail_keys.set_store_reader(lambda: {mail_keys.NAME: environment.KEY})
    environment.stop_clock(environment.NOON_MS)
    client, meter = dynamodb.connection().client, Meter()
    stand_in = StandIn(table_properties(environment.PREFIX))
    stand_in.attach(client)
    meter.attach(client)
    try:
        yield from _Office(meter, people).records()
    finally:
        meter.detach(client)
        stand_in.detach(client)


class _Accepting:
    """Takes every message."""

    unknown_ms, most_unknown = 120_000, 3

    def send(self, letter: Any, delivery: Any) -> str:
        from app.mail.letters import html_of, text_of

        assert text_of(letter)
        assert html_of(letter)
        return f"ses-{delivery.event}"


class _Office:
    """Some people around one warning."""

    def __init__(self, meter: Meter, people: int) -> None:
        self.meter, self.people = meter, people
        self.addresses = {addresses.hash_of(one): one for one in (f"{n}@example.net" for n in range(people))}
        self.recipients = list(self.addresses)

    def records(self) -> Iterator[dict[str, Any]]:
        self._warn(is_over=False)
        for recipient in self.recipients:
            self._subscribe(recipient, quiet=None)
            self._queue(recipient, EVENT)
        yield self._record("a warning", lambda one: self._send(one, EVENT))
        yield self._record("reported as accepted", lambda one: self._report(one, "Send"))
        yield self._record("reported as delivered", lambda one: self._report(one, "Delivery"))
        yield self._record("once more from its queue", lambda one: self._send(one, EVENT))
        self._warn(is_over=True)
        for recipient in self.recipients:
            self._queue(recipient, END)
        yield self._record("an end", lambda one: self._send(one, END))
        yield from self._held()

    def _held(self) -> Iterator[dict[str, Any]]:
        """Measure the same for people who sleep."""
        self._warn(is_over=False)
        at_night_ms = environment.NOON_MS + 12 * clock.HOUR_MS
        environment.stop_clock(at_night_ms)
        for recipient in self.recipients:
            self._subscribe(recipient, quiet=QUIET)
            self._queue(recipient, EVENT)
        yield self._record("held back", lambda one: self._send(one, EVENT))
        waiting: dict[str, str] = {}

        def release(_: str) -> None:
            due.release(waiting.update, lambda: True)

        morning_ms = at_night_ms + 7 * clock.HOUR_MS
        environment.stop_clock(morning_ms - clock.MINUTE_MS)
        release("")
        environment.stop_clock(morning_ms)
        yield self._record("a minute that releases a fifth of them", release, only=[""])
        environment.stop_clock(morning_ms + 4 * clock.MINUTE_MS)
        release("")
        yield self._record("a digest", lambda one: self._send(one, waiting[one]), only=list(waiting))

    def _record(self, said: str, act: Callable[[str], None], *, only: list[str] | None = None) -> dict[str, Any]:
        people = self.recipients if only is None else only
        with self.meter.counting() as bill:
            for recipient in people:
                act(recipient)
        units = {"read_units": round(bill.reads / len(people), 2), "write_units": round(bill.writes / len(people), 2)}
        return {"part": "deliver", "message": said, "messages": len(people)} | units

    def _send(self, recipient: str, event: str) -> None:
        from app.alerts import alert_letters
        from app.mail import sending

        sending.send(recipient, event, compose=alert_letters.compose, carrier=_Accepting())

    def _report(self, recipient: str, kind: str) -> None:
        from app.aws.mail import Event
        from app.mail import ses

        ses.note(Event(kind, recipient, EVENT, False, f"ses-{EVENT}"))

    # What is there before, which is not counted.

    def _warn(self, *, is_over: bool) -> None:
        from app.alerts import event_models, present
        from app.alerts.event_models import AlertEvent, Kind
        from app.geo.repair import circle
        from app.warnings.ingest.outlines import AreaOutlines
        from app.warnings.ingest.rows import row_of
        from app.warnings.sources.message import Act, Message, Place, Text

        outline = circle(lat=51.4545, lon=-2.5879, radius_km=10, corners=500)
        text = Text("en-GB", "Flood alert", "The river is high", "It rises.", "Keep away.")
        said = {"severity": "moderate", "urgency": "expected", "certainty": "likely", "sent_at_ms": environment.NOON_MS}
        place = Place("A1", (("A1", "The river"),), outline, ())
        one = Message(source_id="m", event="m", replaces=(), act=Act.HOLD, texts=(text,), places=(place,), **said)
        row = row_of(SOURCE, one, place, "m", WARNING, AreaOutlines())
        row.updated_at_ms = environment.NOON_MS
        row.ended_at_ms, row.ended_reason = (environment.NOON_MS, "cancelled") if is_over else (None, None)
        row.save()
        change = str(environment.NOON_MS + is_over)
        name, kind = (END, Kind.ENDED) if is_over else (EVENT, Kind.WARNING)
        event_models.note_member(AlertEvent(name, kind=kind, source=SOURCE, severity="moderate"), WARNING, change)
        present.forget()

    def _subscribe(self, recipient: str, *, quiet: str | None) -> None:
        from app.alerts import tokens
        from app.alerts.subscription_models import State, Subscription

        subscription = Subscription(
            _subscription_of(recipient),
            recipient=recipient,
            address=self.addresses[recipient],
            state=State.ACTIVE.value,
            label="Home",
            packed_place='{"lat":51.45,"lon":-2.59,"radius_km":2}',
            packed_shape='["c",51.45,-2.59,2]',
            packed_quiet=quiet,
        )
        for name, value in tokens.renew(subscription).items():
            setattr(subscription, name, value)
        subscription.save()

    def _queue(self, recipient: str, event: str) -> None:
        from app.mail.models import Delivery

        values = f'{{"subscription":"{_subscription_of(recipient)}","chunk":"bench"}}'
        Delivery(recipient, event, kind="alert", packed_values=values).save()


def _subscription_of(recipient: str) -> str:
    return f"sub_{recipient[-26:]}"
