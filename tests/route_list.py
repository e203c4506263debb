"""Every route and page of the product, as its own URL map lists them, with an example address of each.

The one list that tests read: access matrix, caches, forged forms, costs, translations, compiled templates, browser.
"""

from typing import NamedTuple

from app.accounts.auth import Who, lock_of
from app.factory import create_app

_FLASKS_OWN = {"HEAD", "OPTIONS"}  # HEAD follows GET, OPTIONS is Flask's own answer
# For nothing that exists, unless a test names something: each parameter of a path needs an example here.
EXAMPLES = {
    "<code>": "conflict",
    "<typed>": "7K3M-9QXB",
    "<digest>": "0" * 12,
    "<path:name>": "x.css",
    "<account_id>": f"acc_{'a' * 26}",
    "<key_id>": f"key_{'a' * 16}",
    "<invitation_id>": f"inv_{'a' * 26}",
    "<report_id>": f"rep_{'a' * 26}",
    "<block_id>": f"blk_{'0' * 26}",
    "<subscription_id>": f"sub_{'0' * 26}",
    "<session_id>": f"fam_{'0' * 26}",
    "<area_id>": "ea-061FWF10",
    "<warning_id>": f"wrn_{'a' * 24}",
    "<photo_id>": "a" * 22,
    "<photo_name>": f"{'a' * 22}-1",
    "<size>": "small",
    "<int:z>": "4",
    "<int:x>": "8",
    "<int:y>": "5",
}


class Route(NamedTuple):
    """One method of one path; `endpoint` is `blueprint.name`."""

    method: str
    path: str
    endpoint: str
    who: Who | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_page(self) -> bool:
        """Return whether the pages answer it: people, their forms, and files for their browsers."""
        return self.endpoint.startswith("pages.")

    @property
    def is_read_by_people(self) -> bool:
        """Return whether it is a page in HTML: those are named `show_` or `list_`."""
        return self.is_page and self.method == "GET" and self.endpoint.startswith(("pages.show_", "pages.list_"))


def _read_routes() -> list[Route]:
    app = create_app()
    routes = [
        Route(method, rule.rule, rule.endpoint, lock_of(app, rule.endpoint))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - _FLASKS_OWN
    ]
    return sorted(routes, key=lambda route: (route.path, route.method))


ROUTES = {str(route): route for route in _read_routes()}
# The paths that show people something.
PAGES = [route.path for route in ROUTES.values() if route.is_read_by_people]


def example_of(path: str, **examples: str) -> str:
    """Return an address of a path; `report_id="rep_..."` and so on replace the examples."""
    for parameter, example in (EXAMPLES | {f"<{name}>": value for name, value in examples.items()}).items():
        path = path.replace(parameter, example)
    assert "<" not in path, f"EXAMPLES has none for {path}"
    return path
