"""Build the pack of the gazetteer: `python -m infra.gazetteer --help`.

Each source is a file or folder that the operator names; what they are, their licences and how to get newer ones:
docs/gazetteer.md. The same input gives the same bytes.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app.gazetteer import blocks, pack_file
from infra.gazetteer import pack_names, read_britain, read_homes, read_postcodes, read_waters, read_world
from infra.gazetteer.rows import Row, read_csv

# Optional sources; without them the pack lacks their data.
SOURCES = {
    "settlements": "OS Open Names: gb-settlements.csv, or the official download's folder Data",
    "districts": "ONS districts with Welsh names, CSV",
    "postcodes": "Code-Point Open: the folder with one CSV for each area, packed by gzip or not",
    "home": "GeoNames' settlements of the British Isles with other names, CSV",
    "world": "GeoNames' settlements of the world, CSV",
    "zips": "GeoNames' US postal codes, CSV",
    "flood-areas": "the Environment Agency's flood areas, CSV",
    "stations": "the Environment Agency's stations, CSV",
}
FOLDER_NAMES = {
    "settlements": "gb-settlements.csv", "districts": "uk-districts-2018.csv", "postcodes": "codepoint-open-2025-10",
    "home": "uk-ie-geonames-cities500.csv", "world": "world-cities500.csv.gz", "zips": "us-zip-geonames.csv.gz",
    "flood-areas": "ea-flood-areas.csv", "stations": "ea-stations-2020.csv",
}  # fmt: skip


def read_rows(sources: dict[str, Path]) -> list[Row]:
    """Read all places except postcodes and ZIP codes."""
    home = list(read_csv(sources["home"])) if "home" in sources else []
    settlements = read_britain.read_settlements(sources["settlements"], home) if "settlements" in sources else []
    rows = list(settlements)
    if settlements:
        rows += read_britain.areas_of(settlements, read_csv(sources["districts"]) if "districts" in sources else [])
    others = list(read_world.read_home(home))
    if "world" in sources:
        others += read_world.read_elsewhere(sources["world"])
    rows += others
    known = {row.name for row in rows if row.kind in ("country", "island")}
    rows += [row for row in read_world.areas_of(others) if row.name not in known]
    if "zips" in sources:
        rows += read_world.read_counties(sources["zips"])
    if "flood-areas" in sources:
        rows += read_waters.read_flood_areas(sources["flood-areas"])
        if "stations" in sources:
            rows += read_waters.read_rivers(sources["stations"], sources["flood-areas"])
    return rows


def pack(sources: dict[str, Path]) -> Iterator[tuple[str, bytes]]:
    """Build all blocks: the directory of names and the other blocks of names first, postcodes and homes last."""
    rows = read_rows(sources)
    yield from pack_names.pack(rows)
    if "zips" in sources:
        yield from _pack_zips(sources["zips"])
    if "postcodes" in sources:
        nearest = read_postcodes.Nearest(row for row in rows if row.source == "os_open_names" and row.is_home)
        yield from read_postcodes.pack(sources["postcodes"], nearest)
        yield from read_homes.pack(sources["postcodes"])


def _pack_zips(file: Path) -> Iterator[tuple[str, bytes]]:
    by_key: dict[str, list[list[Any]]] = {}
    for row in read_world.read_zips(file):
        by_key.setdefault(blocks.zip_key(str(row[0])), []).append(row)
    for key, rows in sorted(by_key.items()):
        yield key, blocks.pack_rows(sorted(rows))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m infra.gazetteer", description="Build the pack of the gazetteer.")
    parser.add_argument("--folder", type=Path, help="where the sources lie under their usual names")
    for name, what in SOURCES.items():
        parser.add_argument(f"--{name}", type=Path, help=what)
    parser.add_argument("--date", required=True, help="of the newest data, as the pack tells it")
    parser.add_argument("--to", type=Path, default=pack_file.FILE, help="the file that is written")
    given = vars(parser.parse_args(arguments))
    sources = {}
    for name in SOURCES:
        usual = given["folder"] / FOLDER_NAMES[name] if given["folder"] else None
        path = given[name.replace("-", "_")] or (usual if usual and usual.exists() else None)
        if path:
            sources[name] = path
    if "settlements" not in sources and "world" not in sources:
        parser.error("name at least --settlements or --world (or --folder)")
    about = {"date": given["date"], "sources": {name: path.name for name, path in sources.items()}}
    summary = pack_file.write(given["to"], pack(sources), about)
    blocks, version = summary["blocks"], summary["version"]
    print(f"{given['to']}: {given['to'].stat().st_size:,} bytes, {blocks:,} blocks, version {version}")
    for missing in sorted(SOURCES.keys() - sources.keys()):
        print(f"note: without --{missing}: {SOURCES[missing]}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
