"""Meaning of each kind of problem and what to do about it, for the pages under /docs/errors/."""

from typing import NamedTuple


class Advice(NamedTuple):
    """One paragraph, then the steps to take, in order."""

    meaning: str
    steps: tuple[str, ...]


BY_CODE = {
    "malformed": Advice(
        "The request could not be read at all: the body is not JSON, is not UTF-8, names a member twice, holds NaN, "
        "or is nested too deeply. Nothing was stored.",
        (
            "Read `detail`: it says what is wrong and, for JSON, in which line and column.",
            "Use a JSON library to write the body instead of joining strings.",
        ),
    ),
    "unauthenticated": Advice(
        "This address needs a signed-in caller, or the credentials sent are wrong, expired or revoked.",
        (
            "Sign in with POST /v1/tokens and send the answer's `access_token` as `Authorization: Bearer ...`.",
            "An access token lives for 15 minutes: get the next one with POST /v1/tokens/refresh.",
            "If a refresh is refused too, sign in again.",
        ),
    ),
    "wrong-password": Advice(
        "What you asked for needs your present password once more, and the one sent is not it. Nothing was changed.",
        (
            "Send the account's present password in `password`.",
            "After ten wrong ones in a quarter of an hour wait as long as `Retry-After` says.",
        ),
    ),
    "second-factor-needed": Advice(
        "The name and the password are right, and the account has a second factor. Nothing was counted against you.",
        (
            "Send the same request with `totp`, the six digits that the person's app shows now.",
            "Without the app send `recovery_code`, one of the ten that were shown when the factor was set up.",
        ),
    ),
    "second-factor-wrong": Advice(
        "The name and the password are right, but the code is not one of now, or it was used before. Each code is good "
        "for one sign-in.",
        (
            "Wait for the app's next code, at most 30 seconds, and send that.",
            "If every code is refused, set the clock of the phone: codes are taken up to 30 seconds early or late.",
            "After several wrong ones wait as long as `Retry-After` says, or send a `recovery_code`.",
        ),
    ),
    "wrong-code": Advice(
        "What you asked for needs a code of the second factor, and the one sent is not one of now, or was used before. "
        "Nothing was changed.",
        (
            "Wait for the app's next code, at most 30 seconds, and send that.",
            "Without the app send `recovery_code` instead, where the operation takes one.",
        ),
    ),
    "second-factor-required": Advice(
        "Responders and admins of this deployment need a second factor. Until it is set up, the sign-in is good for "
        "setting it up and for signing out, and for nothing else.",
        (
            "Send the password to POST /v1/me/totp, and add the `secret` to an app that makes codes.",
            "Send the app's code to PUT /v1/me/totp. From then on this sign-in has all rights of the account.",
            "What anyone may read or send can be read and sent without the token.",
        ),
    ),
    "scope-missing": Advice(
        "The API key is valid, but has none of the scopes that this operation takes; or the operation takes API keys "
        "only, and something else was sent. Nothing was changed.",
        (
            "Read `scopes_needed`: one of these scopes is enough.",
            "Make a key that has it: POST /v1/me/api-keys, or the page under My reports. A key's scopes never change.",
            "What anyone may read needs no key: send the request without `Authorization`.",
        ),
    ),
    "link-not-valid": Advice(
        "The token is of a link that was used, is too old, or was replaced by a newer one; or it is of no link.",
        (
            "Use the newest message. A link for a password is good for 30 minutes, one for an address for 48 hours.",
            "Ask for another: POST /v1/password-resets, or POST /v1/me/email/confirmation.",
        ),
    ),
    "mail-not-set-up": Advice(
        "Those who run this deployment have not set up mail, so that nothing that needs it can be done here.",
        ("Ask them about a lost password. Everything else works without mail.",),
    ),
    "suspended": Advice(
        "The name and the password are right, but the account may not be used for now. Its sign-ins have ended.",
        ("Ask those who run this service. Signing in again will not help.",),
    ),
    "forbidden": Advice(
        "You are identified, but only the reporter, a responder or an administrator may do this.",
        (
            "See in the API description who may call this operation.",
            "Use the account that filed the report, or the `edit_token` that came with it.",
            "If your role is wrong, ask an administrator. Sending the request again will not help.",
        ),
    ),
    "anonymous-reports-off": Advice(
        "Those who run this service take reports only from people with an account at this place for now, for example "
        "because of very many invented ones.",
        (
            "In danger, call your emergency number: this service cannot send help.",
            "Sign in, or make an account (POST /v1/accounts), and send the report with the access token.",
            "Or send the same request again after `Retry-After`. `/status.json` tells whether such reports are taken.",
        ),
    ),
    "registrations-off": Advice(
        "Those who run this service let no accounts be made for now.",
        (
            "Send the same request again after `Retry-After`. `/status.json` tells whether accounts can be made.",
            "Reports of flooding need no account, unless `/status.json` says otherwise.",
        ),
    ),
    "not-found": Advice(
        "There is nothing at this address, or it is not yours to see. Both look the same on purpose.",
        (
            "Compare the address with the API description; identifiers are taken exactly as they were given.",
            "A withdrawn report can be seen by its reporter and responders only.",
        ),
    ),
    "method-not-allowed": Advice(
        "The address exists, but not with this method.",
        ("Read the answer's `Allow` header: it lists the methods that work here.",),
    ),
    "not-acceptable": Advice(
        "The address is not available in the format that the `Accept` header or the suffix asks for.",
        (
            "Ask for application/json, or send no `Accept` header.",
            "Lists also come as .geojson and .csv: see the API description.",
        ),
    ),
    "invitation-over": Advice(
        "The invitation was real, but it was used, was ended by an admin, has expired, or the admin who made it is "
        "none any more. `state` says which: `used`, `ended` or `expired`. Nothing was changed.",
        (
            "If you have used it yourself, sign in.",
            "If not, ask the admin who invited you for a new one: an invitation works once, for seven days.",
        ),
    ),
    "conflict": Advice(
        "The request is valid, but the current state does not allow it: for example, the name is taken or the report "
        "can no longer be changed.",
        (
            "Read `detail` for the reason.",
            "Read the current state, decide again, then send a new request.",
        ),
    ),
    "precondition-failed": Advice(
        "`If-Match` names a version that is no longer the current one: it was changed after you read it. "
        "Your change was not made, so the other change is not lost.",
        (
            "Read it again with GET; take the new `ETag`.",
            "See whether your change still makes sense, then send it with the new `If-Match`.",
        ),
    ),
    "too-large": Advice(
        "The body is larger than this address accepts.",
        (
            "Shorten the text. A report's description has at most 4,000 characters.",
            "Send many things as many requests.",
        ),
    ),
    "unsupported-media-type": Advice(
        "The body has a content type that this address does not accept, or is compressed.",
        (
            "Send JSON, and say so: `Content-Type: application/json`.",
            "Send it uncompressed: only the `Content-Encoding` `identity` is accepted.",
        ),
    ),
    "invalid": Advice(
        "The request was read and understood, but some values are wrong. `errors` names every mistake at once, "
        "so one correction is enough. Nothing was stored.",
        (
            "Read each item of `errors`: `pointer` is a JSON pointer (RFC 6901) into the body, empty for all of it.",
            "A mistake outside the body has `parameter` instead: the name of a parameter of the query, or of a header.",
            "Programs should use each mistake's `code`, which is stable; `detail` is for people.",
            "Unknown fields and parameters are mistakes too: look for a misspelt name.",
            "Under an `Idempotency-Key` used before, the body must be the same: a new report needs a new key.",
        ),
    ),
    "precondition-required": Advice(
        "A header that keeps your data safe is missing: `Idempotency-Key` when filing a report, or `If-Match` when "
        "changing one.",
        (
            "Filing: make one random key for each report, of 8 to 128 characters.",
            "Send the same key when you repeat the request: the report is never stored twice.",
            "Changing: send the `ETag` of your last read as `If-Match`.",
        ),
    ),
    "too-many": Advice(
        "Too many requests of this kind came from your account or your network.",
        (
            "Wait for as many seconds as `Retry-After` says, then try again.",
            "Without an account, writes are limited for the whole network you are in. Signing in helps.",
        ),
    ),
    "internal": Advice(
        "Something went wrong on our side. It is logged; your request was not at fault.",
        (
            "Try again in a moment. A report sent again under the same `Idempotency-Key` is stored once.",
            "If the error stays, tell us the `request_id`: with it we can find the request.",
        ),
    ),
    "unavailable": Advice(
        "A part that we depend on did not answer in time.",
        (
            "Try again after as many seconds as `Retry-After` says.",
            "Keep the same `Idempotency-Key` when you send a report again, so that it is stored once.",
        ),
    ),
}
