"""Interpret an info of a CAP alert: its severity, urgency and certainty, whether it holds or ends, and its times.

It ends with a Cancel; with responseType AllClear; with urgency Past, except in a first message that names no other
(GDACS reports floods so); and with awareness level 1 of MeteoAlarm (green: no awareness needed).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.core import clock
from app.core.severity import EVERY as EVERY_SEVERITY
from app.warnings.sources.cap.reader import CapAlert, CapInfo
from app.warnings.sources.message import Act, EndReason

# CAP 1.2 section 3.2.2 (OASIS, 2010-07-01), lower case. CAP 1.0 and 1.1 differ only in "Very Likely", which 1.2 treats
# as Likely. Any other word is unknown, never graver.
URGENCIES = frozenset("immediate expected future past unknown".split())
CERTAINTIES = {word: word for word in "observed likely possible unlikely unknown".split()} | {"very likely": "likely"}
# "The subject event no longer poses a threat or concern"; "Responsive action is no longer required".
ENDING_RESPONSE, ENDING_URGENCY = "allclear", "past"
# MeteoAlarm's parameter, "1; green; Minor".
AWARENESS_LEVEL, NO_AWARENESS = "awareness_level", ("1", "green")
_NOT_NEEDED = re.compile(
    r"\bno (?:special |particular )?awareness (?:of the weather )?(?:is )?(?:needed|required)\b", re.I
)
# "Green warning for rain-flood": in the event only, since "green" has another meaning in GDACS' headlines, and is a
# name of rivers.
_GREEN = re.compile(
    r"\bgreen (?:(?!river|valley|creek|lake|bay)[\w-]+ )?(?:warning|alert|advisory)\b"
    r"|\b(?:vigilance|alerte) verte\b|\b(?:aviso|alerta|allerta) verde\b",
    re.I,
)
# How long a first message about a past event is shown if it has no end.
PAST_HOLDS_MS = clock.DAY_MS


@dataclass(frozen=True, slots=True)
class Stance:
    """Fields that must be equal in infos of one message."""

    act: Act
    end_reason: EndReason | None
    severity: str
    urgency: str
    certainty: str
    onset_at_ms: int | None
    expires_at_ms: int | None


def stance_of(alert: CapAlert, info: CapInfo) -> Stance:
    """Interpret one info of an alert."""
    urgency = _word(info.urgency, URGENCIES)
    why = _why_over(alert, info, urgency)
    is_past = urgency == ENDING_URGENCY and why is None
    begins = (
        info.effective_at_ms if info.effective_at_ms is not None and info.effective_at_ms > alert.sent_at_ms else None
    )
    return Stance(
        act=Act.HOLD if why is None else Act.END,
        end_reason=why,
        severity=_word(info.severity, EVERY_SEVERITY),
        urgency=urgency,
        certainty=CERTAINTIES.get(_folded(info.certainty), "unknown"),
        onset_at_ms=info.onset_at_ms if info.onset_at_ms is not None else begins,
        expires_at_ms=alert.sent_at_ms + PAST_HOLDS_MS
        if is_past and info.expires_at_ms is None
        else info.expires_at_ms,
    )


def _why_over(alert: CapAlert, info: CapInfo, urgency: str) -> EndReason | None:
    if alert.message_type == "cancel":
        return EndReason.CANCELLED
    responses = {_folded(response).replace(" ", "") for response in info.response_types}
    is_over = ENDING_RESPONSE in responses or urgency == ENDING_URGENCY and not _is_first(alert) or _is_green(info)
    return EndReason.ALL_CLEAR if is_over else None


def _is_first(alert: CapAlert) -> bool:
    """Return whether the alert is about the past only and names no other message, so that it ends nothing."""
    is_past = all(_word(info.urgency, URGENCIES) == ENDING_URGENCY for info in alert.infos)
    return alert.message_type == "alert" and not alert.references and is_past


def _is_green(info: CapInfo) -> bool:
    levels = [
        re.split(r"[;,\s]+", value.casefold()) for name, value in info.parameters if name.casefold() == AWARENESS_LEVEL
    ]
    if levels:
        return any(level[0] in NO_AWARENESS for level in levels)
    is_told = any(_NOT_NEEDED.search(text) for text in (info.cap_event, info.headline))
    return is_told or bool(_NOT_NEEDED.match(info.description) or _GREEN.search(info.cap_event))


def _folded(word: str) -> str:
    return " ".join(word.split()).casefold()


def _word(value: str, vocabulary: Iterable[str]) -> str:
    folded = _folded(value)
    return folded if folded in vocabulary else "unknown"
