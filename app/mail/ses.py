"""Send by SES, and note what it reports."""

from email.utils import formataddr, parseaddr

from app.aws import mail
from app.core.config import settings
from app.mail import addresses
from app.mail.letters import Letter, html_of, subject_of, text_of
from app.mail.models import Delivery, State
from app.mail.sending import NotNow, Refused, Unknown
from app.mail.smtp import standing_headers
from app.mail.suppression_models import Suppression

BOUNCE, COMPLAINT = "bounce", "complaint"
_STATES = {"Send": State.SENT, "Delivery": State.DELIVERED, "Complaint": State.COMPLAINED}
_FAILURES = ("Reject", "Rendering Failure", "RenderingFailure")


class Ses:
    """Amazon SES. It has no search by our id, but reports each message that it has accepted, with our tags."""

    unknown_ms = 120_000
    most_unknown = 10  # an outage of twenty minutes whose answers do not say that nothing was taken

    def send(self, letter: Letter, delivery: Delivery) -> str:
        """Hand a message over; the id is SES's own. Raises as `Carrier.send`."""
        headers = [*standing_headers(), *letter.headers]
        body = {"Text": _content(text_of(letter)), "Html": _content(html_of(letter))}
        simple = {
            "Subject": _content(subject_of(letter)),
            "Body": body,
            "Headers": [{"Name": name, "Value": value} for name, value in headers if name != "Reply-To"],
        }
        asked = {
            "FromEmailAddress": _in_ascii(settings().mail.sender),
            "Destination": {"ToAddresses": [addresses.to_send_to(letter.to)]},
            "ReplyToAddresses": [_in_ascii(value) for name, value in headers if name == "Reply-To"],
            "Content": {"Simple": simple},
        }
        try:
            return mail.send(asked, recipient=delivery.recipient, event=delivery.event)
        except mail.NotTaken as error:
            raise (Refused if error.is_final else NotNow)(str(error)) from error
        except mail.MayBeTaken as error:
            raise Unknown(str(error)) from error


def _in_ascii(sender: str) -> str:
    """Return a sender as SES takes it: a name of other letters is encoded (RFC 2047)."""
    return formataddr(parseaddr(sender))


def _content(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}


def note(event: mail.Event) -> None:
    """Note what SES reports, in any order and any number of times.

    A permanent bounce and a complaint suppress the address; a bounce for a time does not: SES goes on trying. Raises
    what the database raises.
    """
    delivery = Delivery(event.recipient, event.event)
    if event.kind in _STATES:
        delivery.end(_STATES[event.kind], provider_id=event.provider_id)
    elif event.kind == "Bounce":
        delivery.end(State.BOUNCED, reason="permanent" if event.is_permanent else "transient")
    elif event.kind in _FAILURES:
        delivery.end(State.FAILED, reason="rejected-after-all")
    if event.kind == "Complaint" or (event.kind == "Bounce" and event.is_permanent):
        Suppression.note(event.recipient, COMPLAINT if event.kind == "Complaint" else BOUNCE)
