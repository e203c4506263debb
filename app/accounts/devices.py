"""Devices as they name themselves, coarsely; and the mark of a device on which an account was signed in before.

Of a User-Agent the family of the browser and the system are kept, each as one of a few words, never the text itself:
versions and models would tell people apart. What a device says of itself can be made up, so nothing depends on it.
"""

from typing import NamedTuple

from app.accounts import tokens
from app.accounts.models import Account
from app.accounts.tokens import Use
from app.core.errors import Unauthenticated

LONGEST_READ = 512  # characters of a User-Agent
# The first that occurs counts: most browsers name those too that they are made from.
_BROWSERS = (
    ("EdgA/", "edge"),
    ("EdgiOS/", "edge"),
    ("Edg/", "edge"),
    ("OPR/", "opera"),
    ("SamsungBrowser/", "samsung"),
    ("FxiOS/", "firefox"),
    ("Firefox/", "firefox"),
    ("CriOS/", "chrome"),
    ("Chrome/", "chrome"),
    ("Safari/", "safari"),
    ("curl/", "curl"),
    ("python", "python"),
    ("Python", "python"),
)
_SYSTEMS = (
    ("Android", "android"),
    ("iPhone", "ios"),
    ("iPad", "ios"),
    ("Windows", "windows"),
    ("CrOS", "chromeos"),
    ("Macintosh", "macos"),
    ("Linux", "linux"),
)
_NAMES = {
    "edge": "Edge",
    "opera": "Opera",
    "samsung": "Samsung Internet",
    "firefox": "Firefox",
    "chrome": "Chrome",
    "safari": "Safari",
    "curl": "curl",
    "python": "Python",
    "android": "Android",
    "ios": "iOS",
    "windows": "Windows",
    "chromeos": "ChromeOS",
    "macos": "macOS",
    "apple": "macOS / iPadOS",  # Safari on an iPad says that it is one on a Macintosh
    "linux": "Linux",
}


class Mark(NamedTuple):
    """A device of an earlier sign-in: its random name, and up to when its person has answered for new sign-ins."""

    name: str
    told_until_ms: int


def kind_of(user_agent: str) -> str:
    """Return the kind of a device by its User-Agent, as `firefox-android`; "" if it names none that is known."""
    text = user_agent[:LONGEST_READ]
    browser = next((word for sign, word in _BROWSERS if sign in text), "")
    system = next((word for sign, word in _SYSTEMS if sign in text), "")
    if (browser, system) == ("safari", "macos"):
        system = "apple"
    return "-".join(filter(None, (browser, system)))


def name_of(kind: str | None) -> str:
    """Return a kind of device by its names, which no language translates, as `Firefox, Android`; "" if not known."""
    return ", ".join(_NAMES[word] for word in (kind or "").split("-") if word in _NAMES)


def mark_of(device_token: str, account: Account) -> Mark | None:
    """Return the mark of a device on which this account was signed in before; None if the token is no such mark."""
    try:
        claims = tokens.read(device_token, Use.DEVICE) if device_token else None
    except Unauthenticated:
        return None
    if claims is None or claims.subject != account.id:
        return None
    return Mark(claims.family, (claims.number or claims.issued_at_s) * 1000)
