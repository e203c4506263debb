"""Names that cannot be registered."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.models import Role
from tests.factories import PASSWORD, make_account


def register(client: FlaskClient, username: str) -> Any:
    return client.post("/v1/accounts", json={"username": username, "password": PASSWORD})


def codes(answer: Any) -> list[tuple[str, str]]:
    return [(mistake["pointer"], mistake["code"]) for mistake in answer.json["errors"]]


@pytest.mark.parametrize(
    "username",
    [
        *("admin", "ADMIN", "Adm1n", "a.d.m.i.n", "admin2026", "ádmin", "ａｄｍｉｎ", "official_bob", "police.uk"),
        *("FloodManager", "fl00d-manager", "Met-Office", "999", "rnoderator", "environment.agency", "supp0rt"),
        # Phonetic letters and small capitals, which are Latin too, and Lisu, which is drawn as Latin is.
        *(
            "\u1d00\u1d05\u1d0d\u026a\u0274",
            "\u0251dmin",
            "a\u0257\u0271in",
            "\u0192ire",
            "\ua731\u1d1b\u1d00\ua730\ua730",
        ),
        *("\u0261overnment", "\ua4ee\ua4d3\ua4df\ua4f2\ua4e0", "\u00f8fficial"),
        *("\u0430\u0501\u043c\u0456\u043f", "r\u0131ver-police", "\u03c1\u03bfl\u03b9ce"),
    ],
    ids=ascii,
)
def test_name_of_staff_or_of_a_service_is_kept_however_it_is_drawn(client: FlaskClient, username: str) -> None:
    answer = register(client, username)

    assert answer.status_code == 422
    assert ("/username", "reserved") in codes(answer)


@pytest.mark.parametrize("username", ["b\u043eb", "alic\u0435", "\u03c1aul", "ivan\u0438"], ids=ascii)
def test_letters_of_two_scripts_make_no_name(client: FlaskClient, username: str) -> None:
    assert codes(register(client, username)) == [("/username", "mixed")]


@pytest.mark.parametrize(
    "username",
    [
        "clive",
        "nurse-7",
        "Zoë",
        "\u0142ukasz",
        "sm\u00f8r-og-br\u00f8d",
        "иван",
        "νίκος",
        "水位計",
        "カタカナ漢字abc",
        "한국어漢字",
    ],
)
def test_other_names_are_free(client: FlaskClient, username: str) -> None:
    assert register(client, username).status_code == 201


def test_pages_say_why_a_name_is_kept(client: FlaskClient) -> None:
    answer = client.post(
        "/sign-in/new",
        data={"username": "Moderator", "password": PASSWORD},
        headers={"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
    )

    assert answer.status_code == 422
    assert "This name is kept for staff and services" in answer.text


def test_operator_gives_any_name_at_the_command_line(tables: None) -> None:
    assert make_account(Role.ADMIN, username="admin").username == "admin"


def test_the_operators_own_name_is_kept(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOOD_OPERATOR", "Rivertown Council")

    assert codes(register(client, "rivertown-council")) == [("/username", "reserved")]
