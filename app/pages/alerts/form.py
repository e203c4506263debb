"""The form of a subscription: what is typed, as the API's schema takes it, and sentences for its mistakes."""

from collections.abc import Mapping
from typing import Any, cast

from flask import request

from app.alerts import subscribing
from app.alerts.wishes import LONGEST_LABEL, OFF, REPORTS, VERIFIED, WARNINGS, SubscriptionRequest
from app.api.subscription_schemas import ChangedSubscriptionSchema, NewSubscriptionSchema
from app.core.errors import Conflict, MailNotSetUp, Mistake, Problem
from app.core.translations import N_
from app.http.schemas import load
from app.pages.account import form_mistakes
from app.pages.account.form_mistakes import ADDRESS, TOKEN, ShownMistake
from app.pages.frame import wording
from app.pages.frame.language import chosen, gettext
from app.pages.report.form import NO_CONTROL, NO_MARKUP
from app.pages.report.location import number

_LONGEST_TYPED = 500
# Fields of the form, as they are before anything is typed.
EMPTY: dict[str, Any] = dict.fromkeys(
    "lat lon area name zone radius_km label email severity_min quiet_from quiet_to".split(), ""
) | {"what": [WARNINGS, REPORTS], "reports": VERIFIED, "digest": OFF}
# The choices, each with its words. The first of the severities is what the API does without one.
SEVERITIES = {
    "": N_("Any flood warning, and reports of bad flooding or worse"),
    "minor": N_("Any flood warning, and reports of a little flooding or worse"),
    **wording.LEAST_SEVERITIES,
}
REPORT_CHOICES = {
    "verified": N_("Only those that a responder has checked"),
    "likely": N_("Also those with enough support, before anyone has checked them"),
}
DIGESTS = {
    "off": N_("Each at once"),
    "hourly": N_("Together, once an hour"),
    "daily": N_("Together, once a day"),
}
_TIMES = N_("Give two different times from 00:00 to 23:59, such as 22:00 and 07:00, or leave both empty.")
_NO_PLACE = N_("Choose a place for the alerts first.")
# By the beginning of the API's pointer, and the code or "" for all others: the field of the form, and the sentence.
_SENTENCES: dict[tuple[str, str], tuple[str, str]] = {
    ("/channel", ""): (ADDRESS, N_("This is not an e-mail address. One looks like name@example.org.")),
    ("/channel", "required"): (ADDRESS, N_("Enter the e-mail address that the alerts should go to.")),
    ("/place/radius_km", ""): ("radius_km", N_("Choose a distance from 0.1 to 50 kilometres.")),
    ("/place", ""): ("", _NO_PLACE),
    ("/label", ""): ("label", N_("Give the place a name of at most 60 characters, or leave it empty.")),
    ("/label", "markup"): ("label", NO_MARKUP),
    ("/label", "control"): ("label", NO_CONTROL),
    ("/label", "bidi"): ("label", NO_CONTROL),
    ("/what", ""): ("what", N_("Choose at least one: warnings or reports.")),
    ("/severity_min", ""): ("severity_min", N_("Choose one of these.")),
    ("/reports", ""): ("reports", N_("Choose one of these.")),
    ("/digest", ""): ("digest", N_("Choose one of these.")),
    ("/quiet", ""): ("quiet_from", _TIMES),
    ("/days", ""): ("days", N_("Choose for how long.")),
    ("/token", "required"): (TOKEN, N_("Copy the whole link from the message into this field.")),
}
_CONFLICTS = {
    subscribing.FULL: N_("This address has 20 alerts already, and no more are possible. Stop some of them first."),
    subscribing.STOPPED: N_("These alerts were stopped. Ask for new ones."),
    subscribing.NOT_CONFIRMED: N_("These alerts are not confirmed yet. Open the link in the message first."),
}
_OTHER_CONFLICT = N_("These alerts were changed at the same moment. Look at them and try again.")
_LINK = N_("This link is not valid any more: it is too old, or its alerts have ended. You can ask for new ones.")


def typed_in() -> dict[str, Any]:
    """Return all fields of the form as typed; other input is ignored."""
    texts = {name: request.form.get(name, usual)[:_LONGEST_TYPED] for name, usual in EMPTY.items() if name != "what"}
    return texts | {"what": [word[:_LONGEST_TYPED] for word in request.form.getlist("what")]}


def new_wish(typed: Mapping[str, Any]) -> SubscriptionRequest:
    """Return what the form asks for. Raises Invalid with every mistake."""
    channel = {"kind": "email"} | ({"address": typed["email"].strip()} if typed["email"].strip() else {})
    stated = {"place": _place(typed), "channel": channel, "language": chosen()} | _choices(typed)
    return cast(SubscriptionRequest, load(NewSubscriptionSchema(), stated))


def changed_wish(typed: Mapping[str, Any], place: Mapping[str, Any]) -> SubscriptionRequest:
    """Return what the form changes. `place`: the present one, of which the distance may change. Raises Invalid."""
    moved = {"place": {**place, "radius_km": number(typed["radius_km"])}} if "lat" in place else {}
    return cast(
        SubscriptionRequest, load(ChangedSubscriptionSchema(), moved | _choices(typed) | {"language": chosen()})
    )


def _place(typed: Mapping[str, Any]) -> dict[str, Any]:
    if typed["area"]:
        return {"area": typed["area"]}
    numbers = {name: number(typed[name]) for name in ("lat", "lon", "radius_km") if typed[name]}
    return numbers if "lat" in numbers else {}


def _choices(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return all but place and address; None where the API's own default is chosen, or nothing."""
    times = {name: typed[f"quiet_{name}"].strip() for name in ("from", "to")}
    return {
        "label": typed["label"].strip() or typed["name"].strip()[:LONGEST_LABEL],
        "what": typed["what"],
        "severity_min": typed["severity_min"] or None,
        "reports": typed["reports"],
        "quiet": times | {"time_zone": typed["zone"]} if any(times.values()) else None,
        "digest": typed["digest"],
    }


def shown(problem: Problem) -> list[ShownMistake]:
    """List the mistakes of a problem, one for each field, with our own sentences."""
    if isinstance(problem, MailNotSetUp):
        return form_mistakes.shown(problem)
    if isinstance(problem, Conflict):
        return [ShownMistake("", gettext(_CONFLICTS.get(problem.detail, _OTHER_CONFLICT)))]
    if not problem.mistakes:
        return [ShownMistake(TOKEN, gettext(_LINK))]
    by_field: dict[str, ShownMistake] = {}
    for mistake in problem.mistakes:
        one = _shown(mistake)
        by_field.setdefault(one.field, one)
    return list(by_field.values())


def _shown(mistake: Mistake) -> ShownMistake:
    beginning = next((key for key, _code in _SENTENCES if mistake.pointer.startswith(key)), "")
    if beginning == "/channel" and (ADDRESS, mistake.code) in form_mistakes.SENTENCES:
        return ShownMistake(ADDRESS, gettext(form_mistakes.SENTENCES[ADDRESS, mistake.code]))
    found = _SENTENCES.get((beginning, mistake.code)) or _SENTENCES.get((beginning, ""))
    field, sentence = found or ("", form_mistakes.SENTENCES["", "unknown"])
    return ShownMistake(field, gettext(sentence))


def is_about_choices(problem: Problem) -> bool:
    """Return whether a mistake stands beside a field that is folded away at first."""
    return any(one.field not in ("", ADDRESS, "radius_km") for one in shown(problem))
