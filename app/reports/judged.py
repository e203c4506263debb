"""Columns of a report about which its reporter has no say: votes, flags, confidence, decisions of responders.

app.review decides on all of it; here it is only kept. Who filed a report without an account, and over which network, is
kept as keyed hashes, for as long as the mark of its connection.
"""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from app.reports.entry import Confidence, Status
from app.reports.placed import Placed

# What a responder verifies: with another value it is another report. By the attribute of each field, except the places.
VERIFIED_FIELDS = {
    "place": "visibility",
    "severity": "severity",
    "depth_cm": "depth_cm",
    "title": "title",
    "description": "description",
    "observed_at": "observed_at_ms",
}


class Decision(NamedTuple):
    """A decision of a responder. `note`: for responders only."""

    decision: str
    reason: str
    decided_at_ms: int
    decided_by: str
    note: str | None


class Judged(Placed):
    """Columns about a report that do not come from its reporter. All may be absent: earlier releases write none."""

    status: Any
    version: Any
    filer = UnicodeAttribute(null=True)  # keyed hash of the visitor who filed it
    network = UnicodeAttribute(null=True)  # keyed hash of the network that it came from
    under_block = BooleanAttribute(null=True)  # filed while staff blocked its account or network
    is_from_partner = BooleanAttribute(attr_name="partner", null=True)  # sent by an organisation with its key
    touches = NumberAttribute(null=True)
    flooded_votes = NumberAttribute(null=True)
    receded_votes = NumberAttribute(null=True)
    depths_said = UnicodeAttribute(null=True)
    ended_by = UnicodeAttribute(null=True)
    is_disputed = BooleanAttribute(null=True)
    flags_waiting = NumberAttribute(null=True)
    confidence = UnicodeAttribute(null=True)
    confidence_tenths = NumberAttribute(null=True)
    confidence_reasons = UnicodeAttribute(null=True)
    ratings = NumberAttribute(null=True)  # times that the consumer has changed the confidence since the last decision
    rated_at_ms = NumberAttribute(attr_name="rated", null=True)  # when it did so last
    decision = UnicodeAttribute(null=True)
    decision_reason = UnicodeAttribute(null=True)
    decision_note = UnicodeAttribute(null=True)
    decided_at_ms = NumberAttribute(null=True)
    decided_by = UnicodeAttribute(null=True)
    original = UnicodeAttribute(null=True)
    merged_into = UnicodeAttribute(null=True)
    merged_from = UnicodeAttribute(null=True)
    alerts = UnicodeAttribute(null=True)  # what was published of it as alerts: see alert_chain.py

    @property
    def public_version(self) -> int:
        """The version that answers show: edits and decisions, without what others say about the report."""
        return int(self.version) - int(self.touches or 0)

    @property
    def votes(self) -> tuple[int, int]:
        """Numbers of persons who say flooded and receded. A report begins with its reporter's one."""
        flooded = 1 if self.flooded_votes is None else int(self.flooded_votes)
        return flooded, int(self.receded_votes or 0)

    @property
    def depths_cm(self) -> list[float]:
        """The newest depths that voters gave, newest first, in centimetres."""
        return list(json.loads(self.depths_said or "[]"))

    @property
    def verdict(self) -> Decision | None:
        """The decision that is in force, or None."""
        decision: str | None = self.decision
        if decision is None:
            return None
        reason, by = self.decision_reason or "", self.decided_by or ""
        return Decision(decision, reason, int(self.decided_at_ms or 0), by, self.decision_note)

    @verdict.setter
    def verdict(self, decided: Decision | None) -> None:
        decision, reason, at_ms, by, note = decided or (None, None, None, None, None)
        self.decision, self.decision_reason, self.decision_note = decision, reason, note
        self.decided_at_ms, self.decided_by = at_ms, by

    @property
    def own_words(self) -> dict[str, Any]:
        """The reporter's own values of the fields that a responder has corrected."""
        return dict(json.loads(self.original or "{}"))

    @own_words.setter
    def own_words(self, values: dict[str, Any]) -> None:
        self.original = (
            json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True) if values else None
        )

    def told(self) -> dict[str, Any]:
        """Return the values of the fields that a responder verifies."""
        return {"location": self.exact_place()} | {name: getattr(self, own) for name, own in VERIFIED_FIELDS.items()}

    @property
    def duplicates(self) -> list[str]:
        """The ids of the reports that were merged into this one."""
        return list(json.loads(self.merged_from or "[]"))

    @duplicates.setter
    def duplicates(self, ids: list[str]) -> None:
        self.merged_from = json.dumps(ids) if ids else None

    @property
    def rating(self) -> tuple[str, float, list[list[Any]]]:
        """The confidence: level, score from 0 to 1, and pairs of a reason's code and weight in tenths."""
        score = int(self.confidence_tenths or 0) / 10
        return self.confidence or Confidence.LOW, score, list(json.loads(self.confidence_reasons or "[]"))

    def knows_home(self) -> bool:
        """Return whether anything is stored from which a home's exact place could be derived."""
        return super().knows_home() or "location" in self.own_words

    def forget_home(self) -> None:
        """Remove everything from which a home's exact place could be derived, also from before a correction."""
        super().forget_home()
        self.own_words = {name: value for name, value in self.own_words.items() if name != "location"}

    def be_edited(self, names: Iterable[str]) -> None:
        """Note that the reporter has given these fields another value: what was verified was another report.

        A decision about it waits again then. The own words beside a correction are those of the newest edit.
        """
        changed = {*names}
        self.own_words = {name: value for name, value in self.own_words.items() if name not in changed}
        if self.status == Status.VERIFIED and changed:
            self.status, self.verdict = Status.PENDING, None
            self.confidence = self.confidence_tenths = self.confidence_reasons = None
            self.ratings = self.rated_at_ms = None

    def forget_who_filed(self) -> None:
        """Remove from where and by whom it was filed without an account, and whether these were blocked."""
        self.filer = self.network = self.under_block = None

    def forget_words(self) -> None:
        """Remove the reporter's words that a correction has kept, and what responders noted about it."""
        self.original = self.decision_note = None
