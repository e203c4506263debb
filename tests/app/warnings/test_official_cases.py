"""Lawful messages that are easily given a wrong meaning, file by file, in one answer or in several."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from app.core import clock
from app.warnings.ingest.outcome import Outcome
from app.warnings.ingest.run import EMPTY_UNCONFIRMED, store_answer
from app.warnings.models import OfficialWarning, SourceMemory
from app.warnings.sources.registry import Source

pytestmark = pytest.mark.usefixtures("tables")
NOW = datetime(2026, 11, 28, 12, 45, tzinfo=UTC)
Story = list[tuple[str, ...]]


@pytest.fixture
def now() -> Any:
    with time_machine.travel(NOW, tick=False) as clock_of_the_test:
        yield clock_of_the_test


def take_in(folder: Path, *names: str, source: str = "cap") -> Outcome:
    """One answer: these files, one after another in one."""
    said = Source(source, "")
    raw = b"\n".join((folder / name).read_bytes() for name in names)
    return store_answer(said, said.reader.parse(raw, now_ms=clock.now_ms()), SourceMemory.of(source))


def standing(source: str = "cap") -> dict[str, str]:
    """Return the stored warning: headline (or area), and the reason for its end."""
    found = OfficialWarning.find_all(row.id for row in OfficialWarning.of_source(source))
    now_ms = clock.now_ms()
    return {
        row.texts.split('"headline": "')[1].split('"')[0]: row.mark().why_over(now_ms) or "" for row in found.values()
    }


CASES: list[tuple[Story, dict[str, str]]] = [
    (
        [("02a-alarm.cap.xml",), ("02b-entwarnung-cancel.cap.xml",)],
        {"Entwarnung: Hochwasser an der Testach": "cancelled"},
    ),
    ([("02b-entwarnung-cancel.cap.xml",)], {"Entwarnung: Hochwasser an der Testach": "cancelled"}),
    ([("02b-entwarnung-cancel.cap.xml", "02a-alarm.cap.xml")], {"Entwarnung: Hochwasser an der Testach": "cancelled"}),
    (
        [("02b-entwarnung-cancel.cap.xml",), ("02a-alarm.cap.xml",)],
        {"Entwarnung: Hochwasser an der Testach": "cancelled"},
    ),
    ([("04-sent-after-expires.cap.xml",)], {"*": "expired"}),
    ([("05-no-expires.cap.xml",)], {"Flooding at Test Ham": ""}),
    ([("05-no-expires.cap.xml",), ("02a-alarm.cap.xml",)], {"Flooding at Test Ham": "no_longer_listed", "*": ""}),
    ([("10a-two-live.cap.xml",)], {"Second, spelling mended": ""}),
    ([("10a-two-live.cap.xml",), ("10b-cancel-old-and-live.cap.xml",)], {"Cancelled": "cancelled"}),
    ([("11a-alert-clock-ahead.cap.xml",), ("11b-cancel-clock-behind.cap.xml",)], {"River falling": "cancelled"}),
    ([("11b-cancel-clock-behind.cap.xml", "11a-alert-clock-ahead.cap.xml")], {"River falling": "cancelled"}),
    ([("12a-same-id.cap.xml",), ("12b-same-id-later-graver.cap.xml",)], {"Dam failing": ""}),
    ([("12b-same-id-later-graver.cap.xml",), ("12a-same-id.cap.xml",)], {"Dam failing": ""}),
    ([("25-updates-without-references.cap.xml",)], {"General Flood Advisory No. 3": ""}),
    ([("26a-chain.cap.xml",), ("26b-cancel-names-the-first.cap.xml",)], {"Over": "cancelled"}),
    ([("26c-all-listed-cancel-names-the-first.cap.xml",)], {"Over": "cancelled"}),
    ([("26c-all-listed-cancel-names-the-first.cap.xml",)] * 2, {"Over": "cancelled"}),
    ([("26b-cancel-names-the-first.cap.xml",), ("26a-chain.cap.xml",)], {"Over": "cancelled"}),
    ([("28a-two-areas.cap.xml",), ("28b-update-one-area.cap.xml",)], {"A and B": "replaced", "B only": ""}),
    ([("28b-update-one-area.cap.xml",), ("28a-two-areas.cap.xml",)], {"B only": ""}),
    ([("28b-update-one-area.cap.xml", "28a-two-areas.cap.xml")], {"B only": ""}),
    ([("36a-first.cap.xml",), ("36b-update-odd-reference.cap.xml",)], {"Second": ""}),
    ([("36b-update-odd-reference.cap.xml", "36a-first.cap.xml")], {"Second": ""}),
]


@pytest.mark.parametrize(("story", "wanted"), CASES, ids=lambda one: str(one)[:60])
def test_files_one_after_another_leave_what_their_senders_mean(
    now: Any, shared_data: Path, story: Story, wanted: dict[str, str]
) -> None:
    for names in story:
        take_in(shared_data / "cases", *names)
        now.shift(300)

    found = standing()
    assert len(found) == len(wanted)
    others = [reason for headline, reason in found.items() if headline not in wanted]
    assert {headline: found.get(headline) for headline in wanted if headline != "*"} == {
        headline: reason for headline, reason in wanted.items() if headline != "*"
    }
    assert others == [reason for headline, reason in wanted.items() if headline == "*"]


def test_one_warning_keeps_its_id_from_first_to_cancel(now: Any, shared_data: Path) -> None:
    ids = []
    for name in ("10a-two-live.cap.xml", "10b-cancel-old-and-live.cap.xml"):
        take_in(shared_data / "cases", name)
        ids.append([row.id for row in OfficialWarning.of_source("cap")])

    assert ids[0] == ids[1] and len(ids[0]) == 1


def test_upgrade_in_the_hour_that_comes_twice_is_taken(now: Any, shared_data: Path) -> None:
    for name in ("21a-ea-before-clocks-go-back.json", "21b-ea-after-clocks-went-back.json"):
        take_in(shared_data / "cases", name, source="ea")

    (row,) = OfficialWarning.of_source("ea")
    assert (row.severity, row.ended_at_ms) == ("extreme", None)


def test_two_areas_of_one_label_are_two_warnings(now: Any, shared_data: Path) -> None:
    take_in(shared_data / "cases", "22-ea-same-label-twice.json", source="ea")

    assert {row.root for row in OfficialWarning.of_source("ea")} == {"055FWFST1", "011FWFST2"}


def test_level_4_is_over_whatever_the_word_beside_it(now: Any, shared_data: Path) -> None:
    take_in(shared_data / "cases", "ea-level-4-word-alert.json", source="ea")

    rows = OfficialWarning.find_all(row.id for row in OfficialWarning.of_source("ea")).values()
    assert [row.mark().why_over(clock.now_ms()) for row in rows] == ["all_clear"]


def test_nws_watch_holds_until_it_ends_and_not_until_its_message_does(now: Any, shared_data: Path) -> None:
    take_in(shared_data / "cases", "24-nws-onset-after-expires.json", source="nws")

    (row,) = OfficialWarning.of_source("nws")
    assert row.mark().is_in_force(clock.now_ms())
    assert clock.rfc3339(int(row.own_end_at_ms or 0)) == "2026-11-30T00:00:00Z"


def test_first_alert_of_what_is_past_is_shown_until_it_ends(now: Any, shared_data: Path) -> None:
    take_in(shared_data / "cases", "cap-alert-urgency-past.cap.xml")

    (row,) = OfficialWarning.of_source("cap")
    assert row.mark().is_in_force(clock.now_ms())
    assert row.own_end_at_ms


def test_recordings_sum_up(now: Any, shared_data: Path) -> None:
    """The number of messages read from every recording is the sum of the numbers of their results."""
    kinds = {"cap": "cap", "ea": "ea", "nws": "nws", "cases": ""}
    for folder, kind in kinds.items():
        for file in sorted((shared_data / folder).rglob("*")):
            source = kind or ("cap" if file.name.endswith(".xml") else "nws" if "nws" in file.name else "ea")
            if not file.is_file() or not file.name.endswith(("xml", "json", "cap", "atom", "rss")):
                continue
            said = Source(source, "")
            outcome = store_answer(
                said, said.reader.parse(file.read_bytes(), now_ms=clock.now_ms()), SourceMemory.of(source)
            )
            assert outcome.counts.uncounted == 0, (file, outcome.counts)


def test_empty_recording_after_a_full_one_ends_nothing_until_it_comes_again(now: Any, shared_data: Path) -> None:
    told = []
    for name in ("floods-2015-12-10.json", "floods-empty.json", "floods-empty.json"):
        told.append(take_in(shared_data / "ea", name, source="ea"))
        now.shift(300)

    assert [(one.in_force, one.ended, one.note) for one in told] == [
        (11, 0, ""),
        (11, 0, EMPTY_UNCONFIRMED),
        (0, 11, ""),
    ]
