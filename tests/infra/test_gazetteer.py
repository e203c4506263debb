"""The pack is built from open data of the layouts in which it is published, the same each time."""

from pathlib import Path

import pytest

from app.gazetteer import blocks, pack_file
from infra.gazetteer import read_britain, read_postcodes
from infra.gazetteer.__main__ import main, read_rows
from infra.gazetteer.rows import Row
from tests.app.gazetteer.judging import SAMPLES

SETTLEMENTS = SAMPLES / "gb-settlements.csv"


def test_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        sources = ["--settlements", str(SETTLEMENTS), "--postcodes", str(SAMPLES / "postcodes")]
        assert main([*sources, "--date", "2026-11-28", "--to", str(tmp_path / name)]) == 0

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_what_is_left_out_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--settlements", str(SETTLEMENTS), "--date", "2026-11-28", "--to", str(tmp_path / "pack")])

    assert "note: without --postcodes" in capsys.readouterr().err
    assert pack_file.read_about(tmp_path / "pack")["sources"] == {"settlements": "gb-settlements.csv"}


def test_nothing_to_build_from_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["--date", "2026-11-28", "--to", str(tmp_path / "pack")])


def test_settlement_says_what_contains_it_and_what_it_is_called() -> None:
    rows = {(row.name, next(iter(row.within), "")): row for row in read_rows({"settlements": SETTLEMENTS})}

    assert rows["Mytholmroyd", "Calderdale"].within == ("Calderdale", "West Yorkshire", "England")
    assert rows["Moorland", "Somerset"].others == {"Northmoor Green"}
    assert rows["Cardiff", "Wales"].others == {"Caerdydd"}
    assert rows["Isle of Wight", "England"].kind == "island"
    assert ("Isle of Skye", "Highland") in rows


def test_official_layouts_are_read(tmp_path: Path) -> None:
    row = [""] * len(read_britain.OFFICIAL)
    told = {
        "ID": "osgb1", "NAME1": "Mytholmroyd", "TYPE": "populatedPlace", "LOCAL_TYPE": "Village",
        "GEOMETRY_X": "401254", "GEOMETRY_Y": "426031", "DISTRICT_BOROUGH": "Calderdale", "COUNTRY": "England",
    }  # fmt: skip
    for name, value in told.items():
        row[read_britain.OFFICIAL.index(name)] = value
    street = ["x" if name == "ID" else "transportNetwork" if name == "TYPE" else "" for name in read_britain.OFFICIAL]
    (tmp_path / "SE02.csv").write_text(f"{','.join(street)}\n{','.join(row)}\n{','.join(street)}\n")
    with_header = tmp_path / "header"
    with_header.mkdir()
    (with_header / "all.csv").write_text(f"{','.join(read_britain.OFFICIAL)}\n{','.join(row)}\n")

    for source in (tmp_path / "SE02.csv", with_header):
        (village,) = read_britain.read_settlements(source, [])
        assert (village.name, village.kind, village.within[1]) == ("Mytholmroyd", "village", "West Yorkshire")
        assert (round(village.lat, 4), round(village.lon, 4)) == (53.7307, -1.9825)


def test_postcodes_without_a_position_are_left_out(tmp_path: Path) -> None:
    ((area, sectors), *_) = [one for one in read_postcodes.read_units(SAMPLES / "postcodes") if one[0] == "TA"]

    assert (area, sorted(sectors)) == ("TA", ["TA109", "TA70", "TA78"])
    assert sectors["TA109"] == [("PR", 342010, 126810)]


def test_published_samples_are_read(shared_data: Path) -> None:
    folder = shared_data / "places"
    official = list(read_postcodes.read_units(folder / "codepoint-open-official-sample"))
    (area, sectors) = next(one for one in official if one[0] == "ZE")
    settlements = read_britain.read_settlements(folder / "os-open-names-official-sample.csv", [])

    assert (area, "ZE10" in sectors) == ("ZE", True)
    assert "Mytholmroyd" in {row.name for row in settlements}


def test_every_block_fits_into_a_row_and_most_into_half_a_unit() -> None:
    sizes = [len(body) for _, body in pack_file.read_blocks(pack_file.FILE)]

    assert max(sizes) <= blocks.MOST_BYTES
    assert sum(size <= 4000 for size in sizes) >= 0.95 * len(sizes)


def test_committed_pack_is_whole() -> None:
    about = pack_file.read_about(pack_file.FILE)
    keys = [key for key, _ in pack_file.read_contents(pack_file.FILE)]

    assert len(keys) == len(set(keys)) == about["blocks"]
    assert pack_file.FILE.stat().st_size < 12_500_000


def test_postcode_is_named_by_a_settlement_and_never_by_the_middle_of_a_county() -> None:
    village = Row("Fiddleford", "village", ("Dorset", "England"), 50.92, -2.27, 20, "os_open_names")
    county = Row("Dorset", "county", ("England",), 50.9, -2.3, 54, "os_open_names")
    east, north = 379000, 111500  # nearer to the county's middle

    assert read_postcodes.Nearest([village, county]).label(east, north) == ("Fiddleford", "Dorset", "England")


def test_councils_made_since_the_file_are_areas_of_the_districts_that_they_joined(shared_data: Path) -> None:
    folder = shared_data / "places"
    rows = {row.name: row for row in read_rows({"settlements": folder / "gb-settlements.csv"}) if row.kind == "county"}

    for name, town in (
        ("Cumberland", (54.89, -2.94)), ("Westmorland and Furness", (54.66, -2.75)),
        ("North Northamptonshire", (52.4, -0.73)), ("West Northamptonshire", (52.24, -0.9)),
        ("Bournemouth, Christchurch and Poole", (50.72, -1.88)), ("East Suffolk", (52.1, 1.32)),
    ):  # fmt: skip
        box = rows[name].box
        assert box is not None
        assert box.contains(lat=town[0], lon=town[1]), name
        assert box.north - box.south < 1.2, name
