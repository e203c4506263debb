"""`flask doctor --only audit`: a day's audit rows beside their copies, by name."""

import json
from typing import Any

import boto3
import pytest
import time_machine
from flask import Flask

from app.cli import checks_of_service
from app.core.config import settings
from app.review import audit, audit_copy
from app.review.audit_models import AuditRow
from tests.conftest import PREFIX

FLOOD, STAFF = f"rep_{'a' * 26}", f"acc_{'1' * 26}"
DAY = "2026-11-21"


@pytest.fixture
def rows(audit_bucket: str, noon: time_machine.Traveller) -> list[AuditRow]:
    """Thirty rows of one day, all copied, then one of the next day, which is the present; it is not copied."""
    made = [audit.note(FLOOD, "report.verified", by=audit.By(STAFF), reason="photo") for _ in range(30)]
    audit_copy.mend(DAY)
    noon.shift(24 * 3600)
    audit.note(FLOOD, "report.undone", by=audit.By(STAFF))
    return made


def run(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=["doctor", "--only", "audit", "--json", *arguments])


def found(done: Any) -> tuple[str, str, list[str]]:
    """The finding of a run: its state, its sentence, and each fault."""
    [finding] = json.loads(done.stdout)
    return finding["state"], finding["text"], finding["details"]


def key_of(row: AuditRow) -> str:
    return f"{DAY}/{row.id}/{FLOOD}.json"


def test_whole_day_is_right(app: Flask, rows: list[AuditRow]) -> None:
    done = run(app)

    assert (done.exit_code, done.stderr) == (0, "")
    assert found(done) == ("ok", f"{DAY}: 30 rows, 0 missing, 0 differs, 0 without its row", [])


def test_missing_copy_is_named_and_mended(app: Flask, rows: list[AuditRow], audit_bucket: str) -> None:
    lost = key_of(rows[7])
    boto3.client("s3").delete_object(Bucket=audit_bucket, Key=lost)

    looked, mended, again = run(app, "--day", DAY), run(app, "--day", DAY, "--mend"), run(app)

    assert (looked.exit_code, found(looked)[2]) == (1, [f"missing: {lost}"])
    assert "--mend" in json.loads(looked.stdout)[0]["fix"]
    assert (mended.exit_code, found(mended)[1]) == (
        0, f"{DAY}: 1 copied now; 30 rows, 0 missing, 0 differs, 0 without its row",
    )  # fmt: skip
    assert again.exit_code == 0


def test_row_that_was_changed_or_deleted_is_named(app: Flask, rows: list[AuditRow]) -> None:
    """By an operator with rights that no function has."""
    client, table = boto3.client("dynamodb"), f"{PREFIX}-audit"
    client.put_item(TableName=table, Item={**(AuditRow.image_of(FLOOD, rows[3].id) or {}), "actor": {"S": "acc_9"}})
    client.delete_item(TableName=table, Key={"subject": {"S": FLOOD}, "id": {"S": rows[4].id}})

    done = run(app, "--mend")

    assert done.exit_code == 1
    assert found(done)[2] == [f"differs: {key_of(rows[3])}", f"without its row: {key_of(rows[4])}"]


def test_row_that_may_still_be_on_its_way_is_not_missing(
    app: Flask, rows: list[AuditRow], noon: time_machine.Traveller
) -> None:
    early = run(app, "--day", "2026-11-22")
    noon.shift(16 * 60)
    late = run(app, "--day", "2026-11-22")

    assert (early.exit_code, late.exit_code) == (0, 1)
    assert found(late)[2][0].startswith("missing: 2026-11-22/")


@pytest.mark.parametrize("day", ["2026-11-23", "2025-11-01", "yesterday", "2026-13-01"])
def test_day_without_rows_to_compare_is_refused(app: Flask, rows: list[AuditRow], day: str) -> None:
    assert run(app, "--day", day).exit_code == 2


def test_machine_without_a_bucket_says_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks_of_service, "settings", lambda: settings()._replace(is_local=True))

    done = run(app)

    assert (done.exit_code, found(done)[0]) == (0, "unchecked")


def test_deployment_without_a_bucket_is_not_called_right(app: Flask, tables: None) -> None:
    done = run(app)

    assert (done.exit_code, found(done)[0], "FLOOD_AUDIT_BUCKET is not set" in found(done)[1]) == (1, "wrong", True)
