"""Nine thousand people, four hundred warnings, and the deployed functions over an emulated account's tables and queues.

The same people and warnings as in `make storm`, with real time left out: after each change the queues are emptied.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator

import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.ses.models import ses_backends
from moto.sqs.models import sqs_backends

from app.core import clock
from bench.alert_storm import official
from bench.alert_storm.flood import Group, Spots, make_groups
from bench.alert_storm.judge import Expected, expect
from bench.alert_storm.people import People
from bench.alert_storm.people_rows import DOMAIN, PeopleTable, id_of
from bench.alert_storm.size import BEGIN_MS, HOURS
from infra.tables import table_properties
from tests.configured import settings_of
from tests.deploy import mailing
from tests.deploy.cli import Service
from tests.deploy.cloud import ACCOUNT, REGION, Cloud
from tests.deploy.conftest import PREFIX
from tests.deploy.functions import Functions

pytestmark = [pytest.mark.long, pytest.mark.story]

SUBSCRIBERS = 9_000
AGAIN = 0.1  # share of the records of the stream, and of the messages of queues, that come twice
QUEUES = (("match_alerts", "alert-matches"), ("deliver", "deliveries-urgent"), ("deliver", "deliveries"))


@pytest.fixture(scope="module")
def service(service: Service) -> Service:
    for before, after in mailing.SETTINGS.items():
        service.replace("infra/stages/dev.yml", before, after)
    service.replace("infra/stages/dev.yml", "FLOOD_MAIL_PER_SECOND: ''", "FLOOD_MAIL_PER_SECOND: '100000'")
    return service


class Storm:
    """The people and their rows, the warnings, and what brings each change to the functions."""

    def __init__(self, functions: Functions, cloud: Cloud) -> None:
        self.functions, self.cloud, self.dice = functions, cloud, random.Random(1)
        people = People(SUBSCRIBERS)
        self.people, spots = people, Spots(people)
        later_ms = clock.now_ms() - BEGIN_MS - HOURS * clock.HOUR_MS
        self.groups = [_moved(group, later_ms) for group in make_groups(people, spots)]
        self.expected: dict[int, Expected] = expect(people, spots, self.groups)
        self.acts: list[official.Written] = []

    def store_people(self) -> None:
        (definition,) = [one for one in table_properties(PREFIX) if one["TableName"] == f"{PREFIX}-subscriptions"]
        rows = PeopleTable(definition, self.people)
        table = dynamodb_backends[ACCOUNT][REGION].get_table(definition["TableName"])
        keys = [f"{id_of(number)}\0!" for number in range(len(self.people))]
        assert rows.rows
        keys += [key for squares in rows.rows.rows.values() for _, key in squares]
        for key in keys:
            table.put_item(rows.read(key))

    def happen(self, change: official.Written) -> None:
        """Store the warnings of a change, and let all follow that follows from it."""
        client = self.cloud.clients("dynamodb")
        for area in change.group.areas:
            client.put_item(TableName=f"{PREFIX}-warnings", Item=official.row_of_area(area, change).serialize())
        before = dict(self.functions.read)
        for is_again in (False, True) if self.dice.random() < AGAIN else (False,):
            self.functions.read = dict(before) if is_again else self.functions.read
            assert self.functions.deliver_stream("fan_out", table="warnings") == len(change.group.areas)
        self.acts.append(change)
        while any(self._empty(*one) for one in QUEUES):
            pass

    def _empty(self, function: str, queue: str) -> bool:
        """Hand all messages of a queue over, some twice; return whether there were any."""
        sqs = self.cloud.clients("sqs")
        url = sqs.get_queue_url(QueueName=f"{PREFIX}-{queue}")["QueueUrl"]
        was_there = False
        while self.functions.messages_in(queue):
            was_there = True
            for message in sqs_backends[ACCOUNT][REGION].queues[f"{PREFIX}-{queue}"]._messages:
                message.delayed_until = 0.0  # real time is left out
            is_again = self.dice.random() < AGAIN
            for message in sqs.receive_message(QueueUrl=url, VisibilityTimeout=0).get("Messages", []) * is_again:
                sqs.send_message(QueueUrl=url, MessageBody=message["Body"])
            assert self.functions.deliver_queue(function, queue) == []
        return was_there

    def heard(self) -> Counter[tuple[int, int]]:
        """Return how many messages about which group each person got."""
        group_of = {area.code: group.number for group in self.groups for area in group.areas}
        found: Counter[tuple[int, int]] = Counter()
        for letter in ses_backends[ACCOUNT][REGION].sent_messages:
            (to,) = letter.destinations["ToAddresses"]
            numbers = {group_of[code] for code in group_of if code in str(letter.body)}
            assert len(numbers) == 1, letter.body
            found[int(to.removesuffix(f"@{DOMAIN}").rpartition("-")[2]), *numbers] += 1
        return found

    def due(self) -> Iterator[tuple[tuple[int, int], int]]:
        """Yield how many messages each person is to have, about each group that concerns them."""
        for group in self.groups:
            acts = sum(one.group is group for one in self.acts)
            whom = self.expected[group.number]
            yield from (((person, group.number), acts) for person in whom.all_wishes)
            grave = acts if group.severity != "moderate" else acts - 1 if group.rises_at_ms else 0
            yield from (((person, group.number), grave) for person in whom.grave_only if grave)


def _moved(group: Group, later_ms: int) -> Group:
    """Return a group whose warnings appear and rise so much later: in the six hours that are just over.

    None ends here: an end looks for what was issued in its place at its own time, which is left out.
    """
    rises_at_ms = None if group.rises_at_ms is None else group.rises_at_ms + later_ms
    return group._replace(at_ms=group.at_ms + later_ms, rises_at_ms=rises_at_ms, ends_at_ms=None)


def test_each_of_nine_thousand_people_hears_once_of_what_concerns_them(functions: Functions, cloud: Cloud) -> None:
    cloud.clients("sesv2").create_email_identity(EmailIdentity="floods.example.org")
    key = cloud.clients("ssm").get_parameter(Name="/floodmanager/dev/mail-key", WithDecryption=True)
    storm = Storm(functions, cloud)
    with settings_of(FLOOD_MAIL_KEY=key["Parameter"]["Value"]):
        storm.store_people()
    for change in official.changes(storm.groups):
        storm.happen(change)
    heard, due = storm.heard(), dict(storm.due())
    unsure = {(person, number) for number, whom in storm.expected.items() for person in whom.unsure}
    wrong = {one: (due.get(one, 0), heard[one]) for one in {*due, *heard} if due.get(one, 0) != heard[one]}

    assert sum(due.values()) > SUBSCRIBERS / 4
    assert {one: told for one, told in wrong.items() if one not in unsure} == {}, json.dumps(sorted(wrong)[:9])
    assert all(told <= len(storm.acts) for _, told in wrong.values())
