"""No risk word without its place: whatever is read alone and holds a rank names the place that it is about."""

import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from app.core.translations import translated
from app.pages.frame.wording import SEVERITIES
from app.situation.plain_words import RANKS, Standing
from app.warnings.ingest.roots import warning_id
from app.warnings.sources.message import Text
from tests.app.pages.frame import markup
from tests.app.pages.world import HTML
from tests.factories import make_report
from tests.warning_making import announce, announce_at, message, place, square

LANGUAGES = ("en", "es")
RANKED = (Standing.EXTREME, Standing.SEVERE, Standing.MODERATE, Standing.MINOR)
KNOWN = """London|Langport|Bridgwater|Taunton|Bath|Bristol|Hull|Kingston upon Hull|York|Leeds|Exeter|Dublin|Cork|Belfast
Cardiff|Swansea|Newport|Newport, Wales|Edinburgh|Glasgow|Inverness|Paris|Madrid|Sydney|Seattle|Houston|New York|Austin
Chicago|Boston|Durham|Carlisle|Worcester|Gloucester|Tewkesbury|Shrewsbury|Hereford|Lincoln|Norwich|Ipswich|Oxford
Cambridge|Reading|Windsor|Maidstone|Dover|Plymouth|Truro|Penzance|Yeovil|Glastonbury|Street|Wells|Frome|Minehead
TA7|TA7 0RB|ta70rb|TA10|TA10 9QN|SW1A 1AA|sw1a1aa|M1 1AA|EC1A 1BB|BS1|BA1 1AA|YO1|HU1|EX1 1AA|LE1|CF10 1AA|BT1 1AA
51.5, -0.12|51.5 -0.12|51.08°N 2.96°W|W2.96 N51.08|-33.87, 151.2|40.7, -74.0|50.0, -20.0|0.5, -30|89.9, 10|-60, 0"""
UNKNOWN = """Valencia
Xyzzyville|Zzyzxburgh|Langprt|Lang|Bridgwatr|Tauntn|Muchelney Ham|Burrowbridge|Stathe|Oath|Moorland
Fordgate|Northmoor Green|Nowhere at all|Atlantis|Springfield Gardens Estate|12 High Street|The Old Mill|my house|here
near me|home|help|flood|river|River Parrett|A361|M5 J24|ZZ99 9ZZ|Q1 1AA|TA99 9ZZ|12345|00000|90210|99999|SW|T|TA
Somewhere, Somerset|London, Mars|Paris, Texas, Moon|Langport, Ohio|東京|Москва|القاهرة|תל אביב|Αθήνα|서울|São Tomé
Þórshöfn
danger|severe weather|act|aware|prepared|emergency|999|112|+44 1278 555555|00441278555555|@home|#flood|http://x.example"""
ODD = [
    "", " ", "\0", "\n", "\u202e", "\u200b", "'", '"', "<b>", "<script>alert(1)</script>", "%", "%s", "%(place)s",
    "{place}", "{{ 7*7 }}", "; DROP TABLE", "' OR 1=1 --", "\\", "/", "..", "../../etc", "A" * 80, "A" * 10_000,
    "é" * 500, "🌊", "🌊🌊🌊", "-", "--", ",", ",,,", ", ,", "0", "0,0", "0, 0", "91, 0", "0, 181", "nan, nan", "1e9,1",
    "inf", "51.5", "51.5,", ",-0.12", "51.5;-0.12", "51.5/-0.12", "N", "NSEW", "N N", "51.5N", "°", "°,°", "null",
    "None", "undefined", "true", "[]", "()", "?", "&", "a&lat=1", "a=b", "٥١, ٠", "5 1 . 5", "TA7\t0RB", "TA7\u00a00RB"
]  # fmt: skip
QUERIES = [one for text in (KNOWN, UNKNOWN) for line in text.splitlines() for one in line.split("|")] + ODD


def ranks(language: str) -> list[str]:
    """Return all risk words of a language: the ranks, and the words of severity that stand for one."""
    words = [RANKS[one] for one in RANKED] + [SEVERITIES["extreme"], SEVERITIES["severe"]]
    return [translated(word, language).lower() for word in words]


def holds_rank(text: str, language: str) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text.lower()) for word in ranks(language))


def read_alone(page: str) -> Iterator[tuple[str, str]]:
    """Return the texts that are read without the rest of a page, with or without scripts: (which, text)."""
    for one in markup.read(page):
        said = one.attributes
        if one.name in ("title", "h1"):
            yield one.name, one.words()
        if one.name == "meta" and (said.get("name") == "description" or said.get("property", "").startswith("og:")):
            yield str(said.get("property") or said["name"]), html.unescape(said.get("content", ""))
        if "aria-live" in said or said.get("role") in ("status", "alert"):
            yield "live region", one.words()
        if said.get("aria-label"):
            yield "aria-label", html.unescape(said["aria-label"])
        if said.get("class") in ("lead", "summary"):
            yield from ((str(said["class"]), line.strip()) for line in one.words().splitlines() if line.strip())
        if one.name == "script" and said.get("type") == "application/json":
            yield from (("script's words", str(value)) for value in json.loads(one.words()).values())


def shown(client: FlaskClient, path: str, language: str = "en") -> str:
    answer = client.get(path, headers={"Accept": HTML, "Accept-Language": language})
    assert answer.status_code in (200, 404), (path, answer.status_code)
    return answer.text


@pytest.fixture
def flooded(client: FlaskClient) -> dict[str, str]:
    """The gravest everywhere, of texts that name no place: each page has something to say."""
    words = (Text("en-GB", "Severe flood warning", "Severe flood warning", "The river is high.", "Leave."),)
    spots = {
        "london": square(),
        "somerset": square(-2.9, 50.95),
        "texas": square(-97.8, 30.2),
        "sea": square(-20.1, 49.9),
    }
    for number, severity in enumerate(("extreme", "severe", "moderate", "minor")):
        for name, shape in spots.items():
            announce_at(shape, f"{name}-{number}", severity=severity, texts=words)
    announce_at(square(), "later", severity="extreme", onset_at_ms=message().sent_at_ms + 9e7, texts=words)
    announce(message("undrawn", severity="extreme", texts=words, places=(place("Z"),)), is_whole=False)
    reports = {name: make_report(lat=lat, lon=lon, severity="extreme", title=None).id
               for name, (lat, lon) in {"london": (51.5, -0.12), "sea": (50.0, -20.0)}.items()}  # fmt: skip
    return {"warning": warning_id("ea", "london-0", "A1"), "undrawn": warning_id("ea", "undrawn", "Z")} | {
        f"report at {name}": one for name, one in reports.items()
    }


def wrong(page: str, language: str, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the texts that hold a rank and none of these names."""
    return [
        (which, text)
        for which, text in read_alone(page)
        if holds_rank(text, language) and not any(name.lower() in text.lower() for name in names)
    ]


@pytest.mark.parametrize("part", range(4))
def test_two_hundred_places_are_never_ranked_without_their_name(client: FlaskClient, part: int) -> None:
    for name, shape in {"london": square(), "somerset": square(-2.9, 50.95)}.items():
        announce_at(shape, name, severity="extreme")
    assert len(QUERIES) >= 200
    ranked, faults = 0, []
    for number, query in enumerate(QUERIES[part::4]):
        language = LANGUAGES[number % 2]
        page = shown(client, f"/?place={quote(query)}", language)
        [field] = [one for one in markup.named(page, "input") if one.attributes.get("id") == "place"]
        circle = [one.attributes for one in markup.named(page, "div") if "data-radius-km" in one.attributes]
        name = html.unescape(field.attributes["value"]) if circle else "\0"
        label = re.search(r"(?:near|cerca de) (.+)", markup.named(page, "h1")[0].words())
        names = ("Somerset", "London", "Texas", "River at", *([label[1]] if circle and label else []), name)
        faults += [(query, *one) for one in wrong(page, language, names)]
        if not circle:
            assert not holds_rank(markup.named(page, "h1")[0].words(), language), query
            assert not holds_rank(markup.named(page, "title")[0].words(), language), query
        ranked += bool(circle) and holds_rank(markup.named(page, "h1")[0].words(), language)

    assert faults == []
    assert ranked >= 2, "some of these places are in danger, or nothing was tried"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_surface_names_the_place_of_its_rank(client: FlaskClient, flooded: dict[str, str], language: str) -> None:
    pages = {
        "/": ("Somerset", "London", "Texas", "River at"),
        "/?lat=50&lon=-20": ("50, -20",),
        "/?lat=51.2&lon=-3.2&radius_km=50": ("Spaxton",),
        "/warnings": (),
        "/warnings?place=London": ("London",),
        "/status": (),
        "/report": (),
        f"/warnings/{flooded['warning']}": ("River at A1",),
        f"/warnings/{flooded['undrawn']}": ("River at Z",),
        f"/reports/{flooded['report at london']}": ("London",),
        f"/reports/{flooded['report at sea']}": ("50, -20",),
        "/areas/ea-A1": ("River at A1",),
    }
    for path, names in pages.items():
        assert wrong(shown(client, path, language), language, names) == [], path
    manifest = json.dumps(client.get("/manifest.webmanifest", headers={"Accept-Language": language}).json)
    assert not holds_rank(manifest, language)
    worker = client.get("/service-worker.js", headers={"Accept-Language": language}).text
    assert not any(f'"{word}' in worker.lower() for word in ranks(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_entries_of_lists_name_their_place_beside_their_rank(
    client: FlaskClient, flooded: dict[str, str], language: str
) -> None:
    for path in ("/", "/warnings", "/?lat=51.5&lon=-0.12", "/warnings?lat=51.5&lon=-0.12"):
        for one in markup.named(shown(client, path, language), "li"):
            if one.attributes.get("data-kind") == "warning":
                assert "River at" in one.words(), one.words()
            if one.attributes.get("data-kind") == "report":
                assert not holds_rank(one.words(), language), one.words()


def test_ranks_of_the_api_stand_beside_the_areas(client: FlaskClient, flooded: dict[str, str]) -> None:
    told = [
        *client.get("/v1/warnings?limit=100").json["items"],
        client.get(f"/v1/warnings/{flooded['undrawn']}").json,
        *(
            one["warning"]
            for one in client.get("/v1/nearby?lat=51.5&lon=-0.12").json["items"]
            if one["kind"] == "warning"
        ),
    ]

    assert len(told) > 20
    for form in told:
        assert form["plain"]["rank"]
        assert all(area["name"] for area in form["areas"])
        assert form["areas"]


def test_no_place_is_asked_for_and_an_unknown_one_is_not_found(client: FlaskClient, flooded: dict[str, str]) -> None:
    bare, unknown = shown(client, "/"), shown(client, "/?place=Valencia")

    assert markup.named(bare, "h1")[0].words() == "Where are you?"
    assert markup.named(unknown, "h1")[0].words() == "We could not find “Valencia”"
    assert markup.named(unknown, "title")[0].words() == "We could not find that place - FloodManager"
    for page in (bare, unknown):
        assert "1 area in Somerset: danger to life" in page


def test_name_in_a_link_is_believed_only_where_the_place_is(client: FlaskClient, flooded: dict[str, str]) -> None:
    page = shown(client, "/?place=Valencia&lat=51.5&lon=-0.12")

    assert markup.named(page, "h1")[0].words() == "Danger to life: flooding near London"
    assert "Valencia" not in markup.named(page, "main")[0].words()


def test_position_far_from_any_town_is_told_by_its_distance(client: FlaskClient, flooded: dict[str, str]) -> None:
    page = shown(client, "/?lat=51.05&lon=-2.75")

    assert re.search(r"flooding near a place [\d.]+ km from \w+", markup.named(page, "h1")[0].words())
