"""Fields of a report with a fixed set of words: the columns that hold them, and the words that others use. Pure.

Columns and words are compared by `plain`. An unknown word is left out, and counted.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.core.severity import Severity


class WordChoice(NamedTuple):
    """One such field."""

    columns: Sequence[str]  # the preferred one first
    meanings: Mapping[str, Sequence[str]]  # our word -> other words for it


CHOICES: Mapping[str, WordChoice] = {
    "severity": WordChoice(["severity"], {word.value: () for word in Severity}),
    "water_source": WordChoice(
        "watersource floodsource sourceofflooding sourceofflood sourceofwater".split(),
        {
            "river": ["main river", "ordinary watercourse", "watercourse", "stream", "fluvial", "riverine"],
            "surface": ["surface water", "pluvial"],
            "sewer": ["sewers", "drain", "drains", "combined sewer", "surface water sewer", "foul sewer"],
            "sea": ["coastal", "coast", "tidal"],
            "groundwater": [],
            "unknown": ["not known"],
        },
    ),
}
