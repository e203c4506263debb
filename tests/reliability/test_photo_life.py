"""Photos in the life of reports: in any order of acts none is served that may not be, and none of who left is kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from app.photos import keys, publishing
from app.reports.models import Report
from app.reports.photo_column import Photo, Photographed
from tests.configured import settings_of
from tests.photo_acts import begin, come, judge, removal
from tests.photographing import keys_in, s3
from tests.reliability.test_life import NEIGHBOURS, Acts, Town, names, run_machine, town

__all__ = ["town"]
MOST = 4
numbers = st.integers(0, 3 * NEIGHBOURS)


@dataclass
class Pictured:
    """A photo of the model: the step at which it came, or -1, and what a responder has said of it."""

    came_at: int = -1
    decision: str | None = None


class PhotoActs(Acts):
    """Beside all other acts: tickets, photos that come, are shown, hidden and removed."""

    bucket: str

    def __init__(self) -> None:
        self.photos: dict[str, dict[str, Pictured]] = {}
        self.kept_shown: tuple[str, set[str]] = ("", set())
        self.rows: dict[str, dict[str, Photo]] = {}  # all that rows have held, as the stream tells them
        for key in keys_in(self.bucket):
            s3().delete_object(Bucket=self.bucket, Key=key)
        super().__init__()

    def own(self, report_id: str) -> dict[str, Pictured]:
        """Return the photos of a report that are still there: who withdraws it or leaves takes them along."""
        report = self.life.reports[report_id]
        if report.status == "withdrawn" or not self.life.networks[report.reporter]:
            self.photos[report_id] = {}
        return self.photos.setdefault(report_id, {})

    def one(self, report_id: str, number: int) -> str:
        there = list(self.own(report_id))  # as they came: their names are random
        return there[number % len(there)] if there else ""

    def public(self, report_id: str) -> set[str]:
        """Return the photos of a report that everyone may see, at its own address or that of its target."""
        self.settle_merge()
        report = host = self.life.reports[report_id]
        while host.status == "merged":
            host = self.life.reports[host.merged_into]
        if not host.is_public or host.is_disputed:
            return set()
        came = {name: photo for name, photo in self.own(report_id).items() if photo.came_at >= 0}
        shown = {name for name, photo in came.items() if photo.decision == "shown"}
        if host is not report or host.status != "verified":
            return shown
        return shown | {name for name, photo in came.items() if not photo.decision and photo.came_at <= host.decided_at}

    def before_merge(self, report_id: str) -> None:
        """Note that the photos which everyone sees are seen at the target too."""
        shown = self.public(report_id)
        if self.life.reports[report_id].status not in ("withdrawn", "merged"):
            self.kept_shown = (report_id, shown)

    def settle_merge(self) -> None:
        report_id, shown = self.kept_shown
        self.kept_shown = ("", set())
        if report_id and self.life.reports[report_id].status == "merged":
            for name in shown & set(self.own(report_id)):
                self.photos[report_id][name].decision = "shown"

    @rule(number=names, by_staff=st.booleans())
    def ask_for_a_ticket(self, number: int, by_staff: bool) -> None:
        self.begin()
        report_id = self.pick(number)
        if not by_staff and not self.has_reporter(report_id):
            return
        headers = self.town.staff if by_staff else self.tokens[report_id]
        answer = begin(self.client, report_id, headers)
        is_free = self.life.reports[report_id].is_public and len(self.own(report_id)) < MOST
        assert answer.status_code == (201 if is_free else 409), answer.text
        if is_free:
            self.own(report_id)[answer.json["id"]] = Pictured()

    @rule(number=names, photo=numbers)
    def a_photo_comes(self, number: int, photo: int) -> None:
        self.begin()
        report_id = self.pick(number)
        if (name := self.one(report_id, photo)) and self.own(report_id)[name].came_at < 0:
            come(self.bucket, report_id, name)
            self.own(report_id)[name].came_at = self.life.step

    @rule(number=names, photo=numbers, decision=st.sampled_from(["shown", "shown", "hidden"]))
    def judge_a_photo(self, number: int, photo: int, decision: str) -> None:
        self.begin()
        report_id = self.pick(number)
        if not (name := self.one(report_id, photo)):
            return
        pictured = self.own(report_id)[name]
        answer = judge(self.client, report_id, name, self.town.staff, decision=decision)
        assert answer.status_code == (200 if pictured.came_at >= 0 else 409), answer.text
        if answer.status_code == 200:
            pictured.decision = decision

    @rule(number=names, photo=numbers, by_staff=st.booleans())
    def remove_a_photo(self, number: int, photo: int, by_staff: bool) -> None:
        self.begin()
        report_id = self.pick(number)
        name = self.one(report_id, photo)
        if not name or not (by_staff or self.has_reporter(report_id)):
            return
        headers = self.town.staff if by_staff else self.tokens[report_id]
        assert removal(self.client, report_id, name, headers).status_code == 204
        del self.own(report_id)[name]

    @invariant()
    def bucket_holds_what_the_model_shows_and_nothing_of_who_left(self) -> None:
        shown, kept = set[str](), set[str]()
        for report_id in self.ids:
            self.publish(report_id)
            shown |= {f"photos/{name}-1/{size}.jpg" for name in self.public(report_id) for size in keys.SIZES}
            came = [name for name, photo in self.own(report_id).items() if photo.came_at >= 0]
            kept |= {f"kept/{report_id}/{name}-1/{size}.jpg" for name in came for size in keys.SIZES}
        found = {key for key in keys_in(self.bucket) if not key.startswith(keys.HELD)}
        assert found == shown | kept

    def publish(self, report_id: str) -> None:
        """Do what follows the stream, which tells of photos that a row had before."""
        report = Report.find(report_id, consistent=True)
        assert report is not None
        assert {photo.id for photo in report.photos} == set(self.own(report_id))
        known = self.rows.setdefault(report_id, {})
        known |= {photo.name: photo for photo in report.photos}
        if known:
            publishing.publish(report_id, known.values())

    def look_at(self, report_id: str) -> None:
        super().look_at(report_id)
        if self.life.reports[report_id].is_public:
            told = self.client.get(f"/v1/reports/{report_id}").json["photos"]
            expected = set().union(*map(self.public, (report_id, *self.life.reports[report_id].merged)))
            assert {photo["id"] for photo in told} == expected


@pytest.fixture
def acts(photos_bucket: str) -> Iterator[type[Acts]]:
    much = {
        "FLOOD_PHOTOS_PER_HOUR": "1000",
        "FLOOD_NETWORK_PHOTOS_PER_HOUR": "1000",
        "FLOOD_ACCOUNT_EDITS_PER_HOUR": "1000",
    }
    with settings_of(FLOOD_PHOTOS_BUCKET=photos_bucket, **much):
        yield type("InOneBucket", (PhotoActs,), {"bucket": photos_bucket})


def test_photos_are_shown_by_the_rules_in_any_order(acts: type[Acts], town: Town) -> None:
    run_machine(town, runs=6, steps=25, acts=acts)


@pytest.mark.long
@pytest.mark.parametrize("part", range(4))
def test_photos_are_shown_by_the_rules_in_any_order_at_full_size(acts: type[Acts], town: Town, part: int) -> None:
    run_machine(town, runs=100, steps=50, number=part + 1, acts=acts)


def show_whatever_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Photographed, "shows", lambda _, photo, **__: photo.state == "ready")


def keep_the_files_of_photos_that_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(*_: Any) -> None:
        """Leave all."""

    monkeypatch.setattr(publishing, "_end_others", end)


# Each with the number of the machine that comes upon it soonest.
@pytest.mark.parametrize(
    ("break_product", "number"), [(show_whatever_is_ready, 2), (keep_the_files_of_photos_that_are_gone, 4)]
)
def test_naive_product_is_found(
    acts: type[Acts], town: Town, monkeypatch: pytest.MonkeyPatch, break_product: Any, number: int
) -> None:
    break_product(monkeypatch)

    with pytest.raises(AssertionError):
        run_machine(town, runs=30, steps=40, number=number, acts=acts)
