"""Backups of tables as AWS makes them: one by itself of each table that is deleted, and what a restored table lacks."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Backup, RestoredTable

# moto forgets these; AWS restores them. It leaves out stream, expiry, recovery and protection, as moto does.
KEPT = ("billing_mode", "sse_specification", "ceiling")


def places() -> list[Any]:
    """Replacement for moto's own code."""
    return [
        patch.object(DynamoDBBackend, "delete_table", _backed_up(DynamoDBBackend.delete_table)),
        patch.object(RestoredTable, "__init__", _kept(RestoredTable.__init__)),
    ]


def _backed_up(original: Callable[..., Any]) -> Any:
    def delete_table(self: DynamoDBBackend, name: str) -> Any:
        table = original(self, name)
        state = table.continuous_backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
        if state == "ENABLED":
            backup = Backup(
                self.account_id, self.region_name, f"{table.name}$DeletedTableBackup", table, type_="SYSTEM"
            )
            self.backups[backup.arn] = backup
        return table

    return delete_table


def _kept(original: Callable[..., None]) -> Any:
    def make(self: RestoredTable, *given: Any, backup: Backup, **named: Any) -> None:
        original(self, *given, backup=backup, **named)
        for name in KEPT:
            if hasattr(backup.table, name):
                setattr(self, name, getattr(backup.table, name))

    return make
