"""The map of the house in the docs is the one that the imports draw."""

from infra import house_map


def test_map_in_the_docs_is_that_of_the_imports() -> None:
    assert house_map.PAGE.read_text(encoding="utf-8") == house_map.render(), "run `make house-map`"


def test_every_room_has_a_door_plate_and_stands_in_the_order() -> None:
    rooms = house_map.in_order()

    assert set(house_map.arrows()) <= set(rooms)
    assert all(len(house_map.plate_of(room)) > 20 for room in rooms)
