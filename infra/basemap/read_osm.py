"""Read OpenStreetMap data: one GeoJSON feature for each thing that the map draws, as tippecanoe takes them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import osmium
import shapely.geometry  # type: ignore[import-untyped]  # it has no stubs of its own
from osmium.geom import GeoJSONFactory

from infra.basemap import streets, tags
from infra.basemap.tags import Meaning

# tippecanoe rounds to the grid of its tiles; a metre is enough for a line's ends to meet.
_DECIMALS = 7


class Street(NamedTuple):
    """Meaning and names that the pieces of a street have in common."""

    meaning: Meaning
    name: str
    ref: str


class Reader:
    """Reads a file; then `cut_waters` tells how many areas of water its edge cuts, `lost_lines` how many have no place.

    Objects have to be in the usual order (nodes, ways, relations, each by id), with ids above 0.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.cut_waters = self.lost_lines = 0
        self._pieces: list[tuple[Street, streets.Line]] = []

    def features(self) -> Iterator[dict[str, Any]]:
        """Yield all features, streets last. Raises ValueError for a file that cannot be read."""
        shapes = GeoJSONFactory()
        try:
            read = osmium.FileProcessor(self.file).with_locations().with_areas()
            for thing in read.with_filter(osmium.filter.EmptyTagFilter()):
                yield from self._read(thing, shapes)
            self._count_cut_waters()
        except RuntimeError as error:
            raise ValueError(f"{self.file} cannot be read as OpenStreetMap data: {error}") from error
        for street, line in streets.joined(self._pieces):
            yield _feature(street.meaning, {"type": "LineString", "coordinates": line}, street.name, street.ref)

    def _read(self, thing: Any, shapes: GeoJSONFactory) -> Iterator[dict[str, Any]]:
        told = dict(thing.tags)
        if thing.is_node() and (meaning := tags.place_meaning(told)):
            point = [round(thing.location.lon, _DECIMALS), round(thing.location.lat, _DECIMALS)]
            yield _feature(meaning, {"type": "Point", "coordinates": point}, told["name"])
        elif thing.is_way() and (meaning := tags.line_meaning(told)):
            line = [
                (round(node.lon, _DECIMALS), round(node.lat, _DECIMALS))
                for node in thing.nodes
                if node.location.valid()
            ]
            if len(line) > 1:
                self._pieces.append((Street(meaning, told.get("name", ""), told.get("ref", "")), line))
            else:
                self.lost_lines += 1
        elif thing.is_area() and (meaning := tags.area_meaning(told)):
            yield from self._area(thing, meaning, told, shapes)

    def _area(
        self, area: Any, meaning: Meaning, told: Mapping[str, str], shapes: GeoJSONFactory
    ) -> Iterator[dict[str, Any]]:
        try:
            shape = json.loads(shapes.create_multipolygon(area))
        except (RuntimeError, osmium.InvalidLocationError):
            return
        yield _feature(meaning, shape, "")
        if "name" in told and tags.is_lake(told):
            inside = shapely.geometry.shape(shape).representative_point()
            point = [round(inside.x, _DECIMALS), round(inside.y, _DECIMALS)]
            yield _feature(Meaning(tags.PLACES, "water", 12), {"type": "Point", "coordinates": point}, told["name"])

    def _count_cut_waters(self) -> None:
        """Count relations of water of which the file lacks members: no area can be made of them."""
        ways: set[int] = set()
        wanted: list[list[int]] = []
        for thing in osmium.FileProcessor(self.file, osmium.osm.WAY | osmium.osm.RELATION):
            if isinstance(thing, osmium.osm.Way):
                ways.add(thing.id)
            elif (
                isinstance(thing, osmium.osm.Relation)
                and thing.tags.get("type") == "multipolygon"
                and tags.is_water_area(dict(thing.tags))
            ):
                wanted.append([member.ref for member in thing.members if member.type == "w"])
        self.cut_waters = sum(not ways.issuperset(members) for members in wanted)


def _feature(meaning: Meaning, geometry: dict[str, Any], name: str, ref: str = "") -> dict[str, Any]:
    told = {"kind": meaning.kind, "kind_detail": meaning.detail, "name": name, "ref": ref}
    return {
        "type": "Feature",
        "tippecanoe": {"layer": meaning.layer, "minzoom": meaning.least_zoom},
        "properties": {key: value for key, value in told.items() if value},
        "geometry": geometry,
    }
