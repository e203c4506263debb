"""Tell the person by mail of a sign-in on a device or from a network that this account was not used on this month.

What is remembered is a keyed hash over account, network and month: it leads to no network, and not from one account to
another. A device that was signed in on before has a mark and causes no message.
"""

from app.accounts import notices, persons
from app.accounts.models import Account
from app.accounts.notices import Kind
from app.accounts.session_models import RefreshFamily
from app.core import clock, dynamodb, mail_keys, telemetry
from app.core.errors import Unavailable


def note(account: Account, family: RefreshFamily) -> None:
    """Put the message into the ledger, once for each network and month.

    One that cannot be put there is logged, and the person is let in: in a flood no mail must lock people out.
    """
    if not account.confirmed_email or family.is_known_device:
        return
    now_ms = clock.now_ms()
    try:
        mark = mail_keys.mac(mail_keys.current()[0], "sign-in", account.id, persons.network_at(now_ms)).hex()[:20]
        for message in notices.to_confirmed(Kind.SIGN_IN, account, mark, values={"at_ms": now_ms}):
            message.put_once()
    except (*dynamodb.FAILURES, Unavailable) as error:
        telemetry.logger().error("sign-in not told", extra={"account": account.id, "error": type(error).__name__})
