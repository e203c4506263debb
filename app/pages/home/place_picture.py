"""A picture of a place for people without scripts: the circle that is looked at, warnings' outlines, reports, towns."""

from flask import Response

from app.core.errors import NotFound
from app.http.headers import PUBLIC_WARNINGS
from app.pages.frame import entries, picture, trust_words
from app.pages.frame.language import chosen
from app.pages.frame.rendering import environment
from app.pages.home import view
from app.situation import overview
from app.situation.plain_words import NOW, standing_of

# The circle's share of the picture's height, so that what lies just outside is seen too.
_SHARE = 0.87


def send() -> Response:
    """Send the picture as SVG. Raises NotFound without a place that was found."""
    circle = view.read().circle
    if circle is None:
        raise NotFound("There is a picture of a place only: give place, or lat and lon.")
    everything = overview.read_around(circle)
    rows = [hit.warning for hit in everything.hits if standing_of(hit.warning) in NOW]
    drawn = picture.around(
        lat=circle.lat,
        lon=circle.lon,
        metres_across=circle.radius_km * 2000 / _SHARE * picture.WIDTH / picture.HEIGHT,
        radius_m=circle.radius_km * 1000,
        shapes=[(outline, entries.colour_of(row)) for row in rows if (outline := row.outline())],
        spots=[
            (entry.lat, entry.lon, entry.severity, trust_words.is_firm(entry.status, entry.confidence))
            for entry in everything.entries
        ],
    )
    text = environment().get_template("place_picture.html").render(drawn=drawn, lang=chosen())
    response = Response(text, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = PUBLIC_WARNINGS
    response.vary.update(("Accept-Language", "Cookie"))
    return response
