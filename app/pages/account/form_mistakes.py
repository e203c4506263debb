"""Sentences for the mistakes of account forms, in the reader's language: one for each field and code."""

from typing import NamedTuple

from app.accounts import passwords
from app.core.errors import (
    Conflict,
    LinkNotValid,
    MailNotSetUp,
    Mistake,
    Problem,
    RegistrationsOff,
    SecondFactorWrong,
    Suspended,
    TooMany,
    Unauthenticated,
)
from app.core.translations import N_
from app.pages.frame import wording
from app.pages.frame.language import gettext

NEW_NAME, NEW_PASSWORD, OWN_PASSWORD, LEAVING = "username", "password", "current_password", "leaving_password"
WHO, TOKEN, ADDRESS, ADDRESS_PASSWORD = "who", "token", "email", "address_password"
TAKEN_ADDRESS = Mistake("/token", "taken", "Another account has confirmed this address.")
CODE, PRESENT_CODE, ENDING, ENDING_CODE = "code", "present_code", "ending_password", "ending_code"
_NO_ADDRESS = N_("This is not an e-mail address. One looks like name@example.org.")
_WRONG_CODE = N_("This code is wrong or was used before. Wait for the app's next one.")
_NO_CODE = N_("Enter a code of your app, or a recovery code.")
_KEY_NAME = N_("Give the key a name of 1 to 80 characters, in plain text.")
SENTENCES = {
    (NEW_NAME, "required"): N_("Enter your user name."),
    (NEW_NAME, "length"): N_("Choose a user name of 3 to 40 characters."),
    (NEW_NAME, "characters"): N_("A user name may hold letters, digits, and the signs . _ - only."),
    (NEW_NAME, "ends"): N_("A user name must begin with a letter or digit, and must not end with a sign."),
    (NEW_NAME, "mixed"): N_("The letters of a user name must be of one script. Choose another."),
    (NEW_NAME, "reserved"): N_("This name is kept for staff and services. Choose another."),
    (NEW_NAME, "taken"): N_("This user name is taken. Choose another."),
    # The same words whether or not such an account exists.
    (NEW_NAME, "wrong"): N_("The user name or the password is wrong. Look over both and try again."),
    (NEW_PASSWORD, "required"): N_("Enter your password."),
    (NEW_PASSWORD, "length"): N_("Choose a password of %(shortest)s to %(longest)s characters."),
    (NEW_PASSWORD, "invisible"): N_(
        "Choose a password with %(shortest)s characters that can be seen. Several blanks count as one."
    ),
    (NEW_PASSWORD, "common"): N_("This password is among those that are tried first. Choose another."),
    (NEW_PASSWORD, "own-name"): N_(
        "The password must not be made of the user name or of this service's name. Choose another."
    ),
    (OWN_PASSWORD, "required"): N_("Enter your current password."),
    (OWN_PASSWORD, "length"): N_("Enter your current password."),
    (OWN_PASSWORD, "wrong"): N_("This is not your current password."),
    (LEAVING, "required"): N_("Enter your password, so that no one else can delete your account."),
    (LEAVING, "wrong"): N_("This is not your password. Your account is still there."),
    (CODE, "required"): N_("Enter the code that your app shows."),
    (CODE, "wrong"): _WRONG_CODE,
    (PRESENT_CODE, "required"): _NO_CODE,
    (PRESENT_CODE, "wrong"): _WRONG_CODE,
    (ENDING, "required"): N_("Enter your password."),
    (ENDING, "wrong"): N_("This is not your password. Nothing was changed."),
    (ENDING_CODE, "required"): _NO_CODE,
    (ENDING_CODE, "wrong"): _WRONG_CODE,
    ("name", "length"): _KEY_NAME,
    ("name", "markup"): _KEY_NAME,
    ("name", "control"): _KEY_NAME,
    ("name", "bidi"): _KEY_NAME,
    ("scopes", "length"): N_("Choose at least one thing that the key may do."),
    ("scopes", "factor"): N_("A key that decides needs your second factor. Set it up first."),
    ("days", "range"): N_("A key that decides about reports lasts at most 90 days."),
    ("days", "choice"): N_("Choose how long the key lasts."),
    ("", "keys-full"): N_("You have 20 keys already. End one first."),
    ("", "changed"): N_("Your account was changed at the same moment. Try again."),
    (WHO, "required"): N_("Enter your user name or your e-mail address."),
    (WHO, "length"): N_("This is too long for a user name or an e-mail address."),
    (WHO, "email"): _NO_ADDRESS,
    (WHO, "role"): _NO_ADDRESS,
    (WHO, "own"): _NO_ADDRESS,
    (TOKEN, "required"): N_("Copy the whole link from the message into this field."),
    (TOKEN, "length"): N_("This is no link of a message. Copy the whole link from the message into this field."),
    (TOKEN, "link-not-valid"): N_(
        "This link is not valid any more: it was used, it is too old, or a newer one was sent. Ask for another."
    ),
    (TOKEN, "taken"): N_("Another account has confirmed this address. Remove it there first, or use that account."),
    (ADDRESS, "email"): _NO_ADDRESS,
    (ADDRESS, "length"): _NO_ADDRESS,
    (ADDRESS, "role"): N_("This is the address of those who run a mail server. Give one of your own."),
    (ADDRESS, "own"): N_("This is the address of this service. Give one of your own."),
    (ADDRESS_PASSWORD, "required"): N_("Enter your password."),
    (ADDRESS_PASSWORD, "length"): N_("Enter your password."),
    (ADDRESS_PASSWORD, "wrong"): N_("This is not your password. Nothing was changed."),
    ("", "no-mail"): N_("This service sends no mail. Ask those who run it for help."),
    ("", "late"): N_("It took too long. Sign in again, and have the code ready."),
    ("", "too-many"): N_("Too many tries."),
    ("", "suspended"): N_("This account is suspended. Those who run this service know why."),
    ("", "registrations-off"): N_("No accounts are made at the moment."),
    ("", "unknown"): N_("Something here cannot be taken. Look over what you entered."),
}
# Problems that refuse the whole form.
_OF_FORMS: dict[type[Problem], tuple[str, str]] = {
    Conflict: (NEW_NAME, "taken"),
    Unauthenticated: (NEW_NAME, "wrong"),
    TooMany: ("", "too-many"),
    Suspended: ("", "suspended"),
    RegistrationsOff: ("", "registrations-off"),
    SecondFactorWrong: (CODE, "wrong"),
    LinkNotValid: (TOKEN, "link-not-valid"),
    MailNotSetUp: ("", "no-mail"),
}


class ShownMistake(NamedTuple):
    """A sentence beside its field and in the summary; no field if it is about the whole form."""

    field: str
    text: str


def shown(problem: Problem, *, shortest: int = passwords.SHORTEST) -> list[ShownMistake]:
    """List the mistakes of a problem; `shortest` is the limit for this person's new password."""
    whole = _OF_FORMS.get(type(problem), ("", "unknown"))
    pointers_and_codes = [(mistake.pointer.removeprefix("/"), mistake.code) for mistake in problem.mistakes] or [whole]
    mistakes = [ShownMistake(field, _sentence(field, code, shortest)) for field, code in pointers_and_codes]
    if problem.retry_after_s:
        mistakes[-1] = ShownMistake(mistakes[-1].field, f"{mistakes[-1].text} {wording.wait(problem.retry_after_s)}")
    return mistakes


def _sentence(field: str, code: str, shortest: int) -> str:
    text = SENTENCES.get((field, code), SENTENCES["", "unknown"])
    return gettext(text, shortest=shortest, longest=passwords.LONGEST)
