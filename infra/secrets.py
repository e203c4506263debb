"""Make and rotate the keys of a deployment, in the parameter store of AWS Systems Manager.

`python -m infra.secrets ensure --prefix floodmanager-dev [--region eu-west-2]` makes those that are absent and never
touches one that is there; every deploy runs it. `rotate` makes a new signing key and keeps the last one for what it
signed; `rotate --leaked` forgets the last one too, which ends every sign-in. `rotate --key totp-key` puts a new key of
second factors before the others, for those that are made from now on; with `--leaked` it forgets the others, so that no
second factor of before is good any more. `rotate --key mail-key` does the same for mail; with `--leaked` people have to
confirm their addresses again. Running instances follow within a minute. No value is ever printed.
"""

import argparse
import os
import secrets
import sys
from collections.abc import Sequence
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from app.aws.parameters import NAMES, path
from app.core.mail_keys import NAME as MAIL_KEY
from app.core.totp_keys import NAME as TOTP_KEY
from infra.aws_times import TIMES

RANDOM_BYTES = 48
MOST_KEYS = 60  # of 64 letters each: a parameter holds 4,096
SECRET, PREVIOUS, ID_KEY, ORIGIN_KEY = NAMES
# CloudFormation can pass only a plain parameter to CloudFront. Its value only allows a request to bypass the CDN.
PLAIN = (ORIGIN_KEY,)
ABOUT = {
    SECRET: "Signs tokens, sessions and cursors. Rotate it with python -m infra.secrets rotate.",
    PREVIOUS: "The signing key before the last rotation: what it signed holds until it expires.",
    ID_KEY: "Makes report ids from Idempotency-Keys. Never change it: a late resend would make a second report.",
    ORIGIN_KEY: "Tells the functions that a request came through the CDN.",
    MAIL_KEY: "Makes the tokens in links of messages, and the hashes of addresses; newest key first. Rotate it with "
    "rotate --key mail-key.",
    TOTP_KEY: "The secrets of second factors follow from it; newest key first. Rotate it with rotate --key totp-key.",
}


def ensure(client: Any, folder: str) -> list[str]:
    """Create the parameters of every deployment; return those that were absent. Safe to repeat, also concurrently."""
    return [name for name in (SECRET, ID_KEY, ORIGIN_KEY, TOTP_KEY, MAIL_KEY) if _make(client, folder, name)]


def _make(client: Any, folder: str, name: str) -> bool:
    try:
        _put(client, folder + name, secrets.token_urlsafe(RANDOM_BYTES), overwrite=False)
    except client.exceptions.ParameterAlreadyExists:
        return False
    return True


def rotate(client: Any, folder: str, *, is_leaked: bool) -> None:
    """Make a new signing key. The last one is stored first, so that an interruption loses no session."""
    if is_leaked:
        client.delete_parameters(Names=[folder + PREVIOUS])
    else:
        now = client.get_parameter(Name=folder + SECRET, WithDecryption=True)["Parameter"]["Value"]
        _put(client, folder + PREVIOUS, now, overwrite=True)
    _put(client, folder + SECRET, secrets.token_urlsafe(RANDOM_BYTES), overwrite=True)


def rotate_list(client: Any, folder: str, name: str, *, is_leaked: bool) -> None:
    """Put a new key of second factors or of mail before the others, which stay unless they are known to strangers."""
    before = client.get_parameter(Name=folder + name, WithDecryption=True)["Parameter"]["Value"]
    keys = [secrets.token_urlsafe(RANDOM_BYTES), *([] if is_leaked else before.split()[: MOST_KEYS - 1])]
    _put(client, folder + name, " ".join(keys), overwrite=True)


def _put(client: Any, name: str, value: str, *, overwrite: bool) -> None:
    short = name.rpartition("/")[2]
    kind: Any = "String" if short in PLAIN else "SecureString"
    client.put_parameter(Name=name, Value=value, Type=kind, Overwrite=overwrite, Description=ABOUT[short])


def main(arguments: Sequence[str]) -> int:
    reader = argparse.ArgumentParser(prog="python -m infra.secrets", description="Make and rotate a deployment's keys.")
    reader.add_argument("act", choices=("ensure", "rotate"))
    reader.add_argument("--prefix", required=True, help="floodmanager-<stage>")
    reader.add_argument("--region", default=os.environ.get("AWS_REGION", "eu-west-2"))
    reader.add_argument("--key", choices=(SECRET, TOTP_KEY, MAIL_KEY), default=SECRET, help="with rotate: which one")
    reader.add_argument("--leaked", action="store_true", help="with rotate: forget the last key too")
    asked = reader.parse_args(arguments)
    folder = path(asked.prefix)
    client: Any = boto3.client("ssm", region_name=asked.region, config=TIMES)
    try:
        if asked.act == "ensure":
            made = ensure(client, folder)
            print(f"Keys in {folder}: {'made ' + ', '.join(made) if made else 'all there'}.")
        else:
            if asked.key == SECRET:
                rotate(client, folder, is_leaked=asked.leaked)
            else:
                rotate_list(client, folder, asked.key, is_leaked=asked.leaked)
            print(f"Rotated {folder}{asked.key}. Running instances follow within a minute.")
    except (BotoCoreError, ClientError) as error:
        print(f"The keys in {folder} could not be kept: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
