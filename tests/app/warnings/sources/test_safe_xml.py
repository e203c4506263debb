"""XML from strangers: repaired or refused, and always within little time."""

import time
from pathlib import Path

import pytest

from app.warnings.sources.safe_xml import (
    MOST_BYTES,
    MOST_DEPTH,
    MOST_ELEMENTS,
    Unreadable,
    children,
    read_xml,
    text_of,
    texts,
)

SECONDS = 120  # of computing, however busy the machine; the slowest takes three


def said(raw: bytes) -> str:
    return "".join(read_xml(raw).itertext())


@pytest.mark.parametrize(
    "raw",
    [
        "<a>Überflutet</a>".encode(),
        '<?xml version="1.0" encoding="UTF-8"?><a>Überflutet</a>'.encode("utf-8-sig"),
        '<?xml version="1.0" encoding="ISO-8859-1"?><a>Überflutet</a>'.encode("latin-1"),
        '<?xml version="1.0" encoding="windows-1252"?><a>Überflutet</a>'.encode("cp1252"),
        '<?xml version="1.0" encoding="utf-16"?><a>Überflutet</a>'.encode("utf-16"),
        '<?xml version="1.0" encoding="utf-16"?><a>Überflutet</a>'.encode("utf-16-le"),
        '<?xml version="1.0" encoding="UTF-8"?><a>Überflutet</a>'.encode("latin-1"),
        '<?xml version="1.0" encoding="UTF-16"?><a>Überflutet</a>'.encode(),
        '<?xml version="1.0" encoding="no-such"?><a>Überflutet</a>'.encode(),
        '\r\n <?xml version="1.0"?><a>Überflutet</a>\x00'.encode(),
        b"<a>&Uuml;berflutet</a>",
        b"<a>&#220;ber\x0bflutet</a>",
    ],
)
def test_text_is_read_whatever_its_encoding_and_small_faults(raw: bytes) -> None:
    assert said(raw) == "Überflutet"


def test_encodings_of_east_asia_are_read() -> None:
    assert said('<?xml version="1.0" encoding="Shift_JIS"?><a>洪水</a>'.encode("shift_jis")) == "洪水"
    assert said('<?xml version="1.0" encoding="Big5"?><a>洪水</a>'.encode("big5")) == "洪水"


def test_bare_ampersands_are_taken_as_they_are_meant() -> None:
    assert said(b"<a>Road & rail &unknown; &amp; <![CDATA[x]]></a>") == "Road & rail &unknown; & x"


def test_several_documents_in_one_file_become_children() -> None:
    root = read_xml(b'<?xml version="1.0"?><a>1</a>\n<?xml version="1.0"?>\n<a>2</a>')

    assert [child.text for child in children(root, "a")] == ["1", "2"]


def test_text_of_an_element_is_one_line_and_of_a_child_of_that_name_only() -> None:
    root = read_xml(b'<x:a xmlns:x="urn:any"><b/><b> one\n  two </b><c><b>inner</b></c></x:a>')

    assert (text_of(root, "b"), texts(root, "b"), text_of(root, "none")) == ("one two", ["one\n  two"], "")


@pytest.mark.parametrize(
    "name", ["billion-laughs.cap.xml", "external-entity-file.cap.xml", "external-entity-http.cap.xml"]
)
def test_document_types_and_entities_are_never_read(shared_data: Path, name: str) -> None:
    with pytest.raises(Unreadable, match="document type or entities"):
        read_xml((shared_data / "hostile" / "xml" / name).read_bytes())


def test_deep_nesting_is_refused(shared_data: Path) -> None:
    with pytest.raises(Unreadable, match=f"deeper than {MOST_DEPTH}"):
        read_xml((shared_data / "hostile" / "xml" / "deep-nesting.xml").read_bytes())


def test_page_for_people_is_told_as_such(shared_data: Path) -> None:
    with pytest.raises(Unreadable, match="a page for people"):
        read_xml((shared_data / "hostile" / "xml" / "html-error-page.xml").read_bytes())


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"<a>" + b"x" * 50_000_000, f"more than {MOST_BYTES}"),
        (b"<a>" + b"<b/>" * 1_200_000 + b"</a>", f"more than {MOST_ELEMENTS} elements"),
        (b"<?xml" * 1_000_000, "not well-formed"),
        (b"<a>" + b"&a" * 1_000_000, "not well-formed"),
        (b"<!--" * 1_200_000, "not well-formed"),
        (b"<a><![CDATA[" * 400_000, "not well-formed"),
        (b"\0" * 5_000_000, "empty"),
        (b'{"not": "XML"}', "not XML"),
        (b"", "empty"),
    ],
    ids=["huge", "elements", "declarations", "ampersands", "comments", "cdata", "zeros", "json", "nothing"],
)
def test_what_cannot_be_read_is_refused_soon_and_with_its_reason(raw: bytes, reason: str) -> None:
    began = time.process_time()

    with pytest.raises(Unreadable, match=reason):
        read_xml(raw)

    assert time.process_time() - began < SECONDS


def test_only_encodings_of_text_are_tried() -> None:
    began = time.process_time()

    assert len(said(b'<?xml version="1.0" encoding="punycode"?><a>' + b"a" * 4_000_000 + b"</a>")) == 4_000_000

    assert time.process_time() - began < SECONDS
