"""Estimate what a deployment costs in a month: `python -m infra.costs [--requests-a-day 100000] [--hits 0.5]`.

Also what a further million requests and a storm cost. Prices are in infra/cost_prices.py with their dates, what each
function does to each table in infra/cost_work.py; docs/operations.md tells what is measured and what is assumed. AWS's
standing free allowances are subtracted, as if the account held nothing else.
"""

import argparse
from collections.abc import Sequence

from infra.cost_prices import FREE, PRICES
from infra.cost_work import (
    DAYS,
    FEWEST_RUNS,
    MIX,
    PHOTO_BYTES_A_REQUEST,
    PHOTOS_A_REPORT,
    SHOWN_PHOTOS,
    WORK,
    Load,
)

MILLION, GB = 1e6, 1e9
# DynamoDB's price list of London was not available: Virginia's, plus a fifth.
DYNAMODB_OVER_VIRGINIA = 1.2
HITS = 0.5
LOGGED_BYTES = 1_000
STORED_BYTES = 800  # a report and its index entries
PHOTO_BYTES = 300_000  # both sizes; those that everyone sees are there twice
ALARM_METRICS, EDGE_ALARM_METRICS = 217, 2  # tests/infra/test_operations.py counts them
DASHBOARDS = 1
ONE_INSTANCE_READS_KEYS = DAYS * 86_400 / 60
KEYS_READ = 3
# A night of a town's flood, by which a storm is reckoned: requests a second, hours.
STORM_RATE, STORM_HOURS = 1_000, 12


def month(load: Load) -> dict[str, float]:
    """Return US dollars a month, line by line."""
    return {
        "API Gateway": load.at_function / MILLION * PRICES["API Gateway, million requests"],
        "Lambda": _functions(load),
        "DynamoDB, units": _units(load),
        "DynamoDB, stored after a year": _stored(load),
        "queues, objects written": _messages(load),
        "photos, stored after a year": _photos_stored(load),
        "mail": _mail(load),
        "logs": _over(load.at_function * LOGGED_BYTES / GB, "log GB") * PRICES["CloudWatch, GB of logs"],
        "alarms, dashboard": _alarms(load),
        "keys (KMS)": _keys(load),
        "data out": _data(load),
        "CloudFront, WAF": 0.0 if load.hits is None else _edge(load),
    }


def together(load: Load) -> float:
    """Return US dollars a month."""
    return sum(month(load).values())


def further(load: Load, requests: float) -> float:
    """Return the cost of a number of further requests of the same mix in a month of that load, in US dollars."""
    return together(Load(load.requests_a_day + requests / DAYS, load.hits)) - together(load)


def _over(amount: float, allowance: str) -> float:
    return max(0.0, amount - FREE[allowance])


def _functions(load: Load) -> float:
    calls = sum(work.calls(load) for work in WORK if work.is_call)
    gb_seconds = sum(work.calls(load) * work.ms / 1000 * work.gb for work in WORK)
    return (
        _over(calls, "Lambda requests") / MILLION * PRICES["Lambda, million requests"]
        + _over(gb_seconds, "Lambda GB seconds") * PRICES["Lambda on arm64, GB second"]
    )


def _units(load: Load) -> float:
    read = sum(work.calls(load) * work.read_units for work in WORK)
    written = sum(work.calls(load) * work.write_units for work in WORK)
    return DYNAMODB_OVER_VIRGINIA * (
        read / MILLION * PRICES["DynamoDB in us-east-1, million read units"]
        + written / MILLION * PRICES["DynamoDB in us-east-1, million write units"]
    )


def _stored(load: Load) -> float:
    stored_gb = load.requests_a_day * 365 * MIX[-1].share * STORED_BYTES / GB
    return stored_gb * DYNAMODB_OVER_VIRGINIA * PRICES["DynamoDB in us-east-1, GB stored, with its backup"]


def _photos_stored(load: Load) -> float:
    photos = load.requests_a_day * 365 * MIX[-1].share * PHOTOS_A_REPORT
    return photos * (1 + SHOWN_PHOTOS) * PHOTO_BYTES / GB * PRICES["S3, GB stored"]


def _messages(load: Load) -> float:
    """Each message is sent, received and deleted; a consumer also asks three times a minute while there is none."""
    messages = sum(work.calls(load) * work.messages for work in WORK)
    copies = sum(work.calls(load) * work.objects for work in WORK)
    return (
        _over(3 * messages + 3 * FEWEST_RUNS, "SQS requests") / MILLION * PRICES["SQS, million requests"]
        + copies / 1000 * PRICES["S3, 1,000 objects written"]
    )


def _mail(load: Load) -> float:
    sent = sum(work.calls(load) for work in WORK if work.function == "deliver")
    return sent / 1000 * PRICES["SES, 1,000 messages"]


def _alarms(load: Load) -> float:
    metrics = ALARM_METRICS + (0 if load.hits is None else EDGE_ALARM_METRICS)
    return (
        metrics * PRICES["CloudWatch, metric of an alarm"]
        + _over(DASHBOARDS, "dashboards") * PRICES["CloudWatch, dashboard"]
    )


def _keys(load: Load) -> float:
    """Each instance reads the keys once a minute, but not more often than it is called."""
    living = max(1.0, load.at_function / DAYS / 86_400 * (MIX[0].duration_ms + MIX[0].start_ms) / 1000 * 3)
    reads = min(load.at_function, living * ONE_INSTANCE_READS_KEYS)
    return _over(reads * KEYS_READ, "KMS requests") / 1e4 * PRICES["KMS, 10,000 requests"]


def _data(load: Load) -> float:
    if load.hits is None:
        plain = sum(load.requests * act.share * act.plain_bytes for act in MIX)
        plain += load.requests * PHOTO_BYTES_A_REQUEST
        return _over(plain / GB, "data GB") * PRICES["data out, GB"]
    packed = sum(load.requests * act.share * act.packed_bytes for act in MIX)
    packed += load.requests * PHOTO_BYTES_A_REQUEST
    return _over(packed / GB, "CDN GB") * PRICES["CloudFront, GB"]


def _edge(load: Load) -> float:
    return (
        _over(load.requests, "CDN requests") / 1e4 * PRICES["CloudFront, 10,000 requests"]
        + _over(load.requests, "CDN functions") / MILLION * PRICES["CloudFront, million calls of a function"]
        + PRICES["WAF, web ACL with four rules"]
        + load.requests / MILLION * PRICES["WAF, million requests"]
    )


def table(loads: Sequence[Load]) -> str:
    """Format a Markdown table with a column for each load."""
    months = [month(load) for load in loads]
    heads = [f"{load.requests_a_day:,.0f}{'' if load.hits is None else ', CDN'}" for load in loads]
    rows = [["US$ a month, requests a day:", *heads], ["---", *["---:"] * len(loads)]]
    rows += [[line, *(f"{month[line]:,.2f}" for month in months)] for line in months[0]]
    rows.append(["**together**", *(f"**{sum(month.values()):,.2f}**" for month in months)])
    storm = STORM_RATE * STORM_HOURS * 3600
    rows.append(["each further million requests", *(f"{further(load, MILLION):,.2f}" for load in loads)])
    rows.append(
        [f"a storm: {STORM_RATE:,} a second, {STORM_HOURS} h", *(f"{further(one, storm):,.2f}" for one in loads)]
    )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main(arguments: Sequence[str] | None = None) -> None:
    reader = argparse.ArgumentParser(prog="python -m infra.costs", description="What a deployment costs in a month.")
    reader.add_argument("--requests-a-day", type=float, nargs="+", default=[1e3, 1e5, 1e7])
    reader.add_argument("--hits", type=float, default=HITS, help="share of lists that the CDN answers by itself")
    asked = reader.parse_args(arguments)
    print(table([Load(count, hits) for count in asked.requests_a_day for hits in (None, asked.hits)]))


if __name__ == "__main__":
    main()
