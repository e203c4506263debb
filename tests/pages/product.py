"""The product that the pages' tests look at, and its API as their second pair of eyes."""

import json
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from infra.local.data_folder import DataFolder
from tests.local.calling import Answer, call

ROOT = Path(__file__).parents[2]
# Where the demo's flood is worst.
PLACE = {"lat": 51.3813, "lon": -2.3590}
# Where the demo has nothing, in a street: homes that stand alone are shown to a kilometre.
QUIET = {"lat": 52.6131, "lon": -2.4806}
PASSWORD = "a wet november evening"
PAGE = ("Accept", "text/html")


@dataclass
class Product:
    """A running product. `folder` holds its data where the tests have started it."""

    url: str
    folder: Path | None = None

    @property
    def store(self) -> str:
        """The origin that takes photos; with `URL=`, of a `make serve` in its usual folder."""
        port = DataFolder(self.folder or ROOT / ".local").photo_port
        return f"http://127.0.0.1:{port.read_text().strip()}" if port.exists() else ""

    def get(self, path: str, *headers: tuple[str, str]) -> Answer:
        return call(self.url, path, headers=headers or [PAGE])

    def listed(self, path: str) -> Any:
        answer = call(self.url, path)
        assert answer.status == 200, answer
        return answer.json

    def send(self, path: str, body: Any, *headers: tuple[str, str], method: str = "POST") -> Answer:
        sent = [("Content-Type", "application/json"), *headers]
        return call(self.url, path, method, body=json.dumps(body).encode(), headers=sent)

    def file(self, **said: Any) -> Any:
        """A report of the test's own, without an account; gives it as the API does."""
        report = {"location": PLACE, "depth_cm": 30, "title": unique("Water over the kerb")} | said
        answer = self.send("/v1/reports", report, ("Idempotency-Key", secrets.token_hex(16)))
        assert answer.status == 201, answer
        return answer.json

    def register(self) -> tuple[str, str]:
        """A new account's name, and an access token for it."""
        name = f"person-{secrets.token_hex(5)}"
        account = {"username": name, "password": PASSWORD}
        assert self.send("/v1/accounts", account).status == 201
        answer = self.send("/v1/tokens", account)
        assert answer.status == 200, answer
        return name, answer.json["access_token"]

    def titled(self, title: str, near: dict[str, float] = PLACE) -> list[Any]:
        """The reports under this title that anybody may see there."""
        found = self.listed(f"/v1/reports?lat={near['lat']}&lon={near['lon']}&radius_km=5&limit=100")
        return [report for report in found["items"] if report["title"] == title]

    def load(self, file: Path) -> None:
        """`make import` of a CSV file into this product's database."""
        assert self.folder, "only a product that the tests have started can be loaded"
        command = [sys.executable, "-m", "infra.local.command", "--data", str(self.folder)]
        done = subprocess.run(
            [*command, "import", str(file), "--format", "csv"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def unique(text: str) -> str:
    """A title that no other test's report has."""
    return f"{text} {secrets.token_hex(4)}"


def await_that(page: Page, is_so: Callable[[], Any], within_s: float = 300) -> Any:
    """Return the value of `is_so` once it is true; fail if it stays untrue.

    The page waits and not the process: its requests may be on their way to a route of the test, which answers them.
    """
    deadline = time.monotonic() + within_s
    while not (value := is_so()):
        assert time.monotonic() < deadline, "it took too long"
        page.wait_for_timeout(100)
    return value


def addresses(html: str) -> set[str]:
    """Every local path that a page links or loads."""
    return set(re.findall(r'(?:href|src|action)="(/[^"#]*)', html))
