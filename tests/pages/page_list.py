"""Every page that people read, from the product's own list, and how one comes to it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from tests.pages.browser import Person
from tests.pages.product import PASSWORD, PLACE, Product
from tests.route_list import ROUTES, Route, example_of

Way = Callable[[Product, Person], str]
NOW_NEAR = "/?" + urlencode(PLACE | {"radius_km": 5})


def path_only(path: str) -> Way:
    return lambda product, person: path


def own_report(beneath: str) -> Way:
    """A page of a report that the person has filed, by its private link."""

    def way(product: Product, person: Person) -> str:
        report = product.file()
        return f"{beneath.format(id=report['id'])}?token={report['edit_token']}"

    return way


def report(product: Product, person: Person) -> str:
    """A report of the demo, so that it looks as many do."""
    found = product.listed(f"/v1/reports?{urlencode(PLACE)}&radius_km=5&limit=1")
    return f"/reports/{found['items'][0]['id']}"


def first_warning(product: Product) -> Any:
    found = product.listed("/v1/warnings?limit=1")["items"]
    assert found, "the demo has warnings"
    return product.listed(f"/v1/warnings/{found[0]['id']}")


def warning(product: Product, person: Person) -> str:
    return f"/warnings/{first_warning(product)['id']}"


def area(product: Product, person: Person) -> str:
    return f"/areas/{first_warning(product)['areas'][0]['id']}"


def me(product: Product, person: Person) -> str:
    if not any("session" in cookie.get("name", "") for cookie in person.context.cookies()):
        sign_in(person, product.register()[0])
    return "/me"


def sign_in(person: Person, username: str) -> None:
    page = person.open("/sign-in")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/me")
    page.close()


def is_for_members(route: Route) -> bool:
    return route.is_read_by_people and route.who in ("account", "signed-in")


def way_to(route: Route) -> Way:
    """Return how one comes to a page: by who may see it and what it is about."""
    if is_for_members(route):
        return lambda product, person: me(product, person).replace("/me", route.path)
    if route.who == "reporter":
        return own_report(route.path.replace("<report_id>", "{id}"))
    ways = {"/reports/<report_id>": report, "/warnings/<warning_id>": warning, "/areas/<area_id>": area}
    return ways.get(route.path) or path_only(example_of(route.path))


def name_of(route: Route) -> str:
    """Return the name of a page here: `show_sign_in` is "sign-in"."""
    return route.endpoint.rpartition(".")[2].partition("_")[2].replace("_", "-")


# A new page is here by itself; one about another kind of thing needs a way above.
PAGES: dict[str, Way] = {
    **{name_of(route): way_to(route) for route in ROUTES.values() if route.is_read_by_people},
    "now-near": path_only(NOW_NEAR),
    "now-nothing": path_only("/?lat=57.5&lon=-5.5&radius_km=1"),
    "now-unknown-place": path_only("/?place=Nowhereatall"),
    "embed-near": path_only(NOW_NEAR.replace("/?", "/embed?")),
    "reference-mistyped": path_only("/r/7K3M-9QXB"),
    "not-found": path_only("/no-such-page"),
}
# Those that need an account.
FOR_MEMBERS = {name_of(route) for route in ROUTES.values() if is_for_members(route)}
# Those that say that there is nothing at their address.
NOT_THERE = ("not-found", "reference-mistyped")
# Those that draw a map load Leaflet and the coast, and may weigh as much as the page of what is happening now.
WITH_MAP = ("now", "now-near", "now-nothing", "now-unknown-place", "report", "warning", "area")
