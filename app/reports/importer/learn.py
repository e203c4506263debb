"""First pass over a file: learn its columns, how dates and numbers are written, where it lies, and its newest time."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from app.core.parse_time import DateOrder, UnreadableTime
from app.core.unicode_text import shown
from app.reports.importer.by_values import ValuesSeen
from app.reports.importer.clocks import clock_columns
from app.reports.importer.columns import (
    Layout,
    chosen,
    levels,
    listed,
    may_name_ids,
    plain,
    require_columns,
    unused_depths,
    value_at,
)
from app.reports.importer.degree_parts import DegreeParts, parts_of
from app.reports.importer.forms import Form
from app.reports.importer.interpret import Interpretation
from app.reports.importer.kinds import IsFlood, KindsSeen, names_no_flood, takes_any
from app.reports.importer.measures import UNIT_UNKNOWN, CommasSeen, Marks, depth_cm
from app.reports.importer.opening import Source
from app.reports.importer.places import PlaceRules, place_of
from app.reports.importer.projection import converter_of
from app.reports.importer.row import ImportOptions, RawRecord, RefusedRow, Unreadable
from app.reports.importer.swapped import IsAtSea, PlacesSeen, SwapJudge, nowhere_at_sea
from app.reports.importer.times import TimeRules, TimesSeen, question_of
from app.reports.importer.unique_columns import SecondLook, UniqueColumns
from app.reports.importer.zones import zone_columns

MOST_NAMES = 2_000
# Names of columns that say in which system their numbers are.
_SYSTEMS = {
    "27700": "EPSG:27700",
    "osgb": "EPSG:27700",
    "bng": "EPSG:27700",
    "3857": "EPSG:3857",
    "webmercator": "EPSG:3857",
}
Progress = Callable[[int], None]  # rows read so far


def unwatched(_: int) -> None:
    """Show no progress: for callers that do not watch."""


@dataclass(frozen=True)
class Learned:
    """Results of the first pass."""

    sense: Interpretation
    names: Sequence[str]
    rows: int
    newest_ms: int | None
    remarks: Sequence[str]
    questions: Mapping[str, str]  # what only a person can decide: option -> question
    by_values: Mapping[str, str] = field(default_factory=dict)  # fields whose column has no name that tells


def learn(
    source: Source,
    form: Form,
    options: ImportOptions,
    *,
    is_at_sea: IsAtSea = nowhere_at_sea,
    is_flood: IsFlood = names_no_flood,
    progress: Progress = unwatched,
) -> Learned:
    """Read a file once to its end; raises Unreadable. It is read again if a name, a system or an id is in doubt."""
    stated_crs = source.stated_crs
    again = partial(learn, source, form, is_at_sea=is_at_sea, is_flood=is_flood, progress=progress)
    pass_ = _Pass(source, form, options, is_flood)
    for number, record in enumerate(form.records(source), 1):
        pass_.see(record)
        progress(number)
    if not pass_.rows:
        raise Unreadable(form.empty(source))
    if source.stated_crs != stated_crs and not options.crs:
        return again(options)
    if found := pass_.found_by_values(is_at_sea):
        return replace(again(replace(options, columns={**found, **options.columns})), by_values=found)
    return pass_.learned(is_at_sea)


class _Pass:
    """One look at all records, and its evidence."""

    def __init__(self, source: Source, form: Form, options: ImportOptions, is_flood: IsFlood) -> None:
        self.source, self.form, self.options = source, form, options
        self.rows = 0
        self._readable = self._with_geometry = self._placed = self._without_unit = 0
        self._names: dict[str, None] = {}
        self._layout: Layout = form.layout([], options.columns)
        self._utc_offset = form.utc_offset if options.utc_offset is None else options.utc_offset
        self._mapped = dict.fromkeys(options.columns.values(), False)
        self._ids: UniqueColumns | None = None
        self._values = ValuesSeen()
        self._kinds = KindsSeen(is_flood)
        self._times, self._places, self._commas = TimesSeen(), PlacesSeen(), CommasSeen()
        self._remarks: dict[str, list[str]] = {}  # remark -> the first row that has it
        self._remarked: Counter[str] = Counter()
        self._place_rules = PlaceRules()
        self._time_rules = self._times_of(self._layout)

    def see(self, record: RawRecord | RefusedRow) -> None:
        """Take one record into account."""
        self.rows += 1
        if isinstance(record, RefusedRow):
            return
        self._readable += 1
        self._with_geometry += record.geometry is not None
        self._note_names(record)
        if record.remark:
            self._remarked[record.remark] += 1
            self._remarks.setdefault(record.remark, [record.where])
        if self._ids:
            self._ids.see(record.columns)
        if not self._is_known():
            self._values.see(record.columns)
        self._kinds.see(record.columns)
        self._commas.see(record.columns, self._layout)
        self._without_unit += depth_cm(record.columns, self._layout, Marks())[1] == UNIT_UNKNOWN
        self._times.see(record.columns, self._time_rules, is_placed=self._see_place(record))

    def _note_names(self, record: RawRecord) -> None:
        new = [name for name in record.columns if name not in self._names]
        if new:
            if len(self._names) + len(new) > MOST_NAMES:
                raise Unreadable(f"The file has more than {MOST_NAMES:,} columns: it is no table of reports.")
            self._names |= dict.fromkeys(new)
            self._layout = self.form.layout(list(self._names), self.options.columns)
            self._place_rules = self._places_of(self._crs())
            self._time_rules = self._times_of(self._layout)
            if self.form.finds_ids and self._ids is None and not self._layout["id"]:
                self._ids = UniqueColumns(filter(may_name_ids, new))
        for path, is_there in self._mapped.items():
            if not is_there:
                self._mapped[path] = path in record.columns or value_at(record.columns, path) is not None

    def _places_of(self, crs: str) -> PlaceRules:
        named = {"lat", "lon", "geometry"} & {*self.options.columns}
        lat, lon = ((DegreeParts() if named else parts_of(self._names, axis)) for axis in ("lat", "lon"))
        return PlaceRules(converter_of(crs), lat, lon)

    def _times_of(self, layout: Layout) -> TimeRules:
        return TimeRules(
            layout["observed_at"],
            self._utc_offset,
            {},
            self.options.observed_at_ms,
            clock_columns(self._names),
            zone_columns(self._names),
            self.source.is_since_1904,
        )

    def _crs(self) -> str:
        if self.options.crs or self.source.stated_crs:
            return self.options.crs or self.source.stated_crs
        names = "".join(plain(name) for field in ("lat", "lon") for name in self._layout[field])
        return next((crs for mark, crs in _SYSTEMS.items() if mark in names), "")

    def _is_known(self) -> bool:
        """Return whether the columns of place and time are known by their names, and have given a time."""
        return bool(self._has_place() and self._times.used)

    def _has_place(self) -> bool:
        layout = self._layout
        return bool(self._with_geometry or layout["geometry"] or layout["lat"] or self._place_rules.lat.numbers)

    def _see_place(self, record: RawRecord) -> bool:
        try:
            lon, lat = place_of(record, self._layout, self._place_rules)
        except UnreadableTime:
            return False
        self._places.see(lat, lon)
        self._placed += 1
        return True

    def found_by_values(self, is_at_sea: IsAtSea) -> dict[str, str]:
        """Return the columns of fields that no name tells of."""
        if self._is_known() or self.form.name == "petabencana":
            return {}
        found: dict[str, str] = {}
        is_named = self._layout["observed_at"] and (self._times.used or not self._placed)
        if not is_named and "observed_at" not in self.options.columns:
            found |= self._values.time()
        if not self._has_place() and not {"lat", "lon", "geometry"} & {*self.options.columns}:
            found |= self._values.place(is_at_sea)
        return found

    def learned(self, is_at_sea: IsAtSea) -> Learned:
        """Return what the pass has found out; raises Unreadable for a mapped column that is not there."""
        if self._readable:
            require_columns(self.options.columns, self._mapped, self._names)
        layout = dict(self._layout)
        if self._ids and not layout["id"]:
            layout["id"] = self._unique_column(self._ids)
            layout |= chosen(self.options.columns)
        paths = layout["observed_at"]
        orders = self._times.orders(paths, self.options)
        is_comma_decimal = self._commas.is_comma_decimal(self.options.is_comma_decimal)
        times = replace(self._times_of(layout), orders=orders)
        sense = Interpretation(
            layout,
            times,
            self._place_rules,
            Marks(is_comma_decimal is not False, self._commas.is_point_grouping()),
            "id" in self.options.columns,
            SwapJudge(self._places, is_at_sea).reason,
            takes_any if self.options.takes_any_kind else self._kinds.reason,
        )
        return Learned(
            sense=sense,
            names=list(self._names),
            rows=self.rows,
            newest_ms=self._times.newest(orders),
            remarks=self._all_remarks(layout, orders),
            questions=self._questions(orders, is_comma_decimal),
        )

    def _unique_column(self, ids: UniqueColumns) -> list[str]:
        doubtful = ids.doubtful
        if not doubtful:
            return ids.first()
        look = SecondLook(doubtful)
        for record in self.form.records(self.source):
            if isinstance(record, RawRecord):
                look.see(record.columns)
        return ids.first(look.repeated)

    def _questions(self, orders: Mapping[str, DateOrder | None], is_comma_decimal: bool | None) -> dict[str, str]:
        questions = {}
        unsure = [path for path in orders if orders[path] is DateOrder.UNKNOWN and path in self._times.used]
        if unsure:
            questions["date_order"] = question_of(unsure[0], self._times.dates[unsure[0]])
        if is_comma_decimal is None:
            questions["comma"] = f"Is the comma in {self._commas.ambiguous} decimal, or does it part thousands?"
        return questions

    def _all_remarks(self, layout: Layout, orders: Mapping[str, DateOrder | None]) -> list[str]:
        """List notes for the user on how the file was read; columns that no row uses are left out."""
        remarks = self._unknown_columns(layout) + self._times.clocks.remarks()
        if len(sheets := self.source.sheets) > 1:
            remarks.append(
                f"Only the sheet {shown(sheets[0])} is read; there are also {listed(sheets[1:])}. To import another, "
                "save it as CSV."
            )
        if formulas := self.source.formulas_without_result:
            remarks.append(
                f"{formulas:,} cells of the workbook hold a formula without its result, and count as empty. Open it in "
                "a spreadsheet program, save it, and import it again."
            )
        if (paths := layout["observed_at"]) and orders.get(paths[0]) is DateOrder.MIXED:
            remarks.append(f"{shown(paths[0])} mixes day/month and month/day; say --date-order to settle it.")
        if self.options.utc_offset is None and not zone_columns(self._names):
            remarks += [
                f"The times in the column {shown(path)} state no offset and are read as UTC, though its name speaks of "
                "another zone; to say which, use --utc-offset +HH:MM."
                for path in sorted(self._times.without_zone)
            ]
        if self._without_unit:
            remarks.append(
                f"The depth is without a unit that is known in {self._without_unit:,} rows, and left out there; to say "
                "the unit, use --map depth_cm=COLUMN, or depth_m, depth_ft, depth_in, depth_mm."
            )
        remarks += [
            f"The column {shown(name)} is not used: a level may count from a gauge's zero or the sea. If it is the "
            f"depth of the water on the ground, say --map depth_cm={shown(name)}, or depth_m, depth_ft, ..."
            for name in levels(self._names, layout)
        ]
        odd = unused_depths(self._names, layout)
        remarks += [f"The column {shown(name)} is not used: its unit is none of cm, m, ft, in, mm." for name in odd]
        if self._ids and self._ids.is_overfull and not layout["id"]:
            remarks.append(
                "The file is too large to find a column of ids by its values; to name one, say --map id=COLUMN."
            )
        return remarks + [
            f"{self._remarked[remark]:,} rows have {remark} (the first: {', '.join(rows)})."
            for remark, rows in self._remarks.items()
        ]

    def _unknown_columns(self, layout: Layout) -> list[str]:
        """Explain how to name the required columns (time, place) that were not recognised."""
        unknown = []
        if not layout["observed_at"] and self.options.observed_at_ms is None:
            unknown.append(("time", "--map observed_at=COLUMN, or --observed-at TIME for the whole file"))
        if not self._has_place():
            unknown.append(("place", "--map lat=COLUMN --map lon=COLUMN"))
        if not self._readable or not unknown:
            return []
        there = listed(self._names) or "none"
        return [
            f"No column is known as the {what}; there are: {there}. To name it, say {how}." for what, how in unknown
        ]
