"""E-mail addresses: which ones are accepted, and the keyed hash that stands for one where it must not be stored.

The rules are those of RFC 5321 and 5322 for addresses that people have: no quoted local part, no address literal, no
letters outside ASCII before the @. A domain may be written in Unicode (IDNA); stored and used is what was typed, and
sent to is the form in ASCII. Python's own codec follows IDNA 2003, which takes four characters of the newer standard
for others: domains with one of these are refused, because a message could go to another one's server.
"""

import re
import unicodedata
from email.utils import parseaddr

from app.core import mail_keys
from app.core.config import settings
from app.core.settings_groups import EVERYONE

LONGEST, _LONGEST_LOCAL, _LONGEST_DOMAIN, _LONGEST_LABEL = 254, 64, 253, 63
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", re.ASCII)
_AMBIGUOUS = frozenset("\u00df\u03c2\u200c\u200d")
# Boxes of those who run a domain (RFC 2142), and of machines: no person there has an account here.
_OF_ROLES = frozenset(
    "abuse bounce bounces donotreply do-not-reply hostmaster mailer-daemon no-reply noc noreply postmaster root "
    "security webmaster".split()
)
NO_ADDRESS = "email|It must be an e-mail address, such as name@example.org."
OF_A_ROLE = "role|It is the address of those who run a mail server. Give one of your own."
OUR_OWN = "own|It is this service's own address. Give one of your own."


def faults(text: str) -> list[str]:
    """List the mistakes of an address, each as `code|sentence`."""
    if len(text) > LONGEST:
        return [f"length|It must have at most {LONGEST} characters; it has {len(text)}."]
    local, at, domain = text.rpartition("@")
    if not at or len(local) > _LONGEST_LOCAL or not _LOCAL.fullmatch(local) or not _in_ascii(domain):
        return [NO_ADDRESS]
    mailbox = local.partition("+")[0]  # what follows is a note of its owner: most servers deliver it there
    if mailbox.lower() in _OF_ROLES:
        return [OF_A_ROLE]
    mail = settings().mail
    ours = {_comparable(parseaddr(one)[1]) for one in (mail.sender, mail.reply_to) if one}
    return [OUR_OWN] if not ours.isdisjoint((_comparable(text), _comparable(f"{mailbox}@{domain}"))) else []


def to_send_to(address: str) -> str:
    """Return an accepted address in ASCII, as mail servers take it."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{_in_ascii(domain)}"


def _in_ascii(domain: str) -> str:
    """Return a domain name in lower case and ASCII; "" if it is none, or an ambiguous one."""
    folded = unicodedata.normalize("NFC", domain)
    if not _AMBIGUOUS.isdisjoint(folded) or len(folded) > _LONGEST_DOMAIN:
        return ""
    try:
        name = folded.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    labels = name.split(".")
    is_name = len(labels) > 1 and len(name) <= _LONGEST_DOMAIN and not labels[-1].isdigit()
    return name if is_name and all(_is_label(label) for label in labels) else ""


def _is_label(label: str) -> bool:
    return len(label) <= _LONGEST_LABEL and bool(_LABEL.fullmatch(label))


def _comparable(address: str) -> str:
    """Return the form in which two spellings of one mailbox are equal; hardly any server tells case apart."""
    local, _, domain = address.rpartition("@")
    return f"{local.lower()}@{_in_ascii(domain) or domain.lower()}"


def are_same(one: str | None, other: str | None) -> bool:
    """Return whether two addresses lead to one mailbox; False without one of them."""
    return bool(one and other) and _comparable(str(one)) == _comparable(str(other))


def hash_of(address: str) -> str:
    """Return the keyed hash of an address by the newest key, after the key's version: rows hold it in its place."""
    return all_hashes_of(address)[0]


def all_hashes_of(address: str) -> list[str]:
    """Return the hashes of an address under all keys, the newest first: rows may be older than the newest key."""
    return [_hash_under(key, address) for key in mail_keys.current()]


def _hash_under(key: bytes, address: str) -> str:
    version = mail_keys.mac(key, "version").hex()[:4]
    return f"{version}{mail_keys.mac(key, 'address', _comparable(address)).hex()[:40]}"


def is_allowed(address: str) -> bool:
    """Return whether this deployment may send to an address: in production to any, else to those of a setting."""
    mail = settings().mail
    if mail.to == EVERYONE or mail.is_local:
        return True
    listed = [one.strip() for one in mail.to.split(",") if one.strip()]
    domain = _comparable(address).rpartition("@")[2]
    return any(are_same(one, address) or one.lower().lstrip("@") == domain for one in listed)
