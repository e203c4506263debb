"""Hand new uploads to the function that cleans photos, as the events of S3 and their queue do in a deployment.

`python -m infra.local.photo_events FOLDER TRIES_FILE [ARTIFACT] [--publish]`: the packaged function of an artifact and
its layer, else that of the working tree. What lies in `uploads/` and `orders/` of the store's folder waits, so that a
restart loses none. A failed one comes again later, as a queue's messages do; after five tries it is left alone. What
lies there for a day is deleted, as by the bucket's lifecycle. `--publish`: where no stream is read, photos are shown
and hidden by comparing them with their rows all the time, as is otherwise done each hour.
"""

import importlib
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from infra.local.data_folder import PREFIX, REGION
from infra.local.photo_files import About, PhotoFiles
from infra.local.processes import Ending, Stopped

Event = dict[str, Any]
Handler = Callable[[Event, None], Any]

HANDLER = "handlers/clean_photo.handler"
# The places that the product's bucket tells of (app/photos/keys.py), and how an object comes there.
WATCHED = {"uploads/": "ObjectCreated:Post", "orders/": "ObjectCreated:Put"}
POLL_EVERY_S = 0.5
PUBLISH_EVERY_S = 2.0
TRIES = 5
WAIT_BEFORE_RETRY_S = 2.0
KEPT_S = 86_400
LOGGER = logging.getLogger("photos")


class Tries:
    """Numbers of tries of each object, kept in a file, so that one that kills its worker is given up as well."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.counts: dict[str, int] = self._read()

    def _read(self) -> dict[str, int]:
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            return {str(version): int(count) for version, count in kept.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}

    def add(self, version: str) -> int:
        """Count one more try, before it begins; return how many there are now."""
        self.counts[version] = self.counts.get(version, 0) + 1
        self._write()
        return self.counts[version]

    def forget_others(self, versions: set[str]) -> None:
        """Forget objects that are gone."""
        if not self.counts.keys() <= versions:
            self.counts = {version: count for version, count in self.counts.items() if version in versions}
            self._write()

    def _write(self) -> None:
        part = self.file.with_suffix(".part")
        part.write_text(json.dumps(self.counts), encoding="utf-8")
        part.replace(self.file)


class Queue:
    """The objects that wait, each handed over until the function succeeds or has failed five times."""

    def __init__(
        self, files: PhotoFiles, tries: Tries, handler: Handler, *, bucket: str, now_s: Callable[[], float] = time.time
    ) -> None:
        self.files, self.tries, self.handler, self.bucket, self.now_s = files, tries, handler, bucket, now_s
        self._not_before_s: dict[str, float] = {}
        self._done: set[str] = set()  # of objects that the function has left where they are

    def turn(self) -> bool:
        """Hand over each object that is due, oldest first; return whether there was one."""
        waiting = sorted(self._waiting(), key=lambda about: about.written_at_s)
        versions = {about.version for about in waiting}
        self.tries.forget_others(versions)
        self._done &= versions
        due = [about for about in waiting if self._is_due(about)]
        for about in due:
            self._hand_over(about)
        return bool(due)

    def _waiting(self) -> Iterator[About]:
        for place in WATCHED:
            for key in self.files.keys(place):
                about = self.files.about(key)
                if about and self.now_s() - about.written_at_s > KEPT_S:
                    self.files.delete(key)
                elif about:
                    yield about

    def _is_due(self, about: About) -> bool:
        is_over = about.version in self._done or self.tries.counts.get(about.version, 0) >= TRIES
        return not is_over and self.now_s() >= self._not_before_s.get(about.version, 0)

    def _hand_over(self, about: About) -> None:
        count = self.tries.add(about.version)
        try:
            failed = self.handler(event_of(about, self.bucket, count=count), None)["batchItemFailures"]
        except Exception:  # as the Lambda runtime does: after any error the message comes again
            LOGGER.exception("the handler raised")
            failed = [about]
        if not failed:
            self._done.add(about.version)
            self._not_before_s.pop(about.version, None)
            return
        self._not_before_s[about.version] = self.now_s() + WAIT_BEFORE_RETRY_S * 2 ** (count - 1)
        if count >= TRIES:
            LOGGER.error("%s is left alone after %d tries; it is deleted a day after it came", about.key, count)


def event_of(about: About, bucket: str, *, count: int = 1) -> Event:
    """Return the event of SQS with the event of S3 for one object. In it, keys are written as in a form."""
    name = WATCHED[about.key.partition("/")[0] + "/"]
    stored = {"key": quote_plus(about.key, safe="/"), "size": about.size, "eTag": about.etag}
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": datetime.fromtimestamp(about.written_at_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "eventName": name,
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"}, "object": stored},
    }
    message = {
        "messageId": about.version,
        "body": json.dumps({"Records": [record]}),
        "attributes": {"ApproximateReceiveCount": str(count)},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:000000000000:{PREFIX}-photo-uploads",
        "awsRegion": REGION,
    }
    return {"Records": [message]}


def _function() -> Handler:
    module, _, name = HANDLER.replace("/", ".").rpartition(".")
    handler: Handler = getattr(importlib.import_module(module), name)
    return handler


def _handler(artifact: Path | None) -> AbstractContextManager[Handler]:
    if artifact is None:
        return nullcontext(_function())
    # Imported here, because it loads the local gateway, which `make serve` does not need.
    from infra.local.packaged_photos import has_layer, packaged

    if has_layer(artifact):
        return packaged(artifact, os.environ)
    LOGGER.warning("there is no layer beside %s: photos are cleaned by the code of the working tree", artifact)
    return nullcontext(_function())


def _publish() -> None:
    # Imported here, because the product reads its environment when it is first imported.
    from app.photos.sweep import sweep

    try:
        sweep(lambda: True)
    except Exception:  # what failed is done at the next turn
        LOGGER.exception("photos could not be compared with their rows")


def main() -> None:
    logging.basicConfig(format="%(name)s: %(message)s")
    publishes = "--publish" in sys.argv
    folder, tries, *artifact = (Path(given) for given in sys.argv[1:] if given != "--publish")
    ending = Ending()
    with ExitStack() as held, suppress(Stopped):
        handler = held.enter_context(_handler(artifact[0] if artifact else None))
        queue = Queue(PhotoFiles(folder), Tries(tries), handler, bucket=os.environ["FLOOD_PHOTOS_BUCKET"])
        while True:
            ending.wait(0 if queue.turn() else POLL_EVERY_S)
            if publishes:
                _publish()
                ending.wait(PUBLISH_EVERY_S)


if __name__ == "__main__":
    main()
