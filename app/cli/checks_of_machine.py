"""Checks of the machine and of its access: Python, settings, port, credentials, region, clock."""

import http.client
import json
import os
import socket
import sys
from urllib.parse import urlsplit

from app.cli.checks import Finding, ok, unchecked, wrong

LEAST_PYTHON = (3, 11)
LARGEST_SKEW_MS = 60_000
REFUSED_SKEW_MS = 300_000  # AWS refuses requests signed by a clock that is so far off
ANSWER_S = 3
HOST = "127.0.0.1"


def python() -> Finding:
    """Check the version of Python."""
    running = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < LEAST_PYTHON:
        least = ".".join(map(str, LEAST_PYTHON))
        return wrong(
            f"{running} is too old; {least} or newer is needed.",
            f"Install Python {least}, remove the folder .venv, and run `make serve`: it makes a new one.",
        )
    return ok(running)


def environment() -> Finding:
    """Check that every setting can be read, and that a database is chosen."""
    from app.core.config import read_settings
    from app.core.environment import BadSettings

    try:
        chosen = read_settings(os.environ)
        from app.warnings.sources.registry import read_sources  # not earlier: it reads the settings

        read_sources(chosen.sources)
    except BadSettings as mistakes:
        details = tuple(line.strip(" -") for line in str(mistakes).splitlines()[1:])
        return wrong(
            "Some settings cannot be used.",
            "Correct them; docs/configuration.md lists all.",
            details or (str(mistakes),),
        )
    if missing := chosen.missing_database():
        return wrong("No database is chosen.", missing.removeprefix("No database is chosen. "))
    where = "one machine" if chosen.is_local else "a deployment"
    return ok(f"{where}: {chosen.prefix}, database {urlsplit(chosen.database).hostname or chosen.database}")


def port(number: int) -> Finding:
    """Check that the local port is free or that this product answers there; of a deployment its public address."""
    from app.core.config import settings

    if not settings().is_local:
        return _public_address(settings().public_base_url)
    if version := _version_at(HOST, number, is_secure=False):
        return ok(f"{number}: FloodManager {version} answers")
    with socket.socket() as own:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            own.bind((HOST, number))
        except OSError:
            other = number % 65535 + 1
            return wrong(
                f"{number} is taken by another program.",
                f"End that program, or choose another: make serve PORT={other}",
            )
    return ok(f"{number} is free for `make serve`")


def _public_address(address: str) -> Finding:
    if not address:
        return unchecked("A deployment has no port. Set FLOOD_PUBLIC_BASE_URL to have its address tried.")
    parts = urlsplit(address)
    is_secure = parts.scheme == "https"
    version = _version_at(
        parts.hostname or "", parts.port or (443 if is_secure else 80), is_secure=is_secure, mount=parts.path
    )
    if not version:
        return wrong(f"{address} does not answer.", "See docs/operations.md, section 4: the alarms name the part.")
    return ok(f"{address}: FloodManager {version} answers")


def _version_at(host: str, number: int, *, is_secure: bool, mount: str = "") -> str:
    """Return the version of the FloodManager that answers there; "" if none does."""
    kind = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
    connection = kind(host, number, timeout=ANSWER_S)
    try:
        connection.request("GET", f"{mount}/healthz")
        answer = json.loads(connection.getresponse().read(1000))
        return str(answer["version"]) if answer["status"] == "ok" else ""
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return ""
    finally:
        connection.close()


def credentials() -> Finding:
    """Check that AWS accepts the credentials of the shell."""
    from app.aws import identity
    from app.core.config import settings

    if settings().is_local:
        return unchecked("A database on this machine needs none.")
    try:
        account = identity.account()
    except identity.NotKnown as error:
        return wrong(str(error), "Sign in again (aws sso login), or set AWS_PROFILE to a profile that works.")
    return ok(f"accepted by AWS, for the account that ends in {account[-4:]}")


def region() -> Finding:
    """Check that the region exists."""
    from app.aws import identity
    from app.core.config import settings

    chosen = settings()
    if chosen.is_local:
        return unchecked("A database on this machine has none.")
    known = identity.regions()
    if chosen.region not in known:
        return wrong(f"{chosen.region} is not known.", "Set AWS_REGION to that of the deployment, as eu-west-2.")
    is_set = any(os.environ.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION"))
    return ok(chosen.region if is_set else f"{chosen.region}, by default: AWS_REGION is not set")


def clock() -> Finding:
    """Compare our clock with that of the database's service."""
    from app.aws import tables
    from app.core.config import settings

    if settings().is_local:
        return unchecked("A database on this machine has the same clock.")
    skew_ms = tables.skew_ms(settings().table("reports"))
    if skew_ms is None:
        return unchecked("The database tells no time.")
    if abs(skew_ms) <= LARGEST_SKEW_MS:
        return ok(f"within {max(1, round(abs(skew_ms) / 1000))} s of AWS's")
    side = "ahead of" if skew_ms > 0 else "behind"
    more = " AWS refuses requests signed so far off." if abs(skew_ms) >= REFUSED_SKEW_MS else ""
    return wrong(
        f"{round(abs(skew_ms) / 1000)} s {side} AWS's.{more}",
        "Let the system set its clock: `timedatectl set-ntp true` on Linux, Date & Time in the settings of macOS.",
    )
