"""Language of a page: the one that its URL asks for, else the one chosen by the reader, else the browser's."""

from flask import g, request

from app.core.translations import LANGUAGES, translated, translations
from app.http.answers import accepted_language

COOKIE = "lang"
# Of a shared link, so that it opens as the person who shares it saw it; for that page alone.
PARAMETER = "lang"
RIGHT_TO_LEFT = frozenset(("ar", "fa", "he", "ur"))


def chosen() -> str:
    """Return the language of this request, one of LANGUAGES."""
    language: str | None = g.get("language")
    if language is None:
        language = g.language = _choose()
    return language


def asked() -> str:
    """Return the language that the URL asks for; "" if it asks for none that we have."""
    code = request.args.get(PARAMETER, "")
    return code if code in LANGUAGES else ""


def _choose() -> str:
    cookie = request.cookies.get(COOKIE, "")
    return asked() or (cookie if cookie in LANGUAGES else accepted_language())


def direction() -> str:
    """Return `ltr` or `rtl`, for the page's `dir`."""
    return "rtl" if chosen() in RIGHT_TO_LEFT else "ltr"


def gettext(text: str, **values: object) -> str:
    """Translate a text into this request's language, with `%(name)s` filled in."""
    return translated(text, chosen(), **values)


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """Translate with the plural form for a number; `%(num)s` is the number."""
    return translations(chosen()).ngettext(one, many, num) % ({"num": num} | values)
