"""What each kind of problem means and what to do about it, for the pages under /docs/errors/."""

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
            "Let a JSON library write the body; do not put it together by hand.",
        ),
    ),
    "unauthenticated": Advice(
        "This address needs to know who you are, or the credentials sent are wrong, out of date or ended.",
        (
            "Sign in with POST /v1/tokens and send the answer's `access_token` as `Authorization: Bearer ...`.",
            "An access token lives for 15 minutes: get the next one with POST /v1/tokens/refresh.",
            "If a refresh is refused too, sign in again.",
        ),
    ),
    "forbidden": Advice(
        "We know who you are, but this is for somebody else: the reporter, a responder or an administrator.",
        (
            "See in the API description who may call this operation.",
            "Use the account that filed the report, or the `edit_token` that came with it.",
            "If your role is wrong, ask an administrator. Sending the request again will not help.",
        ),
    ),
    "not-found": Advice(
        "There is nothing at this address, or it is not yours to see. Both look the same on purpose.",
        (
            "Compare the address with the API description; identifiers are taken exactly as they were given.",
            "A report that was withdrawn is gone for everybody but its reporter and responders.",
        ),
    ),
    "method-not-allowed": Advice(
        "The address exists, but not with this method.",
        ("Read the answer's `Allow` header: it lists the methods that work here.",),
    ),
    "not-acceptable": Advice(
        "The address cannot be served in the form that the `Accept` header or the suffix asks for.",
        (
            "Ask for application/json, or send no `Accept` header.",
            "Lists also come as .geojson and .csv: see the API description.",
        ),
    ),
    "conflict": Advice(
        "The request is right in itself, but the present state stands against it: the name is taken, or the thing "
        "has moved on.",
        (
            "Read `detail` for what stands in the way.",
            "Read the thing again, decide again, then send a new request.",
        ),
    ),
    "precondition-failed": Advice(
        "`If-Match` names a version that is no longer the current one: somebody changed it since you read it. "
        "Your change was not made, so nobody's work is lost.",
        (
            "Read it again with GET; take the new `ETag`.",
            "See whether your change still makes sense, then send it with the new `If-Match`.",
        ),
    ),
    "too-large": Advice(
        "The body is larger than this address takes.",
        (
            "Shorten the text. A report's description has at most 4,000 characters.",
            "Send many things as many requests.",
        ),
    ),
    "unsupported-media-type": Advice(
        "The body came under a content type that this address does not read, or packed.",
        (
            "Send JSON, and say so: `Content-Type: application/json`.",
            "Send it plain: no `Content-Encoding` but `identity` is taken.",
        ),
    ),
    "invalid": Advice(
        "The request was read and understood, but some values are wrong. `errors` names every mistake at once, "
        "so one correction is enough. Nothing was stored.",
        (
            "Go through `errors`. In each, `pointer` is the place in the body or the name of a parameter.",
            "Let programs go by each mistake's `code`, which is stable; `detail` is for people.",
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
            "If it stays, tell us the `request_id`: with it we find the very request.",
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
