"""Retention times, in one table for the ends of rows, the privacy page and docs/security.md."""

from typing import NamedTuple

DAY_S = 24 * 3600
# Value of a text that must be forgotten, where the row requires one.
FORGOTTEN = ""


class Kept(NamedTuple):
    """Data that end by themselves, and after which time; `from_when` names the start of that time."""

    what: str
    seconds: int
    from_when: str

    @property
    def days(self) -> int:
        return self.seconds // DAY_S

    @property
    def hours(self) -> int:
        return self.seconds // 3600

    @property
    def ms(self) -> int:
        return self.seconds * 1000


EXACT_PLACE_OF_HOME = Kept("exact place of a home", 90 * DAY_S, "it was seen (gone from storage within 8 days more)")
WITHDRAWN_REPORT = Kept("report that was taken back", 30 * DAY_S, "it was taken back")
SIGN_IN = Kept("sign-in: when it began and was used last, and the kind of browser and system", 7 * DAY_S, "it began")
NEW_SIGN_IN = Kept(
    "note of a sign-in on a new device, with the kind of browser and system",
    SIGN_IN.seconds,
    "the sign-in (gone from storage with the next sign-in after that)",
)
SESSION = Kept("session of the pages or of an app", 7 * DAY_S, "the sign-in (staff: 12 hours)")
API_KEY = Kept("API key that has expired, without its text", 30 * DAY_S, "it expired")
DEVICE = Kept("mark of a device with an earlier sign-in", 180 * DAY_S, "the last sign-in there")
VISITOR = Kept("mark of a visitor who has filed without an account, on their own device", 30 * DAY_S, "it was given")
CONNECTION = Kept(
    "mark that reports came from one connection", 7 * DAY_S, "they were filed (gone from storage when the report ends)"
)
VOTE = Kept("vote or flag of a person, with a keyed hash of the network", 7 * DAY_S, "it was given last")
VOUCHED = Kept("that a responder has verified a report of a visitor, under a keyed hash", 30 * DAY_S, "it was verified")
BLOCK = Kept("block of an account or of a report's network", 7 * DAY_S, "it ended")
BLOCKED_NETWORK = Kept(
    "keyed hash of a blocked network", 3 * DAY_S, "the newest block was made (gone from storage within 2 days more)"
)
LIMIT_COUNT = Kept("count against a limit, under a keyed hash", 3600, "its window has ended")
DELETED_ACCOUNT = Kept("id of a deleted account, so that a restore erases it again", 45 * DAY_S, "it was deleted")
INVITATION = Kept("invitation to become staff, with its note", 30 * DAY_S, "it was made")
MESSAGE = Kept("that a message was sent, under a keyed hash of the address", 30 * DAY_S, "it was made")
ALERT_EVENT = Kept("who got a message of what happened, under keyed hashes of addresses", 30 * DAY_S, "it was made")
SUPPRESSED_ADDRESS = Kept(
    "keyed hash of an address to which mail came back, or was unwanted", 365 * DAY_S, "that was reported"
)
UNCONFIRMED_SUBSCRIPTION = Kept(
    "wish for alerts that was not confirmed, with its address and a keyed hash of the network",
    2 * DAY_S,
    "it was asked for",
)
STOPPED_SUBSCRIPTION = Kept("that alerts were stopped, without address and place", 30 * DAY_S, "they were stopped")
AUDIT_ROW = Kept("record of an act of staff, in codes", 365 * DAY_S, "the act")
AUDIT_COPY = Kept("copy of such a record", 368 * DAY_S, "the act")
LOG_LINE = Kept("line of a log", 90 * DAY_S, "it was written (at most: a setting of the stage)")
SECURITY_LOG_LINE = Kept("line of the log of signing in, without names and addresses", 365 * DAY_S, "it was written")
PHOTO_AS_SENT = Kept(
    "photo as it was sent, with all that is in its file",
    2 * DAY_S,
    "it was sent (if it was not cleaned, which deletes it)",
)
DEAD_LETTER = Kept("what could not be handled", 14 * DAY_S, "it was set aside")
BACKUP = Kept("backup", 35 * DAY_S, "the moment that it holds")
BACKUP_APART = Kept("restored or copied backup", 7 * DAY_S, "the backup's own end")
TABLE = (
    EXACT_PLACE_OF_HOME,
    WITHDRAWN_REPORT,
    SIGN_IN,
    NEW_SIGN_IN,
    API_KEY,
    SESSION,
    DEVICE,
    VISITOR,
    CONNECTION,
    VOTE,
    VOUCHED,
    BLOCK,
    BLOCKED_NETWORK,
    LIMIT_COUNT,
    DELETED_ACCOUNT,
    INVITATION,
    MESSAGE,
    ALERT_EVENT,
    SUPPRESSED_ADDRESS,
    UNCONFIRMED_SUBSCRIPTION,
    STOPPED_SUBSCRIPTION,
    AUDIT_ROW,
    AUDIT_COPY,
    LOG_LINE,
    SECURITY_LOG_LINE,
    PHOTO_AS_SENT,
    DEAD_LETTER,
    BACKUP,
    BACKUP_APART,
)
