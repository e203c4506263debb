"""Fields of a report that hold one of a few words: the columns that mean them, and the words that others use. Pure.

Columns and words are compared by `plain`. A word that is not here is no value: it is left out, and counted.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Choice(NamedTuple):
    """One such field."""

    columns: Sequence[str]  # best first
    meanings: Mapping[str, Sequence[str]]  # our word -> others for it, besides itself


CHOICES: Mapping[str, Choice] = {
    "severity": Choice(["severity"], dict.fromkeys("unknown minor moderate severe extreme".split(), ())),
    "water_source": Choice(
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
