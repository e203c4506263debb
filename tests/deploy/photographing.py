"""Steps of the story: a photo comes by its form, is cleaned by the bucket's event, shown, blurred and hidden."""

import urllib.error
import urllib.request
import uuid
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from PIL import Image

from tests.deploy.cloud import Cloud
from tests.deploy.conftest import PREFIX
from tests.deploy.functions import Answer, Functions

PLACE = {"lat": 51.0435, "lon": -2.827}
REPORT = {"location": PLACE, "depth_cm": 20, "title": "Water at the weir", "place": "public"}
GPS, MAKER = 0x8825, 0x010F
SECRET = "a maker that nobody shall read"
ANSWERS_WITHIN_S = 600


class Kept:
    """Values of the first step that the second needs."""

    photo = ""  # its path in the API
    report = ""


def send_clean_and_show(functions: Functions, cloud: Cloud, username: str, password: str) -> None:
    """Send a photo with a place in it; it is clean pixels then, for all once an admin shows it."""
    filed = functions.request("POST", "/v1/reports", REPORT, Idempotency_Key="report-of-deploy-photo")
    reporter = {"Authorization": f"Bearer {filed.body['edit_token']}"}
    Kept.report = f"/v1/reports/{filed.body['id']}"
    content = picture()
    asked = {"content_type": "image/jpeg", "size_bytes": len(content)}
    ticket = functions.request("POST", f"{Kept.report}/photos", asked, **reporter)
    Kept.photo = f"{Kept.report}/photos/{ticket.body['id']}"
    upload = ticket.body["upload"]

    refused = post_form(upload, b"", fields={"Content-Type": "text/html"}), post_form(upload, b"")
    sent = post_form(upload, content)
    come = keys(cloud)
    clean_all(functions)
    [awaited] = functions.request("GET", Kept.report, **reporter).body["photos"]
    functions.deliver_stream("report_changed")
    unseen = functions.request("GET", Kept.report).body["photos"], functions.request("GET", public_path(awaited))
    own = functions.request("GET", urlsplit(awaited["urls"]["large"]).path, **reporter)

    assert (filed.status, ticket.status, refused, sent) == (201, 201, (403, 403), 204), ticket.body
    assert [key.partition("/")[0] for key in come] == ["uploads"]
    assert (awaited["state"], awaited["is_public"], unseen[0], unseen[1].status) == ("ready", False, [], 404)
    assert [key.partition("/")[0] for key in keys(cloud)] == ["kept", "kept"]
    assert is_clean(own), own.status
    assert decide(functions, username, password, decision="shown").status == 200
    [shown] = functions.request("GET", Kept.report).body["photos"]
    assert is_clean(functions.request("GET", public_path(shown)))


def blur_hide_and_sweep(functions: Functions, cloud: Cloud, username: str, password: str) -> None:
    """Blur a place of the photo, which gives it another address; hide it; and let an hour's sweep find nothing."""
    [before] = functions.request("GET", Kept.report).body["photos"]
    box = {"x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5}
    ordered = decide(functions, username, password, decision="shown", blur=[box])
    waiting = functions.request("GET", public_path(before)).status
    clean_all(functions)
    functions.deliver_stream("report_changed")
    [after] = functions.request("GET", Kept.report).body["photos"]
    blurred = functions.request("GET", public_path(after))
    hidden = decide(functions, username, password, decision="hidden")
    gone = functions.request("GET", public_path(after))
    stray = f"kept/rep_gone/{'A' * 22}-1/large.jpg"
    cloud.clients("s3").put_object(Bucket=bucket(cloud), Key=stray, Body=b"left behind")
    functions.tick("clean_photo")
    there = keys(cloud)
    pair = functions.request("POST", "/v1/tokens", {"username": username, "password": password}).body
    removed = functions.request("DELETE", Kept.photo, Authorization=f"Bearer {pair['access_token']}")
    functions.deliver_stream("report_changed")

    assert (ordered.status, waiting, is_clean(blurred), hidden.status, gone.status) == (200, 404, True, 200, 404)
    assert public_path(before) != public_path(after)
    assert functions.request("GET", public_path(before)).status == 404
    assert [key.partition("/")[0] for key in there] == ["kept", "kept"]
    assert (removed.status, keys(cloud)) == (204, [])
    assert functions.messages_in("photo-uploads-dead-letters") == 0


def decide(functions: Functions, username: str, password: str, **said: Any) -> Answer:
    """Let an admin judge the photo, and the stream's function follow."""
    pair = functions.request("POST", "/v1/tokens", {"username": username, "password": password}).body
    answer = functions.request("PUT", Kept.photo, said, Authorization=f"Bearer {pair['access_token']}")
    functions.deliver_stream("report_changed")
    return answer


def clean_all(functions: Functions) -> None:
    """Hand over what waits in the queue; the first message is S3's own test of the queue."""
    while functions.messages_in("photo-uploads"):
        assert functions.deliver_queue("clean_photo") == []


def public_path(photo: dict[str, Any]) -> str:
    """Return the address at which everyone finds a photo, once they may."""
    return "/".join(["", "photos", *urlsplit(photo["urls"]["large"]).path.split("/")[-2:]])


def bucket(cloud: Cloud) -> str:
    return cloud.outputs(PREFIX)["PhotosBucketName"]


def keys(cloud: Cloud) -> list[str]:
    listed = cloud.clients("s3").list_objects_v2(Bucket=bucket(cloud)).get("Contents", [])
    return sorted(one["Key"] for one in listed)


def picture() -> bytes:
    """Return a photo as a phone makes it: with its place, and its maker."""
    exif = Image.Exif()
    exif[MAKER] = SECRET
    exif.get_ifd(GPS).update({1: "N", 2: (51.0, 2.0, 36.6), 3: "W", 4: (2.0, 49.0, 37.2)})
    stored = BytesIO()
    Image.radial_gradient("L").resize((640, 480)).convert("RGB").save(stored, "JPEG", exif=exif)
    assert SECRET.encode() in stored.getvalue()
    return stored.getvalue()


def is_clean(answer: Answer) -> bool:
    """Return whether an answer is a JPEG of the same size without anything but pixels, and how they are packed."""
    if answer.status != 200:
        return False
    with Image.open(BytesIO(answer.body)) as read:
        is_bare = not read.getexif() and all(name.startswith(("jfif", "progressi")) for name in read.info)
        return is_bare and read.format == "JPEG" and read.size == (640, 480) and SECRET.encode() not in answer.body


def post_form(upload: dict[str, Any], content: bytes, *, fields: dict[str, str] | None = None) -> int:
    """Send a form as a browser does, its file last; return the status."""
    boundary = uuid.uuid4().hex
    sent = {**upload["fields"], **(fields or {})}
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in sent.items()
    ]
    file = b'Content-Disposition: form-data; name="file"; filename="photo.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    parts.append(file + content + b"\r\n")
    body = b"".join(f"--{boundary}\r\n".encode() + part for part in parts) + f"--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    asked = urllib.request.Request(upload["url"], data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(asked, timeout=ANSWERS_WITHIN_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return int(error.code)
