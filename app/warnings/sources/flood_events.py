"""Decide whether a message is about flooding: by the issuer's event code, else by the words of the event. Pure.

Our advice exists for floods only, so a message that is not clearly about a flood is another hazard.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from app.warnings.sources.flood_words import DENIALS, FLOOD_WORDS, GENERIC, OTHER_HAZARDS, OTHER_THINGS
from app.warnings.sources.message import Hazard

# Event codes by the beginning of their scheme's name, lower case. Dam breaks and storm surges flood land: they count.
FLOOD_CODES: tuple[tuple[str, str], ...] = (
    # Specific Area Message Encoding (47 CFR 11.31 (e), NWS Instruction 10-1712): flash flood, flood, coastal flood,
    # storm surge, dam break; each as warning, watch (A) and statement.
    ("same", "ffw ffa ffs flw fla fls cfw cfa cfs ssw ssa dbw dba"),
    # Phenomenon and significance (NWS Instruction 10-1703): FF, FA areal, FL river, CF, LS lakeshore, SS, HY in
    # warning, watch (A), advisory (Y) and statement; not HY.O, the outlook.
    ("nationalweatherservice", "ffw ffa ffs faw faa fay flw fla fly fls cfw cfa cfy cfs lsw lsa lsy lss ssw ssa hyy"),
    # OASIS Event Terms List: only the two that are seen in official messages (MET Norway rainFlood, Singapore flood);
    # for its other codes the words of the event decide.
    ("oet", "oet-080 oet-081"),
    # GDACS names the kind in a parameter: FL flood; TC cyclone, EQ earthquake, VO volcano, DR drought, WF fire.
    ("eventtype", "fl"),
)
# MeteoAlarm, "12; flooding", "13; rain-flood"; GDACS. Other parameters do not name the event.
TELLING_PARAMETERS = frozenset({"awareness_type", "eventtype"})
# The National Weather Service's own names for flooding (api.weather.gov/alerts/types), used in its query.
NWS_FLOOD_EVENTS = (
    "Arroyo And Small Stream Flood Advisory", "Coastal Flood Advisory", "Coastal Flood Statement",
    "Coastal Flood Warning", "Coastal Flood Watch", "Flash Flood Statement", "Flash Flood Warning",
    "Flash Flood Watch", "Flood Advisory", "Flood Statement", "Flood Warning", "Flood Watch", "Hydrologic Advisory",
    "Lakeshore Flood Advisory", "Lakeshore Flood Statement", "Lakeshore Flood Warning", "Lakeshore Flood Watch",
    "Small Stream Flood Advisory", "Storm Surge Warning", "Storm Surge Watch",
    "Urban And Small Stream Flood Advisory",
)  # fmt: skip
# Forecasts for the coming days: never taken, whatever the setting.
OUTLOOKS = frozenset({"hydrologic outlook", "hazardous weather outlook", "short term forecast"})
# Categories that alone never mean a flood, though a word may sound like one ("a flood of smoke").
_NEVER_FLOODS = frozenset({"fire", "cbrne", "cyber"})
# Categories with which a headline does not prove a flood: a person last seen at a flooded river, water to be boiled
# after one.
_ABOUT_PEOPLE = frozenset({"rescue", "health", "security", "transport"})
# Codes for a danger of any kind, in schemes whose other codes each name one hazard. Other schemes are unknown.
_FOR_ANY: tuple[tuple[str, str], ...] = (
    ("same", "adr cdw cem evi lae nic nmn spw toe"),
    ("nationalweatherservice", "adr cdw cem evi lae nic nmn spw toe"),
    ("profile:cap-cp:event", "other civil civilemerg weather met infra geo safety security"),
)
# Events in general words that stand for one thing. The weather service uses a flood statement for a flood.
_OWN_NAMES = frozenset(
    {"amber alert", "special weather statement", "special weather advisory", "severe weather statement"}
)
_KIND_LENGTH = 40
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "ł": "l", "đ": "d", "ı": "i", "ð": "d", "þ": "th"})
_EDGE = r"(?<![^\W_])"


def folded(text: str) -> str:
    """Normalise: lower case, without accents and punctuation."""
    apart = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    bare = "".join(sign for sign in apart if unicodedata.category(sign) != "Mn")
    return " ".join(re.sub(r"[^\w]+|_", " ", bare).split())


def hazard_of(
    event: str,
    *,
    codes: Iterable[tuple[str, str]] = (),
    categories: Iterable[str] = (),
    headline: str = "",
    language: str = "",
) -> Hazard:
    """Return the hazard of an event by its codes (scheme, value), then its words, then the headline if it has none."""
    codes = [(scheme.casefold(), value) for scheme, value in codes]
    if any(_is_flood_code(scheme, value) for scheme, value in codes):
        return Hazard.FLOOD
    known_categories = {category.strip().casefold() for category in categories} - {""}
    if known_categories and known_categories <= _NEVER_FLOODS or is_outlook(event):
        return Hazard.OTHER
    is_asked = not (known_categories and known_categories <= _NEVER_FLOODS | _ABOUT_PEOPLE) and _names_nothing(
        event, codes
    )
    texts = [event, *(_apart(value) for _, value in codes), *([headline] if is_asked else [])]
    return Hazard.FLOOD if any(is_flood(text, language) for text in texts) else Hazard.OTHER


def is_outlook(event: str) -> bool:
    """Return whether it is a forecast for the coming days instead of a warning."""
    folded_event = folded(event)
    return folded_event in OUTLOOKS or "outlook" in folded_event.split()


def _is_flood_code(scheme: str, value: str) -> bool:
    return any(scheme.startswith(name) and value.strip().casefold() in listed.split() for name, listed in FLOOD_CODES)


def _names_nothing(event: str, codes: list[tuple[str, str]]) -> bool:
    """Return whether neither the event nor its codes name a hazard, so that the headline decides."""
    if not is_generic(event) or folded(event) in _OWN_NAMES:
        return False
    return not any(_is_of_one_hazard(scheme, value) for scheme, value in codes)


def _is_of_one_hazard(scheme: str, code: str) -> bool:
    if scheme in TELLING_PARAMETERS:
        return True
    of_any = [listed.split() for name, listed in _FOR_ANY if scheme.startswith(name)]
    return bool(of_any) and code.strip().casefold() not in of_any[0]


def _apart(code: str) -> str:
    """Split `flashFlood` into words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", code)


def is_flood(text: str, language: str = "") -> bool:
    """Return whether these words of an event name flooding."""
    folded_text = folded(text[:500])
    if folded_text in _names():
        return True
    if _pattern(OTHER_HAZARDS).search(folded_text):
        return False
    folded_text = _pattern(OTHER_THINGS).sub(" ", folded_text)
    floods = _floods(language.partition("-")[0].casefold())
    return any(not _is_denied(folded_text[: match.start()]) for match in floods.finditer(folded_text))


@cache
def _names() -> frozenset[str]:
    return frozenset(map(folded, NWS_FLOOD_EVENTS))


def _is_denied(before: str) -> bool:
    return any(before.endswith(f" {denial} ") or before == f"{denial} " for denial in DENIALS.split(", "))


def is_generic(event: str) -> bool:
    """Return whether the event names no hazard at all."""
    return all(word in GENERIC or word.isdigit() for word in folded(event).split())


def kind_of(event: str) -> str:
    """Return the issuer's name of a hazard for counting: without numbers and times, which differ between messages."""
    return re.split(r"\bissued\b|\d", folded(event))[0][:_KIND_LENGTH].strip() or "unnamed"


@cache
def _floods(language: str) -> re.Pattern[str]:
    words = []
    for languages, listed, _ in FLOOD_WORDS:
        is_spoken = language in languages.split(", ")
        words += [word.lstrip("!") for word in listed.split(", ") if is_spoken or not word.startswith("!")]
    return _pattern(", ".join(words))


@cache
def _pattern(listed: str) -> re.Pattern[str]:
    return re.compile("|".join(_regular(word.strip()) for word in listed.split(",")))


def _regular(word: str) -> str:
    core = re.escape(folded(word.strip("*")))
    return (r"\w*" if word.startswith("*") else _EDGE) + core + (r"\w*" if word.endswith("*") else r"(?!\w)")
