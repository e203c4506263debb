"""A message to a person, in parts: from them come its plain text and its HTML, which say the same.

The HTML asks nothing of the network: no picture, no font, no counter. It is one column that is narrow enough for
320 px, and follows the reader's light or dark.
"""

from html import escape
from typing import NamedTuple

from app.core.config import settings
from app.core.settings_groups import EVERYONE, PROD
from app.core.translations import N_, translated

_TRIAL = N_(
    "This message comes from a trial of the service (%(stage)s). It goes to a few people who test it. Do not act on it."
)
_STYLE = (
    ":root{color-scheme:light dark}"
    "body{margin:0;padding:16px;background:#fff;color:#1b1f24;font:16px/1.5 system-ui,sans-serif}"
    "main{max-width:34em;margin:0 auto;overflow-wrap:anywhere}h1{font-size:1.3em;line-height:1.3;margin:0 0 .8em}"
    "p{margin:0 0 1em}a{color:#0b5394}.act a{display:inline-block;padding:.7em 1.1em;border-radius:6px;"
    "background:#0b5394;color:#fff;font-weight:600;text-decoration:none}"
    "h2{font-size:1.1em;line-height:1.3;margin:1.6em 0 .5em}"
    "h1.toned,h2.toned{padding:.1em 0 .1em .6em;border-left:6px solid #5d6b77}"
    ".toned.extreme{border-color:#7a1fa2}.toned.severe{border-color:#c62828}.toned.moderate{border-color:#cb7a00}"
    ".toned.minor{border-color:#7a6200}.toned.water{border-color:#174f86}"
    "blockquote{margin:0 0 1em;padding:.6em .9em;background:#f2f4f6}blockquote p:last-child{margin:0}"
    ".soft{color:#57606a;font-size:.875em;border-top:1px solid #d0d7de;padding-top:1em}"
    ".soft a{display:inline-block;padding:.5em 1em .5em 0}"
    ".bare{font-size:.875em}.trial{border:2px solid #9a6700;padding:.6em}"
    "@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}a{color:#7cc0ff}"
    ".act a{background:#7cc0ff;color:#0d1117}.soft{color:#9da7b1;border-color:#30363d}.trial{border-color:#d4a72c}"
    ".toned.extreme{border-color:#c77be8}.toned.severe{border-color:#ef6a62}.toned.moderate{border-color:#f0a73a}"
    ".toned.minor{border-color:#d8c15a}.toned.water{border-color:#94ccf0}blockquote{background:#1c242d}}"
)


class Link(NamedTuple):
    """An act that a message leads to: its words, and an address on the public base URL."""

    words: str
    url: str


class Quote(NamedTuple):
    """Words of others, in their language ("" if it is not known), and whose words they are."""

    of: str
    paragraphs: tuple[str, ...]
    language: str = ""


class Section(NamedTuple):
    """One of several things that a message tells of. `tone`: as of a letter."""

    heading: str = ""
    paragraphs: tuple[str, ...] = ()
    quote: Quote | None = None
    link: Link | None = None
    tone: str = ""


class Letter(NamedTuple):
    """A message in the reader's language. `why`: the reason for which this person gets it.

    `tone`: a severity for what an authority says, `water` for what people report, `over` for what has ended.
    """

    to: str
    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    why: str
    language: str
    link: Link | None = None
    after: tuple[str, ...] = ()  # below the link
    headers: tuple[tuple[str, str], ...] = ()  # besides those that every message has
    sections: tuple[Section, ...] = ()  # between the paragraphs and the link
    more: tuple[Link, ...] = ()  # below the link
    tone: str = ""
    foot: tuple[Link, ...] = ()  # below the reason: how to get no more of them
    tells: tuple[str, ...] = ()  # events of messages of the ledger that were held back, and that it tells of


def link_to(path: str) -> str:
    """Return the public address of one of our paths. Never from a request's Host, which anybody can choose."""
    return f"{settings().public_base_url}{path}"


def subject_of(letter: Letter) -> str:
    """Return the subject in one line; of a trial it begins with the stage."""
    line = " ".join(letter.subject.split())
    return f"[{_stage()}] {line}" if is_trial() else line


def is_trial() -> bool:
    """Return whether messages must say that they are of a trial: in every stage but production."""
    mail = settings().mail
    return not mail.is_local and (_stage() != PROD or mail.to != EVERYONE)


def text_of(letter: Letter) -> str:
    """Return the message as plain text."""
    sections = [part for section in letter.sections for part in _section_text(section)]
    foot = [_link_text(link) for link in letter.foot]
    signature = ["\n\n".join([f"-- \n{letter.why}", *foot, _service()])]
    links = [_link_text(link) for link in (letter.link, *letter.more) if link]
    parts = [*_trial(letter), letter.heading, *letter.paragraphs, *sections, *links, *letter.after]
    return "\n\n".join([*parts, *signature]) + "\n"


def _section_text(section: Section) -> list[str]:
    heading = [f"* {section.heading}"] if section.heading else []
    quote = section.quote
    lines = [line for text in quote.paragraphs for line in ["", *text.split("\n")]][1:] if quote else []
    quoted = ["\n".join([quote.of, *(f"> {line}".rstrip() for line in lines)])] if quote else []
    return [*heading, *section.paragraphs, *quoted, *([_link_text(section.link)] if section.link else [])]


def _link_text(link: Link) -> str:
    return f"{link.words}:\n{link.url}"


def html_of(letter: Letter) -> str:
    """Return the message as a page of its own."""
    language = escape(letter.language)
    trial = "".join(f'<p class="trial">{escape(text)}</p>' for text in _trial(letter))
    link = f'<p class="act">{_anchor(letter.link)}</p>' if letter.link else ""
    bare = f'<p class="bare">{escape(letter.link.url)}</p>' if letter.link else ""
    more = "".join(f"<p>{_anchor(link)}</p>" for link in letter.more)
    sections = "".join(_section_html(section) for section in letter.sections)
    foot = "".join(f"<br>{_anchor(link)}" for link in letter.foot)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(subject_of(letter))}</title><style>{_STYLE}</style></head><body><main>{trial}"
        f"<h1{_class(letter.tone)}>{escape(letter.heading)}</h1>{_paragraphs(letter.paragraphs)}{sections}{link}{bare}"
        f'{more}{_paragraphs(letter.after)}<p class="soft">{escape(letter.why)}{foot}<br>{escape(_service())}</p>'
        "</main></body></html>"
    )


def _section_html(section: Section) -> str:
    heading = f"<h2{_class(section.tone)}>{escape(section.heading)}</h2>" if section.heading else ""
    link = f"<p>{_anchor(section.link)}</p>" if section.link else ""
    return heading + _paragraphs(section.paragraphs) + (_quote_html(section.quote) if section.quote else "") + link


def _quote_html(quote: Quote) -> str:
    language = f' lang="{escape(quote.language)}"' if quote.language else ""
    words = _paragraphs(quote.paragraphs)
    return f'<p><strong>{escape(quote.of)}</strong></p><blockquote{language} dir="auto">{words}</blockquote>'


def _anchor(link: Link) -> str:
    return f'<a href="{escape(link.url)}">{escape(link.words)}</a>'


def _class(tone: str) -> str:
    return f' class="toned {escape(tone)}"' if tone else ""


def _stage() -> str:
    """Return the stage of this deployment: `dev` for `floodmanager-dev`."""
    return settings().prefix.rpartition("-")[2]


def _paragraphs(texts: tuple[str, ...]) -> str:
    return "".join(f"<p>{_lines(text)}</p>" for text in texts)


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _trial(letter: Letter) -> list[str]:
    return [translated(_TRIAL, letter.language, stage=_stage())] if is_trial() else []


def _service() -> str:
    """Return who runs the service, and its address."""
    operator = settings().operator
    return f"{operator} · {settings().public_base_url}" if operator else settings().public_base_url
