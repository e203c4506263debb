"""`flask ingest`, as a person runs it: recordings and whatever else lies in a folder."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from app.core import clock
from app.warnings.models import OfficialWarning
from tests.rig.calls import counted
from tests.rig.official import SQUARE, alert, alerts, flood, floods

Run = Callable[..., Result]
EA = "ea/floods-2015-12-10.json"
EA_LATER = "ea/floods-2015-12-10-later.json"
NWS = "nws/alerts-active-2025-12-15-floods.geojson"
ZONES = "nws/zones-ugc.geojson"
OWN_ROWS = {"sources", "source#ea", "source#nws"}
READABLE = {"ea", "nws", "cap"}
ROUTES = ["/v1/warnings?limit=100", "/v1/warnings.geojson", "/v1/warnings.csv", "/v1/areas", "/status.json"]
ROUTES += ["/v1/nearby?lat=51&lon=-1&radius_km=50", "/flood_warnings", "/simplified_flood_areas"]


@pytest.fixture
def run(app: Flask) -> Run:
    return running(app)


def running(app: Flask) -> Run:
    runner = app.test_cli_runner()
    return lambda *options: runner.invoke(args=["ingest", *map(str, options)])


@pytest.fixture
def take(run: Run, shared_data: Path) -> Run:
    """`take("ea", EA)` takes a recording in."""
    return lambda source, file, *options: run("--source", source, "--file", shared_data / file, *options)


def written(tmp_path: Path, raw: bytes, name: str = "answer") -> Path:
    file = tmp_path / name
    file.write_bytes(raw)
    return file


def listed(client: FlaskClient, query: str = "") -> dict[str, dict[str, Any]]:
    """All warnings, by their areas' codes."""
    items: list[dict[str, Any]] = []
    path = f"/v1/warnings?limit=100{query}"
    while path:
        body = client.get(path).json
        items += body["items"]
        path = next((link["href"] for link in body["links"] if link["rel"] == "next"), "")
    return {item["areas"][0]["id"].removeprefix("ea-"): item for item in items}


def test_recording_and_its_sequel_leave_exactly_the_sequel(take: Run, client: FlaskClient, shared_data: Path) -> None:
    first, later = (json.loads((shared_data / file).read_text())["items"] for file in (EA, EA_LATER))
    in_force = {item["floodAreaID"]: item["severity"] for item in later if item["severityLevel"] < 4}
    over = {item["floodAreaID"] for item in first} - set(in_force)

    assert take("ea", EA).stdout == (
        "ea: 11 in force (0 drawn), 11 changed, 0 ended, 0 removed, 0 broken; messages: 11 read: 11 taken\n"
    )
    before = listed(client)
    assert take("ea", EA_LATER).stdout == (
        "ea: 8 in force (0 drawn), 2 changed, 3 ended, 0 removed, 0 broken; messages: 9 read: 8 taken, 1 ended\n"
    )

    shown = listed(client)
    assert {code: item["label"] for code, item in shown.items() if item["in_force"]} == in_force
    assert ({code for code, item in shown.items() if not item["in_force"]}, len(over)) == (over, 3)
    assert {code: item["id"] for code, item in shown.items()} == {code: item["id"] for code, item in before.items()}
    assert (shown["122WAF946"]["severity"], shown["122WAF933"]["severity"]) == ("extreme", "severe")


@pytest.mark.parametrize(("source", "file"), [("ea", EA), ("nws", NWS)])
def test_same_file_again_writes_nothing_but_the_sources_own_rows(take: Run, source: str, file: str) -> None:
    take(source, file)

    with counted() as again:
        result = take(source, file)

    assert set(again.written) <= OWN_ROWS
    assert (result.exit_code, " 0 changed, 0 ended, 0 removed" in result.stdout) == (0, True)


def test_recording_past_its_end_is_stored_as_over(take: Run, client: FlaskClient) -> None:
    result = take("nws", NWS)

    assert (result.exit_code, result.stdout.split(",")[0]) == (0, "nws: 0 in force (0 drawn)")
    items = listed(client, "&source=nws")
    assert len(list(OfficialWarning.of_source("nws"))) == 27  # the floods of 50
    assert all(item["in_force"] is False for item in items.values())


def test_shifted_recording_is_in_force_with_its_zones_and_spaced_as_it_was(
    take: Run, client: FlaskClient, shared_data: Path
) -> None:
    result = take("nws", NWS, "--shift-to-now", "--areas", shared_data / ZONES)

    features = json.loads((shared_data / NWS).read_text())["features"]
    assert result.stdout.splitlines()[0] == "nws: 87 outlines kept"
    rows = list(OfficialWarning.of_source("nws"))
    assert max(row.mark().sent_at_ms for row in rows) == pytest.approx(clock.now_ms(), abs=60_000)
    floods = [feature for feature in features if "Flood" in feature["properties"]["event"]]
    assert len({row.id for row in rows}) == len(floods) == 27
    reasons = [row.geometry_reason for row in rows if row.geometry_status == "none"]
    assert reasons == []


def test_areas_alone_are_kept_and_draw_what_comes(run: Run, tmp_path: Path, client: FlaskClient) -> None:
    outline = {"type": "Feature", "geometry": SQUARE, "properties": {"fws_tacode": "061FWF10", "TA_NAME": "River"}}
    areas = written(tmp_path, json.dumps({"type": "FeatureCollection", "features": [outline]}).encode(), "areas")
    file = written(tmp_path, floods(flood("061FWF10")))

    assert run("--source", "ea", "--file", file).stdout.startswith("ea: 1 in force (0 drawn)")
    assert run("--source", "ea", "--areas", areas).stdout == "ea: 1 outlines kept\n"
    assert run("--source", "ea", "--file", file).stdout.startswith("ea: 1 in force (1 drawn), 1 changed")
    (shown,) = listed(client).values()
    assert (shown["geometry_status"], shown["geometry_reason"]) == ("area", None)


def test_new_outline_of_a_known_area_is_drawn(run: Run, tmp_path: Path, client: FlaskClient) -> None:
    file = written(tmp_path, floods(flood("061FWF10")))
    moved = {"type": "Polygon", "coordinates": [[[x + 9, y] for x, y in SQUARE["coordinates"][0]]]}
    for geometry in (SQUARE, moved):
        outline = {"type": "Feature", "geometry": geometry, "properties": {"code": "061FWF10"}}
        areas = written(tmp_path, json.dumps({"type": "FeatureCollection", "features": [outline]}).encode(), "areas")
        run("--source", "ea", "--file", file, "--areas", areas)

    found = [len(client.get(f"/v1/nearby?lat=51.05&lon={lon}").json["items"]) for lon in (0.05, 9.05)]
    assert found == [0, 1]


@pytest.mark.parametrize("raw", [b"", b"<kml/>", b'{"type": "FeatureCollection", "features": []}'])
def test_file_of_areas_that_holds_none_fails_in_words_and_takes_nothing(run: Run, tmp_path: Path, raw: bytes) -> None:
    areas, file = written(tmp_path, raw, "areas.kml"), written(tmp_path, floods(flood("061FWF10")))

    for further in ([], ["--file", file]):
        result = run("--source", "ea", "--areas", areas, *further)
        assert (result.exit_code, "no outline of an area can be read" in result.stderr) == (1, True)
    assert list(OfficialWarning.of_source("ea")) == []


def test_file_without_messages_is_believed_when_it_comes_again(run: Run, tmp_path: Path) -> None:
    full, empty = written(tmp_path, floods(flood("061FWF10")), "full"), written(tmp_path, floods(), "empty")
    run("--source", "ea", "--file", full)

    first, second = (run("--source", "ea", "--file", empty).stdout for _ in range(2))

    assert "ea: 1 in force" in first and "holds until the next answer is empty too" in first
    assert "ea: 0 in force (0 drawn), 0 changed, 1 ended" in second


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--source", "usgs"], "There is no source usgs"),
        (["--file", __file__], "Say whose file it is"),
        (["--source", "ea", "--shift-to-now"], "--shift-to-now goes with --file"),
        (["--source", "ea", "--file", "/no/such/file"], "does not exist"),
    ],
)
def test_wrong_call_says_what_is_wrong(run: Run, options: list[str], said: str) -> None:
    result = run(*options)

    assert (result.exit_code, said in result.stderr) == (2, True)


LEVELS = {1: "extreme", 2: "severe", 3: "moderate"}
WORDS = {"Extreme": "extreme", "Severe": "severe", "Moderate": "moderate", "Minor": "minor", "Unknown": "unknown"}
CAP = """<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{0}</identifier><sender>a@b.example</sender>
<sent>2026-01-10T08:00:00+00:00</sent><status>{1}</status><msgType>Alert</msgType><scope>Public</scope><info>
<category>Met</category><event>Flood</event><urgency>Immediate</urgency><severity>{0}</severity>
<certainty>Likely</certainty><expires>2099-01-01T00:00:00+00:00</expires><area><areaDesc>Town</areaDesc>
<polygon>51,0 51.1,0 51.1,0.1 51,0</polygon></area></info></alert>"""


def test_no_source_turns_its_severities_round(run: Run, client: FlaskClient, tmp_path: Path) -> None:
    """Each issuer's own order, from the gravest, is ours from the file to the answer."""
    files = {
        "ea": (floods(*(flood(f"A{level}", severityLevel=level, severity="") for level in LEVELS)), [*LEVELS.values()]),
        "nws": (
            alerts(*(alert(n, severity=word, expires="2099-01-01T00:00:00Z") for n, word in enumerate(WORDS))),
            [*WORDS.values()],
        ),
        "cap": ("\n".join(CAP.format(word, "Actual") for word in WORDS).encode(), [*WORDS.values()]),
    }
    for source, (raw, wanted) in files.items():
        run("--source", source, "--file", written(tmp_path, raw))

        found = [
            {
                item["severity"]
                for item in client.get(f"/v1/warnings?source={source}&severity_min={least}").json["items"]
            }
            for least in ("extreme", "severe", "moderate")
        ]
        assert found == [set(wanted[: n + 1]) for n in range(3)], source


@pytest.mark.parametrize("status", ["Test", "Exercise", "System", "Draft"])
def test_what_is_not_actual_is_never_shown(run: Run, client: FlaskClient, tmp_path: Path, status: str) -> None:
    run("--source", "cap", "--file", written(tmp_path, CAP.format("Severe", status).encode()))
    run("--source", "nws", "--file", written(tmp_path, alerts(alert(1, status=status))))

    assert client.get("/v1/warnings").json["items"] == []


def bad_files(shared: Path) -> Iterator[Path]:
    for folder in ("ea", "nws", "cap", "hostile"):
        yield from (file for file in sorted((shared / folder).rglob("*")) if file.is_file())


@pytest.mark.parametrize("source", sorted(READABLE))
def test_no_file_breaks_the_ingest_or_what_comes_after(
    dynoxide_client: FlaskClient, shared_data: Path, tmp_path: Path, source: str
) -> None:
    """An unreadable source gives status 1 and keeps what was stored; the others are taken in; never a 5xx."""
    good = {"ea": floods(flood("GOOD")), "nws": alerts(alert(7, expires="2099-01-01T00:00:00Z"))}
    good["cap"] = CAP.format("Severe", "Actual").encode()
    kept, client, run = written(tmp_path, good[source]), dynoxide_client, running(dynoxide_client.application)
    assert run("--source", source, "--file", kept).exit_code == 0
    refused = 0
    for file in bad_files(shared_data):
        result = run("--source", source, "--file", file)
        assert result.exception is None or isinstance(result.exception, SystemExit), (file, result.exception)
        assert result.exit_code in (0, 1), (file, result.output)
        if result.exit_code:
            refused += 1
            assert "not taken" in result.stderr
    assert refused > 50
    rows = [f"/v1/warnings/{row.id}.geojson" for row in OfficialWarning.of_source(source)]
    assert rows
    assert {client.get(row).status_code for row in rows} == {200}
    for route in ROUTES:
        assert client.get(route).status_code < 500, route
    assert run("--source", source, "--file", kept).exit_code == 0


@pytest.mark.parametrize("source", sorted(READABLE))
def test_unreadable_file_leaves_what_was_stored(run: Run, client: FlaskClient, tmp_path: Path, source: str) -> None:
    good = {"ea": floods(flood("GOOD")), "nws": alerts(alert(7, expires="2099-01-01T00:00:00Z"))}
    good["cap"] = CAP.format("Severe", "Actual").encode()
    run("--source", source, "--file", written(tmp_path, good[source]))
    bad = [
        b"",
        b"<html>Service unavailable</html>",
        b"{",
        b"null",
        b"[]",
        b'{"items": null}',
        b"\xff\xfe\x00",
        b"[" * 9999,
    ]

    for raw in bad:
        assert run("--source", source, "--file", written(tmp_path, raw, "bad")).exit_code == 1, raw

    (shown,) = client.get(f"/v1/warnings?source={source}").json["items"]
    assert (shown["in_force"], len(client.get("/status.json").json["sources"])) == (True, 3 if source == "cap" else 2)
