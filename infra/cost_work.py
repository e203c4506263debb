"""Calls of each function and its work on the tables, by which infra/costs.py reckons.

Units of lists, reports and the stream's consumer are measured (docs/performance.md); all durations on AWS, and all of
what is marked so, are assumed: look at the first bill. Of 30 November 2026.
"""

from collections.abc import Callable
from dataclasses import dataclass

DAYS = 30
MONTH_S = DAYS * 86_400
FEWEST_RUNS = MONTH_S / 20  # of a consumer of a queue, which asks without a message too
WINDOW_S = 2
# Assumed, for each report filed: votes, acts of staff; and sign-ins for each request, departures for each sign-in.
VOTES_A_REPORT, ACTS_A_REPORT, SIGN_INS_A_REQUEST, DEPARTURES_A_SIGN_IN = 2.0, 0.1, 0.001, 0.01
# Assumed: an account's message for each sign-in; about each SES reports that it was sent and that it arrived.
MESSAGES_A_SIGN_IN, REPORTS_A_MESSAGE = 0.2, 2
# Assumed: wishes for alerts, of which each is one message and half are confirmed, with nine squares of the map.
SUBSCRIPTIONS_A_REQUEST, CONFIRMED = 0.0005, 0.5
# Assumed: alerts in all to each who has confirmed, found some at a time.
ALERTS_A_SUBSCRIPTION, PEOPLE_A_SEARCH = 10, 50
# Assumed: photos for each report, half of which everyone sees; of each request the bytes of photos that are looked at.
PHOTOS_A_REPORT, SHOWN_PHOTOS, PHOTO_BYTES_A_REQUEST = 0.5, 0.5, 2_000
# One request in a hundred is assumed to be a cold start.
START_MS = 0.01 * 700


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
    start_ms: float = START_MS


MIX = (
    Act(0.95, 3.9, 0, 40, 16_600, 2_100, cdn_hits=True),
    Act(0.04, 0.5, 0, 15, 500, 500),
    Act(0.01, 0, 5, 40, 500, 500),
)


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

    @property
    def reports(self) -> float:
        return self.requests * MIX[-1].share

    @property
    def windows(self) -> float:
        """Return the consumer's windows in a month with a report in them."""
        return min(self.reports, MONTH_S / WINDOW_S)


@dataclass(frozen=True)
class Work:
    """Calls of a function in a month, their milliseconds and memory (GB), and units of these tables by each."""

    function: str
    tables: tuple[str, ...]
    calls: Callable[[Load], float]
    ms: float
    gb: float = 1.0
    read_units: float = 0
    write_units: float = 0
    # Sent to queues, and objects written to buckets, by each call.
    messages: float = 0
    objects: float = 0
    is_measured: bool = False
    # False for further units of calls that are counted already.
    is_call: bool = True


def _act(function: str, number: int, *tables: str) -> Work:
    act = MIX[number]
    calls: Callable[[Load], float] = lambda load: load.asked(act)  # noqa: E731 - one line of a table
    milliseconds = act.duration_ms + act.start_ms
    return Work(
        function, tables, calls, milliseconds, read_units=act.read_units, write_units=act.write_units, is_measured=True
    )


def _votes(load: Load) -> float:
    return load.reports * VOTES_A_REPORT


def _acts(load: Load) -> float:
    return load.reports * ACTS_A_REPORT


def _sign_ins(load: Load) -> float:
    return load.requests * SIGN_INS_A_REQUEST


def _departures(load: Load) -> float:
    return _sign_ins(load) * DEPARTURES_A_SIGN_IN


def _subscriptions(load: Load) -> float:
    return load.requests * SUBSCRIPTIONS_A_REQUEST


def _searches(load: Load) -> float:
    return _subscriptions(load) * CONFIRMED * ALERTS_A_SUBSCRIPTION / PEOPLE_A_SEARCH


def _photos(load: Load) -> float:
    return load.reports * PHOTOS_A_REPORT


def _mails(load: Load) -> float:
    return _sign_ins(load) * MESSAGES_A_SIGN_IN + _subscriptions(load)


WORK = (
    _act("api", 0, "reports", "tiles", "warnings", "areas", "gazetteer", "switches"),
    _act("api", 1, "reports", "warnings"),
    _act("file_report", 2, "reports", "throttles"),
    Work("api", ("votes", "throttles"), _votes, 47, write_units=3),
    Work("api", ("review", "audit", "accounts"), _acts, 47, read_units=4, write_units=8),
    Work("sign_in", ("accounts", "tokens", "throttles"), _sign_ins, 60, 1.73, read_units=2, write_units=5),
    Work("sign_in", ("subscriptions", "throttles"), _subscriptions, 60, 1.73, read_units=2, write_units=10),
    Work("api", ("subscriptions",), lambda load: _subscriptions(load) * CONFIRMED, 47, read_units=4, write_units=25),
    # A window of the stream with one report in it, which ends with a call of its own; each further report in it.
    Work(
        "report_changed", ("reports", "tiles", "review"), lambda load: load.windows, 400, 1, 71.5, 45,
        is_measured=True,
    ),
    Work("report_changed", (), lambda load: load.windows, 0),
    Work(
        "report_changed", ("reports", "tiles", "review"), lambda load: load.reports - load.windows, 0, 1, 4.6, 3.8,
        is_measured=True, is_call=False,
    ),
    Work("vote_changed", ("votes", "reports"), lambda load: min(_votes(load), MONTH_S / 5), 100, 0.5, 4, 4),
    # A photo: its ticket; its upload, its two files and its row; their copies, once everyone sees it.
    Work("api", ("reports", "throttles"), _photos, 47, read_units=2, write_units=8),
    Work("clean_photo", ("reports",), _photos, 1_000, 1.73, read_units=1, write_units=6, messages=1, objects=3),
    Work("report_changed", (), lambda load: _photos(load) * SHOWN_PHOTOS, 0, objects=2, is_call=False),
    # Each hour a page of the bucket is compared with its reports.
    Work("clean_photo", ("reports",), lambda load: MONTH_S / 3600, 1_000, 1.73, read_units=100),
    Work("audit_changed", ("audit",), _acts, 100, 0.25, objects=1),
    Work("account_changed", ("accounts",), _departures, 50, 0.25, write_units=1, messages=1),
    Work("erase_accounts", ("reports", "tokens", "votes"), _departures, 500, 0.5, 20, 20),
    # A message's row and its index were written with what it tells of; then its way through two queues.
    Work("delivery_added", ("deliveries",), _mails, 50, 0.25, write_units=2, messages=1),
    Work("deliver", ("deliveries", "subscriptions", "accounts"), _mails, 300, 0.5, 1.5, 2),
    Work("mail_events", ("deliveries",), lambda load: _mails(load) * REPORTS_A_MESSAGE, 50, 0.25, 0, 1, messages=1),
    # Who hears of it: each ingest with a change, and a tenth of the reports; searches that find some people each.
    Work(
        "fan_out", ("alert-events",), lambda load: MONTH_S / 3600 + _acts(load), 100, 0.5, 3, 5, messages=1
    ),
    Work(
        "match_alerts", ("subscriptions", "alert-events", "warnings", "deliveries"), _searches, 1_500,
        read_units=0.2 * PEOPLE_A_SEARCH, write_units=1.1 * PEOPLE_A_SEARCH, messages=PEOPLE_A_SEARCH,
    ),
    # Sixteen shards of a minute, how far it has come, and the state of sources.
    Work(
        "alerts_due", ("deliveries", "alert-events", "warnings"), lambda load: MONTH_S / 60, 200, 0.5,
        read_units=16 * 0.5 + 3, write_units=2,
    ),
    # The figures of admins: the sweep reads those of a day each minute, and each report once.
    Work("end_expired", ("reports", "tiles", "review", "audit"), lambda load: MONTH_S / 60, 200, 0.5, 5 + 3.5, 1),
    # The reports inside warnings: assumed are 300 of these.
    Work("end_expired", ("tiles", "warnings"), lambda load: MONTH_S / 60, 200, 0.5, 15, 3, is_call=False),
    Work("end_expired", ("reports",), lambda load: load.reports, 0, read_units=0.5, is_measured=True, is_call=False),
    # Commands of operators: assumed, a few in a day.
    Work("run_command", ("switches", "audit"), lambda load: DAYS * 3, 500, 0.5, 2, 6),
    Work("ingest_warnings", ("warnings", "areas"), lambda load: MONTH_S / 300, 3_000, 1.73, 20, 10),
)  # fmt: skip
