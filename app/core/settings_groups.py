"""Groups of settings that belong together. They are read with all others, in config.py."""

from typing import NamedTuple
from urllib.parse import urlsplit

TYPED_AS = "TYPED_AS"  # variable with what a person typed instead of the command: make import
LOCAL_MAILBOX = "folder:"  # before the path of the folder in which a run on one machine keeps what it has sent
LOCAL_SENDER = "FloodManager <floodmanager@localhost>"
EVERYONE, PROD = "everyone", "prod"
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
_DEFAULT_PORTS = {"http": 80, "https": 443}
QUEUES = 2  # what is urgent has one of its own
LONGEST_INTERVAL_S = 4  # a batch of five fits into one call
_MAILER = (
    "FLOOD_MAIL must be ses, or the address of a mail server such as smtp://mail.example.org:587 or "
    "smtps://mail.example.org:465"
)
_OPEN_PASSWORD = "FLOOD_MAIL must hold no password here: keep it in the parameter smtp-password."  # noqa: S105 - a sentence
_TOO_SLOW = "FLOOD_MAIL_SENDERS may be at most twice FLOOD_MAIL_PER_SECOND: else each sender waits for too long."


class VoteLimits(NamedTuple):
    """Limits of votes and flags: of one person, and of one network without accounts."""

    votes_per_hour: int
    network_votes_per_hour: int
    flags_per_day: int
    network_flags_per_day: int


class Similar(NamedTuple):
    """Bounds for reports that may be about the same flood: of place, and of when it was seen."""

    within_m: int
    within_hours: int


class Photos(NamedTuple):
    """Settings of photos: where they lie, who shows them, and how many uploads may begin in an hour."""

    bucket: str  # empty: no photos are taken
    is_held: bool  # a photo is shown by a responder's word about it alone, not with its report
    per_hour: int  # of one person
    network_per_hour: int
    origin: str = ""  # of the address that uploads go to, as a content security policy names it


def upload_origin(bucket: str, region: str, endpoint: str) -> str:
    """Return `scheme://host` of the forms for uploads (app/aws/buckets.py): of S3, or of a stand-in at an endpoint."""
    if not bucket:
        return ""
    if endpoint:
        parts = urlsplit(endpoint)
        return f"{parts.scheme}://{parts.netloc}"
    place = "" if region == "us-east-1" else f".{region}"
    return f"https://{bucket}.s3{place}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"


class Mail(NamedTuple):
    """Settings of mail to people: by whom it is sent, as whom, to whom, and how fast."""

    by: str = ""  # "ses", the address of an SMTP server, "folder:" and a local mailbox; "" where no mail is set up
    sender: str = ""  # as it stands in From, such as `Floods <alerts@floods.example.org>`
    reply_to: str = ""
    to: str = ""  # EVERYONE, or the only addresses and domains that get mail, separated by commas
    per_second: int = 10
    senders: int = 2  # of each of the two queues that run at once

    @property
    def is_local(self) -> bool:
        """Return whether messages go to a folder of this machine, and nowhere else."""
        return self.by.startswith(LOCAL_MAILBOX)

    @property
    def interval_s(self) -> float:
        """Return the seconds between two messages of one sender, so that all senders together keep the rate."""
        return QUEUES * self.senders / self.per_second

    def mistakes(self, *, base_url: str, in_lambda: bool, is_prod: bool) -> list[str]:
        """Return what is wrong where mail leaves this machine: a password in a deployment's settings, no sender, ..."""
        if not self.is_set_up:
            return []
        address = urlsplit(self.by)
        is_server = address.scheme in ("smtp", "smtps") and bool(address.hostname)
        faults = {
            f"{_MAILER}.": not (self.by == "ses" or is_server),
            _OPEN_PASSWORD: in_lambda and bool(address.password),
            "FLOOD_MAIL_FROM must name the sender, such as alerts@floods.example.org.": "@" not in self.sender,
            "FLOOD_PUBLIC_BASE_URL must be set where mail is: messages link to it.": not base_url,
            _TOO_SLOW: self.interval_s > LONGEST_INTERVAL_S,
            f"FLOOD_MAIL_TO may be {EVERYONE} in the stage {PROD} only.": self.to == EVERYONE and not is_prod,
        }
        return [mistake for mistake, is_made in faults.items() if is_made]

    @property
    def is_set_up(self) -> bool:
        """Return whether mail can be sent. Without it nothing that needs mail is offered."""
        return bool(self.by)


def read_origins(text: str, mistakes: list[str]) -> frozenset[str]:
    """Read origins with commas between them, each as browsers write it; those that are none are added to `mistakes`."""
    origins = [part.strip() for part in text.split(",") if part.strip()]
    mistakes += [_no_origin(origin) for origin in origins if not _is_origin(origin)]
    return frozenset(origins)


def _is_origin(text: str) -> bool:
    """Return whether a browser may send exactly this as Origin: TLS, or http on this machine; no path, no `*`."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    named = f"[{host}]" if ":" in host else host
    is_written_so = text == f"{parts.scheme}://{named}" + (f":{port}" if port else "")
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK_HOSTS)
    is_plain = host.replace("-", "").replace(".", "").replace(":", "").isalnum() and host.isascii()
    return is_written_so and is_safe and is_plain and port != _DEFAULT_PORTS[parts.scheme]


def _no_origin(text: str) -> str:
    return f"FLOOD_ORIGINS must hold origins such as https://map.example.org, with commas between; {text!r} is none."
