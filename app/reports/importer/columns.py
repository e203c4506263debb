"""Find the meaning of a table's columns from their usual names, in order of preference. Pure.

Names are compared without case, blanks, punctuation and combining marks: `_Date`, `date` and a name with a byte order
mark inside are all `date`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from app.core.unicode_text import shown
from app.reports.importer.row import DEPTH_UNITS_CM, FIELDS, Unreadable
from app.reports.importer.words import CHOICES

Layout = Mapping[str, Sequence[str]]  # field -> its columns, the preferred one first

# Columns that hold the row's own id whatever their values. Row numbers (fid, objectid) are excluded: they change from
# one export to the next.
_IDS = "id uuid guid globalid pkey reportid recordid recid".split()
_LATS = (
    "lat latitude latitudedd latdd declat decimallatitude geolat gpslat gpslatitude ylat latitud lintang breite "
    "breitengrad breitengrade latitudine breedtegraad noorderbreedte szerokość szerokosc enlem широта 緯度 "
    "纬度 vĩđộ latitudecentroid centroidlat latwgs84"
).split()
_LONS = (
    "lon long lng longitude longitudedd longdd londd declon declong decimallongitude geolon geolong geolng gpslon "
    "gpslong gpslongitude xlon xlong longitud bujur laenge länge längengrad laengengrad längengrade "
    "lengtegraad oosterlengte longitudine długość dlugosc "
    "boylam долгота 経度 经度 kinhđộ longitudecentroid centroidlon centroidlong lonwgs84 longwgs84"
).split()
_XY = (
    *(("y", "x"), ("pointy", "pointx"), ("latlong4326y", "latlong4326x"), ("centroidy", "centroidx")),
    *(("ycentroid", "xcentroid"), ("ycoord", "xcoord"), ("ycoordinate", "xcoordinate"), ("coordy", "coordx")),
    *(("northing", "easting"), ("northings", "eastings"), ("gridnorthing", "grideasting"), ("utmy", "utmx")),
    *(("bngnorthing", "bngeasting"), ("osgbnorthing", "osgbeasting"), ("northing27700", "easting27700")),
    *(("y27700", "x27700"), ("y3857", "x3857"), ("northingbng", "eastingbng"), ("northingosgb", "eastingosgb")),
    *(("northingm", "eastingm"), ("northingsm", "eastingsm"), ("osnorthing", "oseasting"), ("gridy", "gridx")),
    *(("ywebmercator", "xwebmercator"), ("webmercatory", "webmercatorx"), ("gridrefnorthing", "gridrefeasting")),
    *(("hochwert", "rechtswert"), ("ygps", "xgps"), ("gpsy", "gpsx")),
)
_GEOMETRIES = (
    "geometry geom thegeom wkbgeometry shape wkt wktgeom geojson kml point coordinates latlon latlong latlng "
    "geolocation georeference location locationpoint position geopoint geopoint2d geo coordinate koordinaten "
    "coordenadas coordonnées coordonnees koordinat toạđộ"
).split()
_TIMES = (
    "observedat observationtime observationdatetime observationdate observed eventdatetime eventtime eventdate "
    "occurredat occurred incidentdatetime incidenttime incidentdate reportedat reportedon reporteddate reportdatetime "
    "reporttime reportdate reported createdat createdon createddatetime creationdate createddate created timestamp "
    "datetime dateandtime datetimeutc dt date time startdatetime starttime startdate start begindate begintime began "
    "begin fromdate flagdate changed changedat surveydate updatedat updated lastupdated lastupdate modified "
    "tanggal waktu datum zeit fecha hora fechahora datahora zeitpunkt zeitstempel dateheure datetheure dataora quando "
    "publishedat publishedon published pubdate postedat postedon posted issuedat issued sentat sent submittedat "
    "submitted loggedat receivedat data tijdstip datumtijd "
    "ngày thờigian dataehora dataocorrencia dataevento dateobservation dateevenement ts epoch epochms "
    "epochtime unixtime "
    "unixtimestamp 日時 日付 时间 日期 дата время"
).split()
_TITLES = (
    "title incidenttitle headline subject name summary location locationname address street streetname place placename "
    "titel titre titulo título titolo judul überschrift lokasi ort ubicación ubicacion lieu luogo タイトル 标题"
).split()
_TEXTS = (
    "description text body details detail message comment comments notes note remarks remark "
    "beschreibung bemerkung descripción descripcion deskripsi keterangan descrizione observaciones kommentar 説明 描述 "
    "описание descrição descricao observação observacao observações commentaire commentaires remarque"
).split()
_DEPTHS = (
    "depth waterdepth flooddepth depthofwater floodheight tiefe wassertiefe profundidad "
    "profundidade profondeur hauteureau hauteurdeau profondità profondita kedalaman kedalamanair "
    "hochwasserhöhe hochwasserhoehe wasserhöhe wasserhoehe überflutungshöhe überflutungstiefe calado alturadeagua "
    "alturadelagua alturadaágua alturadaagua altezzaacqua altezzadellacqua waterdiepte diepte tinggiair "
    "tinggigenangan tinggibanjir ketinggianair ketinggianbanjir độsâu độsâungập głębokość глубина "
    "depthofflooding depthofflood waterheight"
).split()
# Not a depth: a level counts from a gauge's zero or the sea, unless a person says that it is one.
_LEVELS = (
    "waterlevel riverlevel riverdepth level stage gaugeheight waterstand pegel pegelstand wasserstand nivel "
    "niveldeagua niveldelagua níveldaágua niveldaagua niveaudeau niveau livelloacqua livelloidrometrico ketinggian "
    "tinggimukaair mựcnước stanwody уровеньводы"
).split()
_UNIT_NAMES = (
    "depthunit depthunits unitofdepth unit units uom einheit unidad satuan unité unite unità unita unidade".split()
)
# Units in the names of columns, beside the one that our own field is named after.
_UNITS_IN_NAMES = {
    "cm": "centimetre centimetres centimeter centimeters zentimeter centimetros centímetros centimètres centimetri",
    "m": "metre metres meter meters metros mètres metri",
    "ft": "foot feet fuß pies pés",
    "in": "inch inches zoll pulgadas polegadas",
    "mm": "millimetre millimetres millimeter millimeters",
}
_SNAKE_ID = re.compile(r"[_ .-](?:id|ID|Id)$|[a-z](?:ID|Id)$")
_NO_ID = re.compile(r"fid$|objectid$|^(?:field|row|index|unnamed)")
_LIKE_A_TIME = re.compile(r"date|time|datetime")
_NOT_THE_START = re.compile(r"end|until|updat|modif|clos|expir|todate|zone|edit")


_OTHER_DEPTHS = frozenset(f"{depth}{unit}" for depth in _DEPTHS for unit in "km yd yards".split())


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """Normalise a column's name for comparing."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def known_names(header: str) -> int:
    """Return how many words with letters beyond ASCII in the first line of a table are names of columns known here."""
    words = {plain(word) for word in re.split(r"[,;\t|\"()]+", header) if not word.isascii()}
    return len(words & _foreign_names())


@cache
def _foreign_names() -> frozenset[str]:
    names = [*_LATS, *_LONS, *_GEOMETRIES, *_TIMES, *_TITLES, *_TEXTS, *_DEPTHS, *_LEVELS]
    return frozenset(name for name in names if not name.isascii())


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
    layout["depth"] = _named(by_plain, _DEPTHS)
    layout["depth_unit"] = _named(by_plain, _UNIT_NAMES)
    return layout | chosen(given_columns)


def word_meant(field: str, value: Any) -> str | None:
    """Translate a table's word for a field into ours; None if it is unknown."""
    if not isinstance(value, str):
        return None
    spelled = plain(value)
    meanings = CHOICES[field].meanings
    return next((ours for ours, others in meanings.items() if spelled in (plain(ours), *map(plain, others))), None)


def chosen(given_columns: Mapping[str, str]) -> dict[str, Sequence[str]]:
    """Return the layout that a user asks for with `--map`. If a place column is mapped, only that one is used."""
    if unknown := sorted(set(given_columns) - set(FIELDS)):
        raise Unreadable(f"There is no field {shown(unknown[0])!r} to map to; the fields are: {', '.join(FIELDS)}.")
    layout: dict[str, Sequence[str]] = {field: [column] for field, column in given_columns.items()}
    if "geometry" in given_columns:
        layout = {"lat": [], "lon": []} | layout
    if any(field in given_columns for field in (*DEPTH_UNITS_CM, "depth")):
        layout = dict.fromkeys((*DEPTH_UNITS_CM, "depth"), ()) | layout
    return layout


def require_columns(given_columns: Mapping[str, str], is_there: Mapping[str, bool], names: Iterable[str]) -> None:
    """Raise Unreadable for a mapped column that the file does not have."""
    for field, column in given_columns.items():
        if not is_there[column]:
            raise Unreadable(f"--map {field}={shown(column)}: there is no such column. There are: {listed(names)}.")


def listed(names: Iterable[str]) -> str:
    """List column names in a message."""
    return ", ".join(shown(name, 40) for name in names)[:2000]


def may_name_ids(name: str) -> bool:
    """Return whether a column is named like one of ids (`hwm_id`, `GDACS_ID`)."""
    return bool(_SNAKE_ID.search(name.strip())) and not _NO_ID.search(plain(name))


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


def is_like_a_time(name: str) -> bool:
    """Return whether a column's name speaks of when something began, was seen or reported."""
    return not _NOT_THE_START.search(plain(name))


def _times(by_plain: Mapping[str, str]) -> list[str]:
    time_columns = _named(by_plain, _TIMES)
    like = [name for key, name in by_plain.items() if _LIKE_A_TIME.search(key) and not _NOT_THE_START.search(key)]
    like.sort(key=lambda name: not re.search("utc|gmt", plain(name)))
    return time_columns + [name for name in like if name not in time_columns]


def _depth_names(field: str) -> list[str]:
    unit = field.removeprefix("depth_")
    first = [f"{of}depth{unit}" for of in ("", "flood", "water", "waterlevel")]
    return first + [f"{depth}{word}" for word in (unit, *_UNITS_IN_NAMES[unit].split()) for depth in _DEPTHS]


def levels(names: Iterable[str], layout: Layout) -> list[str]:
    """Return the columns that hold a level of water, and are not used."""
    used = {name for field in (*DEPTH_UNITS_CM, "depth") for name in layout[field]}
    units = (*_UNITS_IN_NAMES, *" ".join(_UNITS_IN_NAMES.values()).split(), "maod", "nap", "")
    known = {f"{level}{unit}" for level in _LEVELS for unit in units} - {"level", "stage", "niveau", "nivel"}
    return [name for name in names if name not in used and plain(name) in known]


def unused_depths(names: Iterable[str], layout: Layout) -> list[str]:
    """Return the columns that are named like a depth in a unit that is not known."""
    used = {name for field in (*DEPTH_UNITS_CM, "depth", "depth_unit") for name in layout[field]}
    return [name for name in names if name not in used and plain(name) in _OTHER_DEPTHS]
