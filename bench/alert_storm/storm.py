"""One run of the storm: the product's functions in virtual time, with kills, repetitions and outages."""

import marshal
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from app.alerts import event_models
from app.alerts.event_models import Kind
from app.core import clock
from app.mail.models import WAITING
from bench.alert_storm import deployed, judge, official, size, virtual_services
from bench.alert_storm.cloud import Cloud, Function, Handler, Queue
from bench.alert_storm.event_sources import QueueReader, Schedule, StreamReader
from bench.alert_storm.flood import Group
from bench.alert_storm.judge import Act, Expected, Judge, Verdict
from bench.alert_storm.mail_server import MailServer, Outage
from bench.alert_storm.people_rows import PeopleTable
from bench.alert_storm.size import Size
from bench.direct_stand_in import DirectStandIn, Record
from bench.virtual_time import VirtualTime
from infra.cost_prices import PRICES

AGAIN = 0.01  # share of the deletions of messages that do not hold, so that they come again
LONGEST_MS = 10 * clock.HOUR_MS
WARNING_IDS = "wrn_"
READERS = ("fan_out", "match_alerts", "deliver", "mail_events")


class Plan(NamedTuple):
    """People, warnings and tables that are the same in all runs of a size."""

    groups: list[Group]
    expected: dict[int, Expected]
    definitions: list[dict[str, Any]]
    subscriptions: PeopleTable


class Storm:
    """A storm, to be run once in a process of its own. `handlers`: by the name of the function that they are."""

    def __init__(self, plan: Plan, measure: Size, handlers: Mapping[str, Handler]) -> None:
        self.plan, self.size = plan, measure
        self.time = VirtualTime(size.BEGIN_MS)
        self.cloud = Cloud(self.time, random.Random(size.SEED + measure.rate))
        self.database = DirectStandIn(plan.definitions)
        self.database.tables[plan.subscriptions.name] = plan.subscriptions
        self.functions = {name: self._function(name, handler) for name, handler in handlers.items()}
        self.queues: dict[str, Queue] = {"": Queue(self.cloud, "", visibility_s=60, most_receipts=1)}
        self.readers = [one for name in self.functions for one in self._readers(name)]
        self.stream = StreamReader(
            self.cloud,
            self.functions["fan_out"],
            batch=deployed.function("fan_out").stream_batch,
            again=size.REDELIVERED,
        )
        self.outages = [*self._outages()]
        self.judge = Judge(plan.groups, plan.expected, self._act_of)
        reports = self.queues["mail-events"]
        self.server = MailServer(self.cloud, reports, measure.per_second, self.outages, self.judge.note)
        self._acts: dict[str, Act | None] = {}

    @staticmethod
    def _function(name: str, handler: Handler) -> Function:
        limits = deployed.function(name)
        return Function(name, handler, limits.timeout_s, limits.memory_mb)

    def _readers(self, name: str) -> Iterator[QueueReader]:
        for one in deployed.function(name).queues:
            receipts, visibility_s = one.most_receipts, one.visibility_s
            queue = Queue(self.cloud, one.noun, visibility_s=visibility_s, most_receipts=receipts, again=AGAIN)
            self.queues[one.noun] = queue
            most = self.size.senders if name == "deliver" else one.most or self.size.senders
            yield QueueReader(queue, self.functions[name], batch=one.batch, most=most)

    @staticmethod
    def _outages() -> Iterator[Outage]:
        for number, minute in enumerate(size.OUTAGES_AT_MINUTES):
            from_ms = size.BEGIN_MS + minute * clock.MINUTE_MS
            yield Outage(from_ms, from_ms + size.OUTAGE_MINUTES * clock.MINUTE_MS, number % 2 == 0)

    def run(self, tell: Callable[[float, int], None] = lambda hours, messages: None) -> None:
        """Let it pass, and then what comes late. `tell` hears each half hour how far it is."""
        virtual_services.take_over(self.cloud, self.database, self.queues, self.server)
        self.database.stream("warnings", self._take_record)
        self._doom()
        self.cloud.aims["mail_events"] = self.server.is_dear
        schedules = [
            Schedule(self.cloud, one, size.BEGIN_MS + LONGEST_MS)
            for name, one in self.functions.items()
            if name not in READERS
        ]
        for one in schedules:
            self.time.start(one.run)
        for half_hours in range(int(2 * LONGEST_MS / clock.HOUR_MS)):
            moment = size.BEGIN_MS + half_hours * clock.HOUR_MS / 2
            self.time.at(moment, lambda at=half_hours / 2: tell(at, self.server.accepted))  # type: ignore[misc]
        self.time.run([self._live])

    def _take_record(self, record: Record) -> None:
        """Filter as the deployment does."""
        if record["dynamodb"]["Keys"]["id"]["S"].startswith(WARNING_IDS):
            self.stream.take(record)

    def _doom(self) -> None:
        """Choose when which functions are killed: at any time of the storm, and some at its peak."""
        dice = random.Random(size.SEED)
        peak_ms = size.BEGIN_MS + size.PEAK_AT_MINUTE * clock.MINUTE_MS
        for name, kills in size.KILLS.items():
            for number in range(kills):
                at_ms = size.BEGIN_MS + dice.uniform(0.2, 0.95) * size.HOURS * clock.HOUR_MS
                if number % 2:
                    at_ms = peak_ms + dice.uniform(0, size.PEAK_MINUTES) * clock.MINUTE_MS
                self.time.at(at_ms, lambda one=name: self.cloud.doomed.update([one]))  # type: ignore[misc]

    def _live(self) -> None:
        for change in official.changes(self.plan.groups):
            self.time.spend(max(0.0, change.at_ms - self.time.now))
            official.write(change)
        while self._is_going_on and self.time.now < size.BEGIN_MS + LONGEST_MS:
            self.time.spend(clock.MINUTE_MS)

    @property
    def _is_going_on(self) -> bool:
        return (
            bool(self.stream.records)
            or any(self.queues[noun].pending for noun in self.queues if noun)
            or self._has_waiting()
        )

    def _has_waiting(self) -> bool:
        return any(row["state"]["S"] in WAITING and "due" in row for _, row in self.ledger())

    def ledger(self) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
        """Yield the rows of messages, each with its recipient and event."""
        (table,) = [one for name, one in self.database.tables.items() if name.endswith("-deliveries")]
        for key, packed in table.items.items():
            recipient, _, event = key.partition("\0")
            if not event.startswith("!"):
                yield (recipient, event), marshal.loads(packed)

    def _act_of(self, name: str) -> Act | None:
        """Return what an event is about, by its rows."""
        if name not in self._acts:
            found = event_models.read(name)
            groups = {self._group_of.get(one, -1) for one in found.members} if found else set()
            self._acts[name] = None
            if found and len(groups) == 1:
                (number,) = groups
                is_first = found.severity == self.plan.groups[number].severity
                kind = judge.ENDS if found.kind == Kind.ENDED else judge.APPEARS if is_first else judge.RISES
                self._acts[name] = Act(number, kind)
        return self._acts[name]

    @cached_property
    def _group_of(self) -> dict[str, int]:
        return {official.id_of(area): group.number for group in self.plan.groups for area in group.areas}

    def verdict(self) -> Verdict:
        """Judge what was sent, and what was not."""
        unsent = {key: row["state"]["S"] for key, row in self.ledger() if row["state"]["S"] == "expired"}
        people = self.plan.subscriptions.person_by_recipient
        return self.judge.judge(people, unsent, self.size.per_second, self.outages)

    def record(self, twin: str = "") -> dict[str, Any]:
        """Return the figures of the run, as one line of JSON has them."""
        verdict, states = self.verdict(), Counter(row["state"]["S"] for _, row in self.ledger())
        people = max(1, sum(states.values()))
        writes, reads = self.database.write_units, self.database.read_units
        dead = {noun: len(queue.dead) for noun, queue in self.queues.items() if queue.dead}
        dead |= {"set aside": len(self.queues[""])} if len(self.queues[""]) else {}
        return {
            "measure": "alert storm",
            "rate": self.size.rate,
            "twin": twin,
            "subscribers": self.size.subscribers,
            "per_second": self.size.per_second,
            "senders": sum(one.most for one in self.readers if one.function.name == "deliver"),
            **verdict._asdict() | {"examples": [*verdict.examples]},
            "largest_queue": {noun: one.largest for noun, one in self.queues.items() if one.largest},
            "states": dict(states.most_common()),
            "wcu": round(sum(writes.values())),
            "rcu": round(sum(reads.values())),
            "units_a_message": {
                name: [round(writes[name] / people, 2), round(reads[name] / people, 2)] for name in self.functions
            },
            "invocations": dict(self.cloud.invocations),
            "cost_usd": round(self._cost(), 2),
            "killed": dict(self.cloud.killed),
            "redelivered": self.cloud.counts["redelivered"],
            "timed_out": self.cloud.counts["timed out"],
            "refused_by_rate": self.server.refused,
            "dead_letters": dead,
            "errors": dict(self.cloud.errors.most_common(5)),
            "hours": round((self.time.now - size.BEGIN_MS) / clock.HOUR_MS, 2),
            "cpu_s": round(time.process_time()),
        }

    def _cost(self) -> float:
        """Return what AWS would ask for the run, in US dollars, without what is free."""
        used = {
            "Lambda, million requests": sum(self.cloud.invocations.values()) / 1e6,
            "Lambda on arm64, GB second": self.cloud.gb_seconds,
            "DynamoDB in us-east-1, million read units": sum(self.database.read_units.values()) / 1e6,
            "DynamoDB in us-east-1, million write units": sum(self.database.write_units.values()) / 1e6,
            "SQS, million requests": sum(queue.requests for queue in self.queues.values()) / 1e6,
            "SES, 1,000 messages": self.server.accepted / 1000,
        }
        return sum(PRICES[name] * amount for name, amount in used.items())
