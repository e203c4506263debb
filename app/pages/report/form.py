"""The form of a report: convert the input for the API's schema, and its mistakes to sentences beside fields."""

import hmac
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from app.api.report_schemas import EditReportSchema, NewReportSchema
from app.core import clock
from app.core.errors import Invalid, Mistake
from app.core.signing_keys import keys
from app.core.translations import N_
from app.gazetteer.place import Place
from app.http import schemas
from app.http.fields import Text
from app.http.schemas import StrictSchema
from app.pages.frame import wording
from app.pages.frame.language import gettext
from app.pages.report.location import MATCH, PLACE, Spot, find_spot, number
from app.reports import observation

# Optional fields, with the API's names, in the order of the form.
OPTIONAL = ("title", "description", "water_source")
_NEEDED = "key begun_as where pick lat lon radius_m settled water depth_cm observed_at version".split()
EMPTY = dict.fromkeys([*_NEEDED, *OPTIONAL], "") | {"place": "home", "when": "now"}
# Depth in centimetres for each picture; "cannot tell" is a severity of its own.
DEPTHS = {"rising": 0, "ankle": 10, "knee": 45, "waist": 90, "chest": 140}
UNTOLD, NO_CHOICE = "unknown", ""
WATERS = {
    "ankle": (N_("Up to the ankle"), N_("about 10 cm")),
    "knee": (N_("Up to the knee"), N_("about 45 cm")),
    "waist": (N_("Up to the waist"), N_("about 90 cm")),
    "chest": (N_("Up to the chest or higher"), N_("about 140 cm")),
    "rising": (N_("No water here yet, but it is rising"), ""),
    UNTOLD: (N_("I cannot tell"), ""),
}
PLACES = {
    "home": (
        N_("A home"),
        N_(
            "Others see it only to within about 100 metres. In Great Britain, where few homes stand, about 1 kilometre."
        ),
    ),
    "area": (N_("A home that stands alone"), N_("Others see it only to within about 1 kilometre.")),
    "public": (N_("A street or another public place"), N_("Others see the exact place.")),
}
WATER_SOURCES = wording.WATER_SOURCES | {UNTOLD: N_("I do not know")}
WHENS = {
    "now": (0, N_("Now")),
    "30m": (30, N_("Half an hour ago")),
    "1h": (60, N_("1 hour ago")),
    "3h": (180, N_("3 hours ago")),
    "6h": (360, N_("6 hours ago")),
    "12h": (720, N_("12 hours ago")),
    "1d": (1440, N_("Yesterday at this time")),
}
# Hidden fields of the review page; the description is a text area, to keep its lines.
CARRIED = [name for name in EMPTY if name not in ("description", "version")]
TITLE_LENGTH, DESCRIPTION_LENGTH, LONGEST_ALT = 120, 4000, 300
_KEY = r"[A-Za-z0-9_-]{22}"  # 128 bits in base64url; compiled at first use
_GROUPED = r"[0-9]{1,3}([.,][0-9]{3})+"
_LONGEST_TYPED = 6000

_CHOOSE_WATER = N_("Choose how deep the water is. If you cannot tell, choose that.")
_GIVE_DEPTH = N_("Give the depth as a number of centimetres from 0 to 1000, such as 45, or leave it empty.")
_GIVE_PLACE = N_("That is no place on the map. Give a postcode, a town, or latitude and longitude.")
NO_MARKUP = N_("Write plain words: the signs < and > with letters between them are not taken.")
NO_CONTROL = N_("There is a character in it that cannot be shown. Type the words again, without pasting them.")
_GIVE_TIME = N_("Choose when you saw it.")
# By the API's pointer or parameter, and code: the field of the form, and the sentence beside it.
SENTENCES = {
    ("/location", "required"): ("where", N_("Say where the water is.")),
    ("/location", "nowhere"): ("where", _GIVE_PLACE),
    ("/location/lat", "type"): ("where", _GIVE_PLACE),
    ("/location/lat", "range"): ("where", _GIVE_PLACE),
    ("/location/lon", "type"): ("where", _GIVE_PLACE),
    ("/location/lon", "range"): ("where", _GIVE_PLACE),
    ("/radius_m", "type"): ("where", _GIVE_PLACE),
    ("/radius_m", "range"): ("where", _GIVE_PLACE),
    ("/place", "choice"): ("place", N_("Say whether it is a home or a public place.")),
    ("/severity", "required"): ("water", _CHOOSE_WATER),
    ("/severity", "choice"): ("water", _CHOOSE_WATER),
    ("/depth_cm", "type"): ("depth_cm", _GIVE_DEPTH),
    ("/depth_cm", "range"): ("depth_cm", _GIVE_DEPTH),
    ("/title", "length"): ("title", N_("Write at most 120 characters that can be seen, or leave it empty.")),
    ("/title", "markup"): ("title", NO_MARKUP),
    ("/title", "control"): ("title", NO_CONTROL),
    ("/title", "bidi"): ("title", NO_CONTROL),
    ("/description", "length"): ("description", N_("Shorten the description to 4,000 characters.")),
    ("/description", "markup"): ("description", NO_MARKUP),
    ("/description", "control"): ("description", NO_CONTROL),
    ("/description", "bidi"): ("description", NO_CONTROL),
    ("/water_source", "choice"): ("water_source", N_("Choose where the water comes from, or give no answer.")),
    ("/observed_at", "time"): ("when", _GIVE_TIME),
    ("/observed_at", "range"): (
        "when",
        N_("It was seen more than 7 days ago, or the clock of this device is wrong. Choose the time again."),
    ),
    ("Idempotency-Key", "key-reused"): (
        "",
        N_(
            "This report has been sent before, and is stored as it was then. "
            "To change that one, use its private link or your account."
        ),
    ),
}
ALT_SENTENCES = {
    "length": N_("Write at most 300 characters about the photo."),
    "markup": NO_MARKUP,
    "control": NO_CONTROL,
    "bidi": NO_CONTROL,
}
OTHERWISE = N_("This cannot be taken as it is. Look it over.")


class FieldMistake(NamedTuple):
    """A sentence for one field of the form; no field: for the whole form."""

    field: str
    text: str


class FormValues(NamedTuple):
    """Result of reading a form: values for filing, the place, and all mistakes."""

    values: dict[str, Any]
    spot: Spot | None
    matches: list[Place]
    wrong: list[FieldMistake]


def typed_in(form: Mapping[str, str]) -> dict[str, str]:
    """Return all fields of the form as typed; other input is ignored."""
    typed = {name: form.get(name, usual)[:_LONGEST_TYPED] for name, usual in EMPTY.items()}
    return typed | {"depth_cm": _without_unit(typed["depth_cm"].strip())}


def _without_unit(text: str) -> str:
    return text[:-2].rstrip() if text[-2:].lower() == "cm" else text


def begun_as(account_id: str | None) -> str:
    """Return a keyed hash of the account that began a form, so that it cannot be identified; "" without an account."""
    if account_id is None:
        return ""
    return hmac.new(keys().id_key.encode(), f"begun\0{account_id}".encode(), sha256).hexdigest()[:22]


def is_key(text: str) -> bool:
    """Return whether the text has the form of our keys."""
    return re.fullmatch(_KEY, text) is not None


def read(typed: Mapping[str, str]) -> FormValues:
    """Read a form for a new report, with all its mistakes."""
    result = find_spot(typed)
    form_values = said_by(typed) | (_located(result.spot) if result.spot else {})
    values, mistakes = load(NewReportSchema(), form_values)
    own = [FieldMistake(result.field, gettext(result.wrong))] if result.wrong else []
    return FormValues(values, result.spot, result.matches, in_order(own + worded(mistakes)))


def said_by(typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the input for the API's schema, except the place."""
    values: dict[str, Any] = _deep(typed) | {"place": typed["place"], "observed_at": seen_at(typed)}
    return values | {name: typed[name] for name in OPTIONAL if typed[name].strip()}


class _AltSchema(StrictSchema):
    """Words for a photo: what can be seen in it."""

    alt = Text(shortest=0, longest=LONGEST_ALT)


def mistake_of_alt(text: str) -> str:
    """Return what is wrong with the words for a photo; "" if nothing is."""
    _, mistakes = load(_AltSchema(), {"alt": text})
    return gettext(ALT_SENTENCES.get(mistakes[0].code, OTHERWISE)) if mistakes else ""


def is_late(values: Mapping[str, Any]) -> bool:
    """Return whether it was seen too long ago. Filing decides, since a first attempt may have been in time."""
    return not observation.is_observable(values["observed_at"], clock.now_ms())


def late() -> FieldMistake:
    """Return the mistake for a late report."""
    return worded([Mistake("/observed_at", "range", "")])[0]


def load(schema: StrictSchema, form_values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Mistake]]:
    """Validate with the API's schema: return values or mistakes."""
    try:
        return schemas.load(schema, form_values), []
    except Invalid as problem:
        return {}, [*problem.mistakes]


def worded(mistakes: list[Mistake]) -> list[FieldMistake]:
    """Return our own sentence for each mistake."""
    told = ((mistake.parameter or mistake.pointer, mistake.code) for mistake in mistakes)
    sentences = (SENTENCES.get(place_and_code, ("", OTHERWISE)) for place_and_code in told)
    return [FieldMistake(field, gettext(text)) for field, text in sentences]


def in_order(wrong: list[FieldMistake]) -> list[FieldMistake]:
    """Return one sentence for each field, in the form's order. The first one about the place is the most specific."""
    first: dict[str, FieldMistake] = {}
    for mistake in wrong:
        first.setdefault("where" if mistake.field == MATCH else mistake.field, mistake)
    order = ["", "where", PLACE, "water", "depth_cm", *OPTIONAL, "when"]
    return sorted(first.values(), key=lambda mistake: order.index("where" if mistake.field == MATCH else mistake.field))


def _located(location: Spot) -> dict[str, Any]:
    return {"location": {"lat": location.lat, "lon": location.lon}, "radius_m": location.radius_m}


def depth_in(typed: dict[str, str]) -> Any:
    """Return the depth in centimetres of a number, else of a picture; None for neither, other text unchanged."""
    return _deep(typed | {"depth_cm": _without_unit(typed["depth_cm"])}).get("depth_cm")


def depth_number(text: str) -> float | str:
    """Parse a depth. What may mean a thousand, such as 1,000 or 1.000, is returned unchanged, to be asked about."""
    return text if re.fullmatch(_GROUPED, text) else number(text)


def _deep(typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the depth: the number if there is one, else that of the picture. Any other word is refused."""
    water = typed["water"]
    values: dict[str, Any] = {"severity": NO_CHOICE} if water and water not in WATERS else {}
    if typed["depth_cm"]:
        return values | {"depth_cm": depth_number(typed["depth_cm"])}
    if water in DEPTHS:
        return {"depth_cm": DEPTHS[water]}
    return {"severity": UNTOLD} if water == UNTOLD else values


def seen_at(typed: Mapping[str, str]) -> str:
    """Return the observation time: fixed by the review or the script, else counted from now."""
    if typed["observed_at"]:
        return typed["observed_at"]
    minutes, _ = WHENS.get(typed["when"], (None, ""))
    return "" if minutes is None else clock.rfc3339(clock.now_ms() - minutes * clock.MINUTE_MS)


def read_edit(typed: Mapping[str, str], before: Mapping[str, str], *, depth_rules: bool) -> FormValues:
    """Read a form for a stored report: only changed fields.

    `depth_rules`: whether the severity follows the depth instead of being the reporter's own choice.
    """
    changes: dict[str, Any] = {}
    result = find_spot(typed)
    if [typed[name] for name in ("where", "lat", "lon")] != [before[name] for name in ("where", "lat", "lon")]:
        changes |= _located(result.spot) if result.spot else {}
    else:
        result = result._replace(wrong="")
    if (typed["water"], typed["depth_cm"]) != (before["water"], before["depth_cm"]):
        changes |= _deep_again(_deep(typed), depth_rules=depth_rules)
    changes |= {name: typed[name] for name in ("place",) if _is_other(typed, before, name)}
    changes |= {
        name: typed[name] if typed[name].strip() else None for name in OPTIONAL if _is_other(typed, before, name)
    }
    if typed["when"] or typed["observed_at"]:
        changes["observed_at"] = seen_at(typed)
    values, mistakes = load(EditReportSchema(), changes) if changes else ({}, [])
    own = [FieldMistake(result.field, gettext(result.wrong))] if result.wrong else []
    return FormValues(values, result.spot, result.matches, in_order(own + worded(mistakes)))


def _is_other(typed: Mapping[str, str], before: Mapping[str, str], name: str) -> bool:
    """Compare texts; browsers send line ends in different ways."""
    return typed[name].replace("\r\n", "\n").strip() != before[name].strip()


def _deep_again(deep: dict[str, Any], *, depth_rules: bool) -> dict[str, Any]:
    """Add the severity of the new depth, unless the reporter has chosen one."""
    if "severity" in deep:
        return {"depth_cm": None, **deep}
    depth = deep.get("depth_cm")
    if not depth_rules or not isinstance(depth, float | int):
        return deep
    return deep | {"severity": str(observation.severity_of_depth(depth))}
