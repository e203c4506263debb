"""A restored table beside the live one, in moto."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from app.accounts.models import Account
from app.core import retention
from infra.restored import compare, copy, erase, main
from tests.conftest import PREFIX
from tests.factories import make_account

LIVE, RESTORED = f"{PREFIX}-reports", f"{PREFIX}-reports-restored"
Take = Callable[[str], list[str]]


@pytest.fixture
def client(queues: Take) -> Iterator[Any]:
    """Both tables and the queues, empty."""
    made = boto3.client("dynamodb")
    made.delete_item(TableName=LIVE, Key={"id": {"S": "complete"}})
    made.create_table(
        TableName=RESTORED,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield made
    made.delete_table(TableName=RESTORED)


def put(client: Any, table: str, key: str, **values: str) -> None:
    client.put_item(TableName=table, Item={"id": {"S": key}} | {name: {"S": text} for name, text in values.items()})


def test_tables_that_hold_the_same_have_the_same_hash(client: Any) -> None:
    for key in ("rep_1", "rep_2"):
        put(client, LIVE, key, title="Water")
    for key in ("rep_2", "rep_1"):
        put(client, RESTORED, key, title="Water")

    told = compare(client, LIVE, RESTORED)

    assert (told.live, told.restored) == (2, 2)
    assert told.live_hash == told.restored_hash
    assert (told.lost, told.new, told.changed) == ([], [], [])


def test_rows_that_differ_are_told_apart_from_those_in_one_table_alone(client: Any) -> None:
    put(client, LIVE, "rep_edited", title="Now")
    put(client, RESTORED, "rep_edited", title="Then")
    put(client, LIVE, "rep_new")
    put(client, RESTORED, "rep_lost")

    told = compare(client, LIVE, RESTORED)

    assert told.live_hash != told.restored_hash
    assert (told.lost, told.new, told.changed) == (["rep_lost"], ["rep_new"], ["rep_edited"])


def test_lost_reports_come_back_and_edited_ones_stay_as_they_are(client: Any) -> None:
    put(client, LIVE, "rep_edited", title="Now")
    put(client, RESTORED, "rep_edited", title="Then")
    put(client, RESTORED, "rep_lost", title="Lost")

    first, again = (copy(client, boto3.client("sqs"), LIVE, RESTORED) for _ in range(2))

    rows = {row["id"]["S"]: row["title"]["S"] for row in client.scan(TableName=LIVE)["Items"]}
    assert rows == {"rep_edited": "Now", "rep_lost": "Lost"}
    assert (first, again) == ((1, 0), (0, 0))


def test_reports_of_people_who_have_left_are_queued_to_be_erased_again(client: Any, queues: Take) -> None:
    put(client, f"{PREFIX}-accounts", "acc_stays")
    put(client, RESTORED, "rep_1", account_id="acc_stays")
    put(client, RESTORED, "rep_2", account_id="acc_left")
    put(client, RESTORED, "rep_3", account_id="acc_left")

    assert copy(client, boto3.client("sqs"), LIVE, RESTORED) == (3, 1)
    assert queues("erasures") == ['{"account_id": "acc_left"}']


def test_whoever_has_left_is_erased_again_though_their_account_came_back(client: Any, queues: Take) -> None:
    left = make_account(username="Ada")
    accounts, key = f"{PREFIX}-accounts", {"id": {"S": left.id}}
    backup = [client.get_item(TableName=accounts, Key=one)["Item"] for one in (key, {"id": {"S": "name:ada"}})]
    left.remove(keeps_texts=False)
    for row in backup:
        client.put_item(TableName=accounts, Item=row)

    assert erase(client, boto3.client("sqs"), PREFIX) == (1, 1)

    assert (Account.find(left.id), Account.named("ada")) == (None, None)
    assert queues("erasures") == [f'{{"account_id": "{left.id}"}}']


def test_name_that_somebody_else_holds_by_now_stays_theirs(client: Any, queues: Take) -> None:
    left = make_account(username="Ada")
    row = client.get_item(TableName=f"{PREFIX}-accounts", Key={"id": {"S": left.id}})["Item"]
    left.remove(keeps_texts=False)
    heir = make_account(username="Ada")
    client.put_item(TableName=f"{PREFIX}-accounts", Item=row)

    erase(client, boto3.client("sqs"), PREFIX)

    holder = Account.named("ada")
    assert holder is not None and holder.id == heir.id


def test_confirmed_address_of_whoever_left_is_free_again(client: Any, queues: Take) -> None:
    left = make_account(username="Ada")
    accounts = f"{PREFIX}-accounts"
    row = client.get_item(TableName=accounts, Key={"id": {"S": left.id}})["Item"]
    left.remove(keeps_texts=False)
    client.put_item(TableName=accounts, Item=row | {"confirmed_hash": {"S": "h1"}})
    client.put_item(TableName=accounts, Item={"id": {"S": "mail:h1"}, "account_id": {"S": left.id}})

    erase(client, boto3.client("sqs"), PREFIX)

    assert "Item" not in client.get_item(TableName=accounts, Key={"id": {"S": "mail:h1"}})


def test_tables_with_two_keys_are_compared_by_both(client: Any) -> None:
    audit = f"{PREFIX}-audit"
    for number in ("1", "2"):
        client.put_item(TableName=audit, Item={"subject": {"S": "rep_1"}, "id": {"S": f"aud_{number}"}})

    told = compare(client, audit, audit)

    assert (told.live, told.changed) == (2, [])


def test_wish_of_whoever_left_is_known_for_longer_than_any_backup_lives() -> None:
    lives_s = retention.BACKUP.seconds + retention.BACKUP_APART.seconds

    assert retention.DELETED_ACCOUNT.seconds > lives_s


def test_reports_whose_time_to_be_forgotten_has_come_are_not_brought_back(client: Any) -> None:
    client.put_item(TableName=RESTORED, Item={"id": {"S": "rep_withdrawn"}, "purge_at": {"N": "1"}})

    assert copy(client, boto3.client("sqs"), LIVE, RESTORED) == (0, 0)


def test_accounts_are_never_copied(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["copy", "--live", "floodmanager-prod-accounts", "--restored", "floodmanager-prod-accounts-restored"])

    assert ended.value.code == 2
    assert "Only reports are copied" in capsys.readouterr().err


def test_comparison_is_told_in_three_lines(client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    put(client, RESTORED, "rep_lost")

    assert main(["compare", "--live", LIVE, "--restored", RESTORED]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("live      0 rows")
    assert lines[2] == "only restored: 1; only live: 0; differ: 0"


def test_a_table_that_is_not_there_is_told(client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--live", LIVE, "--restored", "no-such-table"]) == 1

    assert "compare failed" in capsys.readouterr().err
