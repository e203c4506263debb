"""Turn one CAP alert into our messages: meaning of words, infos that belong together, and ends.

An info is one text about some places at one severity. Infos are one message if they say the same in other languages
(equal words, times and places, another language), or repeat the same text for the same or further places. Other infos
become separate messages with the same `source_id` and other places, so that no place is ever shown with the text or
severity of another.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta

from app.core.plain_text import plain
from app.warnings.sources.cap.places import PlaceRegister, numbered, place_of
from app.warnings.sources.cap.reader import CapAlert, CapInfo
from app.warnings.sources.cap.stance import Stance, stance_of
from app.warnings.sources.cap.times import read_time
from app.warnings.sources.drills import said_first
from app.warnings.sources.flood_events import TELLING_PARAMETERS, hazard_of
from app.warnings.sources.json_members import text
from app.warnings.sources.message import Act, EndReason, Hazard, Message, Place, Text
from app.warnings.sources.nws import vtec
from app.warnings.sources.safe_xml import Unreadable

# Acknowledgements and rejections are exchanged between systems, not for the public (section 3.2.1, msgType).
_NOT_FOR_THE_PUBLIC = frozenset({"ack", "error"})
LABEL_LENGTH, HEADLINE_LENGTH, TEXT_LENGTH, MOST_LANGUAGES = 200, 500, 8000, 12
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4}")


@dataclass(slots=True)
class _Group:
    stance: Stance
    hazard: Hazard
    numbers: tuple[int, ...]  # of its places
    texts: dict[str, Text] = field(default_factory=dict)
    ends_at_ms: int | None = None


def messages_of(alert: CapAlert) -> tuple[tuple[Message, ...], tuple[str, ...]]:
    """Return its messages (none unless it is a real one for the public), and remarks; raises Unreadable if empty."""
    if not_public(alert):
        return (), ()
    register = PlaceRegister()
    groups = _grouped(alert, register)
    if not groups:
        return (_bare_cancel(alert),), alert.remarks
    places, remarks = _places_of(groups, register)
    messages = [
        _message(alert, group, its) for group, its in zip(groups, places, strict=True) if its or not group.numbers
    ]
    return tuple(messages), (*alert.remarks, *remarks)


def not_public(alert: CapAlert) -> str:
    """Return the status, scope or type because of which it is not a real message to the public; else ""."""
    if alert.status != "actual":
        return alert.status
    if alert.scope != "public":
        return alert.scope
    return alert.message_type if alert.message_type in _NOT_FOR_THE_PUBLIC else ""


def source_id_of(sender: str, identifier: str) -> str:
    """Build the identifier as references spell it; without `sent`, which senders write differently in references."""
    return plain(f"{sender},{identifier}")  # it is shown to people


def _grouped(alert: CapAlert, register: PlaceRegister) -> list[_Group]:
    groups: list[_Group] = []
    for info in alert.infos:
        info_text = _text(info)
        if not (info_text.label or info_text.description):
            continue
        stance, hazard, numbers = stance_of(alert, info), _hazard(info), register.numbers_of(info)
        fitting = [group for group in groups if group.stance == stance and _says(group, info_text, numbers)]
        # Words of another language may be unknown here: then the hazard of the known language counts.
        group = min(fitting, key=lambda candidate: candidate.hazard is not hazard, default=None)
        if group is None:
            group = _Group(stance, hazard, numbers, ends_at_ms=_ends(info, alert.offset))
            groups.append(group)
        group.hazard = Hazard.FLOOD if Hazard.FLOOD in (hazard, group.hazard) else Hazard.OTHER
        group.numbers = tuple(dict.fromkeys((*group.numbers, *numbers)))
        if len(group.texts) < MOST_LANGUAGES:
            group.texts.setdefault(info_text.language, info_text)
    # A message in force is first: it keeps the plain key of a place that another info declares over.
    return sorted(groups, key=lambda group: group.stance.act is Act.END)


def _says(group: _Group, info_text: Text, numbers: tuple[int, ...]) -> bool:
    if info_text.language in group.texts:
        return group.texts[info_text.language] == info_text
    return not numbers or set(numbers) == set(group.numbers)


def _places_of(groups: list[_Group], register: PlaceRegister) -> tuple[list[tuple[Place, ...]], tuple[str, ...]]:
    """Return the places of each group; a place where something else is in force is removed from an end."""
    held_numbers = {number for group in groups if group.stance.act is Act.HOLD for number in group.numbers}
    numbers_by_group = [
        [number for number in group.numbers if group.stance.act is Act.HOLD or number not in held_numbers]
        for group in groups
    ]
    keys, read = register.keys(), [place_of(area) for area in register.areas]
    every = numbered(keys[number] for numbers in numbers_by_group for number in numbers)
    places = [tuple(replace(read[number][0], key=next(every)) for number in numbers) for numbers in numbers_by_group]
    # Without any area, event and time are still known.
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
        sent_at_ms=alert.sent_at_ms,
        onset_at_ms=stance.onset_at_ms,
        ends_at_ms=group.ends_at_ms,
        expires_at_ms=stance.expires_at_ms,
        zone=alert.zone,
        hazard=group.hazard,
        end_reason=stance.end_reason,
    )


def _bare_cancel(alert: CapAlert) -> Message:
    """Build a cancellation that names only what it cancels; raises Unreadable for any other message without a text."""
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
        sent_at_ms=alert.sent_at_ms,
        zone=alert.zone,
        end_reason=EndReason.CANCELLED,
    )


def _replaced(alert: CapAlert) -> tuple[str, ...]:
    """Return the referenced messages, except itself: some senders refer to their own identifier at an earlier time."""
    own = source_id_of(alert.sender, alert.identifier)
    referenced = dict.fromkeys(source_id_of(reference.sender, reference.identifier) for reference in alert.references)
    return tuple(name for name in referenced if name != own)


def _hazard(info: CapInfo) -> Hazard:
    telling = [pair for pair in info.parameters if pair[0].casefold() in TELLING_PARAMETERS]
    return hazard_of(
        plain(info.cap_event),  # with entities decoded, invisible characters removed
        codes=(*info.event_codes, *telling),
        categories=info.categories,
        headline=plain(info.headline),
        language=info.language,
    )


def _text(info: CapInfo) -> Text:
    language = info.language.replace("_", "-")
    info_text = Text(
        language=language if _LANGUAGE.fullmatch(language) else "",
        label=_cut(info.cap_event or info.headline, LABEL_LENGTH),
        headline=_cut(info.headline, HEADLINE_LENGTH),
        description=_cut(info.description, TEXT_LENGTH),
        instruction=_cut(info.instruction, TEXT_LENGTH),
    )
    return said_first(info_text)


def _cut(value: str, length: int) -> str:
    shortened = text(value, longest=length + 1)
    return shortened if len(shortened) <= length else shortened[: length - 1] + "…"


def _ends(info: CapInfo, offset: timedelta | None) -> int | None:
    """Return the end of the hazard. CAP has none; the US National Weather Service writes it in parameters."""
    end_times = [value for name, value in info.parameters if name == "eventEndingTime"]
    try:
        if end_times:
            return read_time(end_times[0], offset)[0]
    except Unreadable:
        return None
    code = vtec.read(value for name, value in info.parameters if name == "VTEC")
    return code.end if code and not code.is_test else None
