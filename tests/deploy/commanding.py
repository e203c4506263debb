"""Steps of the story: what the CLI shows of a deployment, and our own commands that operators run in it."""

import json
import re
import time
from datetime import UTC, datetime, timedelta

from tests.deploy.cli import Service
from tests.deploy.cloud import ACCOUNT, REGION, Cloud
from tests.deploy.conftest import PREFIX
from tests.deploy.functions import Functions

LOG_GROUP = f"/aws/lambda/{PREFIX}-api"


def see_where_it_is(service: Service, cloud: Cloud) -> None:
    said = service.run("info")

    assert cloud.outputs(PREFIX)["HttpApiUrl"] in said.text
    assert "/v1/tokens" in said.text


def read_the_log(service: Service, cloud: Cloud) -> None:
    """Look for a line that the function has logged just now, as Lambda would have kept it."""
    logs = cloud.clients("logs")
    logs.create_log_stream(logGroupName=LOG_GROUP, logStreamName="now")
    line = json.dumps({"level": "ERROR", "message": "database failed", "status": 503})
    kept = [{"timestamp": int(time.time() * 1000) - 1000, "message": line}]
    logs.put_log_events(logGroupName=LOG_GROUP, logStreamName="now", logEvents=kept)

    said = service.run("logs", "--function", "api")

    assert said.code == 0, said.text
    assert "database failed" in said.text


def read_the_figures(service: Service, cloud: Cloud) -> None:
    at = datetime.now(UTC) - timedelta(hours=1)
    figures = [
        {"MetricName": name, "Dimensions": [{"Name": "FunctionName", "Value": f"{PREFIX}-api"}], "Timestamp": at}
        | {"Value": value, "Unit": "Count"}
        for name, value in (("Invocations", 42.0), ("Errors", 3.0), ("Throttles", 0.0), ("Duration", 40.0))
    ]
    cloud.clients("cloudwatch").put_metric_data(Namespace="AWS/Lambda", MetricData=figures)

    said = service.run("metrics", "--function", "api")

    assert said.code == 0, said.text
    assert re.search(r"invocations: 42\b", said.text), said.text
    assert re.search(r"errors: 3\b", said.text), said.text


def run_our_own_commands(functions: Functions, service: Service, cloud: Cloud) -> None:
    """By the CLI, as typed; then the others, straight by the function, whose rights are looked at."""
    person = {"username": "key-holder", "password": "a wet november evening"}
    account = functions.request("POST", "/v1/accounts", person).body["id"]
    token = functions.request("POST", "/v1/tokens", person).body["access_token"]
    wanted = {"name": "Gauge at the bridge", "scopes": ["reports:write"]}
    key = functions.request("POST", "/v1/me/api-keys", wanted, Authorization=f"Bearer {token}").body["key"]
    _set_up_a_factor(cloud, account)

    said = service.run("wsgi", "flask", "-c", 'switch notice on --text "en=The bridge is closed."')
    lines = ("invite --area Bath", f"end-key {key[:19]}", "reset-second-factor key-holder", "audit --actor command")
    called = service.run("invoke", "--function", "run_command", "--data", '{"words": ["switch"]}')
    ran = [functions.invoke("run_command", {"words": line.split()}) for line in lines]

    assert said.code == 0, said.text
    assert "The bridge is closed." in said.text
    assert "The bridge is closed." in called.text
    assert "The bridge is closed." in json.dumps(functions.request("GET", "/status.json").body)
    assert [one["status"] for one in ran] == [0, 0, 0, 0], ran
    acts = ("switch.changed", "invitation.made", "key.ended", "second_factor.reset")
    assert [act for act in acts if act not in ran[-1]["output"]] == []


def _set_up_a_factor(cloud: Cloud, account: str) -> None:
    change = {"UpdateExpression": "SET totp_salt = :salt", "ExpressionAttributeValues": {":salt": {"B": b"salt"}}}
    cloud.clients("dynamodb").update_item(TableName=f"{PREFIX}-accounts", Key={"id": {"S": account}}, **change)


def act_by_the_right_to_call_one_function(functions: Functions, service: Service, cloud: Cloud) -> None:
    """End the notice with keys that may call the function, and nothing else."""
    iam, arn = cloud.clients("iam"), f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{PREFIX}-run_command"
    version = {"Version": "2012-10-17"}
    trusted = version | {"Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}}
    role = iam.create_role(RoleName="on-call", AssumeRolePolicyDocument=json.dumps(trusted))["Role"]["Arn"]
    allowed = version | {"Statement": [{"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": arn}]}
    iam.put_role_policy(RoleName="on-call", PolicyName="commands", PolicyDocument=json.dumps(allowed))
    keys = cloud.clients("sts").assume_role(RoleArn=role, RoleSessionName="warden")["Credentials"]
    own = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }

    said = service.python("infra.flask_command", "there", "--prefix", PREFIX, "--", "switch notice off", **own)

    assert said.code == 0, said.text
    assert "notice: null" in said.text
    assert functions.rights.used.pop("on-call") == {"lambda:InvokeFunction"}
    iam.delete_role_policy(RoleName="on-call", PolicyName="commands")
    iam.delete_role(RoleName="on-call")
