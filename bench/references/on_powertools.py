"""Powertools for AWS Lambda: its REST resolver."""

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from items import read, store

app = APIGatewayRestResolver()


@app.get("/healthz")
def health():
    return {"ok": True}


@app.get("/v1/reports/<item_id>")
def read_one(item_id):
    return read(item_id) or ({"error": "not found"}, 404)


@app.post("/v1/reports")
def file_one():
    try:
        return store(app.current_event.json_body), 201
    except ValueError as error:
        return {"error": str(error)}, 422


def handler(event, context):
    return app.resolve(event, context)
