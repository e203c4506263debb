"""One CAP alert as messages of ours: which words mean what, which infos belong together, what ends.

An info is one text about some places at one severity. Infos are one message when they say the same in other
languages: equal words, times and places, another language; or the same text once more about the same or further
places. Other infos make messages of their own, with the same `source_id` and other places, so that no place is ever
shown with the text or severity of another.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta

from app.core.plain_text import plain
from app.warnings.sources.cap.document import CapAlert, CapInfo, read_time
from app.warnings.sources.cap.places import PlaceRegister, numbered, place_of
from app.warnings.sources.cap.stance import Stance, stance_of
from app.warnings.sources.drills import said_first
from app.warnings.sources.flood_events import TELLING_PARAMETERS, hazard_of
from app.warnings.sources.json_members import text
from app.warnings.sources.message import Act, EndReason, Hazard, Message, Place, Text
from app.warnings.sources.nws import vtec
from app.warnings.sources.safe_xml import Unreadable

# Acknowledgement and rejection are said between systems, not to the public (section 3.2.1, msgType).
_NOT_FOR_THE_PUBLIC = frozenset({"ack", "error"})
LABEL_LENGTH, HEADLINE_LENGTH, TEXT_LENGTH, MOST_LANGUAGES = 200, 500, 8000, 12
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4}")


@dataclass(slots=True)
class _Group:
    stance: Stance
    hazard: Hazard
    numbers: tuple[int, ...]  # of its places
    texts: dict[str, Text] = field(default_factory=dict)
    ends: int | None = None


def messages_of(alert: CapAlert) -> tuple[tuple[Message, ...], tuple[str, ...]]:
    """Its messages, none when it is no real one for the public, and remarks; raises Unreadable when it says nothing."""
    if not_public(alert):
        return (), ()
    register = PlaceRegister()
    groups = _grouped(alert, register)
    if not groups:
        return (_bare_cancel(alert),), alert.remarks
    places, remarks = _places_of(groups, register)
    found = [_message(alert, group, its) for group, its in zip(groups, places, strict=True) if its or not group.numbers]
    return tuple(found), (*alert.remarks, *remarks)


def not_public(alert: CapAlert) -> str:
    """The word by which it is no real message to the public: its status, scope or type; empty when it is one."""
    if alert.status != "actual":
        return alert.status
    if alert.scope != "public":
        return alert.scope
    return alert.message_type if alert.message_type in _NOT_FOR_THE_PUBLIC else ""


def source_id_of(sender: str, identifier: str) -> str:
    """As references spell it; without `sent`, which senders write differently when they refer to it."""
    return plain(f"{sender},{identifier}")  # people are shown it


def _grouped(alert: CapAlert, register: PlaceRegister) -> list[_Group]:
    groups: list[_Group] = []
    for info in alert.infos:
        said = _text(info)
        if not (said.label or said.description):
            continue
        stance, hazard, numbers = stance_of(alert, info), _hazard(info), register.numbers_of(info)
        fitting = [one for one in groups if one.stance == stance and _says(one, said, numbers)]
        # Words of another language may be unknown here: then the hazard is that of the language that is known.
        group = min(fitting, key=lambda one: one.hazard is not hazard, default=None)
        if group is None:
            group = _Group(stance, hazard, numbers, ends=_ends(info, alert.offset))
            groups.append(group)
        group.hazard = Hazard.FLOOD if Hazard.FLOOD in (hazard, group.hazard) else Hazard.OTHER
        group.numbers = tuple(dict.fromkeys((*group.numbers, *numbers)))
        if len(group.texts) < MOST_LANGUAGES:
            group.texts.setdefault(said.language, said)
    # What holds is first: it keeps the plain key of a place that another info of the alert speaks of as over.
    return sorted(groups, key=lambda group: group.stance.act is Act.END)


def _says(group: _Group, said: Text, numbers: tuple[int, ...]) -> bool:
    if said.language in group.texts:
        return group.texts[said.language] == said
    return not numbers or set(numbers) == set(group.numbers)


def _places_of(groups: list[_Group], register: PlaceRegister) -> tuple[list[tuple[Place, ...]], tuple[str, ...]]:
    """The places of each group; what is over for a place where something else holds is left out."""
    held = {number for group in groups if group.stance.act is Act.HOLD for number in group.numbers}
    named = [
        [number for number in group.numbers if group.stance.act is Act.HOLD or number not in held] for group in groups
    ]
    keys, read = register.keys(), [place_of(area) for area in register.areas]
    every = numbered(keys[number] for numbers in named for number in numbers)
    places = [tuple(replace(read[number][0], key=next(every)) for number in numbers) for numbers in named]
    # Without any area it is still known what and when.
    nowhere = (Place(key="", areas=()),)
    remarks = tuple(remark for _, its in read for remark in its)
    return [its or (() if group.numbers else nowhere) for group, its in zip(groups, places, strict=True)], remarks


def _message(alert: CapAlert, group: _Group, places: tuple[Place, ...]) -> Message:
    stance = group.stance
    return Message(
        source_id=source_id_of(alert.sender, alert.identifier),
        event="",
        replaces=_replaced(alert),
        act=stance.act,
        severity=stance.severity,
        urgency=stance.urgency,
        certainty=stance.certainty,
        texts=tuple(group.texts.values()),
        places=places,
        sent=alert.sent,
        onset=stance.onset,
        ends=group.ends,
        expires=stance.expires,
        zone=alert.zone,
        hazard=group.hazard,
        end_reason=stance.end_reason,
    )


def _bare_cancel(alert: CapAlert) -> Message:
    """A cancellation may name nothing but what it cancels; any other message without a text says nothing."""
    replaced = _replaced(alert)
    if alert.message_type != "cancel" or not replaced:
        raise Unreadable("it does not say what happens")
    return Message(
        source_id=source_id_of(alert.sender, alert.identifier),
        event="",
        replaces=replaced,
        act=Act.END,
        severity="unknown",
        urgency="unknown",
        certainty="unknown",
        texts=(),
        places=(),
        sent=alert.sent,
        zone=alert.zone,
        end_reason=EndReason.CANCELLED,
    )


def _replaced(alert: CapAlert) -> tuple[str, ...]:
    """Not itself: some senders refer to their own identifier at an earlier time."""
    own = source_id_of(alert.sender, alert.identifier)
    named = dict.fromkeys(source_id_of(one.sender, one.identifier) for one in alert.references)
    return tuple(name for name in named if name != own)


def _hazard(info: CapInfo) -> Hazard:
    telling = [pair for pair in info.parameters if pair[0].casefold() in TELLING_PARAMETERS]
    return hazard_of(
        info.cap_event,
        codes=(*info.event_codes, *telling),
        categories=info.categories,
        headline=info.headline,
        language=info.language,
    )


def _text(info: CapInfo) -> Text:
    language = info.language.replace("_", "-")
    said = Text(
        language=language if _LANGUAGE.fullmatch(language) else "",
        label=_cut(info.cap_event or info.headline, LABEL_LENGTH),
        headline=_cut(info.headline, HEADLINE_LENGTH),
        description=_cut(info.description, TEXT_LENGTH),
        instruction=_cut(info.instruction, TEXT_LENGTH),
    )
    return said_first(said)


def _cut(said: str, length: int) -> str:
    shown = text(said, longest=length + 1)
    return shown if len(shown) <= length else shown[: length - 1] + "…"


def _ends(info: CapInfo, offset: timedelta | None) -> int | None:
    """CAP has no end of the hazard; the US National Weather Service says it in parameters."""
    said = [value for name, value in info.parameters if name == "eventEndingTime"]
    try:
        if said:
            return read_time(said[0], offset)[0]
    except Unreadable:
        return None
    code = vtec.read(value for name, value in info.parameters if name == "VTEC")
    return code.end if code and not code.is_test else None
