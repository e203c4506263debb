"""Every page and /status.json say so where all data are invented, and nowhere else."""

import pytest
from flask.testing import FlaskClient

from app.api import status_routes
from app.core.config import settings
from app.pages.frame import rendering
from tests.app.pages.frame.markup import named
from tests.app.pages.world import AS_BROWSER, FOR_DEVELOPERS, World, make_world

SENTENCE = "Demonstration: invented data"


@pytest.fixture
def world(client: FlaskClient) -> World:
    return make_world(client)


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings()._replace(is_demo=True)
    for module in (rendering, status_routes):
        monkeypatch.setattr(module, "settings", lambda: chosen)


def bars(client: FlaskClient, path: str) -> list[str]:
    text = client.get(path, headers=AS_BROWSER).text
    return [one.words() for one in named(text, "p") if one.attributes.get("class") == "demo-bar"]


@pytest.mark.usefixtures("demo")
def test_every_page_of_a_demonstration_says_so_once(world: World) -> None:
    for path in (*world.open, *world.own, *FOR_DEVELOPERS):
        assert bars(world.client, path) == [SENTENCE], path


def test_no_page_says_so_of_real_data(world: World) -> None:
    for path in (*world.open, *world.own, *FOR_DEVELOPERS):
        assert bars(world.client, path) == [], path


@pytest.mark.usefixtures("demo")
def test_status_of_a_demonstration_says_so(client: FlaskClient) -> None:
    assert client.get("/status.json").json["demonstration"] is True  # type: ignore[index]


def test_status_of_real_data_says_so(client: FlaskClient) -> None:
    assert client.get("/status.json").json["demonstration"] is False  # type: ignore[index]
