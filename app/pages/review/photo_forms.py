"""Form of a photo on the page of responders: what was pressed, and the places to blur, typed in percent."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict

from app.api.photo_schemas import PhotoChangeSchema
from app.core.errors import Invalid, Mistake
from app.core.translations import N_
from app.http.schemas import load
from app.pages.frame.language import gettext
from app.pages.report import form
from app.pages.report.form import FieldMistake
from app.photos.deciding import Judging
from app.photos.present import MOST_BOXES
from app.reports.photo_column import PhotoDecision

SHOW, HIDE, DESCRIBE, REMOVE = "shown", "hidden", "described", "removed"
BLUR_AND_SHOW, BLUR_AND_LOOK = "blurred", "blurred_first"
BLURRING = (BLUR_AND_SHOW, BLUR_AND_LOOK)
ACTS = (SHOW, HIDE, DESCRIBE, REMOVE, *BLURRING)
_SHOWN, _HIDDEN = PhotoDecision.SHOWN, PhotoDecision.HIDDEN
# To look at new pixels first, they are hidden from others even if the former ones were shown.
DECISIONS = {SHOW: _SHOWN, BLUR_AND_SHOW: _SHOWN, HIDE: _HIDDEN, BLUR_AND_LOOK: _HIDDEN}
SIDES = ("left", "top", "width", "height")
ROWS = 3  # of four numbers, without a script
PERCENT = 100.0
NO_ACT = N_("Choose what is to be done with the photo.")
NO_PLACE = N_("Draw at least one place on the photo, or give its four numbers.")
ALL_FOUR = N_("Give all four numbers of a place, from 0 to 100 percent, within the photo.")
TOO_MANY = N_("Blur at most 20 places of a photo at once.")
_ALT = {
    "length": N_("Shorten what can be seen to 300 characters."),
    "markup": form.NO_MARKUP,
    "control": form.NO_CONTROL,
    "bidi": form.NO_CONTROL,
}


class PhotoForm(NamedTuple):
    """A form as it was read: the photo, what was pressed, what it says, all that was typed, and its mistakes."""

    photo_id: str
    act: str
    said: Judging
    rows: Sequence[Sequence[str]] = ()
    alt: str = ""
    wrong: Sequence[FieldMistake] = ()


def read(fields: "MultiDict[str, str]") -> PhotoForm:
    """Read the form of one photo, with its mistakes. What belongs to another button than the pressed one is left."""
    act, photo_id, alt = (fields.get(name, "") for name in ("act", "photo_id", "alt"))
    rows = [row for row in zip(*(fields.getlist(side) for side in SIDES), strict=False) if any(map(str.strip, row))]
    said: dict[str, Any] = {"seen": fields.get("seen", "")}
    if act == DESCRIBE:
        said["alt"] = " ".join(alt.split())
    if act in DECISIONS:
        said["decision"] = DECISIONS[act]
    if act in BLURRING:
        said["blur"] = [_box(row) for row in rows]
    found = PhotoForm(photo_id, act, Judging(), rows[:MOST_BOXES], alt)
    if act not in ACTS:
        return _with(found, "", NO_ACT)
    if act in BLURRING and not rows:
        return _with(found, "places", NO_PLACE)
    if act == REMOVE:
        return found
    try:
        values = load(PhotoChangeSchema(), said)
    except Invalid as problem:
        return _with(found, *_worded(problem.mistakes[0]))
    boxes = [[float(box[name]) for name in ("x", "y", "width", "height")] for box in values.get("blur", ())]
    return found._replace(
        said=Judging(values.get("decision"), boxes or None, values.get("alt"), values["seen"] or None)
    )


def _box(row: Sequence[str]) -> dict[str, Any]:
    """Return a place as parts of the whole, for the API's schema. What reaches over an edge ends there."""
    numbers = [form.depth_number(text.strip().removesuffix("%").strip()) for text in row]
    x, y, width, height = (number / PERCENT if isinstance(number, float | int) else number for number in numbers)
    return {"x": x, "y": y, "width": _up_to_edge(x, width), "height": _up_to_edge(y, height)}


def _up_to_edge(start: float | str, length: float | str) -> float | str:
    if isinstance(start, float) and isinstance(length, float) and 0 <= start <= 1:
        return min(length, 1 - start)
    return length


def _worded(mistake: Mistake) -> tuple[str, str]:
    """Return the field beside which a mistake stands, and its sentence."""
    if mistake.pointer.startswith("/blur"):
        return "places", TOO_MANY if mistake.pointer == "/blur" else ALL_FOUR
    return "alt", _ALT.get(mistake.code, form.OTHERWISE)


def _with(found: PhotoForm, field: str, sentence: str) -> PhotoForm:
    anchor = f"photo-{found.photo_id}-{field}" if field else ""
    return found._replace(wrong=[FieldMistake(anchor, gettext(sentence))])
