"""Choose the messages of an answer that are taken: floods, or all hazards if the deployment wants them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby

from app.core.config import settings
from app.warnings.sources.flood_events import is_generic, is_outlook, kind_of
from app.warnings.sources.message import Act, EndReason, Hazard, Message

ALL = "all"
_REMEMBERED = "hazards"  # key among the validators: the hazards that an answer was read for


def are_all_wanted() -> bool:
    """Return whether this deployment takes other hazards than floods too."""
    return settings().hazards == ALL


def without_other_hazards(messages: Iterable[Message]) -> tuple[list[Message], Counter[str]]:
    """Return the messages taken, and the number of messages left out, by reason. Parts of one message are adjacent.

    If any part of a message is taken, its other parts are dropped. A message that is left out still ends what it names:
    a cancellation whatever its name, and an update that names another hazard instead.
    """
    result: list[Message] = []
    left_out: Counter[str] = Counter()
    for _, parts in groupby(messages, key=lambda message: message.source_id):
        whole = list(parts)
        wanted_parts = [message for message in whole if is_wanted(message)]
        if not wanted_parts:
            left_out[f"other_hazard:{kind_of(whole[0].texts[0].label)}"] += 1
            wanted_parts = [_bare(whole[0])] if _is_ending(whole) else []
        result += wanted_parts
    return result, left_out


def is_wanted(message: Message) -> bool:
    """Return whether it is about a flood, or all hazards are wanted and it is not an outlook."""
    if message.hazard is Hazard.FLOOD or not message.texts:
        return True
    return are_all_wanted() and not is_outlook(message.texts[0].label)


def _is_ending(parts: list[Message]) -> bool:
    """Return whether it may end other messages; whether those are about a flood is known where they are stored."""
    is_over = all(part.act is Act.END for part in parts)
    return bool(parts[0].replaces) and (is_over or not is_generic(parts[0].texts[0].label))


def _bare(message: Message) -> Message:
    why = message.end_reason if message.act is Act.END else EndReason.REPLACED
    return replace(message, act=Act.END, end_reason=why, event="", texts=(), places=(), hazard=Hazard.OTHER)


def still_valid(validators: Mapping[str, str]) -> Mapping[str, str]:
    """Return the remembered validators; empty if they were stored for other hazards than now."""
    return validators if validators.get(_REMEMBERED, "flood") == settings().hazards else {}


def with_hazard_memory(validators: Mapping[str, str]) -> dict[str, str]:
    """Add the hazards that the answer was read for to the validators."""
    return dict(validators) | ({_REMEMBERED: ALL} if are_all_wanted() else {})
