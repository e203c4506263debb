"""One truth on every surface: page, title, preview, lists and the API say the same of a warning, and no more."""

import html
import json
import re
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient

from app.situation import plain_words
from app.warnings import kept, warning_tiles
from app.warnings.models import OfficialWarning, WarningTile
from app.warnings.sources.message import EndReason, Hazard, Text
from tests.app.pages.frame import markup
from tests.factories import make_report
from tests.moments import NOON
from tests.warning_making import announce, announce_at, message, place, square

AS_BROWSER = {"Accept": "text/html"}
HERE = "lat=51.5&lon=-0.12"
HOUR_MS = 3_600_000
NOON_MS = NOON * 1000
TOMORROW_18 = NOON_MS + 30 * HOUR_MS
GRAVE = ("danger to life", "act now", "peligro para la vida", "actúe ahora")
ADVICE = ("upstairs", "high ground", "suba", "piso")


class Surfaces(NamedTuple):
    """Return all texts about one place and about one warning there."""

    now: str  # whole pages
    one: str
    listed: str
    nearby: dict[str, Any]
    api: dict[str, Any]

    def headlines(self) -> list[str]:
        """Return the texts read alone: titles, headings, descriptions and previews of the pages of the place."""
        found = [html.unescape(text) for text in re.findall(r'<meta [^>]*content="([^"]*)"', self.now)]
        return [*found, *(one.words() for name in ("title", "h1") for one in markup.named(self.now, name))]

    def warning(self) -> dict[str, Any]:
        [item] = [one for one in self.nearby["items"] if one["kind"] == "warning"]
        found: dict[str, Any] = item["warning"]
        return found


def surfaces(client: FlaskClient, warning: str, *, language: str = "en") -> Surfaces:
    said = {"Accept-Language": language}
    pages = [client.get(path, headers=AS_BROWSER | said) for path in (f"/?place=London&{HERE}", f"/warnings/{warning}")]
    listed = client.get(f"/warnings?{HERE}", headers=AS_BROWSER | said)
    nearby, api = client.get(f"/v1/nearby?{HERE}", headers=said), client.get(f"/v1/warnings/{warning}", headers=said)
    assert {one.status_code for one in (*pages, listed, nearby, api)} == {200}
    return Surfaces(*(page.text for page in pages), listed.text, nearby.json, api.json)


def lead(text: str) -> str:
    [found] = [one for one in markup.named(text, "p") if one.attributes.get("class") == "lead"]
    return " ".join(found.words().split())


def heard_everywhere() -> None:
    announce(source="ea", is_whole=False)
    announce(source="nws", is_whole=False)


@pytest.mark.parametrize(("language", "when", "rank"), [
    ("en", "from 18:00 tomorrow (GMT)", "danger to life"),
    ("es", "mañana desde las 18:00 (GMT)", "peligro para la vida"),
])  # fmt: skip
def test_what_begins_tomorrow_says_so_everywhere_and_is_not_now(
    client: FlaskClient, noon: Any, language: str, when: str, rank: str
) -> None:
    later = announce_at(square(), "later", severity="extreme", onset_at_ms=TOMORROW_18)
    heard_everywhere()

    seen = surfaces(client, later, language=language)

    assert not any(word in text.lower() for text in seen.headlines()[:1] for word in GRAVE)
    for text in seen.headlines():
        assert when in text or not any(word in text.lower() for word in GRAVE), text
    assert when in lead(seen.now)
    for text in (seen.now, seen.listed, seen.one):
        assert f"{when}: {rank}".lower() in html.unescape(text).lower()
    for form in (seen.warning(), seen.api):
        assert (form["plain"]["rank"], form["onset_at"]) == (f"{when}: {rank}", "2026-11-22T18:00:00Z")
    assert "go upstairs" not in seen.api["plain"]["what_to_do"]


def test_first_phones_are_told_of_floods_that_are_now(client: FlaskClient, noon: Any) -> None:
    announce_at(square(), "later", severity="extreme", onset_at_ms=TOMORROW_18)
    announce_at(square(), "fire", severity="extreme", hazard=Hazard.OTHER)
    announce_at(square(), "now", severity="moderate")

    told = client.get("/flood_warnings").json["items"]

    assert [one["severityLevel"] for one in told] == [3]


def test_what_begins_later_comes_after_what_is_now(client: FlaskClient, noon: Any) -> None:
    later = announce_at(square(), "later", severity="extreme", onset_at_ms=TOMORROW_18)
    sooner = announce_at(square(), "sooner", severity="moderate", onset_at_ms=NOON_MS + HOUR_MS)
    now = announce_at(square(0.1, 51.4), "far", severity="minor")
    report = make_report(lat=51.53, lon=-0.12)

    items = client.get(f"/v1/nearby?{HERE}&radius_km=40").json["items"]
    text = client.get(f"/?{HERE}&radius_km=50", headers=AS_BROWSER).text

    assert [(one.get("warning") or one["report"])["id"] for one in items] == [report.id, now, sooner, later]
    listed = [one.attributes["data-id"] for one in markup.named(text, "li") if "data-standing" in one.attributes]
    assert listed == [now, sooner, later]
    assert markup.named(text, "h1")[0].words().startswith("Flooding near")


def test_once_it_has_begun_it_leads_again(client: FlaskClient, noon: Any) -> None:
    begun = announce_at(square(), "begun", severity="extreme", onset_at_ms=TOMORROW_18)
    noon.shift(31 * 3600)

    seen = surfaces(client, begun)

    assert seen.api["plain"]["rank"] == "danger to life"
    assert "Danger to life: flooding near London" in seen.headlines()


def _rewrite_tiles(row: OfficialWarning) -> None:
    """Let the tiles say what the row says, as a run that ends it does."""
    box = row.mark().box
    assert box is not None
    keys = kept.keys_of(box)
    warning_tiles.rewrite(row.source, [row.whole_mark()], {**dict.fromkeys(keys), **WarningTile.read(keys)})


@pytest.mark.parametrize(("reason", "said", "in_spanish"), [
    ("cancelled", "over: cancelled by the issuer", "finalizado: anulado por el organismo emisor"),
    (
        "all_clear",
        "over: the issuer has given the all-clear",
        "finalizado: el organismo emisor ha dado el fin del peligro",
    ),
    ("expired", "over: its time has passed", "finalizado: su plazo ha pasado"),
    ("replaced", "over: replaced by another message", "finalizado: sustituido por otro mensaje"),
    ("no_longer_listed", "over: the issuer no longer lists it", "finalizado: el organismo emisor ya no lo incluye"),
    (None, "over", "finalizado"),
])  # fmt: skip
def test_every_end_has_its_reason_everywhere(
    client: FlaskClient, noon: Any, reason: str | None, said: str, in_spanish: str
) -> None:
    ended = announce_at(square(), "ended", severity="extreme")
    heard_everywhere()
    row = OfficialWarning.find(ended)
    assert row is not None
    row.ended_at_ms, row.ended_reason = NOON_MS, reason
    row.save()
    _rewrite_tiles(row)

    for language, rank in (("en", said), ("es", in_spanish)):
        one = client.get(f"/warnings/{ended}", headers=AS_BROWSER | {"Accept-Language": language}).text
        form = client.get(f"/v1/warnings/{ended}", headers={"Accept-Language": language}).json
        assert (form["plain"]["rank"], form["ended_reason"], form["in_force"]) == (rank, reason, False)
        assert f"{rank[:1].upper()}{rank[1:]}:" in markup.named(one, "title")[0].words()
    now = client.get(f"/?{HERE}", headers=AS_BROWSER).text
    assert not any(word in html.unescape(now).lower().split("what to show")[0].split("in figures")[0] for word in GRAVE)


def test_reasons_and_hazards_are_those_of_the_messages() -> None:
    assert (list(plain_words.REASONS), list(plain_words.HAZARDS)) == (list(EndReason), list(Hazard))


def test_what_is_no_flood_has_no_rank_and_no_advice_of_ours(client: FlaskClient, noon: Any) -> None:
    words = Text("en", "Wildfire", "Wildfire near London", "Smoke is thick.", "Close the windows.")
    fire = announce_at(square(), "fire", severity="extreme", hazard=Hazard.OTHER, texts=(words,))
    heard_everywhere()

    seen = surfaces(client, fire)

    for form in (seen.warning(), seen.api):
        assert form["hazard"] == "other"
        assert form["plain"] == {"rank": "other official alert", "what_to_do": None, "language": "en"}
    for text in (seen.now, seen.listed):
        apart = text.index("Other official alerts, not about flooding")
        assert text.index("Wildfire near London") > apart
    for text in (*seen.headlines(), lead(seen.now), markup.named(seen.one, "main")[0].words()):
        assert not any(word in text.lower() for word in (*GRAVE, *ADVICE)), text
    assert "1 other official alert, not about flooding." in lead(seen.now)
    assert "No official flood warning holds now." in lead(seen.now)


@pytest.mark.parametrize(("headline", "rank"), [
    ("TEST: Flood warning for the Thames", "test: act now"),
    ("Flood warning for the River Test at Romsey", "act now"),
])  # fmt: skip
def test_senders_own_word_for_a_test_comes_first(client: FlaskClient, headline: str, rank: str) -> None:
    warning = announce_at(square(), texts=(Text("en", "Flood warning", headline, "The river rises.", "Leave."),))

    assert client.get(f"/v1/warnings/{warning}").json["plain"]["rank"] == rank
    heading = markup.named(client.get(f"/?place=London&{HERE}", headers=AS_BROWSER).text, "h1")[0].words()
    assert heading == f"{rank[:1].upper()}{rank[1:]}: flooding near London"


def test_stale_source_is_named_with_its_own_page(client: FlaskClient, noon: Any) -> None:
    warning = announce_at(square(), "old")
    heard_everywhere()
    noon.shift(20 * 60)

    seen = surfaces(client, warning)

    link = 'href="https://check-for-flooding.service.gov.uk/"'
    status = client.get("/status", headers=AS_BROWSER).text
    assert all(link in text for text in (seen.now, seen.listed, seen.one, status))
    for told in (seen.nearby["sources"], seen.api["sources"]):
        assert (told[0]["stale"], told[0]["website"]) == (True, "https://check-for-flooding.service.gov.uk/")


@pytest.mark.parametrize(("where", "covered", "said"), [
    ("lat=51.5&lon=-0.12", "all", "No official warning is in force here."),
    ("lat=51.66&lon=-2.67", "part", "no source is connected here for part of this place"),
    ("lat=51.4816&lon=-3.1791", "none", "No source of official warnings for this place is connected here"),
    ("lat=35.68&lon=139.69", "none", "No source of official warnings for this place is connected here"),
])  # fmt: skip
def test_none_is_claimed_only_of_a_place_that_is_covered_wholly(
    client: FlaskClient, where: str, covered: str, said: str
) -> None:
    heard_everywhere()
    announce(source="cap:ireland", is_whole=False)

    now, listed = (client.get(f"{path}?{where}", headers=AS_BROWSER).text for path in ("/", "/warnings"))
    told = {one["name"]: one["covers_place"] for one in client.get(f"/v1/nearby?{where}").json["sources"]}
    filtered = client.get(f"/v1/warnings?{where}&radius_km=5").json["sources"]

    assert said in now and said in listed
    assert told == {"ea": covered, "nws": "none", "cap:ireland": "none"}
    assert [one["covers_place"] for one in filtered] == list(told.values())
    claim = "No official warning is in force here."
    assert (claim in now) == (claim in listed) == (covered == "all")


def test_sources_say_nothing_of_a_place_where_none_was_asked_for(client: FlaskClient) -> None:
    assert all("covers_place" not in one for one in client.get("/v1/warnings").json["sources"])


def test_words_from_right_to_left_turn_nothing_round(client: FlaskClient) -> None:
    arabic = Text("ar", "تحذير من الفيضانات", "تحذير من الفيضانات (A1)", "النهر مرتفع", "")
    warning = announce_at(square(), texts=(arabic,))

    one = client.get(f"/warnings/{warning}", headers=AS_BROWSER).text

    heading = f"\u2068{arabic.headline}\u2069 (River at A1)"
    assert f"Act now: {heading} - FloodManager" in markup.named(one, "title")[0].words()
    assert f'og:title" content="{heading}"' in one
    [top] = markup.named(one, "h1")
    assert top.attributes["dir"] == "auto"


@pytest.mark.parametrize(("asked", "language"), [("es-MX, en;q=0.5", "es"), ("fr", "en"), ("en;q=0.5, es;q=0.4", "en")])
def test_plain_words_come_in_the_language_asked_for(client: FlaskClient, asked: str, language: str) -> None:
    warning = announce_at(square())
    paths = (
        f"/v1/warnings/{warning}", f"/v1/warnings/{warning}.geojson", "/v1/warnings", "/v1/warnings.geojson",
        "/v1/warnings.csv", f"/v1/nearby?{HERE}",
    )  # fmt: skip

    for path in paths:
        answer = client.get(path, headers={"Accept-Language": asked})
        assert answer.headers["Content-Language"] == language, path
        assert "Accept-Language" in answer.headers["Vary"], path
    form = client.get(paths[0], headers={"Accept-Language": asked}).json
    assert (form["plain"]["language"], form["plain"]["rank"]) == (
        language,
        {"en": "act now", "es": "actúe ahora"}[language],
    )


def test_times_on_pages_are_told_by_the_clocks_of_the_place(client: FlaskClient, noon: Any) -> None:
    spot = place("TXZ1", square(-97.9, 30.2))
    announce(message("texas", places=(spot,), ends_at_ms=NOON_MS + HOUR_MS), source="nws")
    [warning] = [one["id"] for one in client.get("/v1/warnings?source=nws").json["items"]]
    report = make_report(lat=30.3, lon=-97.8)

    one = client.get(f"/warnings/{warning}", headers=AS_BROWSER).text
    seen = client.get(f"/reports/{report.id}", headers=AS_BROWSER).text

    assert "Saturday 21 November, 07:00 CST" in one
    assert "Saturday 21 November, 06:00 CST" in seen
    assert json.dumps(client.get(f"/v1/warnings/{warning}").json).count("2026-11-21T13:00:00Z") == 1
    for text in (one, seen):
        assert "UTC" not in markup.named(text, "main")[0].words()
