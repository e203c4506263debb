"""Deltas: a client that keeps a copy and follows `as_of` ends with what is stored, through any interruption."""

import random
from datetime import timedelta
from typing import Any

import pytest

from app.core import clock
from app.core.errors import Invalid
from app.core.severity import Severity
from app.geo.box_circle import Box, Circle
from app.warnings import changes, source_status
from app.warnings.models import OfficialWarning, SourceDocument, SourceMemory, SourceStates
from app.warnings.search import NEWEST_OF_ALL, WarningQuery, find_changed
from app.warnings.sources.message import Act
from tests.app.warnings.test_search import star
from tests.rig.calls import counted, cut_off
from tests.warning_making import announce, message, place, square

pytestmark = pytest.mark.usefixtures("tables")
EVERY = frozenset(Severity)


def delta(since: int, *sources: str, limit: int = 50) -> tuple[dict[str, Any], int]:
    """All pages: by id the warning, or None for one that is gone; and the moment to go on from."""
    told: dict[str, Any] = {}
    known, before, as_of = SourceStates.read().by_name(), NEWEST_OF_ALL, None
    while True:
        page = find_changed(WarningQuery(sources or ("ea",), EVERY, limit=limit, before_key=before), since, known)
        assert not told.keys() & {one.id for one in page.changes}
        told |= {one.id: one.hit and one.hit.warning for one in page.changes}
        as_of = as_of or page.low_watermark_ms
        if page.next_key is None:
            return told, as_of
        before = page.next_key


def stored(source: str = "ea") -> dict[str, str]:
    return {row.id: row.digest for row in OfficialWarning.of_source(source)}


def test_delta_tells_what_is_new_changed_ended_and_gone(noon: Any) -> None:
    one, two, three = message("E1"), message("E2"), message("E3")
    announce(one, two, three)
    _, as_of = delta(clock.now_ms())
    noon.shift(300)
    graver, four = message("E2", severity="extreme"), message("E4")
    announce(one, graver, four)

    told, later = delta(as_of)
    assert {row.root: (row.severity, row.ended_reason) for row in told.values()} == {
        "E2": ("extreme", None),
        "E3": ("severe", "no_longer_listed"),
        "E4": ("severe", None),
    }
    noon.shift(timedelta(hours=25))
    announce(one, graver)
    told, _ = delta(later)
    assert {row.root if row else None for row in told.values()} == {"E4", None}  # E3, a day after its end


def test_nothing_new_is_nothing_told(noon: Any) -> None:
    announce(message("E1", source_id="x"))
    _, as_of = delta(clock.now_ms())
    noon.shift(300)
    announce(message("E1", source_id="x", sent_at_ms=clock.now_ms() - 300_000))

    assert delta(as_of)[0] == {}


def followed(copy: dict[str, Any], as_of: int, *, limit: int = 50) -> tuple[dict[str, Any], int]:
    """Bring a copy one step further; start it again if the changes are not known that far back."""
    try:
        told, later = delta(as_of, limit=limit)
    except Invalid:
        return OfficialWarning.find_all(stored()), source_status.low_watermark_ms(
            SourceStates.read().by_name(), ["ea"], clock.now_ms()
        )
    return copy | told, later


@pytest.mark.parametrize("seed", range(6))
def test_copy_that_follows_deltas_is_what_is_stored_through_any_interruption(noon: Any, seed: int) -> None:
    chance = random.Random(seed)
    announce(message("E0", source_id="first"))
    copy, as_of = delta(clock.now_ms())
    for _ in range(14):
        said = [
            message(f"E{n}", source_id=f"{n}/{chance.randint(0, 2)}", sent_at_ms=5)
            for n in range(6)
            if chance.random() < 0.6
        ]
        if chance.random() < 0.3:
            with cut_off(chance.choice(["BatchWriteItem", "PutItem"]), after=chance.randint(0, 4)):
                announce(*said)
        else:
            announce(*said)
        noon.shift(chance.choice([301, 301, 40_000]))
        if chance.random() < 0.5:
            copy, as_of = followed(copy, as_of, limit=chance.choice([1, 3, 50]))
    announce(message("E9"))
    copy, _ = followed(copy, as_of)

    assert {one: row.digest for one, row in copy.items() if row} == stored()


def test_what_the_release_before_changed_is_not_passed_over_in_silence(noon: Any) -> None:
    announce(message("E1"), message("E2"))
    _, as_of = delta(clock.now_ms())
    noon.shift(300)
    row = next(iter(OfficialWarning.find_all(stored()).values()))
    row.digest, row.chain, row.hazard = "as another release wrote it", None, None
    row.save()
    noon.shift(300)
    announce(message("E1"), message("E2"))

    with pytest.raises(Invalid) as refused:
        delta(as_of)
    assert "Ask without it once" in refused.value.mistakes[0].detail


def test_delta_says_how_far_back_it_reaches(noon: Any) -> None:
    announce(message("E1"))
    begun = clock.now_ms()
    assert delta(begun - 1)[0]
    with pytest.raises(Invalid, match="updated_since"):
        delta(0)
    noon.shift(timedelta(days=30, seconds=1))
    announce(message("E1"))
    with pytest.raises(Invalid) as refused:
        delta(begun)
    assert refused.value.mistakes[0].detail.startswith("Changes are known since 2026-11-21T12:00:01Z")
    assert delta(begun + 2000)[0]


def test_removed_ones_are_told_for_thirty_days_and_their_days_are_swept_then(noon: Any) -> None:
    announce(message("E1"), message("E2"))
    _, as_of = delta(clock.now_ms())
    announce(message("E1"))
    noon.shift(timedelta(hours=25))
    announce(message("E1"))
    noon.shift(timedelta(days=28))

    assert None in delta(as_of)[0].values()
    noon.shift(timedelta(days=5))
    announce(message("E3"))
    kept = [f"changes#ea#{clock.day_of(as_of)}"]
    assert SourceDocument.bodies(kept) == {}


def test_damaged_day_is_said_and_not_passed_over(noon: Any) -> None:
    announce(message("E1"))
    since = clock.now_ms()
    SourceDocument.write({f"changes#ea#{clock.day_of(since)}": b"\x07"})

    with pytest.raises(Invalid):
        delta(since)
    noon.shift(300)
    announce(message("E2"))
    with pytest.raises(Invalid):
        delta(since)
    assert len(delta(clock.now_ms())[0]) == 2  # E2, and E1 which is no longer listed


def test_moment_to_go_on_from_is_never_after_a_run_that_is_at_work(noon: Any) -> None:
    announce(message("E1"))
    noon.shift(60)
    memory = SourceMemory.of("ea")
    assert memory.begin()
    noon.shift(100)

    assert delta(clock.now_ms() - 160_000)[1] <= memory.next_change_ms()


def test_changes_of_one_moment_come_after_those_of_the_run_before(noon: Any) -> None:
    announce(message("E1"))
    _, as_of = delta(clock.now_ms())
    announce(message("E1"), message("E2", act=Act.HOLD))  # the clock stands still

    assert {row.root for row in delta(as_of)[0].values()} == {"E1", "E2"}


def test_delta_reads_what_has_changed_and_not_what_is_stored(noon: Any) -> None:
    said = [
        message(f"E{n}", source_id=str(n), sent_at_ms=5, places=(place(f"A{n}", square(n / 9)),)) for n in range(120)
    ]
    announce(*said)
    _, as_of = delta(clock.now_ms())
    noon.shift(300)
    announce(*said[1:])

    with counted() as calls:
        told, _ = delta(as_of)

    assert (len(told), calls.made) == (1, {"GetItem": 1, "BatchGetItem": 2})


AREAS = [
    Circle(51.5, -0.1, 5),
    Circle(-17.0, 180.0, 100),
    Circle(90.0, 0.0, 100),
    Box(179.5, -30.0, -179.5, 10.0),
    Box(-1.0, 50.0, 1.0, 52.0),
    Box(100.0, 0.0, 101.0, 1.0),
    Box(-180.0, -90.0, 180.0, 90.0),
]


def changed_in(area: Box | Circle) -> list[str]:
    question = WarningQuery(("ea",), EVERY, search_area=area, limit=100)
    return [
        one.id for one in find_changed(question, clock.now_ms() - clock.DAY_MS, SourceStates.read().by_name()).changes
    ]


@pytest.mark.parametrize("seed", range(4))
def test_delta_of_an_area_is_the_same_whether_or_not_the_log_knows_boxes(
    noon: Any, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """The previous release notes none; then every row is asked."""
    chance = random.Random(seed)
    for _ in range(2):
        drawn = [None, *(star(chance) for _ in range(14))]
        announce(*(message(f"E{n}", places=(place("A1", shape),)) for n, shape in enumerate(drawn)))
        noon.shift(300)
    with_boxes = [changed_in(area) for area in AREAS]

    read = changes._read
    monkeypatch.setattr(changes, "_read", lambda raw: [change._replace(edges=None) for change in read(raw)])

    assert with_boxes == [changed_in(area) for area in AREAS]
    assert sum(map(len, with_boxes)) > len(with_boxes[-1]) > 0


def test_delta_of_an_area_reads_no_row_of_what_has_changed_elsewhere(noon: Any) -> None:
    announce(*(message(f"E{n}") for n in range(30)))

    with counted() as calls:
        told = changed_in(Circle(10, 10, 100))

    assert (told, calls.made) == ([], {"GetItem": 1, "BatchGetItem": 1})


def test_box_nearly_once_around_is_not_taken_for_a_narrow_one() -> None:
    change = changes.Change(0, "wrn_a", False, changes._edges_around(Box(0.004, -10.0, 0.003, 10.0)))

    assert change.box == Box(-180.0, -10.0, 180.0, 10.0)
