"""The forms of files that are read, and which of them a file has."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import NamedTuple

from app.reports.importer import read_csv, read_geojson, read_kml, read_petabencana, read_xlsx
from app.reports.importer.columns import chosen, guess_layout
from app.reports.importer.opening import Source, require_text
from app.reports.importer.read_geojson import Spelling
from app.reports.importer.row import RawRecord, RefusedRow, Row, Unreadable

Layouts = Callable[[Sequence[str], Mapping[str, str]], dict[str, Sequence[str]]]
_LOOKED_AT = 20  # records that show whose a file is
NO_FEATURES = "The file holds no row: it has no features."


def _as_it_is(row: Row, _: RawRecord) -> Row:
    return row


def _without_degrees(names: Sequence[str], given_columns: Mapping[str, str]) -> dict[str, Sequence[str]]:
    """Return the layout of features: where their geometry is, is defined."""
    return guess_layout(names, {}) | {"lat": [], "lon": [], "geometry": []} | chosen(given_columns)


def _table_is_empty(source: Source) -> str:
    return read_csv.no_rows(read_csv.names_of(source))


class Form(NamedTuple):
    """A form of files. The ids of its rows depend on its `family`: whatever is packed or spelled otherwise keeps it."""

    name: str
    family: str
    records: Callable[[Source], Iterator[RawRecord | RefusedRow]]
    layout: Layouts
    empty: Callable[[Source], str] = lambda _: NO_FEATURES
    utc_offset: timedelta = timedelta()
    finds_ids: bool = False  # also by values that are all different
    finish: Callable[[Row, RawRecord], Row] = _as_it_is


_OBJECTS = partial(read_geojson.records, takes_objects=True)
FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form(
            "petabencana",
            "petabencana",
            read_petabencana.records,
            read_petabencana.layout,
            utc_offset=read_petabencana.JAKARTA,
            finish=read_petabencana.judged,
        ),
        Form("geojson", "geojson", read_geojson.records, _without_degrees),
        Form("csv", "csv", read_csv.records, guess_layout, _table_is_empty, finds_ids=True),
        Form("ndjson", "geojson", _OBJECTS, guess_layout),
        Form("geojsonseq", "geojson", read_geojson.records, _without_degrees),
        Form("xlsx", "csv", read_xlsx.records, guess_layout, read_xlsx.empty, finds_ids=True),
        Form("kml", "kml", read_kml.records, _without_degrees, lambda _: read_kml.EMPTY),
    )
}


def form_of(source: Source, wanted: str) -> Form:
    """Return the form of a file: the one that is wanted or, for `auto`, the one that it has; raises Unreadable."""
    if wanted == "xlsx" or source.is_workbook:
        if wanted not in ("auto", "xlsx") or not source.is_workbook:
            raise Unreadable(f"The file is {'' if source.is_workbook else 'not '}an Excel workbook (.xlsx).")
        return FORMS["xlsx"]
    head = source.head()
    require_text(head)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Unreadable("The file is empty.")
    return FORMS[wanted if wanted != "auto" else _found(source, head)]


def _found(source: Source, head: bytes) -> str:
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1]
    if start == b"<":
        return "kml"
    if start not in (b"{", b"[", b"\x1e"):
        return "csv"
    first = [record for record in islice(_OBJECTS(source), _LOOKED_AT) if isinstance(record, RawRecord)]
    features: list[RawRecord | RefusedRow] = []
    with suppress(*([Unreadable] if first else [])):  # a single object that is a row is no feature
        features = list(islice(read_geojson.records(source), _LOOKED_AT))
    if first and not any(isinstance(record, RawRecord) for record in features):
        return "ndjson"
    if first and any(read_petabencana.is_its(record.columns) for record in first):
        return "petabencana"
    return "geojson" if read_geojson.spelling_of(source) is Spelling.DOCUMENT else "geojsonseq"
