"""Groups of settings that belong together. They are read with all others, in config.py."""

from typing import NamedTuple
from urllib.parse import urlsplit

LOCAL_MAILBOX = "folder:"  # before the path of the folder in which a run on one machine keeps what it has sent
LOCAL_SENDER = "FloodManager <floodmanager@localhost>"
EVERYONE, PROD = "everyone", "prod"
_MAILER = (
    "FLOOD_MAIL must be ses, or the address of a mail server such as smtp://mail.example.org:587 or "
    "smtps://mail.example.org:465"
)
_OPEN_PASSWORD = "FLOOD_MAIL must hold no password here: keep it in the parameter smtp-password."  # noqa: S105 - a sentence


class SaidLimits(NamedTuple):
    """Limits of votes and flags: of one person, and of one network without accounts."""

    votes_per_hour: int
    network_votes_per_hour: int
    flags_per_day: int
    network_flags_per_day: int


class Similar(NamedTuple):
    """Bounds for reports that may be about the same flood: of place, and of when it was seen."""

    within_m: int
    within_hours: int


class Mail(NamedTuple):
    """Settings of mail to people: by whom it is sent, as whom, to whom, and how fast."""

    by: str = ""  # "ses", the address of an SMTP server, "folder:" and a local mailbox; "" where no mail is set up
    sender: str = ""  # as it stands in From, such as `Floods <alerts@floods.example.org>`
    reply_to: str = ""
    to: str = ""  # EVERYONE, or the only addresses and domains that get mail, separated by commas
    per_second: int = 10

    @property
    def is_local(self) -> bool:
        """Return whether messages go to a folder of this machine, and nowhere else."""
        return self.by.startswith(LOCAL_MAILBOX)

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
            f"FLOOD_MAIL_TO may be {EVERYONE} in the stage {PROD} only.": self.to == EVERYONE and not is_prod,
        }
        return [mistake for mistake, is_made in faults.items() if is_made]

    @property
    def is_set_up(self) -> bool:
        """Return whether mail can be sent. Without it nothing that needs mail is offered."""
        return bool(self.by)
