"""Translations of texts for people with GNU gettext.

Catalogues are in `pages/locale/<language>/LC_MESSAGES/messages.po`; `make translations` makes the `.mo` from them.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "pages" / "locale"
# In each language's own name. The first is the language of the texts in the code.
LANGUAGES = {"en": "English", "es": "Español"}
SOURCE = "en"
DECIMAL_COMMA = frozenset(("es",))  # languages that write decimals with one


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it, which its tools look for
    """Mark a text for translation; it is returned unchanged."""
    return text


def translated(text: str, language: str, **values: object) -> str:
    """Return the text in a language, with `%(name)s` filled in."""
    translation = translations(language).gettext(text)
    return translation % values if values else translation


def ngettext(one: str, many: str, num: int, *, language: str, **values: object) -> str:
    """Return the text for a number in a language, with `%(name)s` and `%(num)s` filled in."""
    return translations(language).ngettext(one, many, num) % ({"num": num} | values)


@cache
def translations(language: str) -> NullTranslations:
    """Return the catalogue of a language, read once in a process; without one, the texts of the code."""
    file = FOLDER / language / "LC_MESSAGES" / "messages.mo"
    if not file.exists():
        return NullTranslations()
    with file.open("rb") as packed:
        return GNUTranslations(packed)
