"""A device's or a typed position on the start page: its accuracy, or a question if the position may be wrong."""

from collections.abc import Sequence
from typing import NamedTuple

from app.gazetteer.place import POSITION
from app.geo.box_circle import Circle
from app.pages.frame import own_position, wording
from app.pages.frame.language import gettext as _
from app.pages.frame.own_position import Doubt
from app.pages.home.view import View


class OwnPlace(NamedTuple):
    """The statement of accuracy, or the reason to ask with the question; the question is empty if there is none."""

    words: str
    question: str = ""


def describe(looked_at: View, covers: Sequence[str]) -> OwnPlace | None:
    """Return the statement or question; None unless the place is a device's position, or a typed one at sea.

    `covers`: the areas that warnings' issuers cover.
    """
    circle = looked_at.circle
    if circle is None or not looked_at.accuracy_m:
        is_typed = looked_at.place and looked_at.place.kind == POSITION
        return _typed(circle) if circle and is_typed else None
    distance = wording.distance(looked_at.accuracy_m)
    doubt = own_position.doubt_about(
        lat=circle.lat, lon=circle.lon, accuracy_m=looked_at.accuracy_m, near=looked_at.near, covers=covers
    )
    if doubt is None:
        return OwnPlace(_("This is where your device says you are, to within about %(distance)s.", distance=distance))
    return OwnPlace(_(own_position.WHY[doubt], distance=distance), _question(looked_at, doubt))


def _typed(circle: Circle) -> OwnPlace | None:
    """Ask about typed coordinates at sea: a sign or a digit may lack."""
    from app.gazetteer import positions  # imported here because most URLs hold no typed position

    near = positions.nearest(lat=circle.lat, lon=circle.lon)
    doubt = own_position.doubt_about(lat=circle.lat, lon=circle.lon, accuracy_m=0, near=near, covers=())
    return OwnPlace(_("This place is at sea."), _("Is this the place that you mean?")) if doubt else None


def _question(looked_at: View, doubt: Doubt) -> str:
    if looked_at.near is None or doubt is Doubt.SEA:
        return _("Is this where you are?")
    return _("Are you near %(place)s?", place=wording.isolated(looked_at.near.name))
