"""Retention: the deployment, the rows and the documents keep to one table."""

import re
from pathlib import Path

from app.accounts import session_limits
from app.core import retention
from infra.tables import table_resources

ROOT = Path(__file__).parents[3]
INFRA = ROOT / "infra"
AUDIT = "storage_audit.yml"


def numbers_of(name: str, path: str) -> list[int]:
    """The values of a setting in one of the templates."""
    return [int(found) for found in re.findall(rf"{name}: (\d+)", (INFRA / path).read_text(encoding="utf-8"))]


def test_deployment_keeps_what_the_table_says() -> None:
    logs = [days for stage in ("dev", "prod") for days in numbers_of("log_retention_days", f"stages/{stage}.yml")]

    assert max(logs) == retention.LOG_LINE.days
    assert numbers_of("RetentionInDays", "api.yml") == [retention.SECURITY_LOG_LINE.days]
    assert set(numbers_of("MessageRetentionPeriod", "queues.yml")) == {retention.DEAD_LETTER.seconds}
    assert set(numbers_of("ExpirationInDays", "storage.yml")) == {retention.BACKUP.days}
    assert set(numbers_of("NoncurrentDays", "storage.yml")) == {retention.BACKUP_APART.days}
    assert set(numbers_of("ExpirationInDays", "storage_photos.yml")) == {retention.PHOTO_AS_SENT.days - 1}
    audit_ends, traces_end = (*numbers_of("ExpirationInDays", AUDIT), *numbers_of("NoncurrentDays", AUDIT))
    assert numbers_of(" Days", AUDIT) == [retention.AUDIT_ROW.days] == [audit_ends - 1]
    assert audit_ends + traces_end < retention.AUDIT_COPY.days  # S3 looks once a day
    assert max(session_limits.WHOLE_S.values()) == retention.SESSION.seconds == retention.SIGN_IN.seconds


def test_no_row_ends_by_a_figure_of_its_own() -> None:
    lines = [
        f"{path.name}: {line.strip()}"
        for path in (ROOT / "app").rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"purge_at\b.*=(?!=)", line) and "NumberAttribute(null=True)" not in line
    ]

    assert len(lines) >= 4
    assert [line for line in lines if re.search(r"\d{2,}", line.replace("1000", ""))] == []


def test_document_shows_the_table() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = [line for line in page.split("## Retention")[1].splitlines() if line.startswith("| ")][1:]

    assert rows == [f"| {kept.what} | {length_of(kept)} | {kept.from_when} |" for kept in retention.TABLE]


def length_of(kept: retention.Kept) -> str:
    return f"{kept.days} days" if kept.days else f"{kept.hours} hour"


def test_tables_forget_by_the_attribute_that_rows_have() -> None:
    forgetting = {name for name, body in table_resources().items() if "TimeToLiveSpecification" in body["Properties"]}

    of_people = {"ReportsTable", "TokensTable", "VotesTable", "DeliveriesTable", "SubscriptionsTable"}
    of_people |= {"AlertEventsTable"}
    assert forgetting == of_people | {"ThrottlesTable", "AuditTable", "ReviewTable", "SwitchesTable"}
