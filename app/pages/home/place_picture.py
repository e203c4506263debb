"""A picture of a place for people without scripts: its streets and waters, warnings, reports, and one's own dot."""

from textwrap import wrap

from flask import Response

from app.core.config import settings
from app.core.errors import NotFound
from app.geo.box_circle import Circle
from app.http.headers import PUBLIC_LIST, PUBLIC_WARNINGS
from app.pages.frame import entries, picture, picture_streets, trust_words, wording
from app.pages.frame.language import chosen
from app.pages.frame.language import gettext as _
from app.pages.frame.picture import Picture
from app.pages.frame.picture_names import Name, plain
from app.pages.frame.picture_streets import Streets
from app.pages.frame.rendering import environment
from app.pages.home import view
from app.pages.home.view import View
from app.situation import overview
from app.situation.overview import Overview
from app.situation.plain_words import NOW, standing_of

# The circle's share of the picture's height, so that what lies just outside is seen too.
_SHARE = 0.87
_LONGEST_LINE = 82  # characters
_MOST_CREDIT = 80
_SCALE_AT = (60, 338)


def send() -> Response:
    """Send the picture as SVG, of what the view shows. Raises NotFound without a place that was found."""
    looked_at = view.read()
    circle = looked_at.circle
    if circle is None:
        raise NotFound("There is a picture of a place only: give place, or lat and lon.")
    shown = _shown(looked_at, circle)
    metres_across = circle.radius_km * 2000 / _SHARE * picture.WIDTH / picture.HEIGHT
    rows = [hit.warning for hit in shown.hits if standing_of(hit.warning) in NOW]
    drawn = picture.around(
        lat=circle.lat,
        lon=circle.lon,
        metres_across=metres_across,
        radius_m=circle.radius_km * 1000,
        shapes=[(outline, entries.colour_of(row)) for row in rows if (outline := row.outline())],
        spots=[
            (entry.lat, entry.lon, entry.severity, trust_words.is_firm(entry.status, entry.confidence))
            for entry in shown.entries
        ],
    )
    frame = picture.Frame(lat=circle.lat, lon=circle.lon, metres_across=metres_across)
    streets = picture_streets.of(frame, taken=_taken(drawn))
    text = (
        environment()
        .get_template("place_picture.html")
        .render(
            drawn=drawn,
            streets=streets,
            notes=_notes(looked_at, shown, streets),
            credit=_credit(streets),
            lang=chosen(),
        )
    )
    response = Response(text, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = PUBLIC_WARNINGS if streets.is_whole else PUBLIC_LIST
    response.vary.update(("Accept-Language", "Cookie"))
    return response


def _taken(drawn: Picture) -> list[Name]:
    """Return what other names keep clear of: those of towns, the own dot, and the scale."""
    towns = [Name(town.name, town.x, town.y) for town in drawn.towns]
    return [*towns, Name("", drawn.x, drawn.y), Name(drawn.scale * 3, *_SCALE_AT)]


def _shown(looked_at: View, circle: Circle) -> Overview:
    """Return what the filters of the view leave."""
    everything = overview.read_around(circle)
    if looked_at.is_filtered:
        everything = overview.narrowed(everything, circle, looked_at.severities, since_ms=looked_at.since_ms)
    return everything._replace(
        hits=everything.hits if looked_at.show != "reports" else [],
        entries=everything.entries if looked_at.show != "warnings" else [],
    )


def _notes(looked_at: View, shown: Overview, streets: Streets) -> list[str]:
    """Return lines that say what this picture lacks."""
    sentences = wording.missing_parts()
    if shown.has_more and shown.entries:
        sentences.append(_("Only the newest %(number)s reports are drawn.", number=len(shown.entries)))
    if looked_at.is_filtered or looked_at.show != "all":
        sentences.append(_("Only what you chose to show is drawn."))
    if not streets.is_whole:
        sentences.append(
            _("The streets could not be loaded.") if streets.is_empty else _("Some streets could not be loaded.")
        )
    elif streets.is_empty:
        sentences.append(_("Streets are not known here."))
    return [line for sentence in sentences for line in wrap(sentence, _LONGEST_LINE)]


def _credit(streets: Streets) -> str:
    """Return the credit that the map file's licence asks for, if anything of it is drawn."""
    return "" if streets.is_empty else plain(settings().tile_attribution, longest=_MOST_CREDIT)
