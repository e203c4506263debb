"""Warnings and areas as pages: the gravest first, plain words before the issuer's, and what is over said to be over."""

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.warnings.ingest.roots import warning_id
from app.warnings.sources.message import Act, Text
from tests.app.pages.conftest import HTML
from tests.app.pages.frame import markup
from tests.factories import count_inside, make_report, tell_consumer
from tests.warning_making import announce, announce_at, message, place, square

AS_BROWSER = {"Accept": HTML}


def show(client: FlaskClient, path: str, **headers: str) -> str:
    answer = client.get(path, headers=AS_BROWSER | {name.replace("_", "-"): value for name, value in headers.items()})
    assert answer.status_code == 200, answer.text
    return answer.text


def listed(text: str) -> list[str]:
    return [
        one.attributes["data-id"] for one in markup.named(text, "li") if one.attributes.get("data-kind") == "warning"
    ]


def test_list_has_the_gravest_first_and_what_ended_last(client: FlaskClient) -> None:
    announce(message("ended"), message("mild", severity="moderate"), message("grave", severity="extreme"))
    announce(message("mild", severity="moderate"), message("grave", severity="extreme"))

    text = show(client, "/warnings")

    names = ("grave", "mild", "ended")
    assert listed(text) == [warning_id("ea", name, name) for name in names]
    assert text.index("Ended within the last 24 hours") < text.index(warning_id("ea", "ended", "ended"))


def test_warnings_of_one_text_are_one_entry(client: FlaskClient) -> None:
    text = Text("en", "Flood alert", "Flood alert", "The rivers are high.", "Keep away.")
    announce(message("many", texts=(text,), places=tuple(place(f"A{number}", square()) for number in range(5))))

    [entry] = [one for one in markup.named(show(client, "/warnings"), "li") if one.attributes.get("data-kind")]

    assert len(entry.attributes["data-ids"].split()) == 5
    assert "and 2 more areas" in entry.words()


def test_list_goes_on_where_there_are_more_than_a_page(client: FlaskClient) -> None:
    announce(*(message(f"event-{number}", sent_at_ms=clock.now_ms() - number * 1000) for number in range(103)))

    first = show(client, "/warnings?lang=en")
    [link] = [one.attributes["href"] for one in markup.named(first, "a") if one.attributes.get("rel") == "next"]
    second = show(client, link)

    assert len(listed(first)) == 100
    assert len({*listed(first), *listed(second)}) == 103
    assert len(listed(show(client, "/warnings?cursor=bent"))) == 100
    assert link.endswith("&lang=en")
    assert ("noindex" in first, "noindex" in second) == (False, True)
    assert 'rel="canonical"' not in second


def test_warning_says_what_to_do_before_what_the_issuer_says(client: FlaskClient) -> None:
    announced = announce_at(square(), severity="severe")
    tell_consumer([make_report()])
    count_inside()

    text = show(client, f"/warnings/{announced}")

    assert text.index("Move people, pets and what you cannot replace upstairs") < text.index("The river is high at")
    assert "Act now" in text
    facts = " ".join(" ".join(one.words() for one in markup.named(text, name)) for name in ("dt", "dd"))
    assert "Reports inside" in facts


def test_warning_that_is_over_says_so(client: FlaskClient) -> None:
    announce(message("passing"))
    announce(message("passing", act=Act.END))

    text = show(client, f"/warnings/{warning_id('ea', 'passing', 'passing')}")

    assert "This warning no longer holds." in text
    assert "Over since" in text


def test_warning_that_nothing_draws_is_told_without_a_map(client: FlaskClient) -> None:
    announce(message("undrawn", places=(place("Z1"),)))

    text = show(client, f"/warnings/{warning_id('ea', 'undrawn', 'Z1')}")

    assert "no outline for this warning" in text
    assert not [one for one in markup.named(text, "div") if "map" in one.attributes.get("class", "").split()]


def test_issuers_words_are_in_the_readers_language_where_there_are_some(client: FlaskClient) -> None:
    texts = (Text("en-US", "Flood Warning", "Flood Warning for Rio", "High water.", "Move."),)
    texts += (Text("es-US", "Aviso de inundación", "Aviso para el Río", "Aguas altas.", "Váyase."),)
    announce(message("spoken", texts=texts), source="nws")
    path = f"/warnings/{warning_id('nws', 'spoken', 'spoken')}"

    heading = markup.named(show(client, path, Accept_Language="es"), "h1")[0]

    assert (heading.words(), heading.attributes["lang"]) == ("Aviso para el Río", "es-US")
    assert markup.named(show(client, path), "h1")[0].words() == "Flood Warning for Rio"
    assert "High water." in show(client, path, Accept_Language="es")


def test_words_of_an_issuer_stay_words(client: FlaskClient) -> None:
    texts = (Text("en", "<b>Alert</b>", '"><script>alert(1)</script>', "</p><h1>x", "javascript:alert(1)"),)
    announce(message("bent", texts=texts))

    for path in ("/warnings", f"/warnings/{warning_id('ea', 'bent', 'bent')}", "/"):
        assert "<script>alert" not in show(client, path)


@pytest.mark.parametrize("path", ["/warnings/wrn_none", "/warnings/%00", "/areas/none", f"/areas/{'x' * 400}"])
def test_what_is_not_there_is_a_page_that_helps_on(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=AS_BROWSER)

    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "What is happening now" in answer.text


def test_area_tells_its_own_warnings_and_the_reports_inside_it(client: FlaskClient) -> None:
    announce(message("here", places=(place("A1", square()),)), message("other", places=(place("B2", square()),)))
    inside, outside = make_report(lat=51.5, lon=-0.1), make_report(lat=51.5, lon=0.4)
    tell_consumer([inside, outside])

    text = show(client, "/areas/ea-A1")

    assert listed(text) == [warning_id("ea", "here", "A1")]
    assert inside.id in text
    assert outside.id not in text
    assert markup.named(text, "h1")[0].words() == "River at A1"


def test_last_days_of_an_area_count_what_was_reported_inside(client: FlaskClient) -> None:
    announce(message("here", places=(place("A1", square()),)))
    now_ms = clock.now_ms()
    tell_consumer(
        [make_report(lat=51.5, lon=-0.1, created_ms=now_ms - days * clock.DAY_MS) for days in (0, 1, 1, 2, 3, 4, 5)]
    )
    make_report(lat=52.5, lon=-0.1)

    text = show(client, "/areas/ea-A1")

    assert [one.words() for one in markup.named(text, "b")] == ["0", "1", "1", "1", "1", "2", "1"]


def test_outline_of_one_warning_is_drawn_with_few_places(client: FlaskClient) -> None:
    announced = announce_at(square())

    [feature] = client.get(f"/outlines.geojson?warning={announced}").get_json()["features"]

    assert feature["id"] == announced
    assert len(feature["geometry"]["coordinates"][0]) == 5
    assert client.get("/outlines.geojson?warning=wrn_none").get_json()["features"] == []
    assert client.get("/outlines.geojson?area=none").get_json()["features"] == []


def test_towns_orient_a_map_without_a_background(client: FlaskClient) -> None:
    named = client.get("/outlines.geojson?lat=51.128&lon=-3.004&radius_km=5").get_json()["places"]

    assert "Bridgwater" in {one["name"] for one in named}


def test_warning_without_a_name_and_a_headline_breaks_no_page(client: FlaskClient) -> None:
    """A CAP feed may say no more than a description."""
    announce(message("nameless", texts=(Text("en", "", "", "The river is over its banks.", ""),)))
    path = f"/warnings/{warning_id('ea', 'nameless', 'nameless')}"

    for page in ("/", "/warnings", path):
        assert "The river is over its banks." in show(client, page)
    for program in ("/v1/nearby?lat=51.5&lon=-0.1", "/v1/warnings", "/flood_warnings"):
        assert client.get(program).status_code == 200
