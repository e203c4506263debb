"""Choose what sends this deployment's mail: SES, a mail server, or the mailbox of a run on one machine."""

from functools import cache

from app.core.config import settings
from app.mail.sending import Carrier


@cache
def chosen() -> Carrier:
    """Return the carrier that the setting names; its module is loaded only then."""
    by = settings().mail.by
    if settings().mail.is_local:
        from app.mail.local_mailbox import LocalMailbox

        return LocalMailbox()
    if by == "ses":
        from app.mail.ses import Ses

        return Ses()
    from app.aws import parameters
    from app.mail.smtp import Smtp

    return Smtp(by, parameters.read_smtp_password() if settings().in_lambda else "")
