"""Demo data: an invented flood of the Avon at Bath, which goes on in the present.

Streets, flood areas and the river exist (NOTICE has their sources); every report is written by us. The last hour of the
story is the hour in which it is loaded. It is loaded again when a day has passed, so that it never grows old: the
earlier reports are then taken back, as their reporters could do.
"""

import json
import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from app.accounts import registration
from app.accounts.areas import Area
from app.accounts.models import Account, Role
from app.cli import demo_photos, demo_warnings
from app.cli.demo_scenes import OWN_STREET, SCENES, DemoScene
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.geo.box_circle import Box
from app.reports.create import ReportSender, derive_id, file_report
from app.reports.edit import take_back
from app.reports.entry import PUBLIC
from app.reports.imported import ImportedReport, store_imported
from app.reports.models import Report
from app.reports.observation import severity_of_depth
from app.review import staff
from app.review.audit import BY_COMMAND

ROLES = ("resident", "responder", "admin")
AREA_NAME = "Bath and the Avon"
_MARGIN = 0.05  # degrees around the demo's streets
LIFE_MS = 48 * clock.HOUR_MS
LOAD_AGAIN_MS = clock.DAY_MS  # earlier than the story's oldest report expires
_PLACES = Path(__file__).parent / "data" / "demo.json"
_SEED = 20140206
_SPREAD = 0.00008  # degrees around a point of a street: some metres
_RIVER_SHARE = 0.7  # of the reports that name the river as the water's source
_PASS_WORDS = (
    "willow river withy heron sluice meadow otter lantern orchard bridge teasel cider kettle anchor thatch pebble "
    "harbour clover badger ripple barley lapwing mitten saddle"
).split()


class Loaded(NamedTuple):
    """A load of the story: when it began, its reports in all and the new ones, and its warnings in force."""

    at_ms: int
    reports: int
    new: int
    warnings: int


def places() -> dict[str, Any]:
    """Return the demo's flood areas and the points of its streets."""
    loaded: dict[str, Any] = json.loads(_PLACES.read_text(encoding="utf-8"))
    return loaded


def count() -> int:
    """Return the number of reports of the story, without the resident's own."""
    return sum(scene.reports for scene in SCENES)


def load(note_one: Callable[[], None] = lambda: None) -> Loaded:
    """Store the story; safe to repeat and to interrupt. Within a day of its load only what is missing is added.

    `note_one` is called after each report.
    """
    now_ms, loaded_at_ms, where = clock.now_ms(), demo_warnings.loaded_at_ms(), places()
    if loaded_at_ms is not None and now_ms - loaded_at_ms >= LOAD_AGAIN_MS:
        _take_back_all(loaded_at_ms)  # before the new load is stored, which shows that this is done
        loaded_at_ms = None
    loaded_at_ms = loaded_at_ms or now_ms
    warnings = demo_warnings.load_warnings(where["areas"], loaded_at_ms, LIFE_MS)
    new = 0
    for report in scenario(loaded_at_ms, where["streets"]):
        new += store_imported(report, clock.now_ms())
        note_one()
    _file_own(loaded_at_ms, where["streets"])
    _add_photos(loaded_at_ms)
    return Loaded(loaded_at_ms, count(), new, warnings)


def scenario(loaded_at_ms: int, streets: dict[str, list[list[float]]]) -> Iterator[ImportedReport]:
    """Yield the demo's reports, the newest a few minutes old at that time. Loads differ only in ids and times."""
    chance = random.Random(_SEED)  # nosec: a story, no secret
    for scene in SCENES:
        for number in range(scene.reports):
            yield _report(scene, number, chance, loaded_at_ms, streets[f"{scene.area}/{scene.street}"])


def _report(
    scene: DemoScene, number: int, chance: random.Random, loaded_at_ms: int, points: list[list[float]]
) -> ImportedReport:
    first, last = scene.hours_before
    nearness = (number + chance.random()) / scene.reports
    hours = first + (last - first) * nearness
    low, high = scene.depths_cm
    depth_cm = round(low + (high - low) * min(1.0, nearness * chance.uniform(0.6, 1.3)))
    observed = min(loaded_at_ms - int(hours * clock.HOUR_MS) + chance.randrange(clock.HOUR_MS // 2), loaded_at_ms)
    lat, lon = chance.choice(points)
    return ImportedReport(
        id=_id_of(scene, number, loaded_at_ms),
        lat=chance.gauss(lat, _SPREAD),
        lon=chance.gauss(lon, _SPREAD),
        observed_at_ms=observed,
        severity=severity_of_depth(depth_cm),
        depth_cm=depth_cm if chance.random() < 0.85 else None,
        title=chance.choice(scene.seen).format(scene.street),
        description=None,
        radius_m=chance.choice([50, 50, 100, 200]),
        expires_at_ms=observed + LIFE_MS,
        source="demo",
        words={"water_source": "river"} if chance.random() < _RIVER_SHARE else {},
    )


def _id_of(scene: DemoScene, number: int, loaded_at_ms: int) -> str:
    return derive_id("demo", str(loaded_at_ms), scene.area, scene.street, str(number))


def _add_photos(loaded_at_ms: int) -> None:
    """Add its photo to the newest report of some streets."""
    photos = {photo.street: photo for photo in demo_photos.PHOTOS}
    for scene in SCENES:
        if photo := photos.get(f"{scene.area}/{scene.street}"):
            demo_photos.add(_id_of(scene, scene.reports - 1, loaded_at_ms), photo)


def _file_own(loaded_at_ms: int, streets: dict[str, list[list[float]]]) -> None:
    """File a report of the demo's resident, so that one can be changed and taken back by its reporter."""
    resident = Account.named(ROLES[0])
    if resident is None:
        return
    lat, lon = streets[OWN_STREET][0]
    values = {"location": {"lat": lat, "lon": lon}, "depth_cm": 25, "title": "Water at our gate", "place": "home"}
    with suppress(Invalid):  # the resident has edited it, so that it is there
        file_report(values, ReportSender(resident.id, f"demo-{loaded_at_ms}"))


def _take_back_all(loaded_at_ms: int) -> None:
    """Take back the reports of an earlier load."""
    for report_of_then in scenario(loaded_at_ms, places()["streets"]):
        report = Report.find(report_of_then.id, consistent=True)
        if report and report.status in PUBLIC:
            take_back(report)


def make_accounts(passwords_file: Path | None) -> dict[str, str]:
    """Create one account for each role, with new pass-phrases, in a file that only its owner can read.

    An existing name keeps its account, and its pass-phrase from the file. The responder has the demo's whole area, also
    one of an earlier release, which had none.
    """
    passwords: dict[str, str] = (
        json.loads(passwords_file.read_text(encoding="utf-8")) if passwords_file and passwords_file.exists() else {}
    )
    for role in ROLES:
        phrase = passwords.get(role) or "-".join(secrets.SystemRandom().sample(_PASS_WORDS, 6))
        areas = [area()] if role == Role.RESPONDER else []
        try:
            if role == Role.RESIDENT:
                registration.register(username=role, password=phrase)
            else:
                staff.make(role, phrase, Role(role), areas, by=BY_COMMAND)
        except Conflict:
            _give_areas(role, areas)
            continue
        passwords[role] = phrase
    if passwords_file:
        part = passwords_file.with_suffix(".part")  # written completely or not at all, whenever the command ends
        part.touch(mode=0o600)
        part.write_text(json.dumps(passwords, indent=2) + "\n", encoding="utf-8")
        part.replace(passwords_file)
    return passwords


def _give_areas(username: str, areas: list[Area]) -> None:
    """Give areas to a demo account that has none."""
    account = Account.named(username)
    if areas and account and account.role == username and not account.packed_areas:
        staff.change(account.id, {"areas": areas, "reason": "appointed"}, by=BY_COMMAND)


def area() -> Area:
    """Return the demo's whole area: a box around all its streets."""
    points = [point for street in places()["streets"].values() for point in street]
    lats, lons = zip(*points, strict=True)
    edges = (min(lons) - _MARGIN, min(lats) - _MARGIN, max(lons) + _MARGIN, max(lats) + _MARGIN)
    return Area(AREA_NAME, Box(*(round(edge, 2) for edge in edges)))
