"""Exceptions of the product. Rooms raise them; app/http/problems.py renders them.

Problem
├── Malformed            400  the request cannot be read
├── Unauthenticated      401  no credentials, or bad ones
│   ├── SecondFactorNeeded   401  the password is right; a code is missing
│   └── SecondFactorWrong    401  the password is right; the code is wrong or used
├── Forbidden            403  known, but not allowed
│   ├── WrongPassword    403  the password that confirms an act is wrong
│   ├── WrongCode        403  the code that confirms an act is wrong or used
│   ├── SecondFactorRequired 403  staff who have yet to set one up
│   ├── ScopeMissing     403  an API key without the scope that it takes here
│   ├── LinkNotValid     403  a one-time link that was used, is too old, or was replaced
│   └── Suspended        403  the account may not be used for now
├── NotFound             404  not there, or not yours
├── MethodNotAllowed     405
├── NotAcceptable        406
├── Conflict             409  its current state forbids it
│   ├── InvitationOver   409  the invitation was used, was ended, or has expired
│   └── MailNotSetUp     409  this deployment sends no mail
├── PreconditionFailed   412  If-Match names another version
├── TooLarge             413
├── UnsupportedMedia     415
├── Invalid              422  understood but wrong; carries every mistake
├── PreconditionRequired 428  If-Match or Idempotency-Key is missing
├── TooMany              429  carries retry_after_s
├── Internal             500
└── Unavailable          503  carries retry_after_s
    ├── AnonymousReportsOff   staff take no reports without an account here
    └── RegistrationsOff      staff let no accounts be made
"""

from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

MOST_MISTAKES = 100
_PLACES_NAMED, _PLACE_LENGTH = 5, 60  # names in a body come from the caller, and may be long


class Mistake(NamedTuple):
    """One mistake in the input: its place, a stable code, a sentence.

    The place is either `pointer`, a JSON pointer (RFC 6901) into the body, "" for the whole of it; or `parameter`, the
    name of a parameter of the query, the path or the headers. Then `pointer` is "" and is not told.
    """

    pointer: str
    code: str
    detail: str
    parameter: str | None = None

    @property
    def place(self) -> str:
        """Return the place in words: a pointer, a name, or the body."""
        return self.pointer or "the body" if self.parameter is None else self.parameter

    def members(self) -> dict[str, str]:
        """Return the members of an item of `errors`: `pointer` or `parameter`, never both."""
        place = {"pointer": self.pointer} if self.parameter is None else {"parameter": self.parameter}
        return {**place, "code": self.code, "detail": self.detail}


def mistake_in_parameter(name: str, code: str, detail: str) -> Mistake:
    """Return a mistake in a parameter of the query, the path or the headers."""
    return Mistake("", code, detail, parameter=name)


class Problem(Exception):
    """A fact that becomes a problem document (RFC 9457). `detail` is shown to the caller."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(self, detail: str = "", *, retry_after_s: int | None = None, **members: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.retry_after_s = retry_after_s
        self.mistakes: tuple[Mistake, ...] = ()
        self.members = members  # further members of the problem document


class Malformed(Problem):
    status, code, title = 400, "malformed", "The request cannot be read"


class Unauthenticated(Problem):
    status, code, title = 401, "unauthenticated", "Sign in first"


class SecondFactorNeeded(Unauthenticated):
    code, title = "second-factor-needed", "A code is needed as well"


class SecondFactorWrong(Unauthenticated):
    code, title = "second-factor-wrong", "The code is wrong or was used before"


class Forbidden(Problem):
    status, code, title = 403, "forbidden", "You may not do this"


class WrongPassword(Forbidden):
    code, title = "wrong-password", "It is not the present password"


class WrongCode(Forbidden):
    code, title = "wrong-code", "The code is wrong or was used before"


class SecondFactorRequired(Forbidden):
    code, title = "second-factor-required", "Set up a second factor first"


class ScopeMissing(Forbidden):
    code, title = "scope-missing", "This needs an API key with another scope"

    def __init__(self, detail: str = "", scopes: Iterable[str] = ()) -> None:
        super().__init__(detail, scopes_needed=sorted(scopes))


class LinkNotValid(Forbidden):
    code, title = "link-not-valid", "This link is not valid any more"


class Suspended(Forbidden):
    code, title = "suspended", "This account is suspended"


class NotFound(Problem):
    status, code, title = 404, "not-found", "There is nothing here"


class MethodNotAllowed(Problem):
    status, code, title = 405, "method-not-allowed", "This address does not accept that method"


class NotAcceptable(Problem):
    status, code, title = 406, "not-acceptable", "This is not available in the format asked for"


class Conflict(Problem):
    status, code, title = 409, "conflict", "This cannot be done in its current state"


class InvitationOver(Conflict):
    code, title = "invitation-over", "This invitation cannot be used any more"


class MailNotSetUp(Conflict):
    code, title = "mail-not-set-up", "This service sends no mail"


class PreconditionFailed(Problem):
    status, code, title = 412, "precondition-failed", "It has changed since you read it"


class TooLarge(Problem):
    status, code, title = 413, "too-large", "The request is too large"


class UnsupportedMedia(Problem):
    status, code, title = 415, "unsupported-media-type", "This content type is not accepted here"


class Invalid(Problem):
    """Error with all mistakes found, not only the first: up to a hundred, then the number of the others."""

    status, code, title = 422, "invalid", "Some values are wrong"

    def __init__(self, mistakes: Iterable[Mistake], detail: str = "") -> None:
        mistake_tuple = tuple(mistakes)
        super().__init__(detail or _where(mistake_tuple))
        self.mistakes = mistake_tuple[:MOST_MISTAKES]
        if (more := len(mistake_tuple) - MOST_MISTAKES) > 0:
            parameter = mistake_tuple[MOST_MISTAKES].parameter  # of the first of them; in a body its whole
            self.mistakes += (Mistake("", "more", f"There are {more} more mistakes.", parameter),)

    def inside(self, pointer: str) -> "Invalid":
        """Return the same mistakes in values that are only a part of the body; `pointer` leads to that part."""
        return Invalid(mistake._replace(pointer=pointer + mistake.pointer) for mistake in self.mistakes)


def _where(mistakes: tuple[Mistake, ...]) -> str:
    """Say in one sentence how many values are wrong, and which."""
    places = sorted({mistake.place for mistake in mistakes})
    shown_places = ", ".join(place[:_PLACE_LENGTH] for place in places[:_PLACES_NAMED])
    more = f" and {len(places) - _PLACES_NAMED} more" if len(places) > _PLACES_NAMED else ""
    return (
        f"{len(places)} values are wrong: {shown_places}{more}."
        if len(places) > 1
        else f"One value is wrong: {shown_places}."
    )


class PreconditionRequired(Problem):
    status, code, title = 428, "precondition-required", "A required header is missing"


class TooMany(Problem):
    status, code, title = 429, "too-many", "Too many requests"


class Internal(Problem):
    pass


class Unavailable(Problem):
    status, code, title = 503, "unavailable", "Not available for the moment"


class AnonymousReportsOff(Unavailable):
    code, title = "anonymous-reports-off", "Reports without an account are not taken here for now"


class RegistrationsOff(Unavailable):
    code, title = "registrations-off", "No accounts are made for now"


def every_problem() -> list[type[Problem]]:
    """List all kinds of problem by status, for the pages under /docs/errors/: special ones with a code come second."""
    special = [one for kind in Problem.__subclasses__() for one in kind.__subclasses__() if "code" in vars(one)]
    return sorted([*Problem.__subclasses__(), *special], key=lambda kind: kind.status)
