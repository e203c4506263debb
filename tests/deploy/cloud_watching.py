"""Dashboards and budgets of the emulated account."""

import json
from typing import Any

from tests.deploy.cloud_edge import Recorded
from tests.deploy.cloud_kinds import Kind, Properties, kind


@kind("AWS::CloudWatch::Dashboard")
class Dashboard(Kind):
    service = "cloudwatch"
    named_by = "DashboardName"
    fixed = frozenset({"DashboardName"})

    def create(self, name: str, properties: Properties) -> str:
        self.change(name, properties, {})
        return name

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        json.loads(properties["DashboardBody"])  # CloudWatch takes nothing else
        self.client.put_dashboard(DashboardName=identity, DashboardBody=properties["DashboardBody"])

    def delete(self, identity: str, properties: Properties) -> None:
        self.client.delete_dashboards(DashboardNames=[identity])

    def read(self, identity: str, properties: Properties) -> Properties:
        told: dict[str, Any] = self.client.get_dashboard(DashboardName=identity)
        return told


@kind("AWS::Budgets::Budget")
class Budget(Recorded):
    service = "budgets"
    call = "create_budget"

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        super().change(identity, {"AccountId": "123456789012", **properties}, before)
        self.kept[self.clients.url, identity] = properties
