"""The place that a device tells is named and said with its exactness, and asked about where the device may be wrong."""

import pytest
from flask.testing import FlaskClient

from app.core import config
from app.situation import source_facts
from app.warnings.sources import registry
from tests.app.pages.frame import markup
from tests.app.pages.world import HTML
from tests.warning_making import announce, announce_at, square

LONDON = "lat=51.5&lon=-0.12"
AT_SEA = "lat=51.3&lon=-3.8"
PARIS = "lat=48.85&lon=2.35"


def shown(client: FlaskClient, query: str) -> str:
    answer = client.get(f"/?{query}", headers={"Accept": HTML})
    assert answer.status_code == 200
    return answer.text


def headline(page: str) -> str:
    return markup.named(page, "h1")[0].words()


def heard_everywhere() -> None:
    for source in ("ea", "nws"):
        announce(source=source, is_whole=False)


@pytest.mark.parametrize("accuracy", ["12", "19.6", "20"])
def test_exact_place_is_named_and_says_how_exact_it_is(client: FlaskClient, accuracy: str) -> None:
    heard_everywhere()

    page = shown(client, f"{LONDON}&accuracy_m={accuracy}")

    [picture] = [one for one in markup.named(page, "div") if one.attributes.get("id") == "map"]
    assert "Floods and warnings near" in headline(page)
    assert "This is where your device says you are, to within about 20 m." in page
    assert picture.attributes["data-accuracy-m"] == "20"


@pytest.mark.parametrize(("query", "why", "question"), [
    (f"{LONDON}&accuracy_m=1500", "only roughly where you are: to within about 2 km.", "Are you near "),
    (f"{AT_SEA}&accuracy_m=10", "Your device says that you are at sea.", "Is this where you are?"),
    (f"{PARIS}&accuracy_m=10", "where no issuer of warnings is connected here.", "Are you near "),
], ids=["coarse", "at sea", "not covered"])  # fmt: skip
def test_doubtful_place_is_asked_about_with_the_map(client: FlaskClient, query: str, why: str, question: str) -> None:
    heard_everywhere()

    page = shown(client, query)

    assert headline(page).startswith(question)
    assert why in page
    assert 'id="map"' in page
    [yes] = [link.attributes["href"] for link in markup.named(page, "a") if link.words() == "Yes"]
    assert "accuracy_m" not in yes
    assert "?" not in headline(client.get(yes, headers={"Accept": HTML}).text)


def test_question_holds_no_rank_but_the_advice_stays(client: FlaskClient) -> None:
    """A doubtful place shows no danger as the person's own, and keeps the advice for danger."""
    announce_at(square(), severity="extreme")

    page = shown(client, f"{LONDON}&accuracy_m=1500")

    assert headline(page).startswith("Are you near ")
    assert "Danger to life" not in markup.named(page, "title")[0].words()
    assert "Get yourself and others to safety now" in page


@pytest.mark.parametrize(
    ("accuracy", "radius"), [("10", "5"), ("2000", "5"), ("5000", "10"), ("10000", "20"), ("20000", "50")]
)
def test_all_of_where_one_may_be_is_looked_at(client: FlaskClient, accuracy: str, radius: str) -> None:
    page = shown(client, f"{LONDON}&accuracy_m={accuracy}")

    [picture] = [one for one in markup.named(page, "div") if one.attributes.get("id") == "map"]
    assert picture.attributes["data-radius-km"] == radius


@pytest.mark.parametrize("bent", ["", "-5", "0", "nan", "inf", "1e9", "x", "20001", "9" * 400])
def test_exactness_that_cannot_be_read_counts_as_none(client: FlaskClient, bent: str) -> None:
    page = shown(client, f"{LONDON}&accuracy_m={bent}")

    assert not [one for one in markup.named(page, "p") if "own" in one.attributes.get("class", "").split()]
    assert "Floods and warnings near" in headline(page)


def test_nobody_is_asked_about_cover_where_no_issuer_is_connected_at_all(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = config.settings()._replace(sources="none")
    for module in (source_facts, registry):
        monkeypatch.setattr(module, "settings", lambda: chosen)
    page = shown(client, f"{PARIS}&accuracy_m=10")

    assert "Floods and warnings near" in headline(page)
