"""Values that the maps' scripts need: their sentences, and the deployment's background."""

from flask import url_for

from app.core.config import settings
from app.pages.frame.language import gettext as _
from app.pages.frame.wording import REPORT_SEVERITIES, report_severity

PMTILES_SCRIPT = "vendor/protomaps-leaflet-5.1.0/protomaps-leaflet.js"


def background() -> dict[str, str]:
    """Return the background of all maps, for the attributes of their elements."""
    chosen = settings()
    packed = chosen.pmtiles_url or (url_for("pages.send_map_file") if chosen.map_file else "")
    return {
        "tile_url": chosen.tile_url,
        "tile_attribution": chosen.tile_attribution,
        "pmtiles_url": packed,
        "pmtiles_script": PMTILES_SCRIPT if packed else "",
    }


def common() -> dict[str, str]:
    """Return the sentences of every map."""
    return {
        "map_zoom_in": _("Zoom in"),
        "map_zoom_out": _("Zoom out"),
        "map_close": _("Close"),
        "map_coast_credit": _("Coast: Natural Earth"),
        "map_coast_failed": _("The coast could not be loaded."),
        "map_tiles_failed": _("The background map could not be loaded. Reports and warnings are shown without it."),
        "map_streets_failed": _("Some streets could not be loaded."),
        "map_areas_failed": _("The warning areas could not be drawn. The list has all warnings."),
        "map_small_name": _("Map of this place"),
        **{f"map_severity_{word}": report_severity(word) for word in REPORT_SEVERITIES},
    }


def picker() -> dict[str, str]:
    """Return the sentences of the map for choosing a report's place."""
    return common() | {
        "map_picker_name": _("Choose the place: the pin is in the middle of the map"),
        "map_picker_help": _("Arrow keys move the pin, with Shift further; plus and minus zoom."),
        "map_picker_moved": _("The pin is at {lat}, {lon}."),
    }


def areas() -> dict[str, str]:
    """Return the sentences of the map on which areas are drawn."""
    return common() | {
        "area_map": _("Map of the areas"),
        "area_map_help": _(
            "Arrow keys move the map, plus and minus zoom. While you draw, Enter sets a corner in the middle of the "
            "map, and Escape stops."
        ),
        "area_drawn": _("Area {number}"),
        "area_remove": _("Remove"),
        "area_removed": _("Removed: {name}"),
        "area_show": _("Show on the map"),
        "area_first": _("Press on the map where the first corner is."),
        "area_second": _("Press on the map where the opposite corner is."),
        "area_next": _("Corners: {count}. Press on the first one, or on Finish, when the area is whole."),
        "area_added": _("Added: {name}"),
        "area_moved": _("Changed: {name}"),
        "area_stopped": _("Nothing was drawn."),
        "area_corner": _("Corner {number} of {name}. Arrow keys move it."),
        "area_flat": _("This area has no inside. Draw it again."),
        "area_crosses": _("Only a box may cross 180 degrees. Draw two areas, one on each side."),
        "area_many": _("There are as many areas as there may be."),
        "area_not_shown": _("Drawn on the map once it is stored, or not understood:"),
    }


def now() -> dict[str, str]:
    """Return the sentences of the start page's map and script."""
    return common() | {
        "map_name": _("Map of reports and warnings"),
        "map_help": _(
            "Arrow keys move the map, plus and minus zoom, numbers pick what is in view where that is nine or fewer, "
            "Enter opens it, Escape leaves."
        ),
        "map_pin": "{title}. {severity}. {detail}",
        "map_area": _("Official warning"),
        "map_unlisted": _("Its page says more."),
        "map_cluster": _("Reports here: {count}. Highest: {severity}. Zooms in."),
        "map_rest": _("{count} more reports around here: show the list"),
        "map_reports_failed": _("Not all reports could be loaded for this part of the map."),
        "map_cluster_list": _("Reports at this place: {count}"),
        "map_view": _("In view: reports {reports}, warning areas {areas}."),
        "map_view_keys": _("Numbers 1 to {last} pick them."),
        "map_chosen": _("{name} Enter opens its page."),
        "now_more": _("Now {reports} reports are in the list."),
        "now_refreshed": _("Updated: reports {reports}, warnings {warnings}."),
        "now_not_refreshed": _("No connection. This is how it stood {ago}."),
    }
