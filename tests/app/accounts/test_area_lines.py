"""Areas as lines of a form: what was written is read back as the same areas, and what is none is named."""

from typing import Any

import pytest

from app.accounts import area_input, area_lines, areas
from app.accounts.areas import Area
from app.geo.box_circle import Box
from tests.app.accounts.test_areas import ring_of

TRIANGLE = "0,50 2,50 1,52"
SQUARES = {"type": "MultiPolygon", "coordinates": [[[[n, 0], [n + 1, 0], [n + 1, 1], [n, 0]]] for n in (0, 4)]}


def text_of(*some: Area) -> str:
    return "\n".join(line for line, _ in area_lines.write(some))


def test_line_is_a_box_a_polygon_or_a_place_with_or_without_a_name() -> None:
    lines = [
        "-2.5,51.3,-2.2,51.5",
        "The weir=-2.5, 51.3, -2.2, 51.5",
        f"Mill={TRIANGLE}",
        TRIANGLE,
        "Bath",
        "Fiji=179,-20,-179,-15",
    ]

    found = area_lines.read("\n".join(["", *lines, "  "]))

    assert found.is_whole
    read = [area for _, area in found.areas]
    assert [area.name for area in read] == ["-2.5,51.3,-2.2,51.5", "The weir", "Mill", "0,50 +2", "Bath", "Fiji"]
    assert read[0].extent == read[1].extent == Box(-2.5, 51.3, -2.2, 51.5)
    assert read[2].extent == read[3].extent and read[2].contains(lat=51, lon=1)
    assert read[4].place.startswith("plc_")
    assert read[5].contains(lat=-17, lon=180) and not read[5].contains(lat=-17, lon=0)


def test_what_is_written_is_read_back_as_the_same() -> None:
    sent = [
        {"name": "Bath", "bbox": [-2.45, 51.35, -2.3, 51.42]},
        {"name": "Bath", "bbox": [-2.45, 51.35, -2.3, 51.5]},
        {"name": "two squares", "polygon": SQUARES},
        {"name": "two squares", "polygon": {**SQUARES, "coordinates": SQUARES["coordinates"][::-1]}},
        {"name": "many corners", "polygon": ring_of(areas.MOST_CORNERS)},
        {"name": "a=b", "bbox": [0, 0, 1, 1]},
    ]
    stored = areas.as_stored(area_input.read(sent))

    read = area_lines.read(text_of(*stored), stored)

    assert (read.is_whole, tuple(area for _, area in read.areas)) == (True, stored)
    typed = [area for _, area in area_lines.read(text_of(*stored[:2], stored[4])).areas]
    assert areas.as_stored(typed) == (*stored[:2], stored[4])  # also by a form that was opened before


def test_place_that_the_gazetteer_has_lost_stays_as_long_as_its_line() -> None:
    lost = Area("Xyzzyplugh", Box(0, 0, 1, 1), "plc_0")

    assert area_lines.read("Xyzzyplugh", [lost]).areas == [("Xyzzyplugh", lost)]
    assert [wrong.code for wrong in area_lines.read("Xyzzyplugh").wrong] == ["place"]
    assert text_of(lost, lost._replace(place="plc_1")) == "Xyzzyplugh\nXyzzyplugh=plc_1"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Xyzzyplugh", "place"),
        ("1,2,3", "place"),
        ("0,51,1,50", "box"),
        ("0,1.1.1,1,2", "box"),
        ("Pier=179,0 -179,0 -179,1", "antimeridian"),
        ("0,0 1,1", "polygon"),
        ("0,0 1,1 2,2", "flat"),
        ("Bath=plc_0", "place"),
        ("<b>=0,0,1,1", "markup"),
        (f"{'x' * 81}=0,0,1,1", "length"),
        (" ".join(f"{n / 1000:.3f},{n * n / 1e5:.5f}" for n in range(areas.MOST_CORNERS + 1)), "corners"),
        ("9" * 7000, "corners"),
    ],
)  # fmt: skip
def test_line_that_is_no_area_is_told_with_its_reason(line: str, code: str) -> None:
    found = area_lines.read(f"Bath\n{line}")

    assert ([text for text, _ in found.areas], [wrong.code for wrong in found.wrong]) == (["Bath"], [code])


def test_name_of_several_places_offers_them() -> None:
    found: Any = area_lines.read("Newport")

    ((line, places),) = found.several
    assert (line, found.is_whole, len(places) > 1) == ("Newport", False, True)
    again = area_lines.read(f"Newport={places[1].id}")
    assert [area.place for _, area in again.areas] == [places[1].id]
