"""The picture in the preview of a link: one for each rank, drawn by infra/pictures.py, and one without a rank."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from app.pages.frame import wording
from app.pages.frame.language import gettext as _
from app.situation.plain_words import Standing

if TYPE_CHECKING:
    from app.pages.frame.entries import WarningEntry

# The map's shapes name the files, for no risk word stands without its place, not even in an address. A warning that is
# over, begins later or is about something else has no rank to show.
SHAPES = {
    Standing.EXTREME: "octagon",
    Standing.SEVERE: "triangle",
    Standing.MODERATE: "diamond",
    Standing.MINOR: "circle",
}
WIDTH, HEIGHT = 1200, 630


class Picture(NamedTuple):
    """Name of the file, and what it says to those who do not see it."""

    file: str
    words: str
    width: int = WIDTH
    height: int = HEIGHT


def file_of(rank: Standing | None) -> str:
    """Return the name of a rank's file; None for the one without a rank."""
    return f"preview-{SHAPES[rank]}.png" if rank else "preview.png"


def plain() -> Picture:
    """Return the picture without a rank."""
    return Picture(file_of(None), _("FloodManager: flooding near you"))


def of_rank(warnings: "Sequence[WarningEntry]", place: str) -> Picture:
    """Return the picture of the first rank; its words name the place too. Without a place there is no rank."""
    gravest = next(iter(warnings), None)
    if not gravest or not place or gravest.standing not in SHAPES:
        return plain()
    return Picture(file_of(gravest.standing), f"{gravest.rank}: {wording.isolated(place)}")
