"""The yardstick: a handler without a framework."""

import json

from items import read, store


def handler(event, context):
    path, method = event["path"], event["httpMethod"]
    if path == "/healthz":
        return _answer(200, {"ok": True})
    if method == "GET":
        item = read(path.rpartition("/")[2])
        return _answer(200, item) if item else _answer(404, {"error": "not found"})
    try:
        return _answer(201, store(json.loads(event["body"])))
    except ValueError as error:
        return _answer(422, {"error": str(error)})


def _answer(status, body):
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
