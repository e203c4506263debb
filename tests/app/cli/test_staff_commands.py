"""`flask create-responder` and `flask create-admin`: accounts of staff, on record."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.accounts import areas
from app.accounts.models import Account
from app.gazetteer import search
from app.geo.box_circle import Box
from app.review.audit import history_of
from tests.factories import PASSWORD

TRIANGLE = {"type": "Polygon", "coordinates": [[[0, 50], [2, 50], [1, 52], [0, 50]]]}


def run(app: Flask, *arguments: str, password: str = PASSWORD) -> Any:
    return app.test_cli_runner().invoke(args=[*arguments, "--password", password])


def areas_of(name: str) -> list[areas.Area]:
    account = Account.named(name)
    assert account and account.role == "responder"
    return list(areas.unpack(account.packed_areas))


def test_responder_is_made_with_areas_of_every_kind(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "weir.geojson"
    file.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": TRIANGLE}))
    town = search.search("Bath").places[0]
    texts = ["Bath", f"Bath={town.id}", "-2.5,51.3,-2.2,51.5", str(file)]

    done = run(app, "create-responder", "warden", *(word for text in texts for word in ("--area", text)))

    assert done.exit_code == 0, done.output
    assert [area.name for area in areas_of("warden")] == ["Bath", "Bath", "-2.5,51.3,-2.2,51.5", "weir"]
    first, second, box, shape = areas_of("warden")
    assert (first, first.place, box.extent) == (second, town.id, Box(-2.5, 51.3, -2.2, 51.5))
    assert shape.contains(lat=50.5, lon=1)
    assert "area: weir" in done.output


def test_making_staff_is_on_record(app: Flask) -> None:
    assert run(app, "create-responder", "warden", "--area", "0,50,1,51").exit_code == 0
    assert run(app, "create-admin", "chief").exit_code == 0

    for name, count in (("warden", 1), ("chief", 0)):
        account = Account.named(name)
        assert account
        (row,) = history_of(account.id)
        assert (row.action, row.actor, row.reason) == ("account.role_changed", "command", "appointed")
        assert row.after and (row.after["role"], len(row.after["areas"])) == (account.role, count)
        assert name not in str(row.serialize())


def test_responder_without_area_has_none_and_is_told_so(app: Flask) -> None:
    done = run(app, "create-responder", "warden")

    assert (done.exit_code, areas_of("warden")) == (0, [])
    assert "no area yet" in done.output


@pytest.mark.parametrize("command", ["create-responder", "create-admin"])
def test_password_is_asked_for_and_must_be_long(app: Flask, command: str) -> None:
    asked = app.test_cli_runner().invoke(args=[command, "warden"], input=f"{PASSWORD}\n{PASSWORD}\n")
    short = run(app, command, "other", password="fourteen chars")
    taken = run(app, command, "Warden")

    assert (asked.exit_code, short.exit_code, taken.exit_code) == (0, 1, 1)
    assert PASSWORD not in asked.output
    assert "15 to 128" in short.output and "taken" in taken.output
    assert Account.named("other") is None


@pytest.mark.parametrize(
    ("area", "said"),
    [
        ("Xyzzyplugh", "No place is called"),
        ("Newport", "may be several places"),
        ("1,2,3", "No place is called"),
        ("0,51,1,50", "south below north"),
        ("0,51,1,99", "south below north"),
        ("0,5.1.1,1,52", "It must be [west, south, east, north]"),
        ("Bath=plc_00000000000000000000", "No place of this name has this id"),
        ("missing.geojson", "is no GeoJSON file"),
        ("broken.geojson", "is no GeoJSON file"),
        ("point.geojson", "must be a polygon"),
        ("list.json", "must be a polygon"),
    ],
)
def test_area_that_is_none_is_refused_and_no_account_is_made(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, area: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("broken.geojson").write_text("{")
    Path("point.geojson").write_text('{"type": "Point", "coordinates": [0, 50]}')
    Path("list.json").write_text("[1]")

    done = run(app, "create-responder", "warden", "--area", area)

    assert done.exit_code == 2 and said in " ".join(done.output.split()), done.output
    assert Account.named("warden") is None


def test_more_than_twenty_areas_are_refused(app: Flask) -> None:
    done = run(app, "create-responder", "warden", *["--area", "0,50,1,51"] * 21)

    assert (done.exit_code, Account.named("warden")) == (2, None)
