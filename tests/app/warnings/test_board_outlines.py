"""Outlines beside boards: lists with outlines from few items, equal to the rows, whatever has happened to them."""

from collections.abc import Callable
from math import cos, sin
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import packed_json
from app.geo.polygon import MultiPolygon
from app.geo.polygon_geojson import from_rings
from app.warnings import board_outlines, boards, kept
from app.warnings.models import OfficialWarning, SourceDocument
from app.warnings.sources.message import Act, Message
from tests.app.warnings.test_boards import MANY, lists, messages, stored
from tests.rig.calls import counted
from tests.warning_making import announce, message, place, square

pytestmark = pytest.mark.usefixtures("tables", "noon")
ADDRESS = "/v1/warnings.geojson?limit=100&source=ea"


def outlines_in(client: FlaskClient, address: str = ADDRESS) -> dict[str, Any]:
    """The outlines that a new process shows, by warning."""
    kept.forget()
    features = client.get(address).get_json()["features"]
    return {one["id"]: one["geometry"] for one in features}


def of_rows(*, newest: int = 100) -> dict[str, MultiPolygon | None]:
    """The outlines of the newest rows of the table."""
    rows = OfficialWarning.find_all(row.id for row in OfficialWarning.of_source("ea"))
    ordered = sorted(rows.values(), key=lambda row: row.listed, reverse=True)[:newest]
    return {row.id: row.outline() for row in ordered}


def shown_as(geometry: dict[str, Any] | None) -> MultiPolygon | None:
    if geometry is None:
        return None
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return from_rings([[(lon, lat) for lon, lat in ring] for polygon in polygons for ring in polygon])


def is_as_the_table_has_it(client: FlaskClient) -> bool:
    found, wanted = outlines_in(client), of_rows()
    assert list(found) == list(wanted)
    return all(shown_as(found[one]) == outline for one, outline in wanted.items())


def moved(one: Message, west: float) -> Message:
    return message(
        one.event,
        places=(place(one.event, square(west)),),
        replaces=(one.source_id,),
        sent_at_ms=one.sent_at_ms,
    )


def test_hundred_outlines_are_read_without_a_row(client: FlaskClient) -> None:
    announce(*messages(MANY))
    kept.forget()

    with counted() as calls:
        answer = client.get(ADDRESS)

    assert len(answer.get_json()["features"]) == 100
    # The states of the sources; the directory, beside it the numbers of reports; then boards with their outlines.
    assert calls.made == {"GetItem": 1, "BatchGetItem": 3}
    with counted() as calls:
        client.get(ADDRESS)
    assert calls.made == {"GetItem": 1}
    assert is_as_the_table_has_it(client)


def test_changed_outline_is_shown_and_no_other(client: FlaskClient) -> None:
    said = messages(MANY)
    announce(*said)
    before = outlines_in(client)

    announce(moved(said[3], 5.0), *said[1:3], *said[4:], message(said[0].event, act=Act.END))

    after = outlines_in(client)
    assert len([one for one in after if before.get(one) != after[one]]) == 1
    assert is_as_the_table_has_it(client)


def test_words_that_change_do_not_write_outlines_again() -> None:
    said = messages(MANY)
    announce(*said)
    before = stored()

    announce(message(said[0].event, severity="minor", replaces=(said[0].source_id,)), *said[1:])

    after = stored()
    assert [one.digest for one in after.boards] != [one.digest for one in before.boards]
    assert [one.outlines for one in after.boards] == [one.outlines for one in before.boards]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body[:20],
        lambda body: body[:-3],
        lambda body: board_outlines.pack([]) or b"\0\0\0\0",
        lambda body: len(later := packed_json.pack({"format": 99})).to_bytes(4, "big") + later,
        None,
    ],
)
def test_outlines_that_are_gone_or_another_are_read_from_rows_and_made_new(
    client: FlaskClient, spoil: Callable[[bytes], bytes] | None
) -> None:
    said = messages(MANY)
    announce(*said)
    for number in range(3):
        key = board_outlines.key_of("ea", number)
        body = SourceDocument.bodies([key])[key]
        SourceDocument.write({key: spoil(body)} if spoil else {}, [] if spoil else [key])

    assert is_as_the_table_has_it(client)
    assert lists()[0] == lists()[1]

    announce(*said[1:], message("one-more"))
    assert lists()[0] == lists()[1]
    for board in stored().boards:
        key = board_outlines.key_of("ea", board.number)
        body = SourceDocument.bodies([key])[key]
        assert board.outlines == (len(body), boards.digest_of(body))


def test_damaged_outlines_that_their_directory_names_are_counted(client: FlaskClient, counts: list[str]) -> None:
    announce(*messages(3))
    key, damaged = board_outlines.key_of("ea", 0), b"\0\0\0\1x"
    named = [board._replace(outlines=(5, boards.digest_of(damaged))) for board in stored().boards]
    SourceDocument.write(
        {key: damaged, boards.directory_key("ea"): boards.pack_directory(stored()._replace(boards=tuple(named)))}
    )

    assert is_as_the_table_has_it(client)
    assert counts.count("UnreadableWarningDocuments") == 1


def test_outlines_from_before_a_change_are_not_shown_though_they_are_named(client: FlaskClient) -> None:
    said = messages(3)
    announce(*said)
    key = board_outlines.key_of("ea", 0)
    old, named = SourceDocument.bodies([key])[key], stored().boards[0].outlines
    announce(moved(said[0], 5.0), *said[1:])
    directory = stored()
    boards_with_old = tuple(board._replace(outlines=named) for board in directory.boards)
    SourceDocument.write(
        {key: old, boards.directory_key("ea"): boards.pack_directory(directory._replace(boards=boards_with_old))}
    )

    assert is_as_the_table_has_it(client)


def ragged(corners: int) -> MultiPolygon:
    """A ring of so many corners that compress badly."""
    angles = [6.283 * number / corners for number in range(corners)]
    far = [0.2 + (number * number * 7919 % 1000) / 10000 for number in range(corners)]
    ring = [(far[n] * cos(at), 51 + far[n] * sin(at)) for n, at in enumerate(angles)]
    return from_rings([[*ring, ring[0]]])


def test_outline_that_is_too_long_comes_from_its_row(client: FlaskClient) -> None:
    announce(message("long", places=(place("A", ragged(2000)),)), message("undrawn", places=(place("B"),)), message())
    rows = {row.id: row.outline() for row in OfficialWarning.find_all(of_rows()).values()}

    body = SourceDocument.bodies([board_outlines.key_of("ea", 0)])[board_outlines.key_of("ea", 0)]
    assert len(board_outlines.read(body)) == 1

    found = outlines_in(client)
    assert {one: shown_as(geometry) for one, geometry in found.items()} == rows


def test_directory_of_the_release_before_has_no_outlines_and_the_next_run_writes_them(
    client: FlaskClient,
) -> None:
    said = messages(MANY)
    announce(*said)
    key = boards.directory_key("ea")
    told = packed_json.unpack(SourceDocument.bodies([key])[key])
    told["filters"] = [one[:2] for one in told["filters"]]  # what it writes
    SourceDocument.write({key: packed_json.pack(told)})
    left = [board_outlines.key_of("ea", board.number) for board in stored().boards]

    assert {board.outlines for board in stored().boards} == {None}
    assert is_as_the_table_has_it(client)

    announce(*said[1:], message("after-it"))
    assert all(board.outlines for board in stored().boards)
    assert SourceDocument.bodies(left) == {}
    assert is_as_the_table_has_it(client)


def test_few_rows_of_a_board_with_large_outlines_are_read_alone(client: FlaskClient) -> None:
    """The outlines of all fifty would cost more than the few rows."""
    rings = [(place(f"{n}", ragged(60 + n)),) for n in range(50)]
    announce(*(message(severity="minor" if n else "extreme", places=ring) for n, ring in enumerate(rings)))
    assert lists(severities=frozenset(["extreme"]))[0] == lists(severities=frozenset(["extreme"]))[1]

    with counted() as calls:
        outlines_in(client, f"{ADDRESS}&severity_min=extreme")
    # The states; the directory, the numbers of reports, the board, and then one row.
    assert calls.made == {"GetItem": 1, "BatchGetItem": 4}
    with counted() as calls:
        outlines_in(client)
    assert calls.made == {"GetItem": 1, "BatchGetItem": 2}  # of all fifty they are read beside the board
    assert is_as_the_table_has_it(client)
