"""Find real messages whose text says that they are a test; they are shown as they are, with that word first.

Only unambiguous words count: the River Test, the Test Valley and other names do not.
"""

import re
from dataclasses import replace

from app.warnings.sources.message import Text

FIRST = "TEST"
# In the languages of the official warnings at hand; searched in all texts.
_ANYWHERE = re.compile(
    r"\bthis (?:message |alert |warning |notification )?is (?:only )?an? (?:\w+ )?(?:test|exercise|drill)\b"
    r"|\b(?<!river )(?:test|exercise|drill)[ -](?:message|only|broadcast|notification)\b"
    r"|\bfor (?:test|testing|exercise) purposes?\b|[\[(*]\s*(?:test|exercise|drill)\s*[\])*]"
    r"|\b(?:dies|das) ist (?:nur )?eine? (?:test|probe|ubung|übung)|\b(?:test|probe)(?:warnung|alarm|meldung)"
    r"|\bceci (?:est|n.est qu).{0,4} (?:un )?(?:test|exercice)\b|\bmessage de test\b|\b(?:alerte|message) d.exercice\b"
    r"|\best[eo] es (?:solo )?una? (?:prueba|simulacro)\b|\bmensaje de prueba\b|\bmensagem de teste\b"
    r"|\bmessaggio di (?:prova|test)\b|\b(?:test|øvings|övnings)(?:melding|meddelande|varsel|varning)\b",
    re.I,
)
# At the beginning of a label or headline: "Test: ..", "TEST Flood Warning", "Test flood alert"; or the whole text.
_AT_HEAD = re.compile(
    r"\W*(?:(?i:test|exercise|drill)(?:\s*[-–—:!.*]|\s*$|\s+(?i:test|(?:flood |cap )?(?:alert|warning)s?\b)))"
)
# Capitals in a text that is not all in capitals.
_SHOUTED = re.compile(r"\b(?:TEST|EXERCISE|DRILL)\b(?! VALLEY| RIVER)")


def said_first(text: Text) -> Text:
    """Return the text; if it calls itself a test anywhere, its headline begins with that word."""
    if not is_drill(text) or _AT_HEAD.match(text.headline):
        return text
    return replace(text, headline=f"{FIRST}: {text.headline or text.label}")


def is_drill(text: Text) -> bool:
    """Return whether the sender calls it a test."""
    heads = (text.label, text.headline)
    if any(_AT_HEAD.match(head) or _SHOUTED.search(head) and head != head.upper() for head in heads):
        return True
    return any(_ANYWHERE.search(part) for part in (*heads, text.description[:2000], text.instruction[:2000]))
