"""The fakes speak as the real services: clients that others wrote for those understand them.

aioeafm 1.0.0 (Home Assistant's, for the Environment Agency) and pynws 2.1.0 (for the National Weather Service) are no
part of this project; where they are not installed this is skipped.
"""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.rig.official import EnvironmentAgency, WeatherService
from tests.rig.upstream import Upstream

aiohttp = pytest.importorskip("aiohttp")


class Loopback:
    """Sends every name to this machine, at one port."""

    def __init__(self, address: str) -> None:
        self.port = urlsplit(address).port

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        return [{"hostname": host, "host": "127.0.0.1", "port": self.port, "family": 2, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        """Nothing is held."""


def test_client_of_the_environment_agency_reads_the_fake(shared_data: Path) -> None:
    aioeafm = pytest.importorskip("aioeafm")
    stations = json.loads((shared_data / "ea" / "stations-2020-sample.json").read_bytes())["items"]

    async def ask(address: str) -> tuple[Any, Any]:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=Loopback(address))) as session:
            return await aioeafm.get_stations(session), await aioeafm.get_station(session, "1491TH")

    one = json.loads((shared_data / "ea" / "station-1491TH.json").read_bytes())["items"]
    with Upstream(EnvironmentAgency(stations=[*stations, one])) as host:
        found, station = asyncio.run(ask(host.address))

    assert (len(found), station["stationReference"]) == (234, "1491TH")


def test_client_of_the_weather_service_reads_the_fake(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pynws = pytest.importorskip("pynws")
    recorded = json.loads((shared_data / "nws" / "alerts-active-2025-12-15-floods.geojson").read_bytes())["features"]

    async def ask() -> Any:
        async with aiohttp.ClientSession() as session:
            return await pynws.raw_data.raw_alerts_active_zone("WAC007", session, "floods@example.org")

    with Upstream(WeatherService(alerts=recorded)) as host:
        monkeypatch.setattr(pynws.urls, "API_URL", f"{host.address}/")
        found = asyncio.run(ask())

    assert {one["properties"]["event"] for one in found["features"]} == {"Flood Warning", "Flood Watch"}
