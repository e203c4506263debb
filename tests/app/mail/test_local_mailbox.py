"""The mailbox of a run on one machine: there, and in nothing that is deployed."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from app.core.config import read_settings
from app.core.environment import BadSettings
from infra import stage
from tests.route_list import ROUTES

ROOT = Path(__file__).parents[3]
LOCAL = {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1"}


def routes_of(**environment: str) -> list[str]:
    """The routes of the product that begin with `/_`, in a process of its own with this environment."""
    asked = """
        from app.factory import create_app
        print(*sorted(rule.rule for rule in create_app().url_map.iter_rules() if rule.rule.startswith("/_")))
    """
    own = {"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", **environment}
    command = [sys.executable, "-c", textwrap.dedent(asked)]
    done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, timeout=600, check=True)
    return done.stdout.split()


def test_it_is_there_for_a_folder_of_this_machine(tmp_path: Path) -> None:
    assert routes_of(**LOCAL, FLOOD_MAIL=f"folder:{tmp_path}") == ["/_local/mail", "/_local/mail.json"]


def test_it_is_not_there_without_the_folder_or_in_lambda() -> None:
    deployed = {"AWS_LAMBDA_FUNCTION_NAME": "api", "FLOOD_PUBLIC_BASE_URL": "https://x.example"}

    assert routes_of(**LOCAL) == []
    assert routes_of(**deployed, FLOOD_MAIL="ses", FLOOD_MAIL_FROM="a@x.example") == []
    assert [route for route in ROUTES if "/_" in route] == []


@pytest.mark.parametrize("more", [{"AWS_LAMBDA_FUNCTION_NAME": "api"}, {"AWS_PROFILE": "mine"}])
def test_no_deployment_takes_a_folder(more: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="FLOOD_MAIL must be ses"):
        read_settings(more | {"FLOOD_MAIL": f"folder:{tmp_path}"})


def test_its_code_is_in_no_artifact() -> None:
    assert (ROOT / stage.COMMANDS / "local_mail.py").exists()
    elsewhere = [file for folder in ("app", "handlers") for file in (ROOT / folder).rglob("*.py")]
    naming: list[Any] = [file for file in elsewhere if "_local/mail" in file.read_text(encoding="utf-8")]
    assert naming == [ROOT / stage.COMMANDS / "local_mail.py"]
