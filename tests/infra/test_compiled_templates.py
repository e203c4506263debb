"""Compiled templates: the same pages as from their texts, and no text is read."""

import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from jinja2 import TemplateSyntaxError

from app.factory import create_app
from app.pages.frame import rendering
from infra import compiled_templates
from tests.route_list import PAGES, ROUTES

# Pages that need nothing stored, and say the same each time: a form to report has a new key in each copy.
FIXED = [path for path in PAGES if "<" not in path and path != "/report" and ROUTES[f"GET {path}"].who == "anyone"]
PATHS = (*FIXED, "/nothing-here")
AS_BROWSER = {"Accept": "text/html", "X-Request-ID": "req_1"}


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A copy of app/pages as a staged folder has it."""
    folder = tmp_path / "web"
    shutil.copytree(rendering.TEMPLATES, folder / "templates")
    return folder


def pages(client: FlaskClient) -> list[str]:
    return [client.get(path, headers=AS_BROWSER).text for path in PATHS]


@pytest.mark.usefixtures("noon")  # pages tell the minute
def test_pages_are_the_same_and_no_text_is_needed(
    client: FlaskClient, web: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, texts = pages(client), list(rendering.TEMPLATES.rglob("*.html"))

    compiled_templates.put(web)
    monkeypatch.setattr(rendering, "COMPILED", web / "compiled")
    monkeypatch.setattr(rendering, "TEMPLATES", web / "templates")

    rendering.environment.cache_clear()
    assert not (web / "templates").exists()
    assert len(list((web / "compiled").glob("*.py"))) == len(texts) > 0
    try:
        assert pages(create_app(TESTING=True).test_client()) == before
    finally:
        rendering.environment.cache_clear()


def test_same_templates_give_the_same_bytes(web: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(web, other)

    for folder in (web, other):
        compiled_templates.put(folder)

    made = [{file.name: file.read_bytes() for file in (folder / "compiled").iterdir()} for folder in (web, other)]
    assert made[0] == made[1]


def test_template_that_does_not_compile_stops_the_build(web: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (web / "templates" / "bent.html").write_text("{% if %}", encoding="utf-8")
    monkeypatch.setattr(rendering, "TEMPLATES", web / "templates")

    with pytest.raises(TemplateSyntaxError):
        compiled_templates.put(web)
