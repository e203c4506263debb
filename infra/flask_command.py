"""Run a flask command as one line: `python -m infra.flask_command here -- "audit --actor warden"` on this machine.

`there --prefix floodmanager-prod` runs one of app/cli/remote.py in the deployment, by its function `run_command`, which
needs the right lambda:InvokeFunction on that function and no other. Prints what the command prints, and ends with its
exit status. A command is sent once: where the answer is lost, it may have been carried out.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.cli import remote

FUNCTION = "run_command"
TIMES = Config(connect_timeout=3, read_timeout=90, retries={"total_max_attempts": 1, "mode": "standard"})
FLASK = (sys.executable, "-m", "flask", "--app", "app.factory")


def there(client: Any, prefix: str, words: Sequence[str]) -> remote.Ran:
    """Run a command in the deployment. Raises botocore's errors, and ValueError if the function failed."""
    answer = client.invoke(FunctionName=f"{prefix}-{FUNCTION}", Payload=json.dumps({"words": list(words)}).encode())
    reply = json.loads(answer["Payload"].read())
    if answer.get("FunctionError"):
        raise ValueError(f"{prefix}-{FUNCTION} failed: {str(reply)[:300]}")
    return remote.Ran(int(reply["status"]), str(reply["output"]))


def _reason(error: Exception, prefix: str, region: str) -> str:
    """Return what is wrong and what to do."""
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    name = f"{prefix}-{FUNCTION}"
    if code == "ResourceNotFoundException":
        return f"There is no function {name} in {region}: deploy this release first, or name --stage and --region."
    if code in ("AccessDeniedException", "UnrecognizedClientException"):
        return f"You may not call {name}: it needs lambda:InvokeFunction on that function. {error}"
    return f"{error} Look what was done before you repeat it."


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m infra.flask_command", description="A flask command as one line.")
    reader.add_argument("place", choices=("here", "there"))
    reader.add_argument("--prefix", default=os.environ.get("RESOURCE_PREFIX", ""), help="floodmanager-<stage>")
    reader.add_argument("--region", default=os.environ.get("AWS_REGION", "eu-west-2"))
    reader.add_argument("line", help="what is typed after `flask`")
    return reader.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    asked = _asked(arguments)
    try:
        words = shlex.split(asked.line)
    except ValueError as error:
        print(f"{asked.line!r} is no command line: {error}.", file=sys.stderr)
        return remote.MISUSED
    if asked.place == "here":
        return subprocess.run([*FLASK, *words], check=False).returncode
    if refused := remote.refusal(words, asked.prefix):
        print(refused, file=sys.stderr)
        return remote.MISUSED
    try:
        ran = there(boto3.client("lambda", region_name=asked.region, config=TIMES), asked.prefix, words)
    except (BotoCoreError, ClientError, ValueError) as error:
        print(_reason(error, asked.prefix, asked.region), file=sys.stderr)
        return remote.FAILED
    print(ran.output, end="")
    return ran.status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
