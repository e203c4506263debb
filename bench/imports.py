"""Measure imports: memory and speed with large files into a table that swallows, and rows that are really stored."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

import boto3

from bench import environment
from infra.local.dynoxide import DYNOXIDE, running_dynoxide
from infra.tables import create_tables

ROOT = Path(__file__).parents[1]
STORED_ROWS = 20_000
_WORDS = "Water over the road near the bridge, up to the second step, and rising since noon. "
Record = dict[str, Any]


def measure(megabytes: int) -> Iterator[Record]:
    """Yield rows a second and the most memory: for each format with a large file, and for rows stored in dynoxide."""
    with TemporaryDirectory() as folder:
        for format_ in ("csv", "geojson"):
            file = Path(folder) / f"large.{format_}"
            rows = write_file(file, format_, most_bytes=megabytes * 1_000_000, words=40)
            yield _measured(file, format_, rows, endpoint="http://127.0.0.1:9")
            file.unlink()
        if not DYNOXIDE.exists():
            yield {"measure": "imports", "format": "csv", "absent": "dynoxide is not installed for this system"}
            return
        file = Path(folder) / "stored.csv"
        rows = write_file(file, "csv", most_rows=STORED_ROWS, words=1)
        with running_dynoxide() as address:
            client = boto3.client("dynamodb", endpoint_url=address, region_name="eu-west-2")
            create_tables(client, environment.PREFIX, streams=False)
            yield _measured(file, "csv", rows, endpoint=address, swallows=False)


def write_file(file: Path, format_: str, *, most_rows: int = 10**9, most_bytes: int = 10**12, words: int = 1) -> int:
    """Write a file of reports that all have ids of their own; return how many. `words`: sentences in each text."""
    rows, text = 0, _WORDS * words
    with file.open("w", encoding="utf-8") as out:
        out.write(_HEAD[format_])
        while rows < most_rows and out.tell() < most_bytes:
            for _ in range(min(1000, most_rows - rows)):
                rows += 1
                _write_row(out, format_, rows, text)
        out.write("" if format_ == "csv" else "\n]}\n")
    return rows


_HEAD = {
    "csv": "incident_id,latitude,longitude,observed_at,title,description,depth_cm\n",
    "geojson": '{"type": "FeatureCollection", "features": [\n',
}


def _write_row(out: TextIO, format_: str, row: int, text: str) -> None:
    lat, lon = round(50.5 + row * 7 % 4000 / 1000, 5), round(-3.5 + row * 13 % 3000 / 1000, 5)
    told = {"observed_at": f"2020-02-{row % 28 + 1:02d}T{row % 24:02d}:00:00Z", "title": f"Mill Lane {row}"}
    if format_ == "csv":
        out.write(f'{row},{lat},{lon},{told["observed_at"]},{told["title"]},"{text}",{row % 100}\n')
        return
    feature = {
        "type": "Feature",
        "id": row,
        "properties": told | {"description": text, "depth_cm": row % 100},
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
    }
    out.write(("" if row == 1 else ",\n") + json.dumps(feature))


def _measured(file: Path, format_: str, rows: int, *, endpoint: str, swallows: bool = True) -> Record:
    asked = {"file": str(file), "format": format_, "swallows": swallows}
    settings = {**os.environ, "AWS_ENDPOINT_URL_DYNAMODB": endpoint}
    command = [sys.executable, "-m", "bench.imports_child", json.dumps(asked)]
    ran = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=True)
    counts, told = ran.stdout.strip().splitlines()[-2:]
    took = json.loads(told)
    return {
        "measure": "imports",
        "format": format_,
        "table": "swallows" if swallows else "dynoxide",
        "file_mb": round(file.stat().st_size / 1e6),
        "rows": rows,
        "told": counts,
        "rows_a_second": round(rows / took["seconds"]),
        "cpu_ms_a_row": round(took["cpu_seconds"] / rows * 1000, 2),
        "start_mb": round(took["start_mb"]),
        "most_mb": round(took["most_mb"]),
    }
