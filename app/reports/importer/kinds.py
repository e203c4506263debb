"""Tell which rows report no flood, by the columns that name the kind of each row. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from app.core.unicode_text import shown
from app.reports.importer.columns import plain
from app.reports.importer.kind_words import (
    AT_THE_END,
    CODE_COLUMNS,
    FLOOD_CODE,
    FLOODED_COLUMNS,
    KIND_COLUMNS,
    KIND_NAMES,
    NOS,
    OTHER_CODES,
    OTHERS,
    STATUS_COLUMNS,
    TAKEN_BACK,
    UNSTATED,
)

IsFlood = Callable[[str], bool]
_LONGEST = 200  # characters of a text that names a kind
HOW_TO_TAKE = "--any-kind takes every row"


def names_no_flood(_: str) -> bool:
    """Return False: where no words of floods are known."""
    return False


@dataclass
class KindsSeen:
    """The columns of a file that name a flood in some row: there, what is named otherwise is none."""

    is_flood: IsFlood = names_no_flood
    columns: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.is_flood = lru_cache(maxsize=4096)(self.is_flood)  # the same few kinds in all rows

    def see(self, columns: Mapping[str, Any]) -> None:
        """Take one row into account."""
        for name, text in _kinds(columns):
            if name not in self.columns and _names_flood(name, text, self.is_flood):
                self.columns.add(name)

    def reason(self, columns: Mapping[str, Any], before: str = "") -> str:
        """Return why a row reports no flood; "" if it may report one. `before`: why it was refused before."""
        if denied := _denied(columns):
            return denied
        kinds = list(_kinds(columns))
        if any(_names_flood(name, text, self.is_flood) for name, text in kinds):
            return ""
        for name, text in kinds:
            if _names_other(name, text):
                return f"it reports {shown(text)}, not a flood ({HOW_TO_TAKE})"
        for name, text in kinds:
            reason = f"its {shown(name, 40)} is {shown(text)}, which is not known as a flood ({HOW_TO_TAKE})"
            if name in self.columns or reason in before:
                return reason
        return ""


def kind_columns(names: Iterable[str]) -> list[str]:
    """Return the columns that may say that a row reports no flood."""
    return [name for name in names if _is_of_kinds(name) or plain(name) in FLOODED_COLUMNS | STATUS_COLUMNS]


@lru_cache(maxsize=4096)
def _is_of_kinds(name: str) -> bool:
    return plain(name) in KIND_COLUMNS or bool(re.fullmatch(KIND_NAMES, plain(name)))


def takes_any(_columns: Mapping[str, Any], _before: str = "") -> str:
    """Return "": the row is taken whatever it says of its kind."""
    return ""


def _kinds(columns: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the texts of the columns that name a kind."""
    for name, value in columns.items():
        if _is_of_kinds(name):
            said = value if isinstance(value, list) else [value]
            texts = [each.strip() for each in said if isinstance(each, str) and each.strip()]
            text = ", ".join(texts)
            if text and len(text) <= _LONGEST and plain(text) not in UNSTATED and plain(text):
                yield name, text


def _names_flood(name: str, text: str, is_flood: IsFlood) -> bool:
    return plain(name) in CODE_COLUMNS and plain(text) == FLOOD_CODE or is_flood(text)


def _names_other(name: str, text: str) -> bool:
    if plain(name) in CODE_COLUMNS and plain(text) in OTHER_CODES:
        return True
    return bool(_others().search(_folded(text)))


def _denied(columns: Mapping[str, Any]) -> str:
    for name, value in columns.items():
        said = plain(str(value)) if isinstance(value, str | bool | int | float) else ""
        if said in NOS and plain(name) in FLOODED_COLUMNS:
            return f"its {shown(name, 40)} is {shown(value)}: it says that there was no flood ({HOW_TO_TAKE})"
        if said in TAKEN_BACK and plain(name) in STATUS_COLUMNS:
            return f"its {shown(name, 40)} is {shown(value)} ({HOW_TO_TAKE})"
    return ""


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in apart if unicodedata.category(sign) != "Mn")
    return " ".join(re.sub(r"[\W_]+", " ", bare.replace("đ", "d").replace("ł", "l").replace("ı", "i")).split())


@cache
def _others() -> re.Pattern[str]:
    anywhere = [_pattern(word.strip()) for word in OTHERS.split(",")]
    at_end = [rf"(?<!\w){re.escape(_folded(word))}$" for word in AT_THE_END.split(",")]
    return re.compile("|".join(_listed(anywhere, at_end)))


def _listed(*groups: Iterable[str]) -> list[str]:
    return [each for group in groups for each in group]


def _pattern(word: str) -> str:
    begin = "" if word.startswith("*") else r"(?<!\w)"
    return begin + re.escape(_folded(word.strip("*"))) + ("" if word.endswith("*") else r"(?!\w)")
