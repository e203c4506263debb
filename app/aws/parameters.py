"""Read the keys of a deployment from the parameter store of AWS Systems Manager."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from botocore.config import Config

from app.core import dynamodb, mail_keys, totp_keys
from app.core.config import settings

# Parameters under `/<service>/<stage>/`; infra/secrets.py makes them.
NAMES = ("secret", "previous-secret", "id-key", "origin-key")
TOTP_NAMES = (totp_keys.NAME,)  # only the function for sign-in may read it
# Only the functions for sign-in and for sending may read the first, only the latter the second.
MAIL_NAMES = (mail_keys.NAME,)
SMTP_NAMES = ("smtp-password",)
# A storm starts many instances together, and the store allows 40 calls a second by default: three attempts with
# increasing pauses, all within the time that one request may wait.
TIMES = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 3, "mode": "standard"})


def path(prefix: str) -> str:
    """Return the path of a deployment's parameters: `/floodmanager/dev/` for `floodmanager-dev`."""
    service, _, stage = prefix.partition("-")
    return f"/{service}/{stage}/"


def read() -> dict[str, str]:
    """Return the deployment's parameters by the last part of their names; absent ones are left out. One call.

    Raises botocore's errors: the caller decides what to do without them.
    """
    return _read(NAMES)


def read_totp_key() -> dict[str, str]:
    """Return the keys of second factors as `read` returns the others."""
    return _read(TOTP_NAMES)


def present() -> set[str]:
    """Return the last parts of the names of all parameters of the deployment that are there. No value is decrypted.

    Raises botocore's errors.
    """
    names = [path(settings().prefix) + name for name in (*NAMES, *TOTP_NAMES, *MAIL_NAMES)]
    answer = _client().get_parameters(Names=names, WithDecryption=False)
    return {parameter["Name"].rpartition("/")[2] for parameter in answer["Parameters"]}


def read_mail_key() -> dict[str, str]:
    """Return the keys of mail as `read` returns the others."""
    return _read(MAIL_NAMES)


def read_smtp_password() -> str:
    """Return the password of the mail server; "" if none is kept."""
    return _read(SMTP_NAMES).get(SMTP_NAMES[0], "")


def _read(last_parts: Sequence[str]) -> dict[str, str]:
    names = [path(settings().prefix) + name for name in last_parts]
    answer = _client().get_parameters(Names=names, WithDecryption=True)
    return {parameter["Name"].rpartition("/")[2]: parameter["Value"] for parameter in answer["Parameters"]}


@cache
def _client() -> Any:
    return dynamodb.session().create_client("ssm", region_name=settings().region, config=TIMES)
