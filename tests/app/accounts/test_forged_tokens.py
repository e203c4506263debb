"""Tokens that are not ours, or not for this: each is refused, on closed and on open routes alike."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from app.accounts import tokens
from app.accounts.session_models import RefreshFamily
from app.accounts.tokens import Use
from app.core import clock
from app.core.config import settings
from app.core.errors import Unauthenticated
from tests.app.accounts.conftest import bearer
from tests.factories import PASSWORD, make_account

NOW = 1_795_262_400
DROP = object()
REPORT = "rep_" + "a" * 26
OTHER_SECRET = "another-secret-that-is-long-enough-to-be-taken"


def part(value: Any) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def unpart(text: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def sign(header: Any, claims: Any, key: bytes, digest: Any = hashlib.sha256) -> str:
    signed = f"{part(header)}.{part(claims)}"
    return f"{signed}.{part(hmac.new(key, signed.encode(), digest).digest())}"


def key_of(use: Use) -> bytes:
    return tokens._derive(settings().secret, use)


def altered(good: str, header: dict[str, Any], claims: dict[str, Any], use: Use = Use.ACCESS) -> str:
    """A good token with some members changed or dropped, signed with the right key."""
    prefix = tokens.PREFIXES.get(use, "")
    old_header, old_claims = (unpart(text) for text in good.removeprefix(prefix).split(".")[:2])
    members = [old_header | header, old_claims | claims]
    kept = [{name: value for name, value in group.items() if value is not DROP} for group in members]
    return prefix + sign(kept[0], kept[1], key_of(use))


HEADERS: dict[str, dict[str, Any]] = {
    "algorithm HS384": {"alg": "HS384"},
    "algorithm RS256": {"alg": "RS256"},
    "algorithm ES256": {"alg": "ES256"},
    "algorithm in small letters": {"alg": "hs256"},
    "algorithm a list": {"alg": ["HS256"]},
    "no algorithm": {"alg": DROP},
    "no type": {"typ": DROP},
    "another type": {"typ": "at+jwt"},
    "no key named": {"kid": DROP},
    "empty key name": {"kid": ""},
    "key name a number": {"kid": 1},
    "key name a list": {"kid": []},
    "key name a path": {"kid": "../../../../dev/null"},
    "key name SQL": {"kid": "x' UNION SELECT 'key'--"},
    "key name of another use": {"kid": tokens._name(key_of(Use.REFRESH))},
    "jku": {"jku": "https://evil.example/keys.json"},
    "jwk": {"jwk": {"kty": "oct", "k": "AAAA"}},
    "x5u": {"x5u": "https://evil.example/cert.pem"},
    "x5c": {"x5c": ["AAAA"]},
    "unknown crit": {"crit": ["exp2"], "exp2": 1},
    "b64 false": {"crit": ["b64"], "b64": False},
    "content type": {"cty": "JWT"},
    "zip": {"zip": "DEF"},
}
CLAIMS: dict[str, dict[str, Any]] = {
    "number a text": {"number": "1"},
    "number true": {"number": True},
    **{f"no {name}": {name: DROP} for name in ("exp", "iat", "iss", "aud", "sub", "use", "family")},
    "end in milliseconds": {"exp": (NOW + 900) * 1000},
    "end as text": {"exp": str(NOW + 900)},
    "end a fraction": {"exp": NOW + 900.5},
    "end true": {"exp": True},
    "end null": {"exp": None},
    "end endless": {"exp": 10**400},
    "ended": {"iat": NOW - 1000, "exp": NOW - 100},
    "life of a year": {"exp": NOW + 365 * 86400},
    "end before its beginning": {"iat": NOW + 4, "exp": NOW + 3},
    "issued in the future": {"iat": NOW + 60, "exp": NOW + 900},
    "issued as text": {"iat": "yesterday"},
    "not before, future": {"nbf": NOW + 600},
    "another issuer": {"iss": "evil"},
    "issuers": {"iss": ["floodmanager"]},
    "another deployment": {"aud": "floodmanager-prod"},
    "two audiences": {"aud": ["floodmanager-test", "other"]},
    "subject a number": {"sub": 1},
    "no such account": {"sub": "acc_nobody"},
    "a name's row": {"sub": "name:bob"},
    "refresh for access": {"use": "refresh"},
    "edit for access": {"use": "edit"},
    "unknown use": {"use": "admin"},
    "no such sign-in": {"family": "fam_nobody"},
    "sign-in a list": {"family": ["fam_nobody"]},
    "empty sign-in": {"family": ""},
}


# What a later release may say beside our claims: ignored, so that people stay signed in where both run.
LATER: dict[str, dict[str, Any]] = {
    "not before, past": {"nbf": NOW - 600},
    "role of its own": {"role": "admin"},
    "id": {"jti": "1"},
    "members": {"scope": ["read"], "device": {"name": "phone"}, "empty": "", "nothing": None, "round": "x"},
    "the format of today": {"format": 1},
}
FORMATS = {f"format {value!r}": {"format": value} for value in (2, 0, "1", None, [1], {})}
CLAIMS |= FORMATS


def unsigned(good: str, algorithm: str) -> str:
    return f"{part({'alg': algorithm, 'typ': 'JWT'})}.{good.split('.')[1]}."


def with_key(good: str, key: bytes, digest: Any = hashlib.sha256) -> str:
    header, claims, _ = good.split(".")
    return sign(unpart(header), unpart(claims), key, digest)


def respell(good: str) -> str:
    """The same signature bytes in another spelling: base64url leaves two bits of the last character unused."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return good[:-1] + letters[letters.index(good[-1]) + 1]


TEXTS: dict[str, Callable[[str], str]] = {
    **{
        f"unsigned, {name}": lambda good, name=name: unsigned(good, name)
        for name in ("none", "None", "nOnE", "NONE", "")
    },
    "without its signature": lambda good: good.rpartition(".")[0],
    "empty signature": lambda good: good.rpartition(".")[0] + ".",
    "flipped bit": lambda good: good[:-10] + ("A" if good[-10] != "A" else "B") + good[-9:],
    "respelled signature": respell,
    "padded": lambda good: good + "=",
    "claims of another": lambda good: ".".join([good.split(".")[0], part({"sub": "acc_x"}), good.split(".")[2]]),
    "key empty": lambda good: with_key(good, b""),
    "key the secret itself": lambda good: with_key(good, settings().secret.encode()),
    "key of refresh": lambda good: with_key(good, key_of(Use.REFRESH)),
    "key of edit": lambda good: with_key(good, key_of(Use.EDIT)),
    "key its own name": lambda good: with_key(good, unpart(good.split(".")[0])["kid"].encode()),
    "key a public key": lambda good: with_key(good, b"-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n"),
    "SHA-512 under the right key": lambda good: with_key(good, key_of(Use.ACCESS), hashlib.sha512),
    "four parts": lambda good: good + ".AAAA",
    "five parts": lambda good: "a.b.c.d.e",
    "one part": lambda good: "token",
    "empty": lambda good: "",
    "two tokens": lambda good: f"{good}, Bearer {good}",
    "in quotes": lambda good: f'"{good}"',
    "latin": lambda good: good[:-1] + "é",
    "very long": lambda good: "A" * 5000 + good,
    "header nested deep": lambda good: f"{part(b'[' * 600)}.{good.split('.', 1)[1]}",
    "header a list": lambda good: sign([], unpart(good.split(".")[1]), key_of(Use.ACCESS)),
    "header with a huge number": lambda good: part(b'{"kid":%s}' % (b"9" * 700)) + ".e30." + "A" * 43,
    "claims a list": lambda good: sign(unpart(good.split(".")[0]), [], key_of(Use.ACCESS)),
    "claims no JSON": lambda good: sign(unpart(good.split(".")[0]), b"\xff", key_of(Use.ACCESS)),
}


def forge(kind: str, good: str) -> str:
    if kind in TEXTS:
        return TEXTS[kind](good)
    return altered(good, HEADERS.get(kind, {}), CLAIMS.get(kind, {}))


@pytest.fixture
def good(client: FlaskClient) -> Any:
    """An access token that is right in every way, at a time that stands still."""
    with time_machine.travel(NOW, tick=False):
        yield tokens.issue_access(make_account(username="bob"))


@pytest.mark.parametrize("kind", [*HEADERS, *CLAIMS, *TEXTS])
def test_forged_token_is_refused_everywhere(client: FlaskClient, good: str, kind: str) -> None:
    headers = bearer(forge(kind, good))

    closed = client.get("/v1/me", headers=headers)
    open_to_all = client.post("/v1/tokens", headers=headers, json={"username": "bob", "password": PASSWORD})

    assert (closed.status_code, open_to_all.status_code) == (401, 401)
    assert closed.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("claims", LATER.values(), ids=LATER.keys())
def test_what_a_later_release_adds_is_ignored_and_gives_no_right(
    client: FlaskClient, good: str, claims: dict[str, Any]
) -> None:
    answer = client.get("/v1/me", headers=bearer(altered(good, {}, claims)))

    assert (answer.status_code, answer.json["role"]) == (200, "resident")
    edit = altered(tokens.edit_token(REPORT, since_ms=clock.now_ms()), {}, claims | {"family": "fam_x"}, Use.EDIT)
    assert tokens.read(edit, Use.EDIT) == (Use.EDIT, REPORT, NOW, NOW + 86400, "", 0)


@pytest.mark.parametrize("claims", FORMATS.values(), ids=FORMATS.keys())
@pytest.mark.parametrize("use", [Use.REFRESH, Use.EDIT, Use.SESSION])
def test_later_format_of_any_token_is_refused(client: FlaskClient, good: str, use: Use, claims: Any) -> None:
    account = make_account(username="ada")
    family = RefreshFamily.start(account)
    text = {
        Use.REFRESH: tokens.issue_refresh(family),
        Use.EDIT: tokens.edit_token(REPORT, since_ms=clock.now_ms()),
        Use.SESSION: tokens.session_token(account, family, life_s=600),
    }[use]

    assert tokens.read(altered(text, {}, {}, use), use)
    with pytest.raises(Unauthenticated):
        tokens.read(altered(text, {}, claims, use), use)


def test_cut_token_is_refused_wherever_it_is_cut(good: str) -> None:
    for length in range(len(good)):
        with pytest.raises(Unauthenticated):
            tokens.read(good[:length], Use.ACCESS)


def test_forging_that_changes_nothing_passes(client: FlaskClient, good: str) -> None:
    """An unchanged token of these tests' forger is accepted, so a refusal is due to the change alone."""
    assert client.get("/v1/me", headers=bearer(altered(good, {}, {}))).status_code == 200


@pytest.mark.parametrize("scheme", ["Basic {}", "Token {}", "{}", "Bearer", "Bearer ", "", "Bearer  x y"])
def test_other_schemes_are_refused(client: FlaskClient, good: str, scheme: str) -> None:
    assert client.get("/v1/me", headers={"Authorization": scheme.format(good)}).status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_scheme_may_be_in_any_case(client: FlaskClient, good: str, scheme: str) -> None:
    assert client.get("/v1/me", headers={"Authorization": f"{scheme} {good}"}).status_code == 200


def test_each_use_has_its_own_tokens(client: FlaskClient, good: str) -> None:
    pair = client.post("/v1/tokens", json={"username": "bob", "password": PASSWORD}).json

    assert client.get("/v1/me", headers=bearer(pair["refresh_token"])).status_code == 401
    for wrong in (pair["access_token"], tokens.edit_token(REPORT, since_ms=clock.now_ms())):
        assert client.post("/v1/tokens/refresh", json={"refresh_token": wrong}).status_code == 401


@pytest.mark.parametrize("number", [0, -1, 2, 10**30, 1.0, "1", True, None, DROP])
def test_refresh_token_with_another_number_is_refused(client: FlaskClient, good: str, number: Any) -> None:
    pair = client.post("/v1/tokens", json={"username": "bob", "password": PASSWORD}).json
    forged = altered(pair["refresh_token"], {}, {"number": number}, Use.REFRESH)

    assert client.post("/v1/tokens/refresh", json={"refresh_token": forged}).status_code == 401


def test_edit_token_lives_for_a_day() -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        text = tokens.edit_token(REPORT, since_ms=clock.now_ms())
        traveller.shift(86400 - 1)
        assert tokens.read(text, Use.EDIT).subject == REPORT
        traveller.shift(tokens.LEEWAY_S + 2)
        with pytest.raises(Unauthenticated):
            tokens.read(text, Use.EDIT)


def test_former_key_verifies_and_the_new_one_signs(set_secrets: Callable[..., None]) -> None:
    old = tokens.edit_token(REPORT, since_ms=clock.now_ms())
    former = settings().secret

    set_secrets(OTHER_SECRET, former)

    assert tokens.read(old, Use.EDIT).subject == REPORT
    assert old.split(".")[0] != tokens.edit_token(REPORT, since_ms=clock.now_ms()).split(".")[0]


def test_key_that_is_gone_verifies_no_more(set_secrets: Callable[..., None]) -> None:
    old = tokens.edit_token(REPORT, since_ms=clock.now_ms())

    set_secrets(OTHER_SECRET)

    with pytest.raises(Unauthenticated):
        tokens.read(old, Use.EDIT)


def test_no_former_key_is_no_key(set_secrets: Callable[..., None]) -> None:
    set_secrets(OTHER_SECRET, "")
    empty = tokens._derive("", Use.EDIT)
    header, claims, _ = tokens.edit_token(REPORT, since_ms=clock.now_ms()).removeprefix("fe_").split(".")

    with pytest.raises(Unauthenticated):
        tokens.read(sign(unpart(header) | {"kid": tokens._name(empty)}, unpart(claims), empty), Use.EDIT)
