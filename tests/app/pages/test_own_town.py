"""The operator's town: the place of pages whose address names none."""

import pytest
from flask.testing import FlaskClient

from app.core import config
from app.pages.home import view
from tests.app.pages.frame import markup
from tests.app.pages.home.test_page import entries
from tests.app.pages.test_canonical import page
from tests.factories import make_report, tell_consumer

TOWN = (51.50044, -0.11961, "Our town")


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = config.settings()._replace(place=TOWN)
    monkeypatch.setattr(view, "settings", lambda: chosen)


@pytest.mark.parametrize("path", ["/", "/reports", "/reports?sort=nearest", "/reports?sort=gravest"])
def test_second_page_of_the_towns_reports_goes_on(town: None, client: FlaskClient, path: str) -> None:
    made = [make_report() for _ in range(70)]
    tell_consumer(made)

    first = page(client, path)
    [following] = [
        one.attributes["href"] for one in markup.named(first, "a") if one.attributes.get("id") == "more-reports"
    ]
    rest = page(client, following)

    listed = [one.attributes["data-id"] for text in (first, rest) for one in entries(text, "report")]
    assert sorted(listed) == sorted(report.id for report in made)


@pytest.mark.parametrize("path", ["/reports", "/warnings"])
def test_everywhere_is_offered_only_where_it_leads_there(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    assert ">Everywhere<" in page(client, f"{path}?place=Langport")

    chosen = config.settings()._replace(place=TOWN)
    monkeypatch.setattr(view, "settings", lambda: chosen)

    assert "Our town" in page(client, path)
    for query in ("", "?place=Langport"):
        assert ">Everywhere<" not in page(client, f"{path}{query}")
