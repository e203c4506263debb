"""Read variables of the environment, each as what it is, and collect their mistakes."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from app.core.settings_groups import LOOPBACK_HOSTS

DATABASE_VARIABLES = ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL")
LOCAL_DATA = Path(".local")  # default folder of `make serve`
# Keys for a developer's own loopback database only; read_settings refuses them anywhere else.
LOOPBACK_SECRET = "loopback-only-secret-that-no-deployment-accepts"
SHORTEST_SECRET = 32
LONGEST_LINE = 120


class BadSettings(Exception):
    """The environment is wrong. The message lists every mistake and what to do about it."""


class Reader:
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
        if raw == default and self.in_lambda:  # known, and a cold start need not read the database's files
            return default
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

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
