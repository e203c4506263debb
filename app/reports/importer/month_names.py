"""Dates with names of months in other languages than English, spelled as 2024-06-03. Pure.

Names are compared without case and accents. `listopad` is none of them: it is October in Croatian, November in Polish
and Czech.
"""

import re
import unicodedata
from functools import lru_cache

from app.core.parse_time import whole_year

# By month: German, French, Spanish, Portuguese, Italian, Dutch, Indonesian, Polish, Scandinavian languages, Russian.
_NAMES = (
    "januar janner janvier janv enero ene janeiro gennaio gen januari stycznia января",
    "februar feber fevrier fevr fev febrero fevereiro febbraio februari lutego февраля",
    "marz mrz mar mars marzo marco maart mrt maret marca marts марта",
    "april avril avr abril abr aprile kwietnia апреля",
    "mai mayo maio maggio mag mei maja maj мая",
    "juni juin junio junho giugno giu czerwca июня",
    "juli juillet juil julio julho luglio lug lipca июля",
    "august aout agosto ago augustus agustus agu agt sierpnia augusti августа",
    "september septembre septiembre setiembre setembro set settembre wrzesnia сентября",
    "oktober okt octobre octubre outubro out ottobre ott pazdziernika октября",
    "november novembre noviembre novembro nop ноября",
    "dezember dez decembre diciembre dic dezembro dicembre december desember des grudnia декабря",
)
_MONTHS = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
_DATE = re.compile(
    r"(?:[^\W\d_]{2,12}\.?,? +)?(?:(?:den|el|le|il) +)?(?P<day>\d{1,2})(?:\.|er|º|°|:?e)?[ \-/.]*(?:de +|di +|d')?"
    r"(?P<month>[^\W\d_]{3,12})\.?[ \-/.,]*(?:del? +)?(?P<year>\d{4}|\d\d)(?!\d)(?P<rest>.*)",
    re.S | re.I,
)
_VIETNAMESE = re.compile(
    r"(?:ngày +)?(?P<day>\d{1,2}) +tháng +(?P<month>\d{1,2}),? +(?:năm +)?(?P<year>\d{4})(?P<rest>.*)"
)
_CHINESE = re.compile(r"(?P<year>\d{4})\s*[年년]\s*(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일](?P<rest>.*)")
_REST = re.compile(
    r"[,\s]*(?:um|à|às|a las|alle|ore|om|pukul|jam|kl\.?|lúc)?\s*(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d\d))"
    r"(?P<more>:\d\d)?\s*(?:Uhr|h|uur|WIB)?",
    re.I,
)


def spelled_out(text: str) -> str:
    """Return a date with the name of a month, as in 29 de octubre de 2024 18:30, by numbers; others as they are."""
    return text if text[4:5] in ("-", "/", ".") or text[1:].isdigit() else _spelled(text)


@lru_cache(maxsize=4096)
def _spelled(text: str) -> str:
    text = text.strip()
    match = _VIETNAMESE.fullmatch(text) or _CHINESE.fullmatch(text) or _DATE.fullmatch(text)
    if not match:
        return text
    named = match["month"]
    month = int(named) if named.isdigit() else _MONTHS.get(_folded(named), 0)
    if not month:
        return text
    year = match["year"] if len(match["year"]) == 4 else whole_year(int(match["year"]))
    rest = match["rest"]
    if clock := _REST.fullmatch(rest):
        if rest.rstrip().endswith("WIB"):
            return text
        rest = f" {clock['hour']}:{clock['minute']}{clock['more'] or ''}"
    return f"{year}-{month}-{match['day']}{rest}"


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if unicodedata.category(sign) != "Mn")
