"""The small list is made from two files, the same each time, with the sources' oddities put right."""

import csv
import gzip
import json
from pathlib import Path

import pytest

from infra.gazetteer import small_list

HEAD = "postcode,eastings,northings,latitude,longitude,town,region,uk_region,country,country_string"


def postcodes(*rows: str) -> list[small_list.Code]:
    """Rows of code, latitude, longitude, town, district and country."""
    lines = []
    for row in rows:
        code, lat, lon, town, district, country = row.split("/")
        lines.append(f'{code},0,0,{lat},{lon},"{town}",{district},,,{country}')
    return small_list.read_codes("\n".join([HEAD, *lines]))


def towns(*rows: str) -> dict[tuple[str, str], small_list.Town]:
    return {(one.name, one.detail): one for one in small_list.towns_of(postcodes(*rows))}


def city(**properties: object) -> str:
    given = {"name": "Suva", "adm0name": "Fiji", "adm1name": "Central", "pop_max": 175_399, "scalerank": 3} | properties
    feature = {"type": "Feature", "properties": given, "geometry": {"type": "Point", "coordinates": [178.44, -18.13]}}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


@pytest.fixture(autouse=True)
def no_towns_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Samples are small: our own table names codes that they have not."""
    name_towns(monkeypatch, tmp_path, "")


def name_towns(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str) -> None:
    (folder / "towns.txt").write_text(text, encoding="utf-8")
    monkeypatch.setattr(small_list, "TOWNS", folder / "towns.txt")
    small_list.post_towns.cache_clear()


@pytest.fixture(autouse=True)
def forget_towns() -> None:
    small_list.post_towns.cache_clear()


def test_one_name_far_apart_is_two_towns() -> None:
    found = towns("NP1/51.6/-3.0/Newport/Gwent/Wales", "PO3/50.7/-1.3/Newport/Wight/England")

    assert set(found) == {("Newport", "Gwent, Wales"), ("Newport", "Wight, England")}


def test_codes_in_a_chain_are_one_town_though_its_ends_are_far_apart() -> None:
    found = towns("A1/51.0/0/Long/D/England", "A3/51.2/0/Long/D/England", "A2/51.1/0/Long/D/England")

    assert [(one.lat, one.rank) for one in found.values()] == [(51.1, 6)]


def test_town_lies_at_its_middle_code_and_not_at_the_mean() -> None:
    found = towns("A1/51.00/0/Town/D/England", "A2/51.01/0/Town/D/England", "A3/51.09/0/Town/D/England")

    assert found["Town", "D, England"].lat == 51.01


@pytest.mark.parametrize(("count", "rank"), [(1, 7), (2, 6), (4, 5), (6, 4), (12, 3), (19, 2)])
def test_rank_of_a_town_follows_how_many_codes_it_has(count: int, rank: int) -> None:
    found = towns(*[f"A{number}/51/0/Town/D/England" for number in range(count)])

    assert found["Town", "D, England"].rank == rank


def test_part_of_london_is_no_city() -> None:
    found = towns(*[f"A{number}/51/0/Camden Town/Greater London/England" for number in range(17)])

    assert [one.rank for one in found.values()] == [6]


def test_code_without_a_town_is_of_its_district_where_that_is_a_town() -> None:
    assert set(towns("B1/52.4/-1.9//Birmingham/England")) == {("Birmingham", "England")}
    assert towns("IV27/58.2/-4.8//Highland/Scotland") == {}


def test_broken_and_wrong_names_are_put_right() -> None:
    found = towns(
        "JE3/49.1/-2.1/St+F2813 Ouen/Jersey/Jersey",
        "S1/53.3/-1.4/Norton/Sheffield/England",
        "TS20/54.5/-1.3/Norton/Stockton-on-Tees/England",
        "IM8/54.2/-4.0/Ramsay/IOM/Isle of Man",
    )

    assert {name for name, _ in found} == {"St Ouen", "Sheffield", "Norton", "Ramsey"}
    assert found["Ramsey", "Isle of Man"].lon == -4.384


def test_single_code_in_the_wrong_country_has_its_districts() -> None:
    rows = [f"NE{number}/55/-2/Blyth/Northumberland/England" for number in (23, 24)]

    found = towns(*rows, "TD15/55.7/-2/Berwick-upon-Tweed/Northumberland/Scotland")

    assert ("Berwick-upon-Tweed", "Northumberland, England") in found


def test_our_towns_take_their_codes_and_leave_the_parish_ranked_last(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name_towns(monkeypatch, tmp_path, "Bridgwater: TA6 TA7\nCambridge: between CB1 CB2\n")
    rows = ["TA6/51.1/-3.0/Bridgwater/Somerset/England", "TA7/51.2/-2.9/Stawell/Somerset/England"]
    ring = ["CB1/52.1/0.2/Fulbourn/Cambs/England", "CB2/52.3/0.1/Shelford/Cambs/England"]

    found = towns(*rows, *ring)

    assert {name: (one.lat, one.rank) for (name, _), one in found.items()} == {
        "Bridgwater": (51.1, 6),
        "Stawell": (51.2, 8),
        "Cambridge": (pytest.approx(52.2), 6),
        "Fulbourn": (52.1, 8),
        "Shelford": (52.3, 8),
    }


@pytest.mark.parametrize("text", ["Bath: BA1\nWells: BA1\n", "Bath: BA1 BA2\n"])
def test_our_table_is_refused_where_it_names_a_code_twice_or_one_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    name_towns(monkeypatch, tmp_path, text)

    with pytest.raises(ValueError, match="BA"):
        postcodes("BA1/51.3/-2.3/Bath/Somerset/England")


@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_city_is_read_from_either_scale_of_natural_earth(case: type[str]) -> None:
    given = json.loads(city())
    given["features"][0]["properties"] = {case(key): one for key, one in given["features"][0]["properties"].items()}

    assert small_list.read_places(json.dumps(given)) == [
        small_list.Town("Suva", "", "Fiji", -18.13, 178.44, 3, 8, 175_399)
    ]


def test_city_of_a_large_country_says_its_state_and_old_names_are_kept_for_finding() -> None:
    (denver,) = small_list.read_places(city(name="Denver", adm0name="United States of America", adm1name="Colorado"))
    (kyiv,) = small_list.read_places(city(name="Kiev", adm0name="Ukraine", namealt="Kyiv|Kiew"))

    assert denver.detail == "Colorado, United States"
    assert (kyiv.name, kyiv.others) == ("Kyiv", "Kiev|Kiew")


def test_british_cities_come_from_the_postcodes_but_for_london() -> None:
    assert small_list.read_places(city(name="Leeds", adm0name="United Kingdom")) == []
    assert [one.detail for one in small_list.read_places(city(name="London", adm0name="United Kingdom"))] == ["England"]


def test_files_have_the_same_bytes_each_time(tmp_path: Path) -> None:
    sources = tmp_path / "codes.csv", tmp_path / "places.geojson"
    rows = "TA6,0,0,51.1,-3.0,Bridgwater,Somerset,,,England\nTA1,0,0,51.1,-3.0,Bridgwater,Somerset,,,England\n"
    sources[0].write_text(f"{HEAD}\n{rows}", encoding="utf-8")
    sources[1].write_text(city(), encoding="utf-8")
    for folder in ("one", "two"):
        wanted = ["--postcodes", str(sources[0]), "--places", str(sources[1]), "--to", str(tmp_path / folder)]
        small_list.main(wanted)

    one, two = ({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    assert all(content[4:8] == bytes(4) for content in one.values()), "a time of making stands in the file"
    firsts = {
        name: [row[0] for row in csv.reader(gzip.decompress(content).decode().splitlines())]
        for name, content in one.items()
    }
    assert firsts == {"small_towns.csv.gz": ["Suva", "Bridgwater"], "small_districts.csv.gz": ["TA1", "TA6"]}


def test_what_is_shipped_is_what_the_sources_make(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small_list, "TOWNS", Path(small_list.__file__).with_name("post_towns.txt"))
    folder = shared_data / "gazetteer"
    places = folder / "ne_110m_populated_places_simple.geojson"

    small_list.main(
        [
            "--postcodes",
            str(folder / "uk-outward-postcodes.csv"),
            "--places",
            str(places),
            "--to",
            str(tmp_path / "made"),
        ]
    )

    for file in small_list.FOLDER.glob("small_*"):
        # Another zlib may pack the same rows otherwise.
        assert gzip.decompress(file.read_bytes()) == gzip.decompress((tmp_path / "made" / file.name).read_bytes())
