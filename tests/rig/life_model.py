"""A model of the life of reports, which shares no code with the product: who said what, and what follows from it."""

from collections import Counter
from dataclasses import dataclass, field

PUBLIC = ("pending", "verified")
MOST_ENDS = 5


@dataclass
class Modelled:
    """One report. `said`: condition and step by person, None for one taken back; the reporter is `me`."""

    name: str
    made_at: int
    said: dict[str, tuple[str | None, int]] = field(default_factory=dict)
    flags: dict[str, int] = field(default_factory=dict)
    status: str = "pending"
    condition: str = "flooded"
    ended_by: str = ""
    is_disputed: bool = False
    decisions: list[tuple[str, str, int]] = field(default_factory=list)  # status before, decision, step
    merged: list[str] = field(default_factory=list)
    merged_into: str = ""

    @property
    def is_public(self) -> bool:
        return self.status in PUBLIC

    @property
    def decided_at(self) -> int:
        return self.decisions[-1][2] if self.decisions else -1


class Life:
    """All reports, and how many each person's network has ended."""

    def __init__(self) -> None:
        self.reports: dict[str, Modelled] = {}
        self.ends: Counter[str] = Counter()
        self.step = 0

    def file(self, name: str) -> None:
        self.reports[name] = Modelled(name, self.step, {f"me of {name}": ("flooded", self.step)})

    def voices(self, report: Modelled) -> dict[str, str]:
        """Return each person's latest word over a report and those that were merged into it."""
        latest: dict[str, tuple[str, int]] = {}
        for one in (report, *(self.reports[name] for name in report.merged)):
            for person, (condition, at) in one.said.items():
                if condition and (person not in latest or latest[person][1] < at):
                    latest[person] = (condition, at)
        return {person: condition for person, (condition, _) in latest.items()}

    def said_at(self, report: Modelled, person: str) -> int:
        """Return when a person spoke last about a report or those that were merged into it."""
        rows = (report, *(self.reports[name] for name in report.merged))
        return max(one.said[person][1] for one in rows if person in one.said and one.said[person][0])

    def counts(self, report: Modelled) -> tuple[int, int]:
        words = Counter(self.voices(report).values())
        return words["flooded"], words["receded"]

    def row_of(self, report: Modelled, person: str) -> Modelled:
        """Return the report under which a person's vote lies: here, or where it was cast before a merge."""
        if person in report.said:
            return report
        merged = sorted((self.reports[name] for name in report.merged), key=lambda one: -one.made_at)
        return next((one for one in merged if person in one.said), report)

    def vote(self, name: str, person: str, condition: str | None) -> int:
        """Cast or take back a vote; return the status that the answer must have."""
        report = self.reports[name]
        if not report.is_public:
            return 404
        row = self.row_of(report, person)
        if condition is None and row.said.get(person, (None, 0))[0] is None:
            return 204
        can_return = condition == "flooded" and report.ended_by == "votes"
        if report.ended_by and not can_return:
            return 409
        row.said[person] = (condition, self.step)
        if person == f"me of {report.name}" and condition == "receded":
            report.condition, report.ended_by = "receded", "reporter"
        self.settle(report)
        return 200 if condition else 204

    def settle(self, report: Modelled) -> None:
        """Draw the conclusions from what is said, as the product does after each change."""
        if not report.is_public:
            return
        voices = self.voices(report)
        checked_at = report.decided_at if report.status == "verified" else -1
        flooded = sum(word == "flooded" for word in voices.values())
        receded = {
            person for person, word in voices.items() if word == "receded" and self.said_at(report, person) > checked_at
        }
        if report.ended_by != "reporter":
            if len(receded) < flooded + 2:
                report.condition, report.ended_by = "flooded", ""
            elif not report.ended_by:
                self._end(report, receded, flooded)
        self._fold(report)

    def _end(self, report: Modelled, receded: set[str], flooded: int) -> None:
        fresh = {person for person in receded if self.ends[person] < MOST_ENDS}
        if report.status == "pending" and len(fresh) >= flooded + 2:
            report.condition, report.ended_by = "receded", "votes"
            self.ends.update(receded)
        else:
            report.condition = "may_be_over"

    def _fold(self, report: Modelled) -> None:
        flags = [person for person, at in report.flags.items() if at > report.decided_at]
        for_it = [
            person
            for person, (condition, _) in report.said.items()
            if condition == "flooded" and person not in flags and not person.startswith("me of")
        ]
        report.is_disputed = report.status == "pending" and len(flags) >= 3 and len(for_it) < len(flags)

    def flag(self, name: str, person: str) -> int:
        report = self.reports[name]
        if not report.is_public:
            return 404
        report.flags[person] = self.step
        self.settle(report)
        return 204

    def decide(self, name: str, word: str) -> int:
        report = self.reports[name]
        if report.status in ("withdrawn", "merged"):
            return 409
        report.decisions.append((report.status, word, self.step))
        report.status, report.is_disputed = word, False
        if report.condition == "may_be_over":
            report.condition = "flooded"
        return 200

    def merge(self, name: str, into: str) -> int:
        """Merge; the target of a merged target is taken."""
        report, target = self.reports[name], self.reports[into]
        if report.status in ("withdrawn", "merged"):
            return 409
        while target.status == "merged":
            target = self.reports[target.merged_into]
        if target is report or not target.is_public or target.ended_by:
            return 422
        self.decide(name, "merged")
        report.merged_into = target.name
        target.merged += [one for one in (name, *report.merged) if one not in target.merged]
        self.settle(target)
        return 200

    def undo(self, name: str) -> int:
        report = self.reports[name]
        if not report.decisions or report.status == "withdrawn":
            return 409
        before, word, _ = report.decisions.pop()
        into = report.merged_into if word == "merged" else ""
        touched = []
        while into:
            target = self.reports[into]
            target.merged = [one for one in target.merged if one not in (name, *report.merged)]
            touched.append(target)
            into = target.merged_into
        report.status, report.merged_into = before, ""
        for one in (report, *touched):
            self.settle(one)
        return 200

    def edit(self, name: str) -> int:
        """Change a report; one that was verified is another report then, and waits again."""
        report = self.reports[name]
        if not report.is_public:
            return 409
        if report.status == "verified":
            report.status, report.decisions = "pending", []
        return 200

    def withdraw(self, name: str) -> int:
        self.reports[name].status = "withdrawn"
        return 204
