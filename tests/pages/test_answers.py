"""Answers of the pages: caching, cookies, refusals of other sites, and sensible answers for any URL."""

from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest

from tests.local.calling import Answer, call
from tests.pages.conftest import CHOSEN
from tests.pages.page_list import first_warning
from tests.pages.product import PAGE, PASSWORD, Product, addresses, unique

AS_A_BROWSER = ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
FORM = ("Content-Type", "application/x-www-form-urlencoded")
FOREIGN = ([("Sec-Fetch-Site", "cross-site")], [("Origin", "https://elsewhere.example")], [("Origin", "null")])
PUBLIC = ("/", "/?lat=51.38&lon=-2.36", "/report", "/warnings", "/sign-in", "/register", "/status", "/privacy")
PUBLIC += ("/accessibility", "/docs", "/docs/errors/", "/no-such-page", "/outlines.geojson", "/manifest.webmanifest")
PUBLIC += ("/service-worker.js",)
QUERIED = ("/", "/outlines.geojson", "/report", "/warnings", "/sign-in", "/register", "/status", "/privacy", "/docs")
QUERIED += ("/accessibility", "/docs/errors/", "/language", "/me")
ODD = ("", "-1", "nan", "inf", "1e309", "9" * 400, "१२", "\x00", "\r\nX-Odd: 1", "%", "é" * 90, "\u202e", "🌊")
ODD += ("<script>alert(1)</script>", "'\"><img src=x>", "{{7*7}}", "../../etc/passwd", "null")
READ = {
    "/": ("place", "lat", "radius_km", "show"),
    "/outlines.geojson": ("lon", "severity_min"),
    "/report": ("lat", "place", "token"),
    "/warnings": ("place", "lon"),
    "/sign-in": ("next", "note"),
    "/register": ("next",),
    "/language": ("to", "next"),
    "/docs/errors/": ("code",),
}


def form(product: Product, path: str, said: dict[str, str], *headers: tuple[str, str]) -> Answer:
    body = urlencode(said).encode()
    return call(product.url, path, "POST", body=body, headers=[PAGE, FORM, *headers])


def cookies(answer: Answer) -> list[str]:
    return answer.header("set-cookie")


@pytest.fixture(scope="module")
def signed_in(product: Product) -> Iterator[tuple[str, str]]:
    """An account's name, and the cookie of its session as a browser sends it."""
    name, _ = product.register()
    answer = form(product, "/sign-in", {"username": name, "password": PASSWORD}, ("Origin", product.url))
    [cookie] = [one for one in cookies(answer) if "session=" in one]
    return name, cookie.split(";")[0]


@pytest.mark.parametrize("path", PUBLIC)
def test_what_all_may_keep_sets_no_cookie(product: Product, path: str) -> None:
    answer = product.get(path)

    assert not cookies(answer)
    assert answer.status < 500
    assert answer.header("cache-control")


@pytest.mark.parametrize("path", ["/", "/report", "/warnings", "/me", "/privacy"])
def test_no_shared_cache_keeps_what_a_signed_in_person_is_shown(
    product: Product, signed_in: tuple[str, str], path: str
) -> None:
    name, cookie = signed_in

    answer = product.get(path, PAGE, ("Cookie", cookie), ("Accept-Encoding", "identity"))

    [kept] = answer.header("cache-control")
    if name.encode() in answer.body or cookies(answer):
        assert {"private", "no-store"} <= {word.strip() for word in kept.split(",")}
    assert path != "/me" or name.encode() in answer.body


@pytest.mark.skipif(bool(CHOSEN), reason="make serve has no TLS, which the cookie's marks are about")
def test_session_cookie_is_out_of_reach_of_scripts_and_other_sites(product: Product) -> None:
    name, _ = product.register()

    answer = form(product, "/sign-in", {"username": name, "password": PASSWORD}, ("Origin", product.url))

    assert answer.status == 303
    [cookie] = [one for one in cookies(answer) if "session=" in one]
    marks = {mark.strip().lower() for mark in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/", "secure"} <= marks
    assert cookie.startswith("__Host-")
    assert "no-store" in answer.header("cache-control")[0]


@pytest.mark.parametrize("headers", FOREIGN, ids=["Sec-Fetch-Site", "Origin", "Origin null"])
def test_form_of_another_site_does_nothing(
    product: Product, signed_in: tuple[str, str], headers: list[tuple[str, str]]
) -> None:
    name, cookie = signed_in

    for path, said in (("/me/sign-out-everywhere", {}), ("/me/delete", {"password": PASSWORD}), ("/me/sign-out", {})):
        assert form(product, path, said, ("Cookie", cookie), *headers).status == 403

    still = product.get("/me", PAGE, ("Cookie", cookie), ("Accept-Encoding", "identity"))
    assert (still.status, name.encode() in still.body) == (200, True)


def test_form_of_another_site_files_no_report_as_oneself(product: Product, signed_in: tuple[str, str]) -> None:
    title = unique("Sent by another site")
    said = {
        "lat": "51.3813",
        "lon": "-2.3590",
        "where": "51.3813, -2.3590",
        "water": "knee",
        "title": title,
        "key": "a" * 22,
        "step": "send",
    }

    answer = form(product, "/report", said, ("Cookie", signed_in[1]), ("Sec-Fetch-Site", "cross-site"))

    assert answer.status == 403
    assert product.titled(title) == []


@pytest.mark.parametrize("path", READ)
def test_no_value_however_odd_breaks_a_page(product: Product, path: str) -> None:
    right = {"lat": "51.38", "lon": "-2.36"} if path in ("/", "/outlines.geojson") else {}
    broken = []
    for parameter in READ[path]:
        for value in ODD:
            target = f"{path}?{urlencode(right | {parameter: value})}"
            answer = product.get(target, PAGE, ("Accept-Encoding", "identity"))
            is_blank = answer.status < 300 and len(answer.body) < 20
            if answer.status >= 500 or is_blank or answer.header("x-odd") or b"<script>alert" in answer.body:
                broken.append((answer.status, target))

    assert broken == []


@pytest.mark.parametrize(
    "query", ["?", "?&&&=", "?lat=1&lat=2&lon=3", "?lat=91&lon=181", "?%00=%00", "?" + "a=1&" * 500]
)
def test_no_query_however_odd_breaks_a_page(product: Product, query: str) -> None:
    answers = {path: product.get(path + query).status for path in QUERIED}

    assert {path: status for path, status in answers.items() if status >= 500} == {}


@pytest.mark.parametrize("name", ["x", "rep_" + "a" * 200, "%00", "%2e%2e", "rep_%ff", "🌊", "wrn_'", "-"])
def test_no_id_however_odd_breaks_a_page(product: Product, name: str) -> None:
    paths = ("/reports/{}", "/reports/{}/edit", "/report/sent/{}", "/warnings/{}", "/areas/{}", "/docs/errors/{}")

    answers = {path: product.get(path.format(quote(name, safe="%"))).status for path in paths}

    assert {path: status for path, status in answers.items() if status not in (303, 404)} == {}


def test_every_link_of_every_public_page_leads_somewhere(product: Product) -> None:
    pages = [*PUBLIC[:12], f"/warnings/{first_warning(product)['id']}"]
    plain = ("Accept-Encoding", "identity")
    linked = set().union(*(addresses(product.get(path, PAGE, plain).body.decode()) for path in pages))

    answers = {path: product.get(path.replace("&amp;", "&"), AS_A_BROWSER).status for path in sorted(linked)[:150]}

    assert {path: status for path, status in answers.items() if status >= 400 and path != "/me"} == {}


def test_language_is_changed_only_within_this_site(product: Product) -> None:
    for target in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"):
        answer = product.get(f"/language?to=es&next={quote(target, safe='')}")

        assert answer.header("location") in ([], ["/"]), target


def test_language_of_the_browser_is_followed_and_a_choice_comes_before_it(product: Product) -> None:
    spanish = product.get("/privacy", PAGE, ("Accept-Language", "es-MX,es;q=0.9"), ("Accept-Encoding", "identity"))
    chosen = product.get(
        "/privacy", PAGE, ("Accept-Language", "es"), ("Cookie", "lang=en"), ("Accept-Encoding", "identity")
    )

    assert (b'lang="es"' in spanish.body, b'lang="en"' in chosen.body) == (True, True)
    assert spanish.body != chosen.body
