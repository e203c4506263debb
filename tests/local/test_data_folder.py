"""Files that a local run keeps, and the environment that its processes receive."""

from pathlib import Path

import pytest

from infra.local.data_folder import STORE_KEY, DataFolder
from infra.local.processes import Failed
from infra.local.welcome import welcome


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    monkeypatch.delenv("FLOOD_SECRET")
    monkeypatch.delenv("FLOOD_ID_KEY")
    made = DataFolder(tmp_path / "kept" / "here")
    made.make()
    return made


def test_secrets_are_made_once(folder: DataFolder) -> None:
    first = folder.environment("http://127.0.0.1:1")

    second = folder.environment("http://127.0.0.1:1")

    assert first["FLOOD_SECRET"] == second["FLOOD_SECRET"] != first["FLOOD_ID_KEY"]
    assert len(first["FLOOD_SECRET"]) >= 64


def test_two_folders_have_different_secrets(folder: DataFolder, tmp_path: Path) -> None:
    other = DataFolder(tmp_path)

    assert other.environment("")["FLOOD_SECRET"] != folder.environment("")["FLOOD_SECRET"]


def test_local_run_never_meets_an_aws_account(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-token")

    environment = folder.environment("http://127.0.0.1:1")

    assert "production" not in environment.values()
    assert "a-token" not in environment.values()
    assert environment["AWS_ENDPOINT_URL_DYNAMODB"] == "http://127.0.0.1:1"


def test_setting_of_the_shell_reaches_the_product(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOOD_REPORT_LIFE_HOURS", "24")

    assert folder.environment("")["FLOOD_REPORT_LIFE_HOURS"] == "24"


def test_folder_has_one_owner_at_a_time(folder: DataFolder) -> None:
    with folder.owned() as first, folder.owned() as second:
        assert (first, second) == (True, False)
    with folder.owned() as third:
        assert third


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("")

    with pytest.raises(Failed, match="a-file/kept cannot be made"):
        DataFolder(tmp_path / "a-file" / "kept").make()


def test_welcome_tells_the_sign_ins(folder: DataFolder) -> None:
    folder.sign_ins.write_text('{"resident": "river-bank", "responder": "sand-bag", "admin": "high-tide"}')
    folder.endpoint.write_text("http://127.0.0.1:1\n")

    text = welcome(folder, "http://localhost:5000", has_demo=True, is_kept=True)

    assert all(word in text for word in ("river-bank", "sand-bag", "high-tide", "http://localhost:5000/docs"))
    assert text.index("Sign in at http://localhost:5000/sign-in as") < text.index("river-bank")


def test_welcome_says_when_nothing_is_kept(folder: DataFolder) -> None:
    text = welcome(folder, "http://localhost:5000", has_demo=False, is_kept=False)

    assert "gone at the end" in text
    assert "Sign in" not in text


def test_processes_find_the_photos_once_their_store_has_a_port(folder: DataFolder) -> None:
    before = folder.environment("")
    folder.photo_port.write_text("4321\n")

    after = folder.environment("")

    assert {"AWS_ENDPOINT_URL_S3", "FLOOD_PHOTOS_BUCKET"} & before.keys() == set()
    assert after["AWS_ENDPOINT_URL_S3"] == "http://127.0.0.1:4321"
    assert after["FLOOD_PHOTOS_BUCKET"] == "floodmanager-local-photos"
    assert "AWS_ENDPOINT_URL_SQS" not in after  # a local run has no queues


def test_each_folder_signs_photos_with_a_key_of_its_own(folder: DataFolder, tmp_path: Path) -> None:
    secret = folder.environment("")["AWS_SECRET_ACCESS_KEY"]

    assert folder.environment("")["AWS_SECRET_ACCESS_KEY"] == secret
    assert secret != DataFolder(tmp_path).environment("")["AWS_SECRET_ACCESS_KEY"]
    assert len(secret) >= 64
    assert STORE_KEY not in folder.environment("")
