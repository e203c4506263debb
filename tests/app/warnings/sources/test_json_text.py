"""JSON of issuers: whatever comes, one fault in one sentence, and never another exception."""

import json
import time
from pathlib import Path

import pytest

from app.warnings.sources import json_text

HTML = b"<!DOCTYPE html><html><body>Service unavailable</body></html>"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        (HTML, "is a page"),
        (b"\xef\xbb\xbf" + HTML, "is a page"),
        (b"null", "is not a JSON object"),
        (b'{"items": [', "is not JSON at line 1, column 12"),
        (b'{"n": ' + b"9" * 5000 + b"}", "is not JSON"),
        (b"[" * 100_000, "deeper than 40 levels"),
        (b'{"a":' * 41 + b"1" + b"}" * 41, "deeper than 40 levels"),
        (b"{" + b" " * 20_000_000, "more than 20000000 bytes"),
    ],
    ids=["nothing", "blank", "html", "html with a mark", "null", "cut", "long number", "deep", "deep objects", "huge"],
)
def test_what_is_no_json_is_told_in_one_sentence(raw: bytes, reason: str) -> None:
    with pytest.raises(json_text.NotJson, match=reason):
        json_text.parse(raw)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_every_encoding_of_json_is_read(encoding: str) -> None:
    assert json_text.parse('{"name": "Afon Tâf"}'.encode(encoding)) == {"name": "Afon Tâf"}


def test_wrong_bytes_in_one_text_lose_nothing_else() -> None:
    assert json_text.parse(b'{"a": "caf\xe9", "b": 1}') == {"a": "caf\ufffd", "b": 1}


def test_line_break_inside_a_text_is_taken() -> None:
    assert json_text.parse(b'{"message": "one\ntwo"}') == {"message": "one\ntwo"}


def test_brackets_inside_texts_do_not_count_as_depth() -> None:
    told = {"message": "[" * 100 + '"{' + "\\"}

    assert json_text.parse(json.dumps(told).encode()) == told


def test_numbers_that_json_does_not_have_count_as_nothing() -> None:
    assert json_text.parse(b'{"lat": NaN, "lon": -Infinity}') == {"lat": None, "lon": None}


def test_long_text_is_judged_quickly() -> None:
    raw = json.dumps({"message": 'a \\" [ {' * 500_000}).encode()
    begun = time.process_time()

    json_text.parse(raw)

    assert time.process_time() - begun < 60  # of computing; it takes a tenth of a second


def test_hostile_collection_raises_nothing_else(shared_data: Path) -> None:
    refused = set()
    for file in sorted((shared_data / "hostile" / "json").iterdir()):
        try:
            json_text.parse(file.read_bytes())
        except json_text.NotJson:
            refused.add(file.name)

    assert {name for name in refused if name.startswith(("y_array", "y_object"))} == set()
    assert len([name for name in refused if name.startswith("n_structure")]) >= 15
