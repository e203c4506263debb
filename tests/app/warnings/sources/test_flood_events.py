"""Recognition of floods: by code, by the National Weather Service's names, and by words in many languages."""

import re
from pathlib import Path

import pytest

from app.warnings.sources.flood_events import NWS_FLOOD_EVENTS, OUTLOOKS, folded, hazard_of, is_flood, kind_of
from app.warnings.sources.flood_words import FLOOD_WORDS
from app.warnings.sources.message import Hazard

WARNINGS = Path(__file__).parents[4] / "docs" / "warnings.md"
FLOODS = """
Flood|FLASH FLOOD WARNING|Flooding|Coastal flooding|Rain-Flood|flash-flood|General Flood Advisory (Final)|Inundation|
Storm Surge Warning|Dam Break Warning|High Water Level|Crue|crues|Inondation|Vagues-submersion|Pluie-inondation|
Inundación|Inundaciones costeras|Crecida|Desborde de río|Aluvión|Riada|Inundação|Enchente|Alagamentos|Alluvione|
Esondazione|Acqua alta|Rischio idraulico|Hochwasser|HOCHWASSERWARNUNG|Überschwemmung|UEBERFLUTUNG|Sturmflut|
Overstroming|Wateroverlast|Översvämning|Högt flöde|Höga flöden|Flom|Flomfare|Elveflom|Stormflo|Oversvømmelse|
Stormflod|Tulva|Tulvavaroitus|Jökulhlaup|Vatnavextir|Rabhadh tuilte|Rhybudd llifogydd|Powódź|Wezbranie|Povodně|
Povodňová bdělosť|Záplavy|Árvíz|Belvíz|Villámárvíz|Poplave|Poplava|Inundații|Viituri|Πλημμύρα|Πλημμύρες|Паводок|
Наводнение|Подтопление|Повінь|су тасқыны|taşkın|su baskını|فيضان|السيول|سیلاب|שיטפון|बाढ़|বন্যা|น้ำท่วม|Ngập lụt|
Dam Watch|Dyke breach|GLOF|Creciente súbita|Gwałtowne wzrosty stanów wody|Flood of the River Ford|
Banjir|Banjir rob|Pagbaha|洪水警報|氾濫|浸水|淹水警戒|水庫洩洪|山洪災害|홍수주의보|Mafuriko|Inondasyon
""".replace("\n", "").split("|")
OTHERS = """
Floodlight failure|Flood light outage|No flooding|Non-flood event|Tsunami Warning|Tsunami flooding|Maremoto|津波警報|
Fire Warning|Extreme Heat|Child Abduction Emergency|Hazardous Materials Warning|Snjóflóð|Snjóflóðahætta|Avalanche|
Thunderstorm|Heavy Rain|Wind|Small Craft|Falling rocks, landslide|Freezing rain, icing|STARKES GEWITTER|Parade|
Low Water Advisory|High Surf Warning|Rip Current Statement|Al Baha dust|Épandage de sel|Tuile|Luna piena|Lua cheia|
Hydrologic Outlook|News|Weather|Blood shortage|Veðurviðvörun: Vindur|Vigilance jaune orages|Tormenta tropical|
kein Hochwasser|sans inondation|sin inundaciones|Fire at Flood Creek|Flood of counterfeit pills|Piena allerta
""".replace("\n", "").split("|")


@pytest.mark.parametrize("event", FLOODS)
def test_words_of_floods_are_known_in_any_letter_case(event: str) -> None:
    assert is_flood(event) and is_flood(event.upper()) and is_flood(event.lower())


@pytest.mark.parametrize("event", OTHERS)
def test_other_things_are_no_floods_though_they_sound_alike(event: str) -> None:
    assert not is_flood(event) and not is_flood(event.upper())


@pytest.mark.parametrize(
    ("event", "language"),
    [("Piena", "it-IT"), ("Cheias", "pt"), ("Flóð", "is-IS"), ("Baha", "fil-PH"), ("Sel", "tr"), ("Tuile", "ga")],
)
def test_everyday_word_of_another_language_counts_in_its_own_only(event: str, language: str) -> None:
    assert is_flood(event, language) and not is_flood(event, "en-US")


@pytest.mark.parametrize(
    ("said", "hazard"),
    [
        ({"event": "Severe weather", "codes": [("SAME", "FFW")]}, Hazard.FLOOD),
        ({"event": "Statement", "codes": [("same", "fls ")]}, Hazard.FLOOD),
        ({"event": "Danger", "codes": [("OET:v1.2", "OET-081")]}, Hazard.FLOOD),
        ({"event": "x", "codes": [("profile:CAP-CP:Event:0.4", "flashFlood")]}, Hazard.FLOOD),
        ({"event": "x", "codes": [("eventType", "rainFlood")]}, Hazard.FLOOD),
        ({"event": "x", "codes": [("eventtype", "FL")]}, Hazard.FLOOD),
        ({"event": "x", "codes": [("awareness_type", "12; flooding")]}, Hazard.FLOOD),
        ({"event": "x", "codes": [("awareness_type", "10; Rain")]}, Hazard.OTHER),
        ({"event": "Severe Thunderstorm", "codes": [("SAME", "SVR")]}, Hazard.OTHER),
        ({"event": "Outlook", "codes": [("NationalWeatherService", "HYO")]}, Hazard.OTHER),
        ({"event": "FLOOD POTENTIAL OUTLOOK", "categories": ["Met"]}, Hazard.OTHER),
        ({"event": "Spring Flood Outlook"}, Hazard.OTHER),
        ({"event": "Flood of smoke", "categories": ["Fire"]}, Hazard.OTHER),
        ({"event": "Flood", "categories": ["Met", "CBRNE"]}, Hazard.FLOOD),
        ({"event": "Storm", "categories": ["Met"]}, Hazard.OTHER),
        ({"event": "Gefahrenmitteilung", "headline": "Hochwasser an der Furt"}, Hazard.FLOOD),
        ({"event": "Evacuation - Immediate", "headline": "Flood: leave now"}, Hazard.FLOOD),
        ({"event": "", "headline": "Flood at the ford"}, Hazard.FLOOD),
        ({"event": "Local Area Emergency", "codes": [("SAME", "LAE")], "headline": "Levee failure"}, Hazard.FLOOD),
        ({"event": "Emergency", "codes": [("SAME", "CAE")], "headline": "Last seen in the flood"}, Hazard.OTHER),
        ({"event": "Warning", "codes": [("SAME", "FRW")], "headline": "Fire beside the flood bank"}, Hazard.OTHER),
        ({"event": "Alert", "codes": [("awareness_type", "10; Rain")], "headline": "Floods possible"}, Hazard.OTHER),
        (
            {"event": "weather", "codes": [("profile:CAP-CP:Event:0.4", "rainfall")], "headline": "Flooding"},
            Hazard.OTHER,
        ),
        ({"event": "Alert", "codes": [("LICENSE", "somebody's")], "headline": "Hochwasser"}, Hazard.FLOOD),
        ({"event": "AMBER Alert", "headline": "Last seen at the flooded park"}, Hazard.OTHER),
        ({"event": "Amber warning", "headline": "Flooding of the Ford"}, Hazard.FLOOD),
        ({"event": "Special Weather Statement", "headline": "Flooding of roads is possible"}, Hazard.OTHER),
        ({"event": "Alert", "categories": ["Health"], "headline": "Boil water after the flood"}, Hazard.OTHER),
        ({"event": "VMA", "categories": ["Safety"], "headline": "Översvämning vid Vadet"}, Hazard.FLOOD),
        ({"event": "Thunderstorm", "headline": "Flash flooding possible"}, Hazard.OTHER),
        ({"event": "Missing child", "headline": "Last seen at the flooded river"}, Hazard.OTHER),
    ],
)
def test_code_decides_then_the_event_then_the_headline_of_an_event_that_names_nothing(
    said: dict[str, str], hazard: Hazard
) -> None:
    assert hazard_of(**said) is hazard  # type: ignore[arg-type]


def listed(heading: str) -> list[str]:
    """The names in one paragraph of docs/warnings.md."""
    found = re.search(rf"\*\*{heading}\*\*:? (.*?)\.(?:\s|$)", WARNINGS.read_text(encoding="utf-8"), re.S)
    assert found, heading
    return [name.strip() for name in found[1].replace("\n", " ").split(",")]


def test_documentation_names_each_event_of_the_weather_service_with_its_fate() -> None:
    taken, others, never = listed("Taken"), listed("Counted as another hazard"), listed("Never taken")

    assert sorted(taken) == sorted(NWS_FLOOD_EVENTS)
    assert [name for name in others if is_flood(name) or is_flood(name.upper())] == []
    assert {folded(name) for name in never} == OUTLOOKS
    assert len(taken) + len(others) + len(never) > 110


def test_kind_is_the_name_without_what_differs_from_one_message_to_the_next() -> None:
    assert kind_of("Air Quality Alert issued August 30 at 4:33PM EDT") == "air quality alert"
    assert kind_of("ÉQ 3.4 Imperial") == "eq"
    assert kind_of("—") == "unnamed"


def test_every_row_of_the_table_has_languages_words_and_who_uses_them() -> None:
    assert all(languages and words and users for languages, words, users in FLOOD_WORDS)
    assert [words for _, words, _ in FLOOD_WORDS if any(not one.strip("!*") for one in words.split(", "))] == []
