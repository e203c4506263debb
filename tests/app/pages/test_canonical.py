"""The address of a page that is passed on: its place and language, nothing else, and it opens the same view."""

import re
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from flask.testing import FlaskClient

from app.pages.frame import canonical
from tests.app.pages.conftest import HTML
from tests.app.pages.frame import markup
from tests.app.pages.world import World, make_world
from tests.factories import make_report
from tests.route_list import PAGES, ROUTES, example_of

ES = {"Accept-Language": "es"}


def page(client: FlaskClient, path: str, **headers: str) -> str:
    answer = client.get(path, headers={"Accept": HTML} | headers)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.text


def linked(text: str, relation: str) -> list[dict[str, str]]:
    return [one.attributes for one in markup.named(text, "link") if one.attributes.get("rel") == relation]


def canonical_of(text: str) -> str:
    [found] = linked(text, "canonical")
    return found["href"]


def told(text: str, name: str) -> str:
    [content] = [
        one.attributes["content"]
        for one in markup.named(text, "meta")
        if name in (one.attributes.get("property"), one.attributes.get("name"))
    ]
    return content


def asked(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def without_host(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


@pytest.fixture
def world(client: FlaskClient) -> World:
    return make_world(client)


def test_address_of_a_place_has_its_name_rounded_place_radius_and_language(client: FlaskClient) -> None:
    text = page(client, "/?place=langport&radius_km=9&severity_min=severe&show=reports&utm_source=mail")

    address = canonical_of(text)

    assert list(asked(address)) == ["place", "lat", "lon", "radius_km", "lang"]
    assert asked(address) | {"lat": "", "lon": ""} == {
        "place": "Langport", "lat": "", "lon": "", "radius_km": "10", "lang": "en",
    }  # fmt: skip
    assert told(text, "og:url") == address


@pytest.mark.parametrize("path", ["/?place=Langport", "/?lat=51.0371&lon=-2.8284", "/warnings?place=Bath&radius_km=20"])
def test_address_opens_the_same_view_and_is_its_own_canonical(client: FlaskClient, path: str) -> None:
    text = page(client, path)

    again = page(client, without_host(canonical_of(text)), **ES)

    assert canonical_of(again) == canonical_of(text)
    assert [one.words() for one in markup.named(again, "h1")] == [one.words() for one in markup.named(text, "h1")]


@pytest.mark.parametrize(
    "query",
    [
        "lat=51.0375949&lon=-2.8284321&accuracy_m=10",
        f"place={quote('51.0375949, -2.8284321')}",
        f"place={quote('51.0375949, -2.8284321')}&lat=51.0375949&lon=-2.8284321",
        f"place={quote('12 The Avenue, Langport')}",
        f"place={quote('Granny Smith, Langport')}&lat=51.0375949&lon=-2.8284321",
        f"place={quote('Danger to life in Bath')}",
        "place=Nowhere-at-all&lat=nan&lon=-2.8284321",
    ],
)
def test_exact_place_and_words_of_a_link_are_in_no_address(client: FlaskClient, query: str) -> None:
    text = page(client, f"/?{query}")

    addresses = [canonical_of(text), told(text, "og:url"), *(one["href"] for one in linked(text, "alternate"))]

    for address in addresses:
        assert not re.search(r"\d\.\d{4}", address), address
        assert not re.search("avenue|granny|12|danger|nowhere|accuracy", address, re.IGNORECASE), address


def test_private_place_of_a_report_is_in_no_address_of_its_page(client: FlaskClient) -> None:
    report = make_report(lat=51.0375949, lon=-2.8284321, place="home")

    text = page(client, f"/reports/{report.id}")

    assert canonical_of(text) == f"http://localhost/reports/{report.id}?lang=en"
    assert "51.0375" not in text


def test_every_public_page_names_itself_in_each_language(world: World) -> None:
    public = [path for path in world.open if (path.partition("?")[0]) in _paths_of_public(world)]
    assert len(public) >= 10
    for path in public:
        text = page(world.client, path)
        others = {one["hreflang"]: one["href"] for one in linked(text, "alternate") if "hreflang" in one}
        assert set(others) == {"en", "es", "x-default"}, path
        assert others["en"] == canonical_of(text) == told(text, "og:url"), path
        assert asked(others["es"])["lang"] == "es"
        assert "lang" not in asked(others["x-default"])
        assert told(text, "og:title") and told(text, "og:description"), path
        assert canonical_of(page(world.client, without_host(others["es"]))) == others["es"], path


def _paths_of_public(world: World) -> set[str]:
    """The example addresses of the public pages, without what is asked of them."""
    rules = [path for path in PAGES if ROUTES[f"GET {path}"].endpoint.rpartition(".")[2] in canonical.PUBLIC]
    assert len(rules) == len(canonical.PUBLIC)
    shapes = [re.sub("<[^>]+>", "[^/]+", rule) for rule in rules]
    return {
        path.partition("?")[0] for path in world.open if any(re.fullmatch(f"{one}(\\?.*)?", path) for one in shapes)
    }


def test_all_other_pages_are_kept_out_of_search_engines(world: World) -> None:
    others = {path for path in PAGES if ROUTES[f"GET {path}"].endpoint.rpartition(".")[2] not in canonical.PUBLIC}
    assert {"/report", "/poster", "/r", "/sign-in", "/register", "/me"} <= others
    for path in (*others, "/nothing-here", "/reports/rep_none"):
        answer = world.client.get(example_of(path), headers={"Accept": HTML})
        if answer.mimetype == "text/html" and answer.status_code != 303:
            assert told(answer.text, "robots") == "noindex", path
            assert not linked(answer.text, "canonical"), path
    assert "noindex" not in page(world.client, "/")


def test_link_opens_in_the_language_of_who_shared_it(client: FlaskClient) -> None:
    answer = client.get("/?place=London&lang=es", headers={"Accept": HTML, "Accept-Language": "en"})

    assert answer.headers["Content-Language"] == "es"
    assert markup.named(answer.text, "html")[0].attributes["lang"] == "es"
    assert asked(canonical_of(answer.text))["lang"] == "es"
    assert not answer.headers.getlist("Set-Cookie")
    assert {"accept-language", "cookie"} <= answer.vary.as_set()
    assert client.get("/about", headers={"Accept": HTML}).headers["Content-Language"] == "en", "for that page alone"


@pytest.mark.parametrize("code", ["de", "", "es-MX", "ES", "../es", "es&lang=en"])
def test_unknown_language_of_a_link_is_ignored(client: FlaskClient, code: str) -> None:
    answer = client.get("/privacy", query_string={"lang": code}, headers={"Accept": HTML} | ES)

    assert answer.headers["Content-Language"] == "es"
    assert client.get("/privacy", query_string={"lang": code}).headers["Content-Language"] == "en"


def test_language_of_a_link_goes_before_the_chosen_one_until_another_is_chosen_there(client: FlaskClient) -> None:
    client.set_cookie("lang", "en")
    spanish = page(client, "/?place=London&lang=es")

    [choice] = {one for one in markup.addresses(spanish) if one.startswith("/language") and "to=en" in one}
    back = client.get(choice).headers["Location"]

    assert "lang=" not in back
    assert markup.named(page(client, back), "html")[0].attributes["lang"] == "en"


def test_forms_that_change_the_view_keep_the_language_of_the_link(client: FlaskClient) -> None:
    for path in (
        "/?place=London&lang=es",
        "/warnings?place=London&lang=es",
        "/poster?lang=es",
        "/reports?place=Bath&lang=es",
    ):
        text = page(client, path)
        kept = [one.attributes for one in markup.named(text, "input") if one.attributes.get("name") == "lang"]
        searches = [one for one in markup.named(text, "form") if one.attributes.get("method") == "get"]
        assert [one["value"] for one in kept] == ["es"] * len(searches), path
    assert 'name="lang"' not in page(client, "/?place=London", **ES)


@pytest.mark.parametrize("path", ["/reports", "/warnings"])
def test_list_of_a_place_is_passed_on_with_its_place(client: FlaskClient, path: str) -> None:
    text = page(client, f"{path}?place=langport&radius_km=9&severity_min=severe&sort=nearest")

    assert asked(canonical_of(text)) == {
        "place": "Langport",
        "lat": "51.033",
        "lon": "-2.824",
        "radius_km": "10",
        "lang": "en",
    }


def test_links_of_the_frame_keep_the_language_of_the_link(client: FlaskClient) -> None:
    """Whoever opens a shared link and goes on from there reads on in the same language."""

    def frame_of(path: str) -> list[str]:
        links = re.findall(r"<header.*?</header>|<footer.*?</footer>", page(client, path), re.S)
        return [one.attributes["href"] for part in links for one in markup.named(part, "a")]

    ways = [way for way in frame_of("/status?lang=es") if way.startswith("/") and not way.startswith("/language")]

    assert {urlsplit(way).path for way in ways} >= {"/", "/warnings", "/me", "/report", "/about", "/docs"}
    assert {urlsplit(way).query for way in ways} == {"lang=es"}
    assert not [way for way in frame_of("/status") if "lang=" in way and not way.startswith("/language")]
