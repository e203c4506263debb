"""Estimate what a deployment costs in a month: `python -m infra.costs [--requests-a-day 100000] [--hits 0.5]`.

Prices are London's (eu-west-2) in US dollars without tax, unless PRICES says otherwise; docs/operations.md names their
sources. Units are docs/performance.md's; durations on AWS are assumed. AWS's standing free allowances are subtracted,
as if the account held nothing else.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

DAYS = 30
DAY_S = 86_400
MILLION = 1e6
GB = 1e9
# DynamoDB's price list of London was not available: Virginia's, plus a fifth.
DYNAMODB_OVER_VIRGINIA = 1.2
PRICES = {
    "API Gateway, million requests": 1.16,
    "Lambda, million requests": 0.20,
    "Lambda on arm64, GB second": 0.0000133334,
    "DynamoDB in us-east-1, million read units": 0.125,
    "DynamoDB in us-east-1, million write units": 0.625,
    "DynamoDB in us-east-1, GB stored, with its backup": 0.45,
    "CloudWatch, GB of logs": 0.5985,
    "CloudWatch, metric of an alarm": 0.10,
    "KMS, 10,000 requests": 0.03,
    "data out, GB": 0.09,
    "CloudFront, GB": 0.085,
    "CloudFront, 10,000 requests": 0.012,
    "CloudFront, million calls of a function": 0.10,
    "WAF, web ACL with three rules": 8.00,
    "WAF, million requests": 0.60,
}
FREE = {
    "Lambda requests": 1e6,
    "Lambda GB seconds": 400e3,
    "log GB": 5,
    "KMS requests": 20e3,
    "data GB": 100,
    "CDN GB": 1000,
    "CDN requests": 10e6,
    "CDN functions": 2e6,
}


@dataclass(frozen=True)
class Act:
    """One kind of request. Units as measured; milliseconds on AWS assumed; bytes of an answer, plain and compressed."""

    share: float
    read_units: float
    write_units: float
    duration_ms: float
    plain_bytes: int
    packed_bytes: int
    cdn_hits: bool = False


MIX = (
    Act(0.95, 3.9, 0, 40, 16_600, 2_100, cdn_hits=True),
    Act(0.04, 0.5, 0, 15, 500, 500),
    Act(0.01, 0, 6, 40, 500, 500),
)
HITS = 0.5
WEB_GB = 1.0
# One request in a hundred is assumed to be a cold start.
START_MS = 0.01 * 700
# One window of the stream's consumer with one report, and each further report in it.
WINDOW_S = 2
WINDOW_READ_UNITS, MORE_READ_UNITS = 71.5, 4.6
WINDOW_WRITE_UNITS, MORE_WRITE_UNITS = 45.0, 3.8
WINDOW_MS = 400
# The figures of admins: the sweep reads those of a day each minute, and each report once.
FIGURES_READ_UNITS, COUNTED_READ_UNITS = 3.5, 0.5
LOGGED_BYTES = 1_000
STORED_BYTES = 1_100  # a report and its index entries
ALARM_METRICS = 175  # tests/infra/test_operations.py counts them
ONE_INSTANCE_READS_KEYS = DAYS * DAY_S / 60
KEYS_READ = 3


@dataclass(frozen=True)
class Load:
    """Number of requests. `hits`: the share of lists that the CDN answers itself; None without a CDN."""

    requests_a_day: float
    hits: float | None = None

    @property
    def requests(self) -> float:
        return self.requests_a_day * DAYS

    def asked(self, act: Act) -> float:
        """Return the requests of this kind that reach the function in a month."""
        answered = self.hits or 0 if act.cdn_hits else 0
        return self.requests * act.share * (1 - answered)

    @property
    def at_function(self) -> float:
        return sum(self.asked(act) for act in MIX)


def month(load: Load) -> dict[str, float]:
    """Return US dollars a month, line by line."""
    return {
        "API Gateway": load.at_function / MILLION * PRICES["API Gateway, million requests"],
        "Lambda": _functions(load),
        "DynamoDB, units": _units(load),
        "DynamoDB, stored after a year": _stored(load),
        "logs": _over(load.at_function * LOGGED_BYTES / GB, "log GB") * PRICES["CloudWatch, GB of logs"],
        "alarms": ALARM_METRICS * PRICES["CloudWatch, metric of an alarm"],
        "keys (KMS)": _keys(load),
        "data out": _data(load),
        "CloudFront, WAF": 0.0 if load.hits is None else _edge(load),
    }


def _over(amount: float, allowance: str) -> float:
    return max(0.0, amount - FREE[allowance])


def _windows(load: Load) -> tuple[float, float]:
    """Return the consumer's windows in a month with a report in them, and the reports beyond the first of each."""
    reports = load.requests * MIX[-1].share
    windows = min(reports, DAYS * DAY_S / WINDOW_S)
    return windows, reports - windows


def _functions(load: Load) -> float:
    web_s = sum(load.asked(act) * (act.duration_ms + START_MS) for act in MIX) / 1000
    windows, _ = _windows(load)
    minutes = DAYS * DAY_S / 60
    # A window ends with a call of its own; end_expired uses half a GB for about 0.2 s.
    gb_seconds = web_s * WEB_GB + windows * WINDOW_MS / 1000 + minutes * 0.1 + minutes / 5 * 1.73 * 3
    calls = load.at_function + 2 * windows + minutes * 1.2
    return (
        _over(calls, "Lambda requests") / MILLION * PRICES["Lambda, million requests"]
        + _over(gb_seconds, "Lambda GB seconds") * PRICES["Lambda on arm64, GB second"]
    )


def _units(load: Load) -> float:
    windows, more = _windows(load)
    read = sum(load.asked(act) * act.read_units for act in MIX) + windows * WINDOW_READ_UNITS + more * MORE_READ_UNITS
    read += DAYS * DAY_S / 60 * FIGURES_READ_UNITS + load.requests * MIX[-1].share * COUNTED_READ_UNITS
    written = (
        sum(load.asked(act) * act.write_units for act in MIX) + windows * WINDOW_WRITE_UNITS + more * MORE_WRITE_UNITS
    )
    return DYNAMODB_OVER_VIRGINIA * (
        read / MILLION * PRICES["DynamoDB in us-east-1, million read units"]
        + written / MILLION * PRICES["DynamoDB in us-east-1, million write units"]
    )


def _stored(load: Load) -> float:
    stored_gb = load.requests_a_day * 365 * MIX[-1].share * STORED_BYTES / GB
    return stored_gb * DYNAMODB_OVER_VIRGINIA * PRICES["DynamoDB in us-east-1, GB stored, with its backup"]


def _keys(load: Load) -> float:
    """Each instance reads the keys once a minute, but not more often than it is called."""
    living = max(1.0, load.at_function / DAYS / DAY_S * (MIX[0].duration_ms + START_MS) / 1000 * 3)
    reads = min(load.at_function, living * ONE_INSTANCE_READS_KEYS)
    return _over(reads * KEYS_READ, "KMS requests") / 1e4 * PRICES["KMS, 10,000 requests"]


def _data(load: Load) -> float:
    if load.hits is None:
        return (
            _over(sum(load.requests * act.share * act.plain_bytes for act in MIX) / GB, "data GB")
            * PRICES["data out, GB"]
        )
    return (
        _over(sum(load.requests * act.share * act.packed_bytes for act in MIX) / GB, "CDN GB")
        * PRICES["CloudFront, GB"]
    )


def _edge(load: Load) -> float:
    return (
        _over(load.requests, "CDN requests") / 1e4 * PRICES["CloudFront, 10,000 requests"]
        + _over(load.requests, "CDN functions") / MILLION * PRICES["CloudFront, million calls of a function"]
        + PRICES["WAF, web ACL with three rules"]
        + load.requests / MILLION * PRICES["WAF, million requests"]
    )


def table(loads: Sequence[Load]) -> str:
    """Format a Markdown table with a column for each load."""
    months = [month(load) for load in loads]
    heads = [f"{load.requests_a_day:,.0f}{'' if load.hits is None else ', CDN'}" for load in loads]
    rows = [["US$ a month, requests a day:", *heads], ["---", *["---:"] * len(loads)]]
    rows += [[line, *(f"{month[line]:,.2f}" for month in months)] for line in months[0]]
    rows.append(["**together**", *(f"**{sum(month.values()):,.2f}**" for month in months)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main(arguments: Sequence[str] | None = None) -> None:
    reader = argparse.ArgumentParser(prog="python -m infra.costs", description="What a deployment costs in a month.")
    reader.add_argument("--requests-a-day", type=float, nargs="+", default=[1e3, 1e5, 1e7])
    reader.add_argument("--hits", type=float, default=HITS, help="share of lists that the CDN answers by itself")
    asked = reader.parse_args(arguments)
    print(table([Load(count, hits) for count in asked.requests_a_day for hits in (None, asked.hits)]))


if __name__ == "__main__":
    main()
