"""Cursors: signed, bound to their filters, good for a day, and the same for the same page."""

import json
import random
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.core import clock
from app.core.signing_keys import keys
from app.http import cursors
from tests.moments import NOON
from tests.reporting import filed, mistakes_of
from tests.warning_making import announce, message

FILTERS = {"bbox": "1,2,3,4"}


def is_good(cursor: str, filters: dict[str, str] = FILTERS) -> bool:
    try:
        return cursors.read(cursor, filters=filters, position="[a-z]+") == "here"
    except cursors.BadCursor:
        return False


def test_cursor_leads_back() -> None:
    assert is_good(cursors.write("here", filters=FILTERS))


def test_cursor_is_bound_to_its_filters() -> None:
    cursor = cursors.write("here", filters=FILTERS)

    assert not is_good(cursor, {"bbox": "1,2,3,5"})
    assert not is_good(cursor, {})


def test_every_bent_cursor_is_refused() -> None:
    cursor = cursors.write("here", filters=FILTERS)
    bent = [
        cursor[:place] + ("B" if cursor[place] == "A" else "A") + cursor[place + 1 :] for place in range(len(cursor))
    ]

    assert not any(
        map(is_good, [*bent, cursor[:-1], cursor[:-4], cursor + "A", cursor + "=", cursor + "\n", "=" + cursor])
    )


@given(st.text(max_size=80) | st.binary(max_size=60).map(lambda raw: urlsafe_b64encode(raw).decode()))
def test_no_text_is_a_cursor_by_accident(text: str) -> None:
    assert not is_good(text)


def test_cursor_lives_a_day() -> None:
    with time_machine.travel(NOON + 123, tick=False) as clock:
        cursor = cursors.write("here", filters=FILTERS)
        clock.shift(24 * 3600)
        assert is_good(cursor)
        clock.shift(601)
        assert not is_good(cursor)


def test_same_page_has_the_same_cursor_a_little_later() -> None:
    with time_machine.travel(NOON + 1, tick=False) as clock:
        first = cursors.write("here", filters=FILTERS)
        clock.shift(300)
        assert cursors.write("here", filters=FILTERS) == first


def test_unchanged_page_with_a_next_one_is_304(client: FlaskClient) -> None:
    with time_machine.travel(NOON + 1, tick=False) as clock:
        for _ in range(2):
            filed(client)
        etag = client.get("/v1/reports?limit=1").headers["ETag"]
        clock.shift(30)
        assert client.get("/v1/reports?limit=1", headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("cursor", ["x", "!", "é", "A" * 2000, urlsafe_b64encode(b"0" * 16 + b"[1,2]").decode()])
def test_bent_cursor_is_one_of_the_mistakes(client: FlaskClient, cursor: str) -> None:
    assert mistakes_of(client.get(f"/v1/reports?cursor={cursor}")) == {("cursor", "cursor")}


def test_cursor_of_one_list_opens_no_other(client: FlaskClient) -> None:
    for _ in range(2):
        filed(client)
    cursor = client.get("/v1/reports?limit=1").json["next_cursor"]

    assert client.get(f"/v1/reports?limit=2&cursor={cursor}").status_code == 200
    assert mistakes_of(client.get(f"/v1/reports?severity_min=minor&cursor={cursor}")) == {("cursor", "cursor")}


def signed(body: Any, filters: dict[str, str]) -> str:
    """A cursor that holds something else, as another release might make it under the same keys."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return urlsafe_b64encode(cursors._sign(raw, filters, keys().secret) + raw).decode().rstrip("=")


UNTIL = NOON + 3600
LATER: dict[str, Any] = {
    "no JSON": b"\xff\x00",
    "cut": b'["063930859221',
    "a number": 5,
    "null": None,
    "nothing": [],
    "no end": ["063930859221000#rep_a"],
    "an object": {"format": 2, "position": "063930859221000#rep_a", "until": UNTIL},
    "position an object": [{"segment": "a"}, UNTIL],
    "position a number": [5, UNTIL],
    "position null": [None, UNTIL],
    "position a list": [["a"], UNTIL],
    "position of another kind": ["segment:8/125/85#7", UNTIL],
    "position no time has": ["999999999999999#rep_a", UNTIL],
    "end a text": ["063930859221000#rep_a", "2026-11-21T13:00:00Z"],
    "end null": ["063930859221000#rep_a", None],
}
REPORTS = ("", "&since=2026-11-01T00:00:00Z", "&updated_since=2026-11-21T00:00:00Z")
ELSEWHERE = ("/v1/warnings?limit=1", "/v1/areas?limit=1")


def filters_in(path: str) -> dict[str, int]:
    """Return the filters that the cursors of this URL are bound to."""
    named = dict(part.split("=") for part in path.partition("?")[2].split("&"))
    return {name: clock.to_ms(datetime.fromisoformat(text)) for name, text in named.items() if name != "limit"}


@pytest.mark.parametrize("path", [*(f"/v1/reports?limit=1{more}" for more in REPORTS), *ELSEWHERE])
@pytest.mark.parametrize("body", LATER.values(), ids=LATER.keys())
def test_cursor_of_a_later_form_is_refused_as_any_other(
    client: FlaskClient, noon: time_machine.Traveller, path: str, body: Any
) -> None:
    assert mistakes_of(client.get(f"{path}&cursor={signed(body, filters_in(path))}")) == {("cursor", "cursor")}


@pytest.mark.parametrize("more", REPORTS)
def test_cursor_signed_here_in_todays_form_is_taken(
    client: FlaskClient, noon: time_machine.Traveller, more: str
) -> None:
    path = f"/v1/reports?limit=1{more}"

    cursor = signed(["063930859221000#rep_a", UNTIL], filters_in(path))

    assert client.get(f"{path}&cursor={cursor}").status_code == 200


def test_cursor_with_more_in_it_leads_on(client: FlaskClient, noon: time_machine.Traveller) -> None:
    for _ in range(2):
        filed(client)
    first = client.get("/v1/reports?limit=1").json
    raw = urlsafe_b64decode(first["next_cursor"] + "==")[16:]
    later = signed([*json.loads(raw), {"page": 2}], {})

    pages = [client.get(f"/v1/reports?limit=1&cursor={cursor}").json for cursor in (first["next_cursor"], later)]

    assert pages[0]["items"] == pages[1]["items"] != []


@pytest.mark.parametrize("path", ["/v1/reports", *(path.partition("?")[0] for path in ELSEWHERE)])
@pytest.mark.parametrize("other", ["/v1/reports", *(path.partition("?")[0] for path in ELSEWHERE)])
def test_cursor_of_another_list_is_refused(
    client: FlaskClient, noon: time_machine.Traveller, path: str, other: str
) -> None:
    announce(message("event-1"), message("event-2"))
    for _ in range(2):
        filed(client)
    cursor = client.get(f"{path}?limit=1").json["next_cursor"]

    answer = client.get(f"{other}?limit=1&cursor={cursor}")

    assert answer.status_code == (200 if path == other else 422)
    assert client.get(f"/warnings?cursor={cursor}").status_code == 200  # on pages nothing in an address is an error


def test_cursor_holds_no_secret() -> None:
    cursor = cursors.write("here", filters={"account": "acc_somebody"})

    assert b"acc_somebody" not in urlsafe_b64decode(cursor + "==")


def bent_cursors(number: int) -> Iterator[str]:
    """Yield cursors with flipped bits, or with the head of another: none is the text that was signed."""
    dice, raw = random.Random(8), urlsafe_b64decode(cursors.write("here", filters=FILTERS) + "==")
    other = urlsafe_b64decode(cursors.write("there", filters=FILTERS) + "==")
    for _ in range(number // 2):
        bent, cut = bytearray(raw), dice.randrange(1, 16)
        for place in dice.sample(range(len(bent)), dice.randint(1, 3)):
            bent[place] ^= 1 << dice.randrange(8)
        for each in (bytes(bent), other[:cut] + raw[cut:]):
            if each != raw:  # the heads of two signatures may be equal
                yield urlsafe_b64encode(each).decode().rstrip("=")


@pytest.mark.parametrize("number", [400, pytest.param(10_000, marks=pytest.mark.long)])
def test_thousands_of_bent_cursors_are_refused(number: int) -> None:
    """S8."""
    assert not any(map(is_good, bent_cursors(number)))


def test_naive_twin_goes_where_bent_cursors_lead(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cursor whose signature is not compared."""
    monkeypatch.setattr(cursors.hmac, "compare_digest", lambda *_: True)

    assert sum(map(is_good, bent_cursors(100))) >= 50
