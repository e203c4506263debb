"""Tokens: signed (HS256), short-lived, each for one use; and the sessions that they belong to.

An access token is valid for 15 minutes, a refresh token until it is used or its session ends (session_limits.py), an
edit token for 24 hours, a visitor token for 30 days, the token in the pages' cookie for at most 12 hours (sessions.py),
the proof of a password between the two steps of a sign-in for 10 minutes. Every use has a key of its own, derived from
FLOOD_SECRET, so that no token can replace one of another use; two have a prefix, to be told apart.
FLOOD_PREVIOUS_SECRET still verifies after a rotation and never signs. Unknown claims of a later release are ignored; a
release that changes the meaning of a claim writes another `format`, which is refused here.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from enum import StrEnum
from functools import cache, partial
from typing import Any, NamedTuple

from app.accounts import session_limits
from app.accounts.models import Account
from app.accounts.session_models import API, RefreshFamily
from app.core import clock, dynamodb, telemetry
from app.core.config import settings
from app.core.errors import Unauthenticated
from app.core.retention import DEVICE, SESSION, VISITOR
from app.core.signing_keys import keys, reread_verifying_secrets

ISSUER = "floodmanager"
ALGORITHM = "HS256"
FORMAT = 1  # also of tokens without a format
LEEWAY_S = 5
LONGEST = 1024
GRACE_MS = 10_000
# Three parts of base64url, the last a signature of 32 bytes.
_SHAPE = r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}"  # compiled at first use
REFUSED = "The token is not valid, or has expired. Sign in again."


class Use(StrEnum):
    ACCESS = "access"
    REFRESH = "refresh"
    EDIT = "edit"
    SESSION = "session"
    DEVICE = "device"
    VISITOR = "visitor"
    PASSWORD = "password"  # noqa: S105 - the name of a use


LIFE_S = {
    Use.ACCESS: 15 * 60,
    Use.REFRESH: SESSION.seconds,
    Use.EDIT: 24 * 3600,
    Use.SESSION: 12 * 3600,
    Use.DEVICE: DEVICE.seconds,
    Use.VISITOR: VISITOR.seconds,
    Use.PASSWORD: 10 * 60,
}
# What is accepted: the previous release issued refresh tokens for 30 days. Their sessions end as all others do.
_LONGEST_LIFE_S = LIFE_S | {Use.REFRESH: 30 * 24 * 3600}
PREFIXES = {Use.EDIT: "fe_", Use.VISITOR: "fv_"}
_COMMON_CLAIMS = frozenset(("iss", "aud", "sub", "iat", "exp", "use"))
_OWN_CLAIMS = {use: {"family"} for use in Use} | {Use.EDIT: set[str](), Use.VISITOR: set[str]()}
_OWN_CLAIMS[Use.REFRESH] = {"family", "number"}
_OWN_CLAIMS[Use.PASSWORD] = {"number"}
# Claims that tokens of earlier releases lack.
_LATER_CLAIMS = {use: set[str]() for use in Use} | {Use.ACCESS: {"number"}, Use.DEVICE: {"number"}}


class Claims(NamedTuple):
    """Claims of a verified token. `subject`: an account, the report of an edit token, or a visitor."""

    use: Use
    subject: str
    issued_at_s: int
    expires_at_s: int
    family: str = ""
    number: int = 0


class Pair(NamedTuple):
    """The tokens issued at sign-in and at each refresh."""

    access_token: str
    expires_in: int
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of the scheme


def issue_access(account: Account, family: RefreshFamily | None = None) -> str:
    """Issue an access token of a session; of a new one if none is given."""
    family = family or RefreshFamily.start(account)
    issued_s, number = int(family.rotated_at_ms) // 1000, int(family.number)
    return sign(
        Use.ACCESS,
        account.id,
        issued_s=issued_s,
        life_s=_access_life_s(account, family),
        family=family.id,
        number=number,
    )


def _access_life_s(account: Account, family: RefreshFamily) -> int:
    """Return for how many seconds from the last refresh an access token is good: never longer than its session."""
    left_s = session_limits.last_second(family, account.role) - int(family.rotated_at_ms) // 1000
    return max(1, min(LIFE_S[Use.ACCESS], left_s))


def issue_refresh(family: RefreshFamily) -> str:
    """Issue the currently valid refresh token of a session."""
    issued_s = int(family.rotated_at_ms) // 1000
    return sign(Use.REFRESH, family.account_id, issued_s=issued_s, family=family.id, number=int(family.number))


def edit_token(report_id: str, *, since_ms: int) -> str:
    """Issue a token for editing a report filed without an account; valid for a day from when it was filed."""
    return sign(Use.EDIT, report_id, issued_s=since_ms // 1000)


def session_token(account: Account, family: RefreshFamily, *, life_s: int) -> str:
    """Issue the token for the pages' cookie, valid for `life_s` seconds from now."""
    return sign(Use.SESSION, account.id, issued_s=clock.now_ms() // 1000, life_s=life_s, family=family.id)


def device_token(account: Account, *, told_until_ms: int = 0) -> str:
    """Issue the mark of a device on which an account was signed in. It gives no access, only attempts of its own.

    `told_until_ms`: up to which sign-in the person has been told of new ones there.
    """
    told = {"number": -(-told_until_ms // 1000)} if told_until_ms else {}
    return sign(Use.DEVICE, account.id, issued_s=clock.now_ms() // 1000, family=secrets.token_hex(8), **told)


def password_token(account: Account) -> str:
    """Issue the proof that an account's password was just given, for the second step of a sign-in on the pages."""
    return sign(Use.PASSWORD, account.id, issued_s=clock.now_ms() // 1000, number=int(account.token_version))


def read(token: str, *uses: Use) -> Claims:
    """Verify a token for one of these uses and return its claims. Raises Unauthenticated for any fault."""
    import jwt  # here: anonymous requests need no token; 13 ms, 75 ms if `cryptography` is installed

    prefix = next((prefix for prefix in PREFIXES.values() if token.startswith(prefix)), "")
    text = token.removeprefix(prefix)
    if len(text) > LONGEST or not re.fullmatch(_SHAPE, text):
        raise Unauthenticated(REFUSED)
    try:
        use, key = _key_for(jwt.get_unverified_header(text))
        claims = jwt.decode(
            text,
            key,
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=settings().prefix,
            leeway=LEEWAY_S,
            options={"require": sorted(_COMMON_CLAIMS), "strict_aud": True},
        )
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError, LookupError) as error:
        raise Unauthenticated(REFUSED) from error
    values: dict[str, Any] = {name: claims.get(name) for name in _COMMON_CLAIMS | _OWN_CLAIMS[use]}
    values |= {name: claims[name] for name in _LATER_CLAIMS[use] if name in claims}
    is_own_prefix = prefix == PREFIXES.get(use, "") or (use == Use.EDIT and not prefix)  # earlier releases had none
    if use not in uses or not is_own_prefix or claims.get("format", FORMAT) != FORMAT or not _is_ours(use, values):
        raise Unauthenticated(REFUSED)
    return Claims(use, values["sub"], values["iat"], values["exp"], values.get("family", ""), values.get("number", 0))


def _key_for(header: dict[str, Any]) -> tuple[Use, bytes]:
    """Return the key named by the header; raises LookupError for a header that is not ours."""
    if header.keys() != {"alg", "typ", "kid"} or (header["alg"], header["typ"]) != (ALGORITHM, "JWT"):
        raise LookupError("not one of our headers")
    verifying_keys, name = _keys(*keys().verifying()), header["kid"]
    return verifying_keys[name] if name in verifying_keys else _keys(*reread_verifying_secrets())[name]


def _is_ours(use: Use, claims: dict[str, Any]) -> bool:
    """Return whether all claims of this use are present and of the right types, with a valid lifetime."""
    numbers = [claims.get(name, 0) for name in ("iat", "exp", "number")]
    return (
        all(claims.values())
        and claims["use"] == use
        and all(type(number) is int for number in numbers)
        and isinstance(claims.get("family", ""), str)
        and 0 < claims["exp"] - claims["iat"] <= _LONGEST_LIFE_S[use]
    )


def sign(use: Use, subject: str, *, issued_s: int, life_s: int | None = None, **own: Any) -> str:
    """Issue a token. `own`: the claims that only this use has."""
    import jwt  # see `read`

    claims = {"iss": ISSUER, "aud": settings().prefix, "sub": subject, "use": use.value}
    times = {"iat": issued_s, "exp": issued_s + (life_s or LIFE_S[use])}
    key = _derive(keys().secret, use)
    signed = jwt.encode(claims | times | own, key, algorithm=ALGORITHM, headers={"kid": _name(key)})
    return PREFIXES.get(use, "") + signed


@cache
def _keys(*secrets: str) -> dict[str, tuple[Use, bytes]]:
    """Return all verifying keys by their name in a token's header."""
    derived = [(use, _derive(secret, use)) for secret in secrets if secret for use in Use]
    return {_name(key): (use, key) for use, key in derived}


def _derive(secret: str, use: Use) -> bytes:
    return hmac.new(secret.encode(), b"token:" + use.encode(), hashlib.sha256).digest()


def _name(key: bytes) -> str:
    return hmac.new(key, b"name", hashlib.sha256).hexdigest()[:12]


def find_session(claims: Claims) -> tuple[Account, RefreshFamily]:
    """Return the account and the session of a token, read consistently in one round. Raises Unauthenticated.

    The two consistent reads (2 RCU) let sign-out, suspension, deletion and a new role take effect with the next
    request, also for tokens in hand. The first access token of a new pair costs one write: from then on the pair before
    it is invalid. So does a use once a tenth of the idle time has passed.
    """
    reads: list[Callable[[], Account | RefreshFamily | None]] = [
        partial(Account.find, claims.subject),
        partial(RefreshFamily.find, claims.family),
    ]
    account, family = dynamodb.in_one_round(reads)
    if not isinstance(account, Account) or not isinstance(family, RefreshFamily):
        raise Unauthenticated(REFUSED)
    # The pages' cookie has the time of its last use in itself, and notes uses when that was checked (sessions.py).
    is_idle = claims.use != Use.SESSION and session_limits.is_idle(family, account.role)
    if is_idle or not session_limits.is_valid(account, family):
        raise Unauthenticated(REFUSED)
    # An access token without a number is from an earlier release. A refresh stores its own use.
    is_of_new_pair = family.is_unused and claims.number in (0, family.number)
    if claims.use == Use.ACCESS and (is_of_new_pair or session_limits.is_use_to_note(family, account.role)):
        family.note_use(API, is_of_new_pair=is_of_new_pair)
    return account, family


def refresh(refresh_token: str) -> Pair:
    """Return the next pair. A refresh token is valid once: a second use means that it was stolen and ends the session.

    While the next pair is unused, its answer may have been lost: the same token gives a pair again, until the session
    ends. Sent again within 10 seconds (two tabs at the same time) it does so even after that use.
    """
    claims = read(refresh_token, Use.REFRESH)
    account, family = find_session(claims)
    if claims.number == family.number and not family.rotate():
        account, family = find_session(claims)
    if claims.number + 1 == family.number:
        if not family.is_fresh(GRACE_MS) and family.is_unused and not family.renew_unused():
            account, family = find_session(claims)
        if family.is_fresh(GRACE_MS):
            return pair_of(account, family)
    family.end()
    telemetry.logger().warning("refresh token used again", extra={"family": family.id})
    raise Unauthenticated(REFUSED)


def end_session(family_id: str) -> None:
    """Sign out: the session's access and refresh tokens are refused from the next request on."""
    RefreshFamily(family_id).end()


def pair_of(account: Account, family: RefreshFamily) -> Pair:
    """Return the pair of a session's current state, always the same one."""
    passed_s = clock.now_ms() // 1000 - int(family.rotated_at_ms) // 1000
    return Pair(issue_access(account, family), _access_life_s(account, family) - passed_s, issue_refresh(family))
