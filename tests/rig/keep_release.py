"""Keep what a release stores, for later ones to read: `python -m tests.rig.keep_release FOLDER NAME`.

Run it in a checkout of the release. It serves a new data folder with the demo, files, edits, withdraws, votes, judges,
asks for alerts, imports and erases, and keeps in FOLDER/NAME the data folder, the items of all tables, and what the
release answers itself. The gazetteer is left out: each release brings its own.
"""

import base64
import json
import lzma
import os
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

KEYS = {
    "FLOOD_SECRET": "a-secret-for-tests-that-is-long-enough-to-be-taken",
    "FLOOD_ID_KEY": "an-id-key-for-tests-that-is-long-enough-to-be-taken",
    "FLOOD_MAIL_KEY": "a-mail-key-for-tests-that-is-long-enough-to-be-taken",
    "FLOOD_TOTP_KEY": "a-totp-key-for-tests-that-is-long-enough-to-be-taken",
}
LANGPORT = {"lat": 51.0375, "lon": -2.829}
PASSWORD = "a long and rainy night in november"
FOLDER_FILES = ("dynamodb.sqlite", "demo-loaded", "sign-ins.json", "photos")
GAZETTEER = "gazetteer"
CSV = """id,lat,lon,observed_at,title,depth_cm
a,51.0381,-2.8301,2026-01-05T10:00:00Z,An old flood,40
b,51.0382,-2.8302,2014-02-01T10:00:00Z,"Water, with a comma",
c,-6.2000,106.8166,2020-01-01T00:00:00Z,Banjir di Jakarta,70
"""
PATHS = """
/v1/reports
/v1/reports?limit=100
/v1/reports?lat=51.0375&lon=-2.829&radius_km=5&limit=100
/v1/reports?lat=51.0375&lon=-2.829&radius_km=0.5
/v1/reports?bbox=-3.2,50.9,-2.7,51.2&limit=20
/v1/reports?severity_min=severe
/v1/reports?since=2010-01-01T00:00:00Z&limit=100
/v1/reports?until=2026-02-01T00:00:00Z
/v1/reports?updated_since={day}T00:00:00Z&limit=100
/v1/reports?status=withdrawn
/v1/reports?lat=51.0375&lon=-2.829&radius_km=5&sort=distance
/v1/reports?lat=51.0375&lon=-2.829&radius_km=5&sort=severity
/v1/reports.geojson?lat=51.0375&lon=-2.829&radius_km=5
/v1/nearby?lat=51.0375&lon=-2.829&radius_km=5
/v1/nearby?lat=51.0852&lon=-2.959&radius_km=0.5
/v1/warnings
/v1/warnings.geojson
/v1/warnings?in_force=true
/v1/warnings?lat=51.0375&lon=-2.829&radius_km=50
/tiles/4/7/5
/tiles/8/125/85
/tiles/10/503/343
/v1/areas?lat=51.0375&lon=-2.829&radius_km=50
""".split()


class Running:
    """A `make serve` of the checkout that we are in."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.folder = folder
        command = [".venv/bin/python", "-m", "infra.local.serve", "--port", str(port), "--data", str(folder)]
        self.process = subprocess.Popen(command, env=os.environ | KEYS, stdout=subprocess.DEVNULL)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        told = {"Content-Type": "application/json"} | {name.replace("_", "-"): text for name, text in headers.items()}
        request = Request(self.url + path, None if body is None else json.dumps(body).encode(), told, method=method)
        try:
            with urlopen(request, timeout=30) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except HTTPError as error:
            return error.code, json.loads(error.read() or "null")

    def await_ready(self) -> None:
        for _ in range(600):
            try:
                if self.ask("GET", "/healthz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.2)
        raise TimeoutError("it does not start")

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(30)


def act(running: Running) -> None:
    """Write by every way that the public has."""

    def file(key: str, title: str, **more: Any) -> dict[str, Any]:
        token = more.pop("token", "")
        headers = {"Idempotency_Key": f"{key}-{'0' * 20}"} | ({"Authorization": f"Bearer {token}"} if token else {})
        status, report = running.ask(
            "POST", "/v1/reports", {"location": LANGPORT, "depth_cm": 30, "title": title} | more, **headers
        )
        assert status == 201, report
        return dict(report)

    def change(method: str, report: dict[str, Any], body: Any, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}", "If_Match": f'"v{report["version"]}"'}
        status, answer = running.ask(method, f"/v1/reports/{report['id']}", body, **headers)
        assert status in (200, 204), answer

    def sign_in(name: str) -> str:
        running.ask("POST", "/v1/accounts", {"username": name, "password": PASSWORD})
        return str(running.ask("POST", "/v1/tokens", {"username": name, "password": PASSWORD})[1]["access_token"])

    file("kept-report-0001", "Water over the kerb", place="public")
    edited = file("kept-report-0002", "Überflutet – 水 🌊")
    change("PATCH", edited, {"depth_cm": 45.5, "title": "Es steigt – 水 🌊"}, edited["edit_token"])
    withdrawn = file("kept-report-0003", "A mistake")
    change("DELETE", withdrawn, None, withdrawn["edit_token"])
    person, leaving = sign_in("keeper"), sign_in("leaver")
    file("kept-report-0004", "Signed in", place="public", token=person, severity="extreme", radius_m=300)
    moved = file("kept-report-0005", "Moved", token=person, description="Two lines\nof text.")
    change("PATCH", moved, {"location": {"lat": 51.09, "lon": -2.97}, "place": "public"}, person)
    file("kept-report-0006", "Left behind", place="public", token=leaving)
    told = {"Authorization": f"Bearer {leaving}"}
    status, answer = running.ask("DELETE", "/v1/me", {"password": PASSWORD}, **told)
    assert status == 204, answer
    file("kept-report-0007", "x" * 120)
    file("kept-report-0008", "Unknown depth", depth_cm=None, severity="unknown")
    file("kept-report-0009", "From the drain", water_source="sewer", place="public")
    vote_and_judge(running, [file(f"kept-judged-{name}", name) for name in ("Verified", "Rejected", "Merged", "Asked")])
    place = LANGPORT | {"radius_km": 5}
    wish = {"place": place, "channel": {"kind": "email", "address": "keeper@example.org"}}
    assert running.ask("POST", "/v1/subscriptions", wish)[0] in (201, 202)


def vote_and_judge(running: Running, reports: list[dict[str, Any]]) -> None:
    """Let two visitors speak of each report, and an admin decide the first three."""
    for _ in range(2):
        neighbour = {"Authorization": f"Bearer {running.ask('POST', '/v1/visitors')[1]['visitor_token']}"}
        for number, report in enumerate(reports):
            vote = {"condition": ("flooded", "receded")[number % 2]}
            assert running.ask("PUT", f"/v1/reports/{report['id']}/votes", vote, **neighbour)[0] == 200
    status, _ = running.ask("POST", f"/v1/reports/{reports[1]['id']}/flags", {"reason": "other"}, **neighbour)
    assert status == 204
    password = json.loads((running.folder / "sign-ins.json").read_text())["admin"]
    pair = running.ask("POST", "/v1/tokens", {"username": "admin", "password": password})[1]
    staff = {"Authorization": f"Bearer {pair['access_token']}"}
    decisions = (
        {"decision": "verified", "reason": "seen_by_staff"},
        {"decision": "rejected", "reason": "not_flooding"},
        {"decision": "merged", "into": reports[0]["id"]},
    )
    for report, decision in zip(reports, decisions, strict=False):
        headers = staff | {"If_Match": "*"}
        status, answer = running.ask("PUT", f"/v1/reports/{report['id']}/verification", decision, **headers)
        assert status == 200, answer


def import_csv(folder: Path) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as rows:
        rows.write(CSV)
        rows.flush()
        command = [".venv/bin/python", "-m", "infra.local.command", "--data", str(folder), "import", rows.name]
        subprocess.run([*command, "--format", "csv"], env=os.environ | KEYS, check=True)


def items_of(endpoint: str) -> dict[str, list[Any]]:
    """All items of all tables but the gazetteer, whose table is then removed; bytes as base64."""
    import boto3

    client = boto3.client(
        "dynamodb", endpoint_url=endpoint, region_name="eu-west-2", aws_access_key_id="x", aws_secret_access_key="x"
    )
    kept = {}
    for name in sorted(client.list_tables()["TableNames"]):
        if name.endswith(GAZETTEER):
            client.delete_table(TableName=name)
            continue
        pages = client.get_paginator("scan").paginate(TableName=name)
        items = [item for page in pages for item in page["Items"]]
        kept[name.removeprefix("floodmanager-local-")] = sorted(items, key=repr)
    return kept


def plain(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(type(value))


def keep(folder: Path, name: str, content: Any) -> None:
    text = json.dumps(content, ensure_ascii=False, default=plain, separators=(",", ":"), sort_keys=True)
    (folder / f"{name}.json.xz").write_bytes(lzma.compress(text.encode(), preset=9))


def main(kept: Path, port: int = 5719) -> None:
    kept.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "data"
        running = Running(folder, port)
        try:
            running.await_ready()
            while not (folder / "demo-loaded").exists():
                time.sleep(0.2)
            act(running)
            import_csv(folder)
            time.sleep(20)  # what was written is in the tile documents now, and older than any list's news
            at_ms = int(time.time() * 1000)
            day = time.strftime("%Y-%m-%d", time.gmtime(at_ms / 1000))
            answers = {path: running.ask("GET", path) for path in (path.format(day=day) for path in PATHS)}
            keep(kept, "answers", {"at_ms": at_ms, "answers": answers})
            keep(kept, "tables", items_of((folder / "endpoint").read_text().strip()))
        finally:
            running.end()
        with closing(sqlite3.connect(folder / "dynamodb.sqlite")) as database:
            database.execute("VACUUM")  # what was removed is still in the file
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with tarfile.open(kept / "folder.tar.xz", "w:xz", preset=9) as archive:
            for file in (*FOLDER_FILES, *(path.name for path in sorted(folder.glob("stream*.json")))):
                archive.add(folder / file, file)
            print({file.name: file.stat().st_size for file in folder.iterdir()})


if __name__ == "__main__":
    main(Path(sys.argv[1]) / sys.argv[2])
