"""Dead letter of one stream record: the key of its row and its position, and nothing else that the row holds.

Letters live for two weeks, longer than a person who leaves may be remembered, so the record itself is not kept: a
redrive reads the row again.
"""

import re
from typing import Any, NamedTuple

Record = dict[str, Any]
Letter = dict[str, Any]

# Ids are random, or keyed hashes. Other keys may say something: those of user names do.
_ID = re.compile(r"[a-z]{3}_[A-Za-z0-9_-]{1,60}", re.ASCII)
_CELL = re.compile(r"[0-9]{1,2}/[0-9]{1,8}/[0-9]{1,8}", re.ASCII)
_SUBJECT = re.compile(r"[a-z0-9_.#:-]{1,64}", re.ASCII)  # audit rows hold codes only
_NUMBER = re.compile(r"[0-9]{1,40}", re.ASCII)
_EVENTS = ("INSERT", "MODIFY", "REMOVE")


class Noted(NamedTuple):
    """A record as its letter has it: `cells` are those that the row was in before and after the change."""

    row_id: str
    event: str
    cells: tuple[str, ...]
    sequence: str
    at_s: float | None
    shard: str
    subject: str = ""  # the other half of an audit row's key

    def as_record(self) -> Record:
        """Return a record in the form that functions receive, without images."""
        keys = {"id": {"S": self.row_id}} | ({"subject": {"S": self.subject}} if self.subject else {})
        change: Record = {"Keys": keys, "SequenceNumber": self.sequence}
        if self.at_s is not None:
            change["ApproximateCreationDateTime"] = self.at_s
        named = {"eventName": self.event} if self.event else {}
        return {"eventSource": "aws:dynamodb", **named, "dynamodb": change}

    def as_changes(self, image: Record) -> list[Record]:
        """Return records of a row as it is now, one for each cell that it was in and has left, or a single one."""
        left_cells = [cell for cell in self.cells if cell != _text(image, "cell")]
        images = [{"OldImage": image | {"cell": {"S": cell}}, "NewImage": image} for cell in left_cells]
        record = self.as_record()
        return [record | {"dynamodb": record["dynamodb"] | both} for both in images or [{"NewImage": image}]]


def letter_of(record: Record, *, shard: str, error: str) -> Letter:
    """Return the letter for a record that could not be handled, whatever the record holds."""
    noted = _note(record, shard)
    changed = {
        "id": noted.row_id,
        "event": noted.event,
        "cells": list(noted.cells),
        "sequence": noted.sequence,
        "at": noted.at_s,
    } | ({"subject": noted.subject} if noted.subject else {})
    return {"changed": changed, "shard": shard, "error": error}


def read(letter: Letter) -> Noted | None:
    """Return the record that a letter is about; None for a letter that AWS has written."""
    shard = str(letter.get("shard", "stream"))
    if record := letter.get("record"):  # set aside by a release that kept whole records
        return _note(record, shard)
    if changed := letter.get("changed"):
        cells = tuple(changed.get("cells", ()))
        at_s = changed.get("at")
        return Noted(
            changed["id"],
            changed.get("event", ""),
            cells,
            changed.get("sequence", ""),
            at_s,
            shard,
            changed.get("subject", ""),
        )
    return None


def _note(record: Record, shard: str) -> Noted:
    change = _dict(record.get("dynamodb"))
    event, at_s = record.get("eventName"), change.get("ApproximateCreationDateTime")
    images = (_dict(change.get(name)) for name in ("OldImage", "NewImage"))
    return Noted(
        row_id=_matching(_ID, _row_id(_dict(change.get("Keys")))),
        event=event if event in _EVENTS else "",
        cells=tuple(sorted({cell for image in images if (cell := _matching(_CELL, _text(image, "cell")))})),
        sequence=_matching(_NUMBER, change.get("SequenceNumber")),
        at_s=at_s if isinstance(at_s, int | float) else None,
        shard=shard,
        subject=_matching(_SUBJECT, _text(_dict(change.get("Keys")), "subject")),
    )


def _row_id(keys: Record) -> Any:
    """Return what a row is about: of a vote the report, whose votes are all counted again."""
    return _text(keys, "id") or _text(keys, "report_id")


def _dict(value: Any) -> Record:
    return value if isinstance(value, dict) else {}


def _text(row: Record, column: str) -> Any:
    return _dict(row.get(column)).get("S")


def _matching(pattern: re.Pattern[str], value: Any) -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""
