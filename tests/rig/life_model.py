"""A model of the life of reports, which shares no code with the product: who said what, and what follows from it."""

from collections import Counter
from dataclasses import dataclass, field

PUBLIC = ("pending", "verified")
MOST_ENDS = 5
HARMFUL = "offensive"


@dataclass
class Modelled:
    """One report. `said`: condition and step by person, None for one taken back; `flags`: reason and step by person."""

    name: str
    made_at: int
    reporter: str
    said: dict[str, tuple[str | None, int]] = field(default_factory=dict)
    flags: dict[str, tuple[str, int]] = field(default_factory=dict)
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
    """All reports, the network of each person ("" for one who has left), and how many each network has ended."""

    def __init__(self, networks: dict[str, str]) -> None:
        self.reports: dict[str, Modelled] = {}
        self.networks = dict(networks)
        self.ends: Counter[str] = Counter()
        self.step = 0

    def file(self, name: str, reporter: str) -> None:
        self.reports[name] = Modelled(name, self.step, reporter, {reporter: ("flooded", self.step)})

    def voices(self, report: Modelled) -> dict[str, tuple[str, int]]:
        """Return each person's latest word, and its step, over a report and those that were merged into it."""
        latest: dict[str, tuple[str, int]] = {}
        for one in (report, *(self.reports[name] for name in report.merged)):
            for person, (condition, at) in one.said.items():
                if condition and (person not in latest or latest[person][1] < at):
                    latest[person] = (condition, at)
        return latest

    def counts(self, report: Modelled) -> tuple[int, int]:
        words = Counter(condition for condition, _ in self.voices(report).values())
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
            return 409 if person == report.reporter else 404
        row = self.row_of(report, person)
        if condition is None and row.said.get(person, (None, 0))[0] is None:
            return 204
        can_return = condition == "flooded" and report.ended_by == "votes"
        if report.ended_by and not can_return:
            return 409
        row.said[person] = (condition, self.step)
        if person == report.reporter and condition == "receded":
            report.condition, report.ended_by = "receded", "reporter"
        self.settle(report)
        return 200 if condition else 204

    def settle(self, report: Modelled) -> None:
        """Draw the conclusions from what is said, as the product does after each change."""
        if not report.is_public:
            return
        checked_at = report.decided_at if report.status == "verified" else -1
        flooded, known, all_receded = set(), set(), set()
        for person, (condition, at) in self.voices(report).items():
            if condition == "flooded":
                flooded.add(self.networks[person] or person)
            elif at > checked_at:
                all_receded.add(self.networks[person] or person)
                known |= {self.networks[person]} - {""}
        stays = len(all_receded) >= len(flooded) + 2  # who leaves ends nothing any more, and brings nothing back
        if report.ended_by == "votes" and not stays:
            report.condition, report.ended_by = "flooded", ""
        elif not report.ended_by and len(known) >= len(flooded) + 2:
            self._end(report, known, len(flooded))
        elif not report.ended_by and not (stays and report.condition == "may_be_over"):
            report.condition = "flooded"
        self._fold(report)

    def _end(self, report: Modelled, receded: set[str], flooded: int) -> None:
        fresh = {network for network in receded if self.ends[network] < MOST_ENDS}
        if report.status == "pending" and len(fresh) >= flooded + 2:
            report.condition, report.ended_by = "receded", "votes"
            self.ends.update(receded)
        else:
            report.condition = "may_be_over"

    def _fold(self, report: Modelled) -> None:
        flags = {
            person: reason
            for person, (reason, at) in report.flags.items()
            if at > report.decided_at and person != report.reporter
        }
        for_it = [
            person
            for person, (condition, _) in report.said.items()
            if condition == "flooded" and person not in flags and person != report.reporter
        ]
        # A person who has left folds nothing any more, but opens nothing either.
        counted = {p: reason for p, reason in flags.items() if self.networks[p] or report.is_disputed}
        networks = {self.networks[person] or person for person in counted}
        harmed = {self.networks[person] or person for person, reason in counted.items() if reason == HARMFUL}
        folds = (len(networks) >= 3 and len(for_it) < len(counted)) or len(harmed) >= 2
        report.is_disputed = report.status == "pending" and folds

    def flag(self, name: str, person: str, reason: str) -> int:
        report = self.reports[name]
        if not report.is_public:
            return 409 if person == report.reporter else 404
        report.flags[person] = (reason, self.step)
        self.settle(report)
        return 204

    def decide(self, name: str, word: str) -> int:
        report = self.reports[name]
        if report.status in ("withdrawn", "merged"):
            return 409
        report.decisions.append((report.status, word, self.step))
        report.status, report.is_disputed = word, False
        if report.condition == "may_be_over" or (word == "verified" and report.ended_by == "votes"):
            report.condition, report.ended_by = "flooded", ""
        if word == "rejected":
            self._release(report)
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
        self._release(self.reports[name])
        return 204

    def _release(self, report: Modelled) -> None:
        """Give back to the public, unchecked, what was merged into a report that has gone."""
        for one in (self.reports[name] for name in report.merged):
            if one.status == "merged" and one.merged_into == report.name:
                one.status, one.merged_into, one.decisions = "pending", "", []
                self.settle(one)
        report.merged = []

    def erase(self, person: str) -> None:
        """Let a person leave: for each report they become one unknown person of no known network."""
        for report in self.reports.values():
            unknown = f"unknown of {report.name}, once {person}"
            self.networks[unknown] = ""
            if person in report.said:
                report.said = {unknown if who == person else who: word for who, word in report.said.items()}
            if person in report.flags:
                report.flags[unknown] = report.flags.pop(person)
            if report.reporter == person:
                report.reporter = unknown
        for report in self.reports.values():
            self.settle(report)
