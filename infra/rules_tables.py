"""Rules for the capacity of tables: a ceiling for each, above all that the gateway lets through."""

from collections.abc import Callable, Iterator

from infra.template import Template, of_type

# The dearest page of a public list may read this much, and a filed report write this much of one table: the bounds that
# tests/app hold the product to (docs/performance.md).
READ_UNITS_A_REQUEST, WRITE_UNITS_A_REPORT = 20, 7
# What the consumers of streams and the minute's work may need beside the public.
WORKERS_READ_UNITS, WORKERS_WRITE_UNITS = 4_000, 1_000
# AWS gives no table more without being asked.
QUOTA = 40_000


def ceilings_starve_nobody(template: Template) -> Iterator[str]:
    """Check that filing, readers and workers stay under each ceiling, and that no index throttles its table."""
    asked, filed = _rates(template)
    least_read = min(QUOTA, asked * READ_UNITS_A_REQUEST + WORKERS_READ_UNITS)
    least_written = min(QUOTA, filed * WRITE_UNITS_A_REPORT + WORKERS_WRITE_UNITS)
    for name, body in of_type(template, "AWS::DynamoDB::Table"):
        own = body["Properties"].get("OnDemandThroughput", {})
        read, write = own.get("MaxReadRequestUnits", 0), own.get("MaxWriteRequestUnits", 0)
        if not least_read <= read <= QUOTA:
            yield f"{name} reads at most {read} units a second, and may be asked for {least_read}"
        if not least_written <= write <= QUOTA:
            yield f"{name} writes at most {write} units a second, and may be asked for {least_written}"
        for index in body["Properties"].get("GlobalSecondaryIndexes", []):
            its = index.get("OnDemandThroughput", {})
            # A row that moves leaves its old place: two writes of the index for one of the table.
            if its.get("MaxReadRequestUnits", 0) < read or its.get("MaxWriteRequestUnits", 0) < 2 * write:
                yield f"{name} may be throttled by its index {index['IndexName']}"


def _rates(template: Template) -> tuple[int, int]:
    """Return the requests and the filed reports that the gateway lets through in a second."""
    for _, body in of_type(template, "AWS::ApiGatewayV2::Stage"):
        properties = body["Properties"]
        filed = properties.get("RouteSettings", {}).get("POST /v1/reports", {}).get("ThrottlingRateLimit", 0)
        return properties.get("DefaultRouteSettings", {}).get("ThrottlingRateLimit", 0), filed
    return 0, 0


RULES: list[Callable[[Template], Iterator[str]]] = [ceilings_starve_nobody]
