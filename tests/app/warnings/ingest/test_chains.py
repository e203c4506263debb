"""Chains of messages, made at random, in any order and over any runs: against an oracle that shares no code."""

import random
from dataclasses import dataclass, field, replace
from typing import Any

from app.core import clock
from app.warnings.ingest.chains import Cancellation
from app.warnings.ingest.supersession import resolve
from app.warnings.sources.message import Answer, Message
from tests.rig.chains_oracle import Oracle, Said, runs_of, story
from tests.stored_warnings import Row, as_row


@dataclass
class Kept:
    """Warnings as they would be stored, without a database."""

    rows: dict[str, Row] = field(default_factory=dict)
    closers: list[Cancellation] = field(default_factory=list)

    def take(self, messages: list[Message], now_ms: int) -> None:
        answer = Answer(tuple(messages), is_whole=False)
        settled = resolve("cap:x", answer, self.rows.values(), now_ms=now_ms, closers=self.closers)
        self.closers += settled.cancellations
        for one, held in settled.current.items():
            self.rows[one] = as_row(one, held, settled)
        for one, over in settled.ended.items():
            if one not in self.rows or self.rows[one].ended_at_ms is None:
                row = as_row(one, over.placed_message, settled) if over.placed_message else self.rows[one]
                self.rows[one] = replace(row, ended_at_ms=now_ms)
        self.rows |= {
            one: replace(self.rows[one], chain=chain) for one, chain in settled.chains.items() if one in self.rows
        }

    def in_force(self) -> set[str]:
        return {row.source_id.partition(",")[2] for row in self.rows.values() if row.ended_at_ms is None}


def test_any_order_over_any_runs_ends_as_if_all_had_been_said_at_once(noon: Any) -> None:
    for seed in range(300):
        chance, kept = random.Random(seed), Kept()
        told = story(chance)
        for number, listed in enumerate(runs_of(told, chance)):
            kept.take(listed, clock.now_ms() + number)

        oracle = Oracle(told).in_force()
        assert kept.in_force() == ({oracle} if oracle else set()), (seed, told)


def test_oracle_itself_knows_what_people_know() -> None:
    first, second = Said("1", [], 5), Said("2", ["1"], 3)

    assert Oracle([second, first]).in_force() == "2"
    assert Oracle([Said("c", ["1"], 0, is_end=True), second, first]).in_force() is None
    assert Oracle([Said("c", ["2"], 9, is_end=True), Said("3", ["c"], 1), second, first]).in_force() == "3"
