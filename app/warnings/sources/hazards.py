"""Which messages of an answer are taken: those about flooding, or of all hazards where the deployment wants them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby

from app.core.config import settings
from app.warnings.sources.flood_events import OUTLOOKS, is_generic, kind_of
from app.warnings.sources.message import Act, EndReason, Hazard, Message

ALL = "all"
_REMEMBERED = "hazards"  # among the validators: for which hazards an answer was read


def are_all_wanted() -> bool:
    """Does this deployment take other hazards than floods too?"""
    return settings().hazards == ALL


def sorted_out(messages: Iterable[Message]) -> tuple[list[Message], Counter[str]]:
    """What is taken, and how many messages are left out, by reason. Parts of one message stand side by side.

    Of a message with a part that is taken the other parts are let go. One that is left out still ends what it names:
    a cancellation whatever it calls itself, and an update that names another hazard instead.
    """
    taken: list[Message] = []
    left_out: Counter[str] = Counter()
    for _, parts in groupby(messages, key=lambda one: one.source_id):
        whole = list(parts)
        kept = [one for one in whole if is_wanted(one)]
        if not kept:
            left_out[f"other_hazard:{kind_of(whole[0].texts[0].label)}"] += 1
            kept = [_bare(whole[0])] if _is_ending(whole) else []
        taken += kept
    return taken, left_out


def is_wanted(message: Message) -> bool:
    """Is it about a flood, or are all hazards wanted and it is no mere outlook?"""
    if message.hazard is Hazard.FLOOD or not message.texts:
        return True
    return are_all_wanted() and kind_of(message.texts[0].label) not in OUTLOOKS


def _is_ending(parts: list[Message]) -> bool:
    """Whether the named messages are about a flood is known where they are stored."""
    is_over = all(one.act is Act.END for one in parts)
    return bool(parts[0].replaces) and (is_over or not is_generic(parts[0].texts[0].label))


def _bare(message: Message) -> Message:
    why = message.end_reason if message.act is Act.END else EndReason.REPLACED
    return replace(message, act=Act.END, end_reason=why, event="", texts=(), places=(), hazard=Hazard.OTHER)


def still_valid(validators: Mapping[str, str]) -> Mapping[str, str]:
    """What was remembered, none of it when it was read for other hazards than now."""
    return validators if validators.get(_REMEMBERED, "flood") == settings().hazards else {}


def remembering(validators: Mapping[str, str]) -> dict[str, str]:
    """What to remember, with the hazards that the answer was read for."""
    return dict(validators) | ({_REMEMBERED: ALL} if are_all_wanted() else {})
