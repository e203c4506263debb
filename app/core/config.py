"""Read the environment once into typed settings, and report all mistakes in it together.

The code gets one name for all its resources (`RESOURCE_PREFIX`) and derives the tables from it. Our settings begin with
`FLOOD_`; docs/configuration.md lists them all.
"""

import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.core.settings_groups import LOCAL_SENDER, PROD, Mail, SaidLimits, Similar

VERSION = "0.1.0"
DATABASE_VARIABLES = ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL")
LOCAL_DATA = Path(".local")  # default folder of `make serve`
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
# Keys for a developer's own loopback database only; read_settings refuses them anywhere else.
LOOPBACK_SECRET = "loopback-only-secret-that-no-deployment-accepts"
SHORTEST_SECRET = 32
LONGEST_LINE = 120


NO_DATABASE = (
    "No database is chosen. Run `make serve`, which starts one, or set AWS_ENDPOINT_URL_DYNAMODB to a running one "
    "(the address of make serve's is in .local/endpoint), or set AWS_PROFILE to use your own AWS account."
)


class BadSettings(Exception):
    """The environment is wrong. The message lists every mistake and what to do about it."""


class Settings(NamedTuple):
    """Settings of a deployment. One field for each variable (see `read_settings`)."""

    in_lambda: bool
    is_local: bool
    prefix: str
    database: str
    secret: str  # this and the next two are empty if the parameter store holds them: see app/core/signing_keys.py
    previous_secret: str
    id_key: str
    totp_key: str  # empty as the others; see app/core/totp_keys.py
    mail_key: str  # empty as the others; see app/core/mail_keys.py
    has_queues: bool
    mail: Mail
    audit_bucket: str  # where audit rows are copied to; empty on one machine, where they are not
    is_cdn_only: bool
    public_base_url: str
    region: str
    log_level: str
    report_life_hours: int
    anonymous_writes_per_hour: int  # of one network; beyond it reports are marked, at the hard limit refused
    anonymous_writes_hard: int
    visitor_reports_per_hour: int
    visitors_per_hour: int
    account_reports_per_hour: int
    account_edits_per_hour: int
    import_reports_per_hour: int  # of a partner or a member of staff, by API keys for importing
    said: SaidLimits
    similar: Similar
    registrations_per_hour: int
    sign_in_tries: int
    needs_second_factor: bool  # of responders and admins
    sources: str  # parsed by app/warnings/sources/registry.py
    contact: str
    operator: str  # the operator of this deployment, as shown on pages; empty if not set
    is_demo: bool  # its data are invented, and every page says so
    hazards: str  # hazards of the official messages that are taken: flood or all
    static_url: str
    tile_url: str
    tile_attribution: str
    pmtiles_url: str
    map_file: str
    place: tuple[float, float, str] | None
    zone: str

    def table(self, noun: str) -> str:
        """Return the name of a table: `<prefix>-<noun>`."""
        return f"{self.prefix}-{noun}"

    def missing_database(self) -> str:
        """Return what to do if no database is chosen; else "". No AWS account is ever used by accident."""
        return "" if self.database else NO_DATABASE


_BOTH_KEYS = "Set both FLOOD_SECRET and FLOOD_ID_KEY, or keep both in the parameter store."


class _Reader:
    """Reads variables and collects their mistakes."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.mistakes: list[str] = []
        self.in_lambda = "AWS_LAMBDA_FUNCTION_NAME" in environment
        endpoint = next((environment[name] for name in DATABASE_VARIABLES if environment.get(name)), "")
        # AWS keys may be set in any shell; together with a deployment's prefix they are meant for it.
        is_aws_meant = environment.get("AWS_ACCESS_KEY_ID") and environment.get("RESOURCE_PREFIX")
        is_aws = self.in_lambda or environment.get("AWS_PROFILE") or is_aws_meant
        self.database = endpoint or ("aws" if is_aws else "")
        self.endpoint = endpoint
        self.is_local = not self.in_lambda and (not self.database or urlsplit(endpoint).hostname in LOOPBACK_HOSTS)

    def text(self, name: str, default: str) -> str:
        return self.environment.get(name) or default

    def line(self, name: str) -> str:
        """Read one printable line of at most 120 characters; "" if unset."""
        raw = self.environment.get(name, "").strip()
        if len(raw) > LONGEST_LINE or not raw.isprintable():
            self.mistakes.append(f"{name} must be one line of at most {LONGEST_LINE} characters; it is {raw!r}.")
            return ""
        return raw

    def require(self, is_right: bool, mistake: str) -> None:
        """Note a mistake between several settings."""
        if not is_right:
            self.mistakes.append(mistake)

    def refuse_mistakes(self) -> None:
        """Raise BadSettings with every mistake, if there is one."""
        if self.mistakes:
            listed = "\n".join(f"  - {mistake}" for mistake in self.mistakes)
            raise BadSettings(f"The environment is not right:\n{listed}")

    def whole(self, name: str, default: int) -> int:
        """Read a whole number of at least 1."""
        raw = self.environment.get(name) or str(default)
        if raw.isascii() and raw.isdigit() and int(raw) >= 1:
            return int(raw)
        self.mistakes.append(f"{name} must be a whole number of at least 1, for example {default}; it is {raw!r}.")
        return default

    def switch(self, name: str) -> bool:
        """Read `true` or `false`; false by default."""
        raw = self.environment.get(name) or "false"
        if raw not in ("true", "false"):
            self.mistakes.append(f"{name} must be true or false; it is {raw!r}.")
        return raw == "true"

    def choice(self, name: str, *choices: str) -> str:
        """Read one of some words; the first by default."""
        raw = self.environment.get(name) or choices[0]
        if raw not in choices:
            self.mistakes.append(f"{name} must be {' or '.join(choices)}; it is {raw!r}.")
        return raw

    def address(self, name: str) -> str:
        """Read an absolute http or https URL that can be used in a policy header; "" if unset."""
        raw = self.environment.get(name, "")
        parts = urlsplit(raw)
        is_bent = any(character in raw for character in " ;,'\"")
        if raw and (parts.scheme not in ("http", "https") or not parts.hostname or is_bent):
            self.mistakes.append(f"{name} must be an address such as https://files.example.org; it is {raw!r}.")
            return ""
        return raw

    def place(self, name: str) -> tuple[float, float, str] | None:
        """Read `lat,lon,Name` in degrees; None if unset."""
        raw = self.environment.get(name, "")
        if not raw:
            return None
        match = re.fullmatch(r"(-?\d{1,2}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?),(.{1,80})", raw)
        if match and abs(lat := float(match[1])) <= 90 and abs(lon := float(match[2])) <= 180:
            return lat, lon, match[3].strip()
        self.mistakes.append(f"{name} must be a place such as 51.128,-3.004,Bridgwater; it is {raw!r}.")
        return None

    def zone(self, name: str, default: str) -> str:
        """Read a time zone of the tz database."""
        raw = self.environment.get(name) or default
        try:
            return ZoneInfo(raw).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.mistakes.append(f"{name} must be a time zone such as America/New_York; it is {raw!r}.")
            return default

    def secret(self, name: str) -> str:
        """Read a signing key; a fixed one is accepted only with a loopback database, or without one.

        Empty for a deployment: keys of the parameter store are never in its environment.
        """
        value = self.environment.get(name, "")
        if not value:
            if self.is_local:
                return _kept_secrets(self.endpoint).get(name) or f"{LOOPBACK_SECRET}:{name}"
            return ""
        if len(value) < SHORTEST_SECRET or LOOPBACK_SECRET in value:
            self.mistakes.append(
                f"{name} must hold at least {SHORTEST_SECRET} random characters (openssl rand -hex 32)."
            )
        return value


def _kept_secrets(endpoint: str) -> dict[str, str]:
    """Return the keys of the `make serve` whose database this is, so that all commands beside it make the same ids."""
    try:
        if (LOCAL_DATA / "endpoint").read_text().strip() != endpoint:
            return {}
        lines = (LOCAL_DATA / "secrets.env").read_text().splitlines()
    except OSError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _secrets(reader: _Reader) -> dict[str, Any]:
    return {
        "secret": reader.secret("FLOOD_SECRET"),
        "previous_secret": reader.text("FLOOD_PREVIOUS_SECRET", ""),
        "id_key": reader.secret("FLOOD_ID_KEY"),
        "totp_key": reader.secret("FLOOD_TOTP_KEY"),
        "mail_key": reader.secret("FLOOD_MAIL_KEY"),
    }


def _limits(reader: _Reader) -> dict[str, Any]:
    """Read the limits of accounts, votes and flags, and the bounds of reports about the same flood."""
    said = SaidLimits(
        votes_per_hour=reader.whole("FLOOD_VOTES_PER_HOUR", 30),
        network_votes_per_hour=reader.whole("FLOOD_NETWORK_VOTES_PER_HOUR", 300),
        flags_per_day=reader.whole("FLOOD_FLAGS_PER_DAY", 10),
        network_flags_per_day=reader.whole("FLOOD_NETWORK_FLAGS_PER_DAY", 20),
    )
    similar = Similar(
        within_m=reader.whole("FLOOD_SIMILAR_WITHIN_M", 250),
        within_hours=reader.whole("FLOOD_SIMILAR_WITHIN_HOURS", 3),
    )
    return {
        "said": said,
        "similar": similar,
        "registrations_per_hour": reader.whole("FLOOD_REGISTRATIONS_PER_HOUR", 10),
        "sign_in_tries": reader.whole("FLOOD_SIGN_IN_TRIES", 10),
        "needs_second_factor": reader.choice("FLOOD_STAFF_SECOND_FACTOR", "optional", "required") == "required",
    }


def _mail(reader: _Reader) -> Mail:
    sender, to = reader.line("FLOOD_MAIL_FROM"), reader.text("FLOOD_MAIL_TO", "")
    mail = Mail(reader.text("FLOOD_MAIL", ""), sender, reader.line("FLOOD_MAIL_REPLY_TO"), to)
    mail = mail._replace(per_second=reader.whole("FLOOD_MAIL_PER_SECOND", mail.per_second))
    if reader.is_local and mail.is_local:
        return mail._replace(sender=mail.sender or LOCAL_SENDER)
    base_url, stage = reader.text("FLOOD_PUBLIC_BASE_URL", ""), reader.text("RESOURCE_PREFIX", "").rpartition("-")[2]
    reader.mistakes += mail.mistakes(base_url=base_url, in_lambda=reader.in_lambda, is_prod=stage == PROD)
    return mail


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read settings from environment variables; raises BadSettings with all mistakes."""
    reader = _Reader(environment)
    settings = Settings(
        prefix=reader.text("RESOURCE_PREFIX", "floodmanager-local"),
        in_lambda=reader.in_lambda,
        is_local=reader.is_local,
        database=reader.database,
        **_secrets(reader),
        has_queues=not reader.is_local or bool(environment.get("AWS_ENDPOINT_URL_SQS")),
        is_cdn_only=reader.switch("FLOOD_CDN_ONLY"),
        mail=_mail(reader),
        public_base_url=reader.text("FLOOD_PUBLIC_BASE_URL", "").rstrip("/"),
        region=reader.text("AWS_REGION", reader.text("AWS_DEFAULT_REGION", "eu-west-2")),
        log_level=reader.text("FLOOD_LOG_LEVEL", "INFO").upper(),
        report_life_hours=reader.whole("FLOOD_REPORT_LIFE_HOURS", 48),
        anonymous_writes_per_hour=reader.whole("FLOOD_ANONYMOUS_WRITES_PER_HOUR", 30),
        anonymous_writes_hard=reader.whole("FLOOD_ANONYMOUS_WRITES_HARD", 300),
        visitor_reports_per_hour=reader.whole("FLOOD_VISITOR_REPORTS_PER_HOUR", 30),
        visitors_per_hour=reader.whole("FLOOD_VISITORS_PER_HOUR", 30),
        account_reports_per_hour=reader.whole("FLOOD_ACCOUNT_REPORTS_PER_HOUR", 30),
        account_edits_per_hour=reader.whole("FLOOD_ACCOUNT_EDITS_PER_HOUR", 60),
        import_reports_per_hour=reader.whole("FLOOD_IMPORT_REPORTS_PER_HOUR", 2000),
        **_limits(reader),
        sources=reader.text("FLOOD_SOURCES", "default"),
        contact=reader.text("FLOOD_CONTACT", ""),
        operator=reader.line("FLOOD_OPERATOR"),
        is_demo=reader.switch("FLOOD_DEMO"),
        audit_bucket=reader.text("FLOOD_AUDIT_BUCKET", ""),
        hazards=reader.choice("FLOOD_HAZARDS", "flood", "all"),
        static_url=reader.address("FLOOD_STATIC_URL").rstrip("/"),
        tile_url=reader.address("FLOOD_TILE_URL"),
        tile_attribution=reader.text("FLOOD_TILE_ATTRIBUTION", ""),
        pmtiles_url=reader.address("FLOOD_PMTILES_URL"),
        map_file=reader.text("FLOOD_MAP_FILE", ""),
        place=reader.place("FLOOD_PLACE"),
        zone=reader.zone("FLOOD_ZONE", "Europe/London"),
    )
    reader.require(bool(settings.secret) == bool(settings.id_key), _BOTH_KEYS)
    reader.refuse_mistakes()
    return settings


@cache
def settings() -> Settings:
    """Return the settings of this process, read at first use."""
    return read_settings(os.environ)
