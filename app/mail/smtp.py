"""Send by a mail server of one's own (RFC 5321), over TLS, with a deadline for each step.

`smtp://` begins TLS by STARTTLS and sends nothing without it, except to this machine; `smtps://` begins with TLS.
"""

import smtplib
import ssl
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from app.core import clock
from app.core.config import settings
from app.core.settings_groups import LOOPBACK_HOSTS
from app.mail import addresses
from app.mail.letters import Letter, html_of, subject_of, text_of
from app.mail.models import Delivery
from app.mail.sending import NotNow, Refused, Unknown

STEP_S = 5  # connect, and each answer of the server
_PORTS = {"smtp": 587, "smtps": 465}


class _Whole(UnstructuredHeader, BaseHeader):
    """Header that stays in one line of up to 998 characters (RFC 5322): Python would encode a long address in it."""

    max_count = 1

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Whole)
_POLICY = EmailPolicy(header_factory=_HEADERS)


class Smtp:
    """A mail server. It reports nothing later: an unknown end is taken for a failure once, with the same Message-ID."""

    unknown_ms = 60_000
    most_unknown = 1

    def __init__(self, url: str, password: str = "") -> None:
        self.address = urlsplit(url)
        self.password = unquote(self.address.password or "") or password

    def send(self, letter: Letter, delivery: Delivery) -> str:
        """Hand a message over; the id is our Message-ID. Raises as `Carrier.send`."""
        message = message_of(letter, delivery)
        try:
            server = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise NotNow(_code("connect", error)) from error
        try:
            server.send_message(message, parseaddr(settings().mail.sender)[1], [addresses.to_send_to(letter.to)])
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
            raise (NotNow if _is_for_now(error) else Refused)(_code("refused", error)) from error
        except (OSError, smtplib.SMTPException) as error:  # it may have come after the server took the message
            raise Unknown(_code("broken", error)) from error
        finally:
            server.close()
        return str(message["Message-ID"])

    def _connect(self) -> smtplib.SMTP:
        host, scheme = self.address.hostname or "", self.address.scheme
        port, safe = self.address.port or _PORTS[scheme], ssl.create_default_context()
        if scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=STEP_S, context=safe)
        else:
            server = smtplib.SMTP(host, port, timeout=STEP_S)
            if host not in LOOPBACK_HOSTS:
                server.starttls(context=safe)
        if self.address.username:
            server.login(unquote(self.address.username), self.password)
        return server


def message_of(letter: Letter, delivery: Delivery) -> EmailMessage:
    """Return the message in MIME. A header that holds a line break is refused by Python's own policy."""
    mail, message = settings().mail, EmailMessage(policy=_POLICY)
    name, sender = parseaddr(mail.sender)
    message["From"] = Address(name, addr_spec=sender)
    message["To"] = Address(addr_spec=addresses.to_send_to(letter.to))
    message["Subject"] = subject_of(letter)
    message["Date"] = format_datetime(clock.from_ms(clock.now_ms()))
    message["Message-ID"] = f"<{delivery.recipient[:20]}.{delivery.event}@{sender.rpartition('@')[2]}>"
    for header, value in (*standing_headers(), *letter.headers):
        message[header] = value
    message.set_content(text_of(letter))
    message.add_alternative(html_of(letter), subtype="html")
    return message


def standing_headers() -> list[tuple[str, str]]:
    """Return the headers of every message: machines must not answer it (RFC 3834)."""
    reply_to = settings().mail.reply_to
    return [("Auto-Submitted", "auto-generated"), *([("Reply-To", reply_to)] if reply_to else [])]


def _is_for_now(error: smtplib.SMTPException) -> bool:
    """Return whether the same message may be taken later: codes of 400 (RFC 5321, 4.2.1)."""
    codes = [code for code, _ in error.recipients.values()] if isinstance(error, smtplib.SMTPRecipientsRefused) else []
    return all(400 <= code < 500 for code in codes or [getattr(error, "smtp_code", 0)])


def _code(what: str, error: Exception) -> str:
    """Return a code of a failure; never the server's own words, which may quote an address."""
    return f"{what}-{getattr(error, 'smtp_code', '') or type(error).__name__}"
