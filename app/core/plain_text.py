"""Convert foreign text to plain text for showing: no markup, no entities, no hidden or reordering characters. Pure.

Line breaks stay, and so does every word: `<` begins a tag only before the name of an HTML element, in the form of a
tag, so that "a<b, river -> road" and "depth < 30 cm" stay complete.
"""

import html
import re
import unicodedata
from html.entities import html5

from app.core.unicode_text import BLANKS, few_marks, without_invisible

# HTML elements that hold or shape text, and obsolete ones that mail and feeds still use.
_BREAKING = "address article aside blockquote br center dd div dl dt fieldset figcaption figure footer form".split()
_BREAKING += "h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody tfoot thead tr ul".split()
_INLINE = "abbr acronym audio bdi bdo big body button canvas caption cite code col colgroup data del details".split()
_INLINE += "dfn dialog em embed font head html iframe img input ins kbd label legend link map mark meta".split()
_INLINE += "noscript object option output param picture rp rt ruby samp select small source span strike".split()
_INLINE += "strong style sub summary sup svg math td textarea th time title tt var video wbr script template".split()
_ALONE = "a b i q s u".split()  # possibly a variable: a tag only if the same text closes it
# Attributes that have no value. Any other word behind a name makes it no tag: "<Main St>" is a street.
_BARE = "allowfullscreen async autofocus autoplay checked compact controls default defer disabled hidden inert ismap"
_BARE += " itemscope loop multiple muted nomodule noshade novalidate nowrap open playsinline readonly required reversed"
_BARE = "|".join([*f"{_BARE} selected".split(), r"(?:data|aria)-[\w-]+", r"_ng\w+-[\w-]+"])
_VALUED = r"[a-z_:@-][\w:.@-]*\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s<>\"']+)"
_REST = rf"(?:\s+{_VALUED}|\s+(?:{_BARE})(?=[\s/>]))*\s*/?"
# Elements that are not shown, with their ends. One without its end hides nothing: it would take all words behind it.
_UNSHOWN = [
    (re.compile(f"{start}.*?{end}", re.I | re.S), re.compile(end, re.I))
    for start, end in (
        *((rf"<{name}{_REST}>", rf"</{name}\s*>") for name in ("script", "style", "template")),
        ("<!--", "-->"),
    )
]
_DECLARED = re.compile(r"<!\[CDATA\[|\]\]>|<!doctype[^<>]*>", re.I)
_BREAK = re.compile(rf"</?(?:{'|'.join(_BREAKING)}){_REST}>", re.I)
_TAG = re.compile(rf"</?(?:{'|'.join(_INLINE)}){_REST}>", re.I)
_LETTER = re.compile(rf"<(/?)({'|'.join(_ALONE)}){_REST}>", re.I)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BREAKS = re.compile(r"[ \t]*\n[ \t\n]*")
_ROUNDS = 4  # markup inside entities inside markup
_LONGEST = 40_000  # characters; limits the time for cleaning a huge text
_LINE_ENDS = re.compile("\r\n|[\r\x85\x0b\x0c\u2028\u2029]")
_STRANGE = re.compile(r"[^\t\n -~]")
_STRANGE_BLANKS = {ord(blank): " " for blank in BLANKS if blank not in "\t\n\r \u2028\u2029"}


def plain(text: str) -> str:
    """Return the text as shown; stripped, in Unicode NFC."""
    visible_text = _visible(text[:_LONGEST])
    for _ in range(_ROUNDS):  # an entity may stand for an invisible character, which may hide a tag in turn
        before = visible_text
        if "<" in visible_text or "&" in visible_text:
            visible_text = _visible(without_markup(visible_text))
        if visible_text == before:
            break
    return few_marks(unicodedata.normalize("NFC", visible_text)).strip()


def one_line(text: str, *, longest: int) -> str:
    """Return the text as shown, in one line, up to a limit of characters."""
    line = " ".join(plain(text).split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def without_markup(text: str) -> str:
    """Remove tags (block tags become line breaks) and replace entities by their characters, at any nesting."""
    before, is_marked = None, False
    for _ in range(_ROUNDS):
        before = text
        text = _DECLARED.sub("", _without_unshown(text))
        tagless = _without_letters(_TAG.sub("", _BREAK.sub("\n", text)))
        is_marked |= tagless != text
        text = _ENTITY.sub(_character, tagless)
        if text == before:
            break
    return _BREAKS.sub(lambda match: "\n" * min(match[0].count("\n"), 2), text) if is_marked else text


def _without_unshown(text: str) -> str:
    """Remove elements and comments that are not shown. In linear time: no start is sought behind the last end."""
    for element, end in _UNSHOWN:
        last = max((match.end() for match in end.finditer(text)), default=0)
        text = element.sub("", text[:last]) + text[last:]
    return text


def _character(entity: re.Match[str]) -> str:
    """Return the character of an entity; an unknown name stays, even if it begins with a known one ("&notice;")."""
    is_known = entity[0][1] == "#" or entity[0][1:] in html5
    return html.unescape(entity[0]) if is_known else entity[0]


def _without_letters(text: str) -> str:
    """Remove `<b>` and similar tags if the text has both the opening and the closing tag."""
    tags = {(match[1], match[2].lower()) for match in _LETTER.finditer(text)}
    paired = {name for _, name in tags if ("", name) in tags and ("/", name) in tags}
    return _LETTER.sub(lambda match: "" if match[2].lower() in paired else match[0], text)


def _visible(text: str) -> str:
    """Remove controls except tabs and line breaks, bidirectional controls, and invisible characters."""
    line_text = _LINE_ENDS.sub("\n", text).translate(_STRANGE_BLANKS)
    return without_invisible(line_text) if _STRANGE.search(line_text) else line_text
