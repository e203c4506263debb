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
    ".soft{color:#57606a;font-size:.875em;border-top:1px solid #d0d7de;padding-top:1em}"
    ".bare{font-size:.875em}.trial{border:2px solid #9a6700;padding:.6em}"
    "@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}a{color:#7cc0ff}"
    ".act a{background:#7cc0ff;color:#0d1117}.soft{color:#9da7b1;border-color:#30363d}.trial{border-color:#d4a72c}}"
)


class Link(NamedTuple):
    """An act that a message leads to: its words, and an address on the public base URL."""

    words: str
    url: str


class Letter(NamedTuple):
    """A message in the reader's language. `why`: the reason for which this person gets it."""

    to: str
    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    why: str
    language: str
    link: Link | None = None
    after: tuple[str, ...] = ()  # below the link
    headers: tuple[tuple[str, str], ...] = ()  # besides those that every message has


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
    link = [f"{letter.link.words}:\n{letter.link.url}"] if letter.link else []
    signature = [f"-- \n{letter.why}\n{_service()}"]
    parts = [*_trial(letter), letter.heading, *letter.paragraphs, *link, *letter.after, *signature]
    return "\n\n".join(parts) + "\n"


def html_of(letter: Letter) -> str:
    """Return the message as a page of its own."""
    language = escape(letter.language)
    trial = "".join(f'<p class="trial">{escape(text)}</p>' for text in _trial(letter))
    link = (
        f'<p class="act"><a href="{escape(letter.link.url)}">{escape(letter.link.words)}</a></p>' if letter.link else ""
    )
    bare = f'<p class="bare">{escape(letter.link.url)}</p>' if letter.link else ""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(subject_of(letter))}</title><style>{_STYLE}</style></head><body><main>{trial}"
        f"<h1>{escape(letter.heading)}</h1>{_paragraphs(letter.paragraphs)}{link}{bare}{_paragraphs(letter.after)}"
        f'<p class="soft">{escape(letter.why)}<br>{escape(_service())}</p></main></body></html>'
    )


def _stage() -> str:
    """Return the stage of this deployment: `dev` for `floodmanager-dev`."""
    return settings().prefix.rpartition("-")[2]


def _paragraphs(texts: tuple[str, ...]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts)


def _trial(letter: Letter) -> list[str]:
    return [translated(_TRIAL, letter.language, stage=_stage())] if is_trial() else []


def _service() -> str:
    """Return who runs the service, and its address."""
    operator = settings().operator
    return f"{operator} · {settings().public_base_url}" if operator else settings().public_base_url
