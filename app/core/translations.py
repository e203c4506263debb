"""Words for people, in the languages that there are: marked where they stand, translated where they are said.

Texts are GNU gettext's, in `web/locale/<language>/LC_MESSAGES/messages.po`; the `.mo` beside it is made from it by
`make translations`.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "pages" / "locale"
# As each language calls itself. The first is what the texts are written in.
LANGUAGES = {"en": "English", "es": "Español"}
SOURCE = "en"


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it, which its tools look for
    """Mark a text for translation; it stays as it is."""
    return text


def translated(text: str, language: str, **values: object) -> str:
    """The text in a language, with `%(name)s` filled in."""
    found = translations(language).gettext(text)
    return found % values if values else found


@cache
def translations(language: str) -> NullTranslations:
    """The texts of a language, read once in a process; without a catalogue those of the code."""
    file = FOLDER / language / "LC_MESSAGES" / "messages.mo"
    if not file.exists():
        return NullTranslations()
    with file.open("rb") as packed:
        return GNUTranslations(packed)
