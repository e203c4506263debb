"""Chalice."""

from chalice import Chalice, Response
from items import read, store

handler = Chalice(app_name="bench")


@handler.route("/healthz")
def health():
    return {"ok": True}


@handler.route("/v1/reports/{item_id}")
def read_one(item_id):
    return read(item_id) or Response({"error": "not found"}, status_code=404)


@handler.route("/v1/reports", methods=["POST"])
def file_one():
    try:
        return Response(store(handler.current_request.json_body), status_code=201)
    except ValueError as error:
        return Response({"error": str(error)}, status_code=422)
