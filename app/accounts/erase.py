"""Erase an account at its owner's word.

The account, its name and its sign-ins end at once. What other rooms hold of the person is unlinked or deleted within
the hour, by `erase_account` in app/reactions.py, which names each of them.
"""

from app.accounts.models import Account
from app.accounts.registration import is_own_password
from app.core.errors import WrongPassword


def erase(account: Account, password: str, *, keeps_texts: bool) -> None:
    """Delete one's own account after a check of its password. Raises WrongPassword or TooMany.

    `keeps_texts`: titles and descriptions of the person's reports stay.
    """
    if not is_own_password(account, password):
        raise WrongPassword("It is not the present password. The account is still there.")
    account.remove(keeps_texts=keeps_texts)
