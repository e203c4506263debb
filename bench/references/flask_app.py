"""The Flask app that Zappa serves."""

from flask import Flask, request
from items import read, store

app = Flask(__name__)


@app.get("/healthz")
def health():
    return {"ok": True}


@app.get("/v1/reports/<item_id>")
def read_one(item_id):
    return read(item_id) or ({"error": "not found"}, 404)


@app.post("/v1/reports")
def file_one():
    try:
        return store(request.json), 201
    except ValueError as error:
        return {"error": str(error)}, 422
