"""The estimate leaves no resource out, and says what a million requests and a storm add."""

import pytest
import yaml

from infra import costs
from infra.cost_prices import LINE_OF, LISTS, WITHOUT_COST
from infra.cost_work import WORK, Load
from infra.lint import EDGE
from infra.template import Template, of_type


@pytest.fixture(scope="module")
def kinds(templates: dict[str, Template]) -> set[str]:
    edge = yaml.safe_load(EDGE.read_text(encoding="utf-8"))
    return {body["Type"] for template in (*templates.values(), edge) for body in template["Resources"].values()}


def test_every_kind_of_resource_has_its_line_or_a_reason_to_cost_nothing(kinds: set[str]) -> None:
    assert kinds == LINE_OF.keys() | WITHOUT_COST.keys()
    assert not LINE_OF.keys() & WITHOUT_COST.keys()
    assert set(LINE_OF.values()) <= costs.month(Load(1e5, 0.5)).keys()


@pytest.mark.parametrize(
    ("kind", "name", "counted"),
    [
        ("AWS::Lambda::Function", "FunctionName", {work.function for work in WORK}),
        ("AWS::DynamoDB::Table", "TableName", {table for work in WORK for table in work.tables}),
    ],
)
def test_every_function_and_table_is_counted(
    templates: dict[str, Template], kind: str, name: str, counted: set[str]
) -> None:
    deployed = {body["Properties"][name] for _, body in of_type(templates["prod"], kind)}

    assert {one.removeprefix("floodmanager-prod-") for one in deployed} == counted


def test_every_price_has_the_date_of_its_list() -> None:
    assert [name for name, (price, dated) in LISTS.items() if not dated or price <= 0] == []


@pytest.mark.parametrize("number", range(len(WORK)))
def test_no_work_is_left_out_of_the_sum(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    whole = costs.together(Load(1e7))
    monkeypatch.setattr(costs, "WORK", [work for place, work in enumerate(WORK) if place != number])

    assert costs.together(Load(1e7)) < whole


@pytest.mark.parametrize("hits", [None, 0.5])
def test_a_storm_costs_what_its_requests_cost(hits: float | None) -> None:
    load, requests = Load(1e7, hits), costs.STORM_RATE * costs.STORM_HOURS * 3600

    million, storm = costs.further(load, 1e6), costs.further(load, requests)

    assert 1 < million < 10
    assert storm == pytest.approx(million * requests / 1e6, rel=0.2)
