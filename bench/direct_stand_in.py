"""The database in memory under PynamoDB alone: botocore, which would take most of the time, is left out.

It also does what storms of messages need: transactions, and streams of the rows that change.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from app.aws.streams import as_json
from bench.expressions import Expression
from bench.stand_in import Refused, StandIn, Table
from bench.units import Item, units_of_read

READS = ("GetItem", "BatchGetItem", "Query")
TRANSACTED = 2  # a transaction prepares each row and then stores it, and both are paid
Record = dict[str, Any]


class DirectStandIn(StandIn):
    """Tables for the calls of PynamoDB's connection. Its hooks let time pass, and say who calls."""

    def __init__(self, definitions: list[dict[str, Any]]) -> None:
        super().__init__(definitions)
        streams = {one["TableName"]: one.get("StreamSpecification", {}).get("StreamViewType") for one in definitions}
        self.view_of = {name: view for name, view in streams.items() if view}
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[int], None] = lambda entries: None  # of a query
        self.caller: Callable[[], str] = lambda: ""
        self.counts: Counter[str] = Counter()
        self.read_units: Counter[str] = Counter()  # by caller
        self.write_units: Counter[str] = Counter()
        self._numbers = 0

    def _make_api_call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Answer as botocore's client does, whose private method PynamoDB calls."""
        self.before()
        self.counts[operation] += 1
        try:
            answer = getattr(self, f"_{operation}")(request)
        except Refused as error:
            answer = error
        self._count(operation, request, answer)
        self.after(len(answer["Items"]) if operation == "Query" else 0)
        if isinstance(answer, Refused):
            raise ClientError(answer.response(), operation)
        return answer

    def _count(self, operation: str, request: dict[str, Any], answer: Any) -> None:
        """Add up an answer's units; a refused write is paid too."""
        if operation in READS:
            self.read_units[self.caller()] += units_of_read(operation, request, answer)
            return
        bill = {} if isinstance(answer, Refused) else answer.get("ConsumedCapacity") or {}
        units = sum(one.get("CapacityUnits", 1.0) for one in (bill if isinstance(bill, list) else [bill]))
        self.write_units[self.caller()] += units

    def _TransactWriteItems(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - the operation's own name
        acts = [next(iter(one.items())) for one in request["TransactItems"]]
        held = [self._holds(act) for _, act in acts]
        if not all(held):
            raise Refused([None if is_held else "ConditionalCheckFailed" for is_held in held])
        bills = []
        for kind, act in acts:
            if kind != "ConditionCheck":
                bill = getattr(self, f"_{kind}Item")(act)["ConsumedCapacity"]
                bills.append(bill | {"CapacityUnits": bill["CapacityUnits"] * TRANSACTED})
        return {"ConsumedCapacity": bills}

    def _holds(self, act: dict[str, Any]) -> bool:
        table, condition = self.tables[act["TableName"]], act.get("ConditionExpression")
        old = table.read(table.key_of(act.get("Item") or act["Key"]))
        return not condition or Expression(condition, act).holds(old or {})

    def stream(self, noun: str, take: Callable[[Record], None]) -> None:
        """Hand the records of a table's stream over from now on. `noun` ends the table's name."""
        (table,) = [one for name, one in self.tables.items() if name.endswith(f"-{noun}")]
        view = self.view_of[table.name]
        table.follow = partial(self._tell, take, table, view)

    def _tell(
        self, take: Callable[[Record], None], table: Table, view: str, old: Item | None, new: Item | None
    ) -> None:
        if old == new:
            return
        self._numbers += 1
        row = new or old or {}
        change: Record = {"Keys": {name: row[name] for name in table.keys}, "SequenceNumber": f"{self._numbers:021d}"}
        if view == "NEW_AND_OLD_IMAGES":
            change |= as_json({name: image for name, image in (("OldImage", old), ("NewImage", new)) if image})
        kind = "INSERT" if old is None else "MODIFY" if new else "REMOVE"
        take({"eventSource": "aws:dynamodb", "eventName": kind, "dynamodb": change})
