"""A database in memory with the time that its answers take, its prices and its faults: for storms in virtual time."""

import json
import random
import threading
import time
from collections import Counter, defaultdict
from types import SimpleNamespace
from typing import Any

from bench.stand_in import StandIn
from bench.units import units_of_read
from bench.virtual_time import VirtualTime

CALL_MS = 5.0
# What a consumer spends on each entry of a query: 350 ms for a cell of 4,000, measured in docs/performance.md's way.
ENTRY_MS = 0.09
READS = ("GetItem", "BatchGetItem", "Query")


class Killed(BaseException):
    """The function's process ends here, in the middle of its work."""


class SlowStandIn(StandIn):
    """Answers after some virtual time; counts units, refused writes, and the work that they undid."""

    def __init__(self, definitions: list[dict[str, Any]], virtual_time: VirtualTime, seed: int) -> None:
        super().__init__(definitions)
        self.time = virtual_time
        self.dice = random.Random(seed)
        self.kills = 0.0  # share of the calls at which the caller is killed
        self.throttled_until_ms = 0.0  # of the tiles table
        self.counts: Counter[str] = Counter()
        self.read_units = self.write_units = self.wasted_units = 0.0
        self.document_units: defaultdict[str, float] = defaultdict(float)  # read and written for tile documents
        self.of_caller = threading.local()
        self._since_write: defaultdict[int, float] = defaultdict(float)

    def attach(self, client: Any) -> None:
        client.meta.events.register_first("before-call.dynamodb", self._note)
        super().attach(client)

    def detach(self, client: Any) -> None:
        client.meta.events.unregister("before-call.dynamodb", self._note)
        super().detach(client)

    def _note(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["bench_request"] = json.loads(params["body"])

    def _answer(self, model: Any, context: dict[str, Any], **more: Any) -> tuple[Any, dict[str, Any]]:
        if getattr(self.of_caller, "is_free", False):
            return super()._answer(model, context, **more)
        began_s = time.thread_time()
        try:
            return self._answer_slowly(model, context, **more)
        finally:
            self.of_caller.cpu_s = self.cpu_s() + time.thread_time() - began_s

    def cpu_s(self) -> float:
        """Return the processor's time that this thread has spent in here, which is not the product's."""
        return float(getattr(self.of_caller, "cpu_s", 0.0))

    def _answer_slowly(self, model: Any, context: dict[str, Any], **more: Any) -> tuple[Any, dict[str, Any]]:
        self.time.spend(CALL_MS / getattr(self.of_caller, "at_once", 1))
        if self.time.now < self.throttled_until_ms and ":tiles" in self._table_of(context["bench_request"]):
            self.counts["throttled"] += 1
            error = {"Code": "ProvisionedThroughputExceededException", "Message": "Try later."}
            return SimpleNamespace(status_code=400, headers={}), {"Error": error, "ResponseMetadata": {}}
        is_killed = self.dice.random() < self.kills
        if is_killed and self.dice.random() < 0.5:
            raise self._kill()
        answer = super()._answer(model, context, **more)
        self._count(model.name, context["bench_request"], answer[1])
        if model.name == "Query":
            self.time.spend(ENTRY_MS * len(answer[1]["Items"]))
        if is_killed:
            raise self._kill()
        return answer

    def _kill(self) -> Killed:
        self.counts["killed"] += 1
        return Killed()

    def _table_of(self, request: dict[str, Any]) -> str:
        names = [request["TableName"]] if "TableName" in request else [*request["RequestItems"]]
        return "".join(f":{name.rpartition('-')[2]}" for name in names)

    def _count(self, operation: str, request: dict[str, Any], answer: dict[str, Any]) -> None:
        """Add up an answer's units. What led to a refused write of a document was wasted."""
        caller = threading.get_ident()
        is_documents = getattr(self.of_caller, "is_documents", False)
        if operation in READS:
            units = units_of_read(operation, request, answer)
            self.read_units += units
            self.document_units["read"] += units if is_documents else 0
            self._since_write[caller] += units
            return
        bill = answer.get("ConsumedCapacity") or {}
        units = (bill[0] if isinstance(bill, list) else bill).get("CapacityUnits", 1.0)
        self.write_units += units
        self.document_units["write"] += units if is_documents else 0
        if "Error" not in answer:
            self._since_write[caller] = 0.0
        elif operation == "PutItem":
            self.counts["conflicts"] += 1
            self.wasted_units += units + self._since_write.pop(caller, 0.0)
