"""Whatever happens to reports, told in any order and more than once: the public photos are those that rows show."""

import json
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core import clock
from app.photos import keys
from app.reports.models import Report
from app.reports.photo_column import Photo
from app.reports.replace import try_touch
from handlers import report_changed
from tests.factories import make_report
from tests.followed import _records
from tests.photographed import publish
from tests.photographing import keys_in

ACTS = (
    *("add", "add", "show", "show", "hide", "order blur", "blur", "remove", "verify", "verify", "reject", "reopen"),
    *("fold", "unfold", "merge", "merge", "part", "withdraw", "expire"),
)
# What to do, with which report and photo, with which other report, and which of the waiting records to bring then.
act = st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.integers(0, 2), st.integers(0, 99))


class Life:
    """Three reports, to which anything happens, and the records of it, which come in any order."""

    def __init__(self, bucket: str, *, is_whole: bool = False) -> None:
        self.is_whole = is_whole  # with all other reactions, which take most of the time
        self.bucket, self.s3, self.began = bucket, boto3.client("s3"), len(_records())
        self.ids = [make_report().id for _ in range(3)]
        self.brought = 0

    def do(self, what: str, which: int, other: int) -> None:
        report = Report.find(self.ids[which], consistent=True)
        if report is None:
            return
        if what == "expire":
            report.delete()
        elif hasattr(self, "_" + what.replace(" ", "_")):
            getattr(self, "_" + what.replace(" ", "_"))(report, other)
        else:
            self._judge(report, what, other)

    def _add(self, report: Report, _: int) -> None:
        if len(report.photos) < 2:
            photo = Photo(keys.new_photo_id(), "ready", clock.now_ms(), width=4, height=3)
            self._keep(report.id, photo)
            report.photos = [*report.photos, photo]
            try_touch(report, is_shown=False)

    def _judge(self, report: Report, what: str, which: int) -> None:
        """Say something about one of its photos."""
        if which >= len(report.photos):
            return
        photo = report.photos[which]
        said = {"show": {"decision": "shown"}, "hide": {"decision": "hidden"}, "order blur": {"blur": [[0, 0, 1, 1]]}}
        after: Photo | None = photo._replace(**said.get(what, {}))
        if what == "blur" and photo.blur:
            after = photo._replace(number=photo.number + 1, blur=None)
            self._keep(report.id, after)
        elif what == "remove":
            after = None
        there = [one if one.id != photo.id else after for one in report.photos]
        report.photos = [one for one in there if one]
        try_touch(report, is_shown=True)

    def _keep(self, report_id: str, photo: Photo) -> None:
        for size in keys.SIZES:
            self.s3.put_object(Bucket=self.bucket, Key=keys.kept_key(report_id, photo.name, size), Body=b"pixels")

    def _verify(self, report: Report, _: int) -> None:
        self._decide(report, "verified")

    def _reject(self, report: Report, _: int) -> None:
        self._decide(report, "rejected")

    def _reopen(self, report: Report, _: int) -> None:
        self._decide(report, "pending")

    def _decide(self, report: Report, status: str) -> None:
        if report.status in ("pending", "verified", "rejected"):
            report.status, report.decided_at_ms = status, clock.now_ms()
            try_touch(report, is_shown=True)

    def _fold(self, report: Report, _: int) -> None:
        report.is_disputed = True
        try_touch(report, is_shown=True)

    def _unfold(self, report: Report, _: int) -> None:
        report.is_disputed = None
        try_touch(report, is_shown=True)

    def _withdraw(self, report: Report, _: int) -> None:
        report.status, report.photos = "withdrawn", []
        try_touch(report, is_shown=True)

    def _merge(self, report: Report, other: int) -> None:
        target = Report.find(self.ids[other], consistent=True)
        both = report.status in ("pending", "verified") and target and target.status in ("pending", "verified")
        if target is None or target.id == report.id or not both:
            return
        target.duplicates = [*target.duplicates, report.id, *report.duplicates]
        report.status, report.merged_into = "merged", target.id
        try_touch(target, is_shown=True)
        try_touch(report, is_shown=True)

    def _part(self, report: Report, _: int) -> None:
        if report.status != "merged":
            return
        target = Report.find(report.merged_into, consistent=True)
        if target:
            target.duplicates = [one for one in target.duplicates if one not in (report.id, *report.duplicates)]
            try_touch(target, is_shown=True)
        report.status, report.merged_into = "pending", None
        try_touch(report, is_shown=True)

    def bring(self, which: int) -> None:
        """Bring one of the records so far, whether it was brought before or not; or none."""
        records = _records()[self.began :]
        if records and which < 60:
            self._handle([records[which % len(records)]])

    def bring_all(self, which: int) -> None:
        """Bring all that happened, with what that makes happen, in another order; then some of it again."""
        while new := _records()[self.began + self.brought :]:
            self.brought += len(new)
            self._handle(new[::-1] if which % 2 else new)
        self.bring(which % 60)

    def _handle(self, records: list[dict[str, Any]]) -> None:
        if self.is_whole:
            assert report_changed.handler({"Records": records, "shardId": "s"}, None) == {"batchItemFailures": []}
        else:
            publish([change for record in records for change in report_changed._changes(record)])

    def expected(self) -> dict[str, set[str]]:
        """The files that must lie in the bucket, from the rows alone."""
        rows = {one.id: one.attribute_values for one in Report.find_all(self.ids, consistent=True)}
        shown, kept = set(), set()
        for report_id, row in rows.items():
            host: dict[str, Any] | None = row
            while host and host["status"] == "merged":
                host = rows.get(host["merged_into"])
            for photo in json.loads(row.get("photos_kept") or "[]"):
                name = f"{photo['id']}-{photo.get('n', 1)}"
                kept |= {f"kept/{report_id}/{name}/{size}.jpg" for size in ("large", "small")}
                is_own = host is row or photo.get("decision") == "shown"
                if host and is_own and _is_shown(photo, host):
                    shown |= {f"photos/{name}/{size}.jpg" for size in ("large", "small")}
                    if photo.get("decision") == "shown":  # what is served while photos are held back
                        shown |= {f"photos/decided/photos/{name}/{size}.jpg" for size in ("large", "small")}
        return {"photos/": shown, "kept/": kept}

    def found(self) -> dict[str, set[str]]:
        own = keys_in(self.bucket)
        return {start: {key for key in own if key.startswith(start)} for start in ("photos/", "kept/")}

    def end(self) -> None:
        for key in keys_in(self.bucket):
            self.s3.delete_object(Bucket=self.bucket, Key=key)


def _is_shown(photo: dict[str, Any], host: dict[str, Any]) -> bool:
    if host["status"] not in ("pending", "verified") or host.get("is_disputed") or "blur" in photo:
        return False
    is_verified = host["status"] == "verified" and photo["at"] <= host["decided_at_ms"]
    return photo.get("decision") == "shown" or (is_verified and photo.get("decision") != "hidden")


any_life = given(st.lists(act, min_size=3, max_size=12), st.integers(0, 59))
IN_ONE_BUCKET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def live(life: Life, acts: list[tuple[str, int, int, int]], last: int) -> None:
    for what, which, other, record in [("add", 0, 0, 99), ("add", 1, 0, 99), *acts]:
        life.do(what, which, other)
        life.bring(record)
    life.bring_all(last)

    assert life.found() == life.expected(), acts
    life.end()


@any_life
@settings(max_examples=20, suppress_health_check=IN_ONE_BUCKET)
def test_public_photos_are_those_that_the_rows_show(
    photos_bucket: str, acts: list[tuple[str, int, int, int]], last: int
) -> None:
    live(Life(photos_bucket), acts, last)


@pytest.mark.long
@any_life
@settings(max_examples=40, suppress_health_check=IN_ONE_BUCKET)
def test_public_photos_are_those_that_the_rows_show_with_all_other_reactions(
    photos_bucket: str, acts: list[tuple[str, int, int, int]], last: int
) -> None:
    live(Life(photos_bucket, is_whole=True), acts, last)
