"""Names that look like a postcode or like a place abroad: the place at home is found, or the user is asked."""

import pytest

from app.gazetteer import search
from app.gazetteer.place import SETTLEMENTS, Match, is_home

LIKE_A_POSTCODE = (
    "Wigan", "Nelson", "Elgin", "Crosby", "Selsey", "Ellon", "Leslie", "Mellor", "Hagley", "Baslow", "Hallow", "Splott",
)  # fmt: skip
IN_WALES = (
    "Cardiff, South Wales",
    "Swansea, South Wales",
    "Newport, South Wales",
    "Newport, Wales",
    "Barry, South Wales",
)
AT_HOME = (
    "Middlesbrough, Cleveland", "Yarm, Cleveland", "Richmond, Surrey", "Croydon, Surrey", "Langley, Surrey",
    "Boston, UK", "Perth UK", "Melbourne, UK", "Washington, UK", "Gloucester, United Kingdom",
)  # fmt: skip
PERHAPS_MISSPELLED = ("Tewksbury", "Gloster", "BANES")


@pytest.mark.parametrize("name", LIKE_A_POSTCODE)
def test_name_that_could_be_a_mistyped_postcode_is_a_name(whole_pack: None, name: str) -> None:
    first = search.search(name).places[0]

    assert (first.name, first.match, is_home(first)) == (name, Match.EXACT, True)


@pytest.mark.parametrize("text", ["BAI IUX", "TAl0 9PR", "SWlA 2AA"])
def test_mistyped_postcode_is_a_postcode_still(whole_pack: None, text: str) -> None:
    assert search.search(text).places[0].kind.startswith("postcode")


@pytest.mark.parametrize("text", ["T A 7 0 R B", "TA 7 0 RB", "ta7  0rb", "TA7-0RB"])
def test_postcode_with_blanks_anywhere_is_that_postcode(whole_pack: None, text: str) -> None:
    first = search.search(text).places[0]

    assert (first.name, first.match) == ("TA7 0RB", Match.EXACT)


@pytest.mark.parametrize("text", IN_WALES)
def test_place_in_wales_is_not_in_new_south_wales(whole_pack: None, text: str) -> None:
    places = search.search(text).places

    assert places and all("Wales" in place.within for place in places), places


@pytest.mark.parametrize("text", AT_HOME)
def test_place_at_home_comes_before_its_namesakes_abroad(whole_pack: None, text: str) -> None:
    places = search.search(text).places

    assert places and is_home(places[0]), places


@pytest.mark.parametrize("text", PERHAPS_MISSPELLED)
def test_small_place_abroad_is_asked_about_where_one_at_home_may_be_meant(whole_pack: None, text: str) -> None:
    places = search.search(text).places

    assert not search.is_clear([place for place in places if place.match != Match.SIMILAR]), places


@pytest.mark.parametrize("text", ["12 High Street, Wibbleton, Kent", "Cambridge, Kent"])
def test_county_at_the_end_is_meant_before_a_hamlet_of_its_name(whole_pack: None, text: str) -> None:
    assert not [place for place in search.search(text).places if place.name == "Kent" and place.kind != "county"]


@pytest.mark.parametrize("text", ["Fair Isle", "North Isle", "Little Severn", "Wood Exe"])
def test_last_word_alone_is_no_river(whole_pack: None, text: str) -> None:
    assert [place for place in search.find(text) if place.kind == "river"] == []


def test_kent_is_not_in_kentucky(whole_pack: None) -> None:
    places = search.find("Bromley, Kent")

    assert places and all(is_home(place) for place in places), places


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Portland, Ore", "Oregon"),
        ("14 Mill Lane, Portland, Ore", "Oregon"),
        ("Bradford, York", "West Yorkshire"),
        ("Boston, Mass", "Massachusetts"),
        ("Newport, Pemb", "Pembrokeshire"),
        ("Newcastle, Staff", "Staffordshire"),
        ("Wells, Norf", "Norfolk"),
        ("Whitchurch, Shrop", "Shropshire"),
        ("Dublin, Irel", "Ireland"),
        ("Perth, Aus", "Australia"),
        ("Westport, N Z", "New Zealand"),
        ("Richmond, North York", "North Yorkshire"),
    ],
)
def test_begun_name_of_an_area_is_asked_about_and_leads_nowhere_else(whole_pack: None, text: str, meant: str) -> None:
    places = search.search(text).places

    assert any(meant in place.within for place in places), places
    assert meant in places[0].within or not search.is_clear(places) or places[0].match == Match.SIMILAR


@pytest.mark.parametrize("text", ["St Albans", "St Albans, Herts", "Stratford upon Avon"])
def test_district_around_a_town_of_its_name_is_no_other_place(whole_pack: None, text: str) -> None:
    places = search.search(text).places

    assert places[0].kind in SETTLEMENTS
    assert search.is_clear(places)


def test_city_is_found_beside_a_river_of_its_short_name(whole_pack: None) -> None:
    places = search.search("Hull").places

    assert (places[0].name, search.is_clear(places)) == ("Kingston upon Hull", True)
