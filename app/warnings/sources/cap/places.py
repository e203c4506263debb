"""Match the areas of a CAP alert across its languages, and give each place of an alert a key."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.core.plain_text import plain
from app.warnings.sources.cap.geometry import outline_of
from app.warnings.sources.cap.reader import CapArea, CapInfo
from app.warnings.sources.json_members import line
from app.warnings.sources.message import Place

AREA_NAME_LENGTH = 500
_KEY_LENGTH = 200
_UGC = re.compile(r"[A-Z]{2}[CZ][0-9]{3}")
# Schemes whose areas have published outlines come first; else the first scheme of the area.
ZONE_SCHEMES = ("ugc", "emma_id", "nuts3", "nuts2")


@dataclass(slots=True)
class PlaceRegister:
    """The places of one alert, in the order in which its infos name them."""

    areas: list[CapArea] = field(default_factory=list)
    _by_trait: dict[tuple[object, ...], list[int]] = field(default_factory=dict)
    _numbers: list[tuple[int, ...]] = field(default_factory=list)

    def numbers_of(self, info: CapInfo) -> tuple[int, ...]:
        """Return the places of an info: those that an earlier info has named already, and new ones.

        An area is a place of an earlier info if it has the same outline, else the same codes, else, if it has neither,
        the same name or, in an info with as many areas, the same position. Two areas of one info are two places.
        """
        numbers_in_use: list[int] = []
        for position, area in enumerate(info.areas):
            known_number = next(
                (
                    candidate
                    for candidate in self._known(area, position, len(info.areas))
                    if candidate not in numbers_in_use
                ),
                None,
            )
            numbers_in_use.append(self._added(area) if known_number is None else known_number)
        for number in numbers_in_use:
            for trait in _traits(self.areas[number]):
                numbers = self._by_trait.setdefault(trait, [])
                numbers.extend([] if number in numbers else [number])
        self._numbers.append(tuple(numbers_in_use))
        return tuple(numbers_in_use)

    def _known(self, area: CapArea, position: int, count: int) -> Iterator[int]:
        for trait in _traits(area):
            yield from self._by_trait.get(trait, ())
        if _is_bare(area):
            earlier = (numbers[position] for numbers in self._numbers if len(numbers) == count)
            yield from (number for number in earlier if _is_bare(self.areas[number]))

    def _added(self, area: CapArea) -> int:
        self.areas.append(area)
        return len(self.areas) - 1

    def keys(self) -> list[str]:
        """Return one key for each place, the same in the next message about it as far as possible.

        Codes, else the name. A single area with several codes needs no key: its list of codes often changes from one
        message to the next.
        """
        is_alone = len(self.areas) == 1 and len(_zones(self.areas[0])) > 1
        return [""] if is_alone else [_key(area) for area in self.areas]


def numbered(keys: Iterable[str]) -> Iterator[str]:
    """Yield the keys; the second of equal ones with #2 and so on."""
    counts: Counter[str] = Counter()
    for key in keys:
        counts[key] += 1
        yield key if counts[key] == 1 else f"{key}#{counts[key]}"


def place_of(area: CapArea) -> tuple[Place, tuple[str, ...]]:
    """Return the place, still without its key, and a remark for each unusable outline."""
    shape, reasons = outline_of(area)
    zones, name = _zones(area), line(area.description, longest=AREA_NAME_LENGTH)
    reason_text = "; ".join(reasons[:3]) + (f"; and {len(reasons) - 3} more" if len(reasons) > 3 else "")
    place = Place("", _named(zones, name), shape, zones=() if shape else zones, reason=reason_text)
    return place, tuple(f"{name[:60]!r}: {reason}" for reason in reasons)


def _named(zones: tuple[str, ...], name: str) -> tuple[tuple[str, str], ...]:
    """Return each US zone with its own name (in the same order), else one name, without an id for several codes."""
    names = [part.strip() for part in name.split(";")]
    if len(names) == len(zones) and all(_UGC.fullmatch(zone) for zone in zones):
        return tuple(zip(zones, names, strict=True))
    return ((zones[0] if len(zones) == 1 else "", name),) if name or zones else ()


def _zones(area: CapArea) -> tuple[str, ...]:
    """Return the area's codes in the scheme that is most likely to have outlines."""
    schemes = list(dict.fromkeys(scheme for scheme, _ in area.geocodes))
    ranks = {name: rank for rank, name in enumerate(ZONE_SCHEMES)}
    best = min(schemes, key=lambda scheme: ranks.get(scheme.casefold(), len(ranks)), default=None)
    return tuple(dict.fromkeys(plain(code) for scheme, code in area.geocodes if scheme == best))


def _is_bare(area: CapArea) -> bool:
    return not (area.geocodes or any(area.polygons) or any(area.circles))


def _traits(area: CapArea) -> list[tuple[object, ...]]:
    outline = (frozenset(filter(None, area.polygons)), frozenset(filter(None, area.circles)))
    traits: list[tuple[object, ...]] = [("outline", *outline)] if any(outline) else []
    if area.geocodes:
        traits.append(("codes", frozenset(area.geocodes)))
    return traits or [("name", area.description.casefold())]


def _key(area: CapArea) -> str:
    key = "+".join(sorted(_zones(area))) or area.description.casefold()
    return key if len(key) <= _KEY_LENGTH else hashlib.sha256(key.encode()).hexdigest()
