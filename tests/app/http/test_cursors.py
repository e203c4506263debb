"""Cursors: signed, bound to their filters, good for a day, and the same for the same page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
import time_machine
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.http import cursors
from tests.moments import NOON
from tests.reporting import filed, mistakes_of

FILTERS = {"bbox": "1,2,3,4"}


def is_good(cursor: str, filters: dict[str, str] = FILTERS) -> bool:
    try:
        return bool(cursors.read(cursor, filters=filters) == ["here", 5])
    except cursors.BadCursor:
        return False


def test_cursor_leads_back() -> None:
    assert is_good(cursors.write(["here", 5], filters=FILTERS))


def test_cursor_is_bound_to_its_filters() -> None:
    cursor = cursors.write(["here", 5], filters=FILTERS)

    assert not is_good(cursor, {"bbox": "1,2,3,5"})
    assert not is_good(cursor, {})


def test_every_bent_cursor_is_refused() -> None:
    cursor = cursors.write(["here", 5], filters=FILTERS)
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
        cursor = cursors.write(["here", 5], filters=FILTERS)
        clock.shift(24 * 3600)
        assert is_good(cursor)
        clock.shift(601)
        assert not is_good(cursor)


def test_same_page_has_the_same_cursor_a_little_later() -> None:
    with time_machine.travel(NOON + 1, tick=False) as clock:
        first = cursors.write(["here", 5], filters=FILTERS)
        clock.shift(300)
        assert cursors.write(["here", 5], filters=FILTERS) == first


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


def test_cursor_holds_no_secret() -> None:
    cursor = cursors.write(["here", 5], filters={"account": "acc_somebody"})

    assert b"acc_somebody" not in urlsafe_b64decode(cursor + "==")
