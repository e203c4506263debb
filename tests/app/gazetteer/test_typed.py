"""Notations that people use are read, and what only resembles one is not."""

import pytest

from app.gazetteer import coordinates, national_grid, postcodes, typed_text


@pytest.mark.parametrize(
    "typed",
    [
        "51.0375, -2.829", "51.0375 -2.829", "51.0375,-2.829", "51.0375;-2.829", "51.0375/-2.829", "+51.0375, -2.829",
        "51.0375N 2.829W", "N51.0375 W2.829", "2.829W 51.0375N", "51.0375° N, 2.829° W", "51.0375n,2.829o",
        "51,0375; -2,829", "51,0375 -2,829", "lat 51.0375 lon -2.829", "Latitude: 51.0375, Longitude: -2.829",
        "geo:51.0375,-2.829", "(51.0375, -2.829)", "51°02'15\"N 2°49'44.4\"W", "51°02′15″N, 2°49′44.4″W",
        "51 02 15 N 2 49 44.4 W", "51° 2.25' N 2° 49.74' W", "N 51 02.25 W 002 49.74",
    ],
)  # fmt: skip
def test_coordinates_are_read_in_the_usual_notations(typed: str) -> None:
    assert coordinates.read_coordinates(typed_text.cleaned(typed)) == (51.0375, -2.829)


@pytest.mark.parametrize(
    "typed",
    ["01823 123456", "07700 900123", "+44 1823 123456", "999", "91, 0", "0, 180.1", "51.08N 2.96N", "51.08E 2.96E",
     "-51N 2W", "nan, nan", "1,2,3", "51.08", "1e1, 2", "51°61'N 2°W", "ST 39 30", "112"],
)  # fmt: skip
def test_what_is_no_pair_of_coordinates_is_not_read_as_one(typed: str) -> None:
    assert coordinates.read_coordinates(typed_text.cleaned(typed)) is None


def test_fewer_decimals_reach_farther() -> None:
    reaches = [coordinates.precision_km(typed) for typed in ("51.0375, -2.829", "51.04, -2.83", "51.0, -2.8", "51, -3")]

    assert reaches == sorted(reaches)
    assert coordinates.precision_km("51 02 15 N 2 49 44 W") < 0.1


@pytest.mark.parametrize(
    ("typed", "lat", "lon"),
    [
        ("TG 51409 13177", 52.65798, 1.71605),  # the example of Ordnance Survey's guide
        ("TQ3003480381", 51.50741, -0.12772),
        ("st 357 304", 51.06977, -2.91837),
        ("HU 39 75", 60.46132, -1.28365),
    ],
)
def test_grid_reference_is_where_the_survey_says(typed: str, lat: float, lon: float) -> None:
    square = national_grid.read_reference(typed)

    assert square is not None
    assert square.middle() == (pytest.approx(lat, abs=0.0001), pytest.approx(lon, abs=0.0001))


@pytest.mark.parametrize(
    "typed", ["ST 39 301", "ST 3", "ZZ 12 34", "II 12 34", "TA7 0RB", "AA 12 34", "ST", "ST 1 2 3"]
)
def test_what_is_no_grid_reference_is_not_read_as_one(typed: str) -> None:
    assert national_grid.read_reference(typed) is None


def test_sector_is_no_grid_reference_of_two_figures() -> None:
    assert [one.name for one in postcodes.readings("SK4 5")] == ["SK4 5"]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("TA7 0RB", ["TA7 0RB"]),
        ("ta70rb", ["TA7 0RB"]),
        ("TA70", ["TA70", "TA7 0"]),
        ("TA7 0R", ["TA7 0"]),
        ("TA7 ORB", ["TA7 0RB"]),
        ("5W1A 1AA", ["SW1A 1AA"]),
        ("Bath", []),
        ("TAY 0RB", []),
        ("TA7 0RB please", []),
        ("٣٣", []),
    ],
)
def test_postcode_is_read_whole_begun_and_with_what_looks_alike(typed: str, names: list[str]) -> None:
    assert [one.name for one in postcodes.readings(typed)] == names


@pytest.mark.parametrize(
    ("one", "other", "is_so"),
    [
        ("langport", "langprot", True), ("langport", "langpor", True), ("langport", "langportt", True),
        ("langport", "lamgport", True), ("langport", "langport", True), ("bath", "abth", True),
        ("langport", "lanprogt", False), ("langport", "langpo", False), ("bath", "both ways", False),
        ("ab", "cd", False),
    ],
)  # fmt: skip
def test_one_slip_is_a_letter_wrong_missed_doubled_or_swapped(one: str, other: str, is_so: bool) -> None:
    assert typed_text.is_one_slip(one, other) == typed_text.is_one_slip(other, one) == is_so
    assert (typed_text.slips(one, other) <= 1) == is_so


def test_text_is_cut_cleaned_and_folded() -> None:
    assert typed_text.cleaned("a\x00b\u200b\u202e c\ud800" + "x" * 10_000)[:7] == "a b c x"
    assert len(typed_text.cleaned("x" * 10_000)) == typed_text.TEXT_CHARACTERS
    assert {typed_text.folded(one) for one in ("St.Ives", "St. Ives", "SAINT IVES", "st-ives")} == {"st ives"}
    assert typed_text.folded("Ynys Môn") == "ynys mon"
    assert typed_text.folded("King’s Lynn") == "kings lynn"
