"""Read the environment once into typed settings, and report all mistakes in it together.

The code gets one name for all its resources (`RESOURCE_PREFIX`) and derives the tables from it. Our settings begin with
`FLOOD_`; docs/configuration.md lists them all.
"""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from app.core.environment import Reader
from app.core.settings_groups import LOCAL_SENDER, PROD, Mail, Photos, Similar, VoteLimits, read_origins, upload_origin

VERSION = "0.1.0"
STORE_VARIABLES = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
NO_DATABASE = (
    "No database is chosen. Run `make serve`, which starts one, or set AWS_ENDPOINT_URL_DYNAMODB to a running one "
    "(the address of make serve's is in .local/endpoint), or set AWS_PROFILE to use your own AWS account."
)


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
    photos: Photos
    audit_bucket: str  # where audit rows are copied to; empty on one machine, where they are not
    is_cdn_only: bool
    origins: frozenset[str]  # of pages elsewhere that may write; see app/http/cors.py
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
    vote_limits: VoteLimits
    similar: Similar
    registrations_per_hour: int
    subscriptions_per_day: int  # for alerts, from one network or by one account
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


def _secrets(reader: Reader) -> dict[str, Any]:
    return {
        "secret": reader.secret("FLOOD_SECRET"),
        "previous_secret": reader.text("FLOOD_PREVIOUS_SECRET", ""),
        "id_key": reader.secret("FLOOD_ID_KEY"),
        "totp_key": reader.secret("FLOOD_TOTP_KEY"),
        "mail_key": reader.secret("FLOOD_MAIL_KEY"),
    }


def _limits(reader: Reader) -> dict[str, Any]:
    """Read the limits of accounts, imports, votes and flags, and the bounds of reports about the same flood."""
    vote_limits = VoteLimits(
        votes_per_hour=reader.whole("FLOOD_VOTES_PER_HOUR", 30),
        network_votes_per_hour=reader.whole("FLOOD_NETWORK_VOTES_PER_HOUR", 300),
        flags_per_day=reader.whole("FLOOD_FLAGS_PER_DAY", 10),
        network_flags_per_day=reader.whole("FLOOD_NETWORK_FLAGS_PER_DAY", 20),
    )
    similar = Similar(reader.whole("FLOOD_SIMILAR_WITHIN_M", 250), reader.whole("FLOOD_SIMILAR_WITHIN_HOURS", 3))
    return {
        "vote_limits": vote_limits,
        "similar": similar,
        "subscriptions_per_day": reader.whole("FLOOD_SUBSCRIPTIONS_PER_DAY", 10),
        "import_reports_per_hour": reader.whole("FLOOD_IMPORT_REPORTS_PER_HOUR", 2000),
        "photos": _photos(reader),
        "registrations_per_hour": reader.whole("FLOOD_REGISTRATIONS_PER_HOUR", 10),
        "sign_in_tries": reader.whole("FLOOD_SIGN_IN_TRIES", 10),
        "needs_second_factor": reader.choice("FLOOD_STAFF_SECOND_FACTOR", "optional", "required") == "required",
    }


def _photos(reader: Reader) -> Photos:
    is_held = reader.choice("FLOOD_PHOTOS", "verified", "held") == "held"
    per_hour, of_network = reader.whole("FLOOD_PHOTOS_PER_HOUR", 20), reader.whole("FLOOD_NETWORK_PHOTOS_PER_HOUR", 200)
    bucket = reader.text("FLOOD_PHOTOS_BUCKET", "")
    endpoint = next((reader.environment[name] for name in STORE_VARIABLES if reader.environment.get(name)), "")
    return Photos(bucket, is_held, per_hour, of_network, upload_origin(bucket, _region(reader), endpoint))


def _region(reader: Reader) -> str:
    return reader.text("AWS_REGION", reader.text("AWS_DEFAULT_REGION", "eu-west-2"))


def _mail(reader: Reader) -> Mail:
    mail = Mail(reader.text("FLOOD_MAIL", ""), reader.line("FLOOD_MAIL_FROM"), reader.line("FLOOD_MAIL_REPLY_TO"))
    mail = mail._replace(to=reader.text("FLOOD_MAIL_TO", ""), senders=reader.whole("FLOOD_MAIL_SENDERS", mail.senders))
    mail = mail._replace(per_second=reader.whole("FLOOD_MAIL_PER_SECOND", mail.per_second))
    if reader.is_local and mail.is_local:
        return mail._replace(sender=mail.sender or LOCAL_SENDER)
    base_url, stage = reader.text("FLOOD_PUBLIC_BASE_URL", ""), reader.text("RESOURCE_PREFIX", "").rpartition("-")[2]
    reader.mistakes += mail.mistakes(base_url=base_url, in_lambda=reader.in_lambda, is_prod=stage == PROD)
    return mail


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read settings from environment variables; raises BadSettings with all mistakes."""
    reader = Reader(environment)
    settings = Settings(
        prefix=reader.text("RESOURCE_PREFIX", "floodmanager-local"),
        in_lambda=reader.in_lambda,
        is_local=reader.is_local,
        database=reader.database,
        **_secrets(reader),
        has_queues=not reader.is_local or bool(environment.get("AWS_ENDPOINT_URL_SQS")),
        is_cdn_only=reader.switch("FLOOD_CDN_ONLY"),
        origins=read_origins(reader.text("FLOOD_ORIGINS", ""), reader.mistakes),
        mail=_mail(reader),
        public_base_url=reader.text("FLOOD_PUBLIC_BASE_URL", "").rstrip("/"),
        region=_region(reader),
        log_level=reader.text("FLOOD_LOG_LEVEL", "INFO").upper(),
        report_life_hours=reader.whole("FLOOD_REPORT_LIFE_HOURS", 48),
        anonymous_writes_per_hour=reader.whole("FLOOD_ANONYMOUS_WRITES_PER_HOUR", 30),
        anonymous_writes_hard=reader.whole("FLOOD_ANONYMOUS_WRITES_HARD", 300),
        visitor_reports_per_hour=reader.whole("FLOOD_VISITOR_REPORTS_PER_HOUR", 30),
        visitors_per_hour=reader.whole("FLOOD_VISITORS_PER_HOUR", 30),
        account_reports_per_hour=reader.whole("FLOOD_ACCOUNT_REPORTS_PER_HOUR", 30),
        account_edits_per_hour=reader.whole("FLOOD_ACCOUNT_EDITS_PER_HOUR", 60),
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
