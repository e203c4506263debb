"""What an info of a CAP alert does: its words of rank, whether it holds or ends, and from when to when.

What ends: a Cancel; responseType AllClear; urgency Past, but not of a first message that names no other (GDACS tells of
floods so); awareness level 1 of MeteoAlarm, green, which says that none is needed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.core import clock
from app.warnings.sources.cap.document import CapAlert, CapInfo
from app.warnings.sources.message import Act, EndReason

# CAP 1.2 section 3.2.2 (OASIS, 2010-07-01), folded; CAP 1.0 and 1.1 have no other words but "Very Likely", which 1.2
# says to treat as Likely. A word that is not here is unknown, never more.
SEVERITIES = frozenset("extreme severe moderate minor unknown".split())
URGENCIES = frozenset("immediate expected future past unknown".split())
CERTAINTIES = {word: word for word in "observed likely possible unlikely unknown".split()} | {"very likely": "likely"}
# "The subject event no longer poses a threat or concern"; "Responsive action is no longer required".
ENDING_RESPONSE, ENDING_URGENCY = "allclear", "past"
# MeteoAlarm's parameter, "1; green; Minor".
AWARENESS_LEVEL, NO_AWARENESS = "awareness_level", ("1", "green")
_NOT_NEEDED = re.compile(
    r"\bno (?:special |particular )?awareness (?:of the weather )?(?:is )?(?:needed|required)\b", re.I
)
# "Green warning for rain-flood": of the event alone, since GDACS' headlines have a green of another meaning, and rivers
# are called so.
_GREEN = re.compile(
    r"\bgreen (?:(?!river|valley|creek|lake|bay)[\w-]+ )?(?:warning|alert|advisory)\b"
    r"|\b(?:vigilance|alerte) verte\b|\b(?:aviso|alerta|allerta) verde\b",
    re.I,
)
# How long a first message that is past already is shown where it does not say.
PAST_HOLDS_MS = clock.DAY_MS


@dataclass(frozen=True, slots=True)
class Stance:
    """What must be equal in infos that are one message."""

    act: Act
    end_reason: EndReason | None
    severity: str
    urgency: str
    certainty: str
    onset: int | None
    expires: int | None


def stance_of(alert: CapAlert, info: CapInfo) -> Stance:
    """The stance of one info of an alert."""
    urgency = _word(info.urgency, URGENCIES)
    why = _why_over(alert, info, urgency)
    is_past = urgency == ENDING_URGENCY and why is None
    begins = info.effective if info.effective is not None and info.effective > alert.sent else None
    return Stance(
        act=Act.HOLD if why is None else Act.END,
        end_reason=why,
        severity=_word(info.severity, SEVERITIES),
        urgency=urgency,
        certainty=CERTAINTIES.get(_folded(info.certainty), "unknown"),
        onset=info.onset if info.onset is not None else begins,
        expires=alert.sent + PAST_HOLDS_MS if is_past and info.expires is None else info.expires,
    )


def _why_over(alert: CapAlert, info: CapInfo, urgency: str) -> EndReason | None:
    if alert.message_type == "cancel":
        return EndReason.CANCELLED
    responses = {_folded(response).replace(" ", "") for response in info.response_types}
    is_over = ENDING_RESPONSE in responses or urgency == ENDING_URGENCY and not _is_first(alert) or _is_green(info)
    return EndReason.ALL_CLEAR if is_over else None


def _is_first(alert: CapAlert) -> bool:
    """Does it tell of what is past and of nothing else, so that there is nothing that it could end?"""
    is_past = all(_word(info.urgency, URGENCIES) == ENDING_URGENCY for info in alert.infos)
    return alert.message_type == "alert" and not alert.references and is_past


def _is_green(info: CapInfo) -> bool:
    levels = [
        re.split(r"[;,\s]+", value.casefold()) for name, value in info.parameters if name.casefold() == AWARENESS_LEVEL
    ]
    if levels:
        return any(level[0] in NO_AWARENESS for level in levels)
    is_told = any(_NOT_NEEDED.search(said) for said in (info.cap_event, info.headline))
    return is_told or bool(_NOT_NEEDED.match(info.description) or _GREEN.search(info.cap_event))


def _folded(word: str) -> str:
    return " ".join(word.split()).casefold()


def _word(said: str, known: Iterable[str]) -> str:
    folded = _folded(said)
    return folded if folded in known else "unknown"
