"""In which language a page speaks: what somebody has chosen, else what the browser asks for.

Texts are GNU gettext's, in `locale/<language>/LC_MESSAGES/messages.po`; the `.mo` beside it is made from it by
`make translations`. Numbers and times have few words, which are texts like all others.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from flask import g, request

FOLDER = Path(__file__).with_name("locale")
# As each language calls itself. The first is what the templates are written in.
LANGUAGES = {"en": "English", "es": "Español"}
SOURCE = "en"
COOKIE = "lang"
RIGHT_TO_LEFT = frozenset(("ar", "fa", "he", "ur"))


def chosen() -> str:
    """The language of this request, one of LANGUAGES."""
    known: str | None = g.get("language")
    if known is None:
        known = g.language = _choose()
    return known


def _choose() -> str:
    said = request.cookies.get(COOKIE, "")
    return said if said in LANGUAGES else request.accept_languages.best_match(list(LANGUAGES), SOURCE) or SOURCE


def direction() -> str:
    """`ltr` or `rtl`, for the page's `dir`."""
    return "rtl" if chosen() in RIGHT_TO_LEFT else "ltr"


def gettext(text: str, **values: object) -> str:
    """The text in this request's language, with `%(name)s` filled in."""
    found = translations(chosen()).gettext(text)
    return found % values if values else found


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The form for so many; `%(num)s` is their number."""
    return translations(chosen()).ngettext(one, many, num) % ({"num": num} | values)


@cache
def translations(language: str) -> NullTranslations:
    """The texts of a language, read once in a process; without a catalogue those of the templates."""
    file = FOLDER / language / "LC_MESSAGES" / "messages.mo"
    if not file.exists():
        return NullTranslations()
    with file.open("rb") as packed:
        return GNUTranslations(packed)
