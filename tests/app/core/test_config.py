"""The environment: read once, every mistake named, nothing secret taken for granted outside one's own machine."""

from pathlib import Path

import pytest

from app.core.config import read_settings
from app.core.environment import BadSettings

LONG = "a-secret-that-is-long-enough-to-be-taken"
DEPLOYED = {"AWS_LAMBDA_FUNCTION_NAME": "web", "FLOOD_SECRET": LONG, "FLOOD_ID_KEY": LONG}
LOOPBACK = {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:8000"}


def test_every_mistake_is_named_at_once() -> None:
    wrong = {**DEPLOYED, "FLOOD_SECRET": "short", "FLOOD_REPORT_LIFE_HOURS": "two", "FLOOD_SIGN_IN_TRIES": "0"}

    with pytest.raises(BadSettings) as refused:
        read_settings(wrong)

    for name in ("FLOOD_SECRET", "FLOOD_REPORT_LIFE_HOURS", "FLOOD_SIGN_IN_TRIES"):
        assert name in str(refused.value)


@pytest.mark.parametrize("missing", ["FLOOD_SECRET", "FLOOD_ID_KEY"])
@pytest.mark.parametrize("database", [{}, LOOPBACK], ids=["AWS", "loopback"])
def test_one_key_from_the_environment_and_one_from_the_store_is_refused(missing: str, database: dict[str, str]) -> None:
    with pytest.raises(BadSettings, match=missing):
        read_settings({**DEPLOYED, **database, missing: ""})


@pytest.mark.parametrize("deployed", [{"AWS_LAMBDA_FUNCTION_NAME": "web"}, {"AWS_PROFILE": "me"}])
def test_deployment_is_given_no_fixed_key(deployed: dict[str, str]) -> None:
    found = read_settings(deployed)

    assert (found.secret, found.id_key) == ("", "")
    assert found.has_queues


def test_local_run_has_no_queues() -> None:
    assert not read_settings(LOOPBACK).has_queues


def test_switch_takes_two_words_only() -> None:
    with pytest.raises(BadSettings, match="FLOOD_CDN_ONLY must be true or false"):
        read_settings({**DEPLOYED, "FLOOD_CDN_ONLY": "yes"})


def test_loopback_keys_are_refused_in_a_deployment() -> None:
    known = read_settings(LOOPBACK).secret

    with pytest.raises(BadSettings, match="FLOOD_SECRET"):
        read_settings({**DEPLOYED, "FLOOD_SECRET": known})


def test_without_a_choice_of_database_it_says_what_to_do() -> None:
    assert "make serve" in read_settings({}).missing_database()
    assert read_settings(LOOPBACK).missing_database() == read_settings(DEPLOYED).missing_database() == ""


def test_commands_beside_make_serve_use_its_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kept = tmp_path / ".local"
    kept.mkdir()
    (kept / "endpoint").write_text(LOOPBACK["AWS_ENDPOINT_URL_DYNAMODB"] + "\n")
    (kept / "secrets.env").write_text("FLOOD_SECRET=the-kept-secret\nFLOOD_ID_KEY=the-kept-id-key\n")

    beside = read_settings(LOOPBACK)
    elsewhere = read_settings({"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9000"})

    assert (beside.secret, beside.id_key) == ("the-kept-secret", "the-kept-id-key")
    assert "kept" not in elsewhere.secret + elsewhere.id_key


@pytest.mark.parametrize("bent", ["files.example.org", "ftp://files.example.org", "https://a.example; script-src *"])
def test_address_that_a_policy_header_could_not_name_is_refused(bent: str) -> None:
    with pytest.raises(BadSettings, match="FLOOD_STATIC_URL"):
        read_settings({**DEPLOYED, "FLOOD_STATIC_URL": bent})


def test_place_of_a_town_is_read() -> None:
    assert read_settings({**DEPLOYED, "FLOOD_PLACE": "51.128,-3.004,Bridgwater"}).place == (
        51.128,
        -3.004,
        "Bridgwater",
    )


@pytest.mark.parametrize("bent", ["Bridgwater", "91,0,Nowhere", "51.1,-181,Nowhere", "51.1,-3.0,", "nan,0,Nowhere"])
def test_place_that_is_none_is_refused(bent: str) -> None:
    with pytest.raises(BadSettings, match="FLOOD_PLACE"):
        read_settings({**DEPLOYED, "FLOOD_PLACE": bent})


def test_operator_is_named_in_one_line() -> None:
    assert read_settings({**DEPLOYED, "FLOOD_OPERATOR": " Levels Flood Group "}).operator == "Levels Flood Group"
    assert read_settings(DEPLOYED).operator == ""
    for bent in ("A" * 121, "Levels\nFlood Group", "Levels\u202e"):
        with pytest.raises(BadSettings, match="FLOOD_OPERATOR"):
            read_settings({**DEPLOYED, "FLOOD_OPERATOR": bent})
