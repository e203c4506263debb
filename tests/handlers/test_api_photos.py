"""Photos through the web function: their bytes leave unchanged, over both kinds of API."""

import json
from base64 import b64decode
from typing import Any

import pytest

from app.photos import keys
from handlers import api
from tests.handlers.probe import CONTEXT, http_api, rest_api
from tests.photo_acts import put

NAME = f"{'a' * 22}-1"
# Every byte, also those that are no text: what base64 or an encoding would change.
PICTURE = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40 + b"\xff\xd9"


@pytest.mark.parametrize("event", [http_api, rest_api])
def test_bytes_of_a_picture_leave_unchanged(event: Any, photos_bucket: str) -> None:
    put(photos_bucket, keys.public_key(NAME, "large"), PICTURE)

    reply = api.handler(event(f"/photos/{NAME}/large.jpg", headers={"accept-encoding": "gzip, br"}), CONTEXT)

    assert (reply["statusCode"], reply["isBase64Encoded"]) == (200, True)
    assert b64decode(reply["body"]) == PICTURE
    assert reply["headers"]["Content-Type"] == "image/jpeg"
    assert "Content-Encoding" not in reply["headers"]


def test_photo_that_was_seen_before_leaves_without_a_body(photos_bucket: str) -> None:
    put(photos_bucket, keys.public_key(NAME, "large"), PICTURE)
    path = f"/photos/{NAME}/large.jpg"
    tag = api.handler(http_api(path), CONTEXT)["headers"]["ETag"]

    again = api.handler(http_api(path, headers={"if-none-match": tag}), CONTEXT)
    head = api.handler(http_api(path, method="HEAD"), CONTEXT)

    assert (again["statusCode"], again["body"]) == (304, "")
    assert (head["statusCode"], head["body"], head["headers"]["ETag"]) == (200, "", tag)


def test_largest_photo_fits_into_an_answer(photos_bucket: str) -> None:
    put(photos_bucket, keys.public_key(NAME, "large"), PICTURE[:100] * 4000)

    reply = api.handler(http_api(f"/photos/{NAME}/large.jpg"), CONTEXT)

    assert (reply["statusCode"], len(b64decode(reply["body"]))) == (200, 400_000)
    assert len(json.dumps(reply)) < api.LAMBDA_REPLY_BYTES
