"""Find the meaning of a table's columns from their usual names, in order of preference. Pure.

Names are compared without case, blanks, punctuation and combining marks: `_Date`, `date` and a name with a byte order
mark inside are all `date`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.core.unicode_text import shown
from app.reports.importer.row import DEPTH_UNITS_CM, FIELDS, Unreadable
from app.reports.importer.words import CHOICES

Layout = Mapping[str, Sequence[str]]  # field -> its columns, the preferred one first

# Columns that hold the row's own id whatever their values. Row numbers (fid, objectid) are excluded: they change from
# one export to the next.
_IDS = "id uuid guid globalid pkey reportid recordid recid".split()
_LATS = (
    "lat latitude latitudedd latdd declat decimallatitude geolat gpslat gpslatitude ylat latitud lintang breite".split()
)
_LONS = (
    "lon long lng longitude longitudedd longdd londd declon declong decimallongitude geolon geolong geolng gpslon "
    "gpslong gpslongitude xlon xlong longitud bujur laenge länge"
).split()
_XY = (("y", "x"), ("pointy", "pointx"), ("latlong4326y", "latlong4326x"))
_GEOMETRIES = (
    "geometry geom thegeom wkbgeometry shape wkt wktgeom geojson kml point coordinates latlon latlong latlng "
    "geolocation georeference location locationpoint"
).split()
_TIMES = (
    "observedat observationtime observationdatetime observationdate observed eventdatetime eventtime eventdate "
    "occurredat occurred incidentdatetime incidenttime incidentdate reportedat reportedon reporteddate reportdatetime "
    "reporttime reportdate reported createdat createdon createddatetime creationdate createddate created timestamp "
    "datetime dateandtime datetimeutc dt date time startdatetime starttime startdate start begindate begintime began "
    "begin fromdate flagdate changed changedat surveydate updatedat updated lastupdated lastupdate modified "
    "tanggal waktu datum zeit fecha hora"
).split()
_TITLES = "title headline subject name summary location locationname address street streetname place placename".split()
_TEXTS = "description text body details detail message comment comments notes note remarks remark".split()
_SNAKE_ID = re.compile(r"[_ .-](?:id|ID|Id)$|[a-z](?:ID|Id)$")
_NO_ID = re.compile(r"fid$|objectid$|^(?:field|row|index|unnamed)")
_LIKE_A_TIME = re.compile(r"date|time|datetime")
_NOT_THE_START = re.compile(r"end|until|updat|modif|clos|expir|todate|zone|edit")


def plain(name: str) -> str:
    """Normalise a column's name for comparing."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def guess_layout(names: Sequence[str], given_columns: Mapping[str, str]) -> dict[str, Sequence[str]]:
    """Return the columns of each field; the user's choice (`--map`) overrides every guess."""
    by_plain: dict[str, str] = {}
    for name in names:
        by_plain.setdefault(plain(name), name)
    lat, lon = _pair(by_plain)
    layout: dict[str, Sequence[str]] = {
        "id": _named(by_plain, _IDS),
        "lat": lat,
        "lon": lon,
        "geometry": _named(by_plain, _GEOMETRIES),
        "observed_at": _times(by_plain),
        "title": _named(by_plain, _TITLES),
        "description": _named(by_plain, _TEXTS) or [name for key, name in by_plain.items() if "description" in key],
        "radius_m": _named(by_plain, ["radiusm"]),
    }
    layout |= {field: _named(by_plain, choice.columns) for field, choice in CHOICES.items()}
    layout |= {field: _named(by_plain, _depth_names(field)) for field in DEPTH_UNITS_CM}
    return layout | chosen(given_columns)


def word_meant(field: str, value: Any) -> str | None:
    """Translate a table's word for a field into ours; None if it is unknown."""
    spelled = plain(value) if isinstance(value, str) else ""
    meanings = CHOICES[field].meanings
    return next((ours for ours, others in meanings.items() if spelled in (plain(ours), *map(plain, others))), None)


def chosen(given_columns: Mapping[str, str]) -> dict[str, Sequence[str]]:
    """Return the layout that a user asks for with `--map`. If a place column is mapped, only that one is used."""
    if unknown := sorted(set(given_columns) - set(FIELDS)):
        raise Unreadable(f"There is no field {shown(unknown[0])!r} to map to; the fields are: {', '.join(FIELDS)}.")
    layout: dict[str, Sequence[str]] = {field: [column] for field, column in given_columns.items()}
    if "geometry" in given_columns:
        layout = {"lat": [], "lon": []} | layout
    if any(field in given_columns for field in DEPTH_UNITS_CM):
        layout = dict.fromkeys(DEPTH_UNITS_CM, ()) | layout
    return layout


def require_columns(given_columns: Mapping[str, str], is_there: Mapping[str, bool], names: Iterable[str]) -> None:
    """Raise Unreadable for a mapped column that the file does not have."""
    for field, column in given_columns.items():
        if not is_there[column]:
            raise Unreadable(f"--map {field}={shown(column)}: there is no such column. There are: {listed(names)}.")


def listed(names: Iterable[str]) -> str:
    """List column names in a message."""
    return ", ".join(shown(name, 40) for name in names)[:2000]


def guess_ids(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    """Return the first column named like an id (`hwm_id`, `GDACS_ID`) whose values are present and unique."""
    for name in names:
        if _SNAKE_ID.search(name.strip()) and not _NO_ID.search(plain(name)):
            values = [row.get(name) for row in rows]
            if all(values) and len(set(map(str, values))) == len(values):
                return [name]
    return []


def value_at(columns: Mapping[str, Any], path: str) -> Any:
    """Return a column's value; a path such as `report_data.flood_depth` looks inside objects."""
    if path in columns:
        return columns[path]
    value: Any = columns
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value


def first_value(columns: Mapping[str, Any], paths: Iterable[str]) -> Any:
    """Return the first non-empty value of these columns, or None."""
    for path in paths:
        value = value_at(columns, path)
        if value is not None and not (isinstance(value, str) and not value.strip()):
            return value
    return None


def _named(by_plain: Mapping[str, str], candidates: Iterable[str]) -> list[str]:
    return [by_plain[name] for name in candidates if name in by_plain]


def _pair(by_plain: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Find latitude and longitude columns, only as a pair; x and y only under the names in `_XY`."""
    lats, lons = _named(by_plain, _LATS), _named(by_plain, _LONS)
    lats = lats or [name for key, name in by_plain.items() if "latitude" in key]
    lons = lons or [name for key, name in by_plain.items() if "longitude" in key]
    if lats and lons:
        return lats[:1], lons[:1]
    for y, x in _XY:
        if y in by_plain and x in by_plain:
            return [by_plain[y]], [by_plain[x]]
    return [], []


def _times(by_plain: Mapping[str, str]) -> list[str]:
    time_columns = _named(by_plain, _TIMES)
    like = [name for key, name in by_plain.items() if _LIKE_A_TIME.search(key) and not _NOT_THE_START.search(key)]
    return time_columns + [name for name in like if name not in time_columns]


def _depth_names(field: str) -> list[str]:
    unit = field.removeprefix("depth_")
    return [f"{of}depth{unit}" for of in ("", "flood", "water", "waterlevel")]
