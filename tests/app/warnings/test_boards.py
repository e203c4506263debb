"""Boards: lists of warnings from few items, equal to what the rows say, whatever has happened to the boards."""

import random
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from app.core import clock, packed_json
from app.geo.box_circle import Box
from app.geo.polygon import touches_box
from app.warnings import board_outlines, boards, kept, source_status
from app.warnings.ingest.run import store_answer
from app.warnings.models import OfficialWarning, SourceDocument, SourceMemory, SourceStates
from app.warnings.search import NEWEST_OF_ALL, WarningQuery, find_page
from app.warnings.sources.message import Act, Answer, Message
from app.warnings.sources.registry import Source
from tests.rig.calls import counted
from tests.warning_making import announce, message, place, square, stored_directory

pytestmark = pytest.mark.usefixtures("tables", "noon")
EVERY = frozenset(["unknown", "minor", "moderate", "severe", "extreme"])
MANY = 130


def messages(count: int) -> list[Message]:
    return [message(f"event-{number}", sent_at_ms=clock.now_ms() - number * 1000) for number in range(count)]


def shown(row: OfficialWarning) -> dict[str, Any]:
    hidden = ("chain", "published", "root", "digest", "texts")
    return {name: getattr(row, name) for name in row.get_attributes() if name not in hidden} | {"words": row.words}


def every_page(query: WarningQuery) -> list[dict[str, Any]]:
    """All rows of a list, page by page, each page as a new process finds it."""
    rows: list[dict[str, Any]] = []
    before: str | None = NEWEST_OF_ALL
    while before:
        kept.forget()
        page = find_page(query._replace(before_key=before), SourceStates.read().by_name())
        rows += [shown(hit.warning) for hit in page.hits]
        before = page.next_key
    return rows


def of_table(query: WarningQuery) -> list[dict[str, Any]]:
    """The same list by brute force: every row of the table, compared with the query one by one."""
    now_ms, area = clock.now_ms(), query.search_area
    ids = [row.id for source in query.sources for row in OfficialWarning.of_source(source)]
    stored_rows = OfficialWarning.find_all(ids, consistent=True).values()
    rows = []
    for row in sorted(stored_rows, key=lambda row: row.listed, reverse=True):
        ended, until, outline = row.ended_at_ms, row.own_end_at_ms, row.outline()
        is_in_force = ended is None and (until is None or until > now_ms)
        if (
            (ended is None or ended > now_ms - clock.DAY_MS)
            and row.severity in query.severities
            and query.in_force in (None, is_in_force)
            and (query.sent_since_ms or 0) <= row.sent_at_ms
            and (query.sent_until_ms is None or row.sent_at_ms <= query.sent_until_ms)
            and (not isinstance(area, Box) or (outline is not None and touches_box(outline, area)))
        ):
            rows.append(shown(row))
    return rows


def lists(**wanted: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A list from boards, and by brute force. With outlines it is the same too."""
    query = WarningQuery(("ea", "nws"), EVERY, limit=40)._replace(**wanted)
    from_rows = of_table(query)
    assert every_page(query) == from_rows
    without = [one | {"shape": None} for one in from_rows]
    return [one | {"shape": None} for one in every_page(query._replace(needs_outlines=False))], without


def stored() -> boards.Directory:
    directory: boards.Directory = stored_directory(boards, "ea")
    return directory


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
def test_lists_from_boards_equal_those_from_rows_after_each_run(noon: time_machine.Traveller, seed: int) -> None:
    chance = random.Random(seed)
    said = {one.event: one for one in messages(MANY)}
    for number in range(5):
        for event in chance.sample(sorted(said), 12):
            severity, act = chance.choice(sorted(EVERY)), chance.choice([Act.HOLD, Act.HOLD, Act.END])
            said[event] = message(event, severity=severity, act=act, replaces=(said[event].source_id,))
        said |= {one.event: one for one in [message(f"new-{number}-{place}") for place in range(9)]}
        announce(*said.values())
        said = {event: one for event, one in said.items() if one.act is not Act.END}
        noon.shift(3600 * chance.choice([0.1, 12]))

        for in_force in (None, True, False):
            from_boards, from_rows = lists(in_force=in_force)
            assert from_boards == from_rows, in_force
    assert len(stored().boards) > 2


def test_list_of_a_hundred_reads_no_row_and_no_index(client: FlaskClient) -> None:
    announce(*messages(MANY))
    kept.forget()

    with counted() as calls:
        page = find_page(WarningQuery(("ea",), EVERY, limit=100, needs_outlines=False), SourceStates.read().by_name())

    assert len(page.hits) == 100
    assert calls.made == {"GetItem": 1, "BatchGetItem": 2}  # the states of the sources; the directory, then its boards
    with counted() as calls:
        find_page(WarningQuery(("ea",), EVERY, limit=100, needs_outlines=False), SourceStates.read().by_name())
    assert calls.made == {"GetItem": 1}


def by_severity(count: int) -> list[Message]:
    """One in ten is extreme, and sent a day before all others."""
    now_ms = clock.now_ms()
    return [
        message(
            f"event-{n}",
            severity="minor" if n % 10 else "extreme",
            sent_at_ms=now_ms - n * 1000 - (0 if n % 10 else clock.DAY_MS),
        )
        for n in range(count)
    ]


@pytest.mark.parametrize(
    "wanted",
    [
        {"severities": frozenset(["extreme"])},
        {"severities": frozenset(["severe"])},
        {"sent_until_ms": 1795262400000 - clock.DAY_MS},
        {"sent_since_ms": 1795262400000 - 20_000},
        {"sent_until_ms": 0},
    ],
)
def test_boards_without_anything_that_is_wanted_are_not_read(wanted: dict[str, Any]) -> None:
    announce(*by_severity(MANY), source="ea")
    announce(*messages(MANY), source="nws")

    from_boards, from_rows = lists(**wanted)
    assert from_boards == from_rows
    kept.forget()
    query = WarningQuery(("ea", "nws"), EVERY, limit=100, needs_outlines=False)._replace(**wanted)
    with counted() as calls:
        find_page(query, SourceStates.read().by_name())
    # The states of the sources; the directories, then all boards that are wanted.
    assert calls.made == {"GetItem": 1, "BatchGetItem": 1 if wanted == {"sent_until_ms": 0} else 2}


def test_directory_of_the_release_before_is_read_and_reads_this_one() -> None:
    announce(*by_severity(MANY))
    key = boards.directory_key("ea")
    told = packed_json.unpack(SourceDocument.bodies([key])[key])
    # Exactly as it does: six values of a board, by their places.
    assert [boards.Board(*one)._replace(sent=None) for one in told["boards"]] == [
        one._replace(sent=None, severities=None, outlines=None) for one in stored().boards
    ]
    del told["filters"]
    SourceDocument.write({key: packed_json.pack(told)})

    for wanted in ({}, {"severities": frozenset(["extreme"])}, {"sent_until_ms": 0}):
        from_boards, from_rows = lists(**wanted)
        assert from_boards == from_rows
    assert {board.severities is None for board in stored().boards} == {True}


def test_a_change_rewrites_its_own_board_only() -> None:
    said = messages(MANY)
    announce(*said)
    before = stored()

    announce(
        *said[:-1],
        message(said[-1].event, severity="minor", replaces=(said[-1].source_id,), sent_at_ms=said[-1].sent_at_ms),
    )

    changed = [new.number for old, new in zip(before.boards, stored().boards, strict=True) if old != new]
    assert len(changed) == 1


def test_unchanged_answer_writes_no_board() -> None:
    said = messages(3)
    announce(*said)
    before = stored()

    announce(*said)

    assert stored() == before


def damage(body: bytes) -> bytes:
    return body[:20]


def of_later_format(body: bytes) -> bytes:
    return packed_json.pack(packed_json.unpack(body) | {"format": 99})


@pytest.mark.parametrize("spoil", [damage, of_later_format, None])
@pytest.mark.parametrize("key", [boards.directory_key("ea"), boards.board_key("ea", 1)])
def test_boards_that_are_gone_or_unreadable_are_counted_and_lists_come_from_rows(
    counts: list[str], key: str, spoil: Callable[[bytes], bytes] | None
) -> None:
    said = messages(MANY)
    announce(*said)
    body = SourceDocument.bodies([key])[key]
    SourceDocument.write({key: spoil(body)} if spoil else {}, [] if spoil else [key])

    from_boards, from_rows = lists()

    assert from_boards == from_rows
    assert ("UnreadableWarningDocuments" in counts) is bool(spoil or "board#" in key)

    announce(*said[1:], message("one-more"))  # the next change of the newest board repairs what it meets
    announce(*said[1:], message("one-more"), message("two-more"))
    from_boards, from_rows = lists()
    assert from_boards == from_rows


def test_boards_that_another_release_has_not_written_are_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    said = messages(MANY)
    announce(*said)
    with monkeypatch.context() as previous_release:
        previous_release.setattr("app.warnings.ingest.board_writing.update", lambda *_, **__: None)
        announce(*said[1:], message("while-it-served"))
    directory = stored()
    changed = source_status.changed(SourceStates.read().by_name())

    assert directory.run < int(changed["ea"])
    assert lists()[0] == lists()[1]

    announce(*said[2:], message("after-it"))
    assert stored().run > directory.run
    assert lists()[0] == lists()[1]


def test_interrupted_run_is_completed_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    said = messages(MANY)
    announce(*said)

    def break_off(*_: Any, **__: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr("app.warnings.ingest.board_writing.update", break_off)
        announce(*said[1:], message("lost?"))

    store_answer(Source("ea", ""), Answer(tuple(said[1:])), SourceMemory.of("ea"))

    assert lists()[0] == lists()[1]


def test_sparse_boards_are_put_together(noon: time_machine.Traveller) -> None:
    said = messages(400)
    announce(*said)
    assert len(stored().boards) == 8
    announce(*said[::60])
    noon.shift(25 * 3600)
    announce(*said[::60])

    announce(*said[::60], message("one-more"))

    assert len(stored().boards) <= 2
    assert lists()[0] == lists()[1]
    left = SourceDocument.bodies(board_outlines.key_of("ea", number) for number in range(20))
    assert left.keys() == {board_outlines.key_of("ea", board.number) for board in stored().boards}


@pytest.mark.parametrize(
    ("area", "first", "last"),
    [((-180, -90, 180, 90), -180, 170), ((-30, -90, 20.1, 90), -30, 20), ((-8.9, 0, 8, 80), 0, 0)],
)
def test_large_box_is_answered_from_boards_but_for_what_crosses_its_rim(
    area: tuple[float, float, float, float], first: int, last: int
) -> None:
    """Squares of a degree, one each ten degrees; one lies on the rim of the second box."""
    wests = range(-180, 180, 10)
    announce(*(message(f"at {west}", places=(place("A", square(west, 10, side=1)),)) for west in wests))

    from_boards, from_rows = lists(search_area=Box(*area))

    assert from_boards == from_rows
    assert {row["box"].partition(".")[0] for row in from_rows} == {f"{west}" for west in range(first, last + 1, 10)}
