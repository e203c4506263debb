"""One of everything that pages show, in words that tests can tell from the pages' own: all stand between § signs."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flask.testing import FlaskClient

from app.accounts import tokens
from app.warnings.ingest.roots import warning_id
from app.warnings.sources.message import Text
from tests.factories import PASSWORD, make_account, make_report, tell_consumer
from tests.reporting import filed
from tests.route_list import PAGES, ROUTES, example_of
from tests.warning_making import announce, message, place, square

HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
AS_BROWSER = {"Accept": HTML}
# What the pages show besides, for a question in their address.
ASKED = (
    "/?place=London&lat=51.5&lon=-0.12",
    "/?place=Newport",
    "/?place=Nowhere-at-all",
    "/warnings?place=London",
    "/report?lat=51.5&lon=-0.12",
    "/r/7K3M-9QXB",
    "/nothing-here",
)
FOR_DEVELOPERS = tuple(example_of(path) for path in PAGES if path.startswith("/docs"))
OF_ANYONE = [path for path in PAGES if ROUTES[f"GET {path}"].who == "anyone" and not path.startswith("/docs")]
OF_ONE = [path for path in PAGES if ROUTES[f"GET {path}"].who != "anyone"]


class World(NamedTuple):
    """A browser, and the addresses of pages: for everybody, of one's own, and for developers."""

    client: FlaskClient
    open: tuple[str, ...]
    own: tuple[str, ...]

    def show(self, path: str) -> str:
        answer = self.client.get(path, headers=AS_BROWSER)
        assert answer.status_code in (200, 404), (path, answer.status_code)
        return answer.text


def make_world(client: FlaskClient) -> World:
    """Reports with and without texts, warnings of all ranks, one that is over, a signed-in person."""
    account = make_account("admin", username="river-watcher")  # every page is theirs
    bearer = {"Authorization": f"Bearer {tokens.issue_access(account)}"}
    report = filed(client, headers=bearer, title="§Water at the door§", description="§It rises.§", depth_cm=80)
    alone = filed(client, severity="minor")
    tell_consumer([make_report(severity=word, title=None) for word in ("unknown", "extreme")])
    words = Text("en", "§Flood alert§", "§Flood alert for the river§", "§High water.§", "§Keep away.§")
    spots = tuple(place(f"A{number}", square()) for number in range(5))
    events = [
        message(f"event-{word}", texts=(words,), severity=word, places=spots if word == "minor" else spots[:1])
        for word in ("extreme", "severe", "moderate", "minor", "unknown")
    ]
    announce(*events, message("over", texts=(words,)), message("undrawn", texts=(words,), places=(place("Z"),)))
    announce(*events, message("undrawn", texts=(words,), places=(place("Z"),)))
    warnings = [
        warning_id("ea", name, area) for name, area in (("event-extreme", "A0"), ("over", "over"), ("undrawn", "Z"))
    ]
    signed_in = client.post(
        "/sign-in",
        data={"username": account.username, "password": PASSWORD},
        headers=AS_BROWSER | {"Sec-Fetch-Site": "same-origin"},
    )
    assert signed_in.status_code == 303, signed_in.text
    shown = {"report_id": [report["id"], alone["id"]], "warning_id": warnings, "area_id": ["ea-A0"]}
    own = _addresses(OF_ONE, {"report_id": [report["id"]], "account_id": [account.id]})
    private = _addresses(
        OF_ONE, {"report_id": [alone["id"]], "account_id": [account.id]}, query=f"?token={alone['edit_token']}"
    )
    return World(client, (*_addresses(OF_ANYONE, shown), *ASKED), tuple({*own, *private}))


def _addresses(paths: Sequence[str], shown: Mapping[str, Sequence[str]], *, query: str = "") -> list[str]:
    """Return the addresses of pages: of one about a report, a warning or an area, one for each of those shown."""
    made = []
    for path in paths:
        [name] = re.findall(r"<(\w+)>", path) or [""]
        made += [example_of(path, **{name: one}) + query for one in shown[name]] if name else [path]
    return made
