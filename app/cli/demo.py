"""Demo data: a scenario of our own on the timeline of a real flood, the Somerset Levels in early February 2014.

Places and the order of events are facts (water over the moors for weeks, Moorland and Fordgate left in the night to
6 February, Burrowbridge cut off, pumps at Dunball on the 7th); every report is written by us. The last hour of the
timeline is the hour in which it is loaded.
"""

import json
import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.accounts import registration
from app.core import clock
from app.core.errors import Conflict
from app.reports.create import ImportedReport, derive_id, store_imported
from app.reports.observation import severity_of_depth

ROLES = ("resident", "responder", "admin")
LIFE_MS = 7 * clock.DAY_MS  # the longest life of any report
_SEED = 20140206
_PASS_WORDS = (
    "willow river withy heron sluice meadow otter lantern orchard bridge teasel cider kettle anchor thatch pebble "
    "harbour clover badger ripple barley lapwing mitten saddle"
).split()


@dataclass(frozen=True)
class DemoScene:
    """Reports from one place: their period in hours before the end, their number, and bounds of their depths (cm)."""

    place: str
    lat: float
    lon: float
    hours_before: tuple[int, int]
    reports: int
    depths_cm: tuple[int, int]
    seen: tuple[str, ...]


SCENES = (
    DemoScene(
        "Muchelney", 51.0205, -2.8157, (44, 4), 24, (40, 110), ("Road to {} under water", "{} reached by boat only")
    ),
    DemoScene(
        "Thorney",
        51.0062,
        -2.8250,
        (42, 6),
        18,
        (30, 90),
        ("Water in houses at {}", "River Parrett over its bank at {}"),
    ),
    DemoScene(
        "Moorland",
        51.0852,
        -2.9590,
        (38, 1),
        46,
        (20, 160),
        ("Water in the lane at {}", "Water at the doorstep, {}", "{}: cars stand in water"),
    ),
    DemoScene(
        "Fordgate",
        51.0900,
        -2.9760,
        (36, 2),
        26,
        (30, 150),
        ("{}: field water reaches the road", "We are leaving {} now"),
    ),
    DemoScene(
        "Burrowbridge",
        51.0700,
        -2.9170,
        (34, 1),
        34,
        (15, 120),
        ("A361 closed at {}", "Riverbank seeping at {}", "Pumps cannot keep up, {}"),
    ),
    DemoScene(
        "Athelney", 51.0610, -2.9350, (33, 8), 14, (20, 80), ("Railway under water near {}", "{}: farm track gone")
    ),
    DemoScene(
        "East Lyng", 51.0565, -2.9560, (30, 3), 16, (5, 60), ("A361 flooded both ways at {}", "Water rising in {}")
    ),
    DemoScene(
        "Langport",
        51.0375,
        -2.8290,
        (28, 1),
        26,
        (5, 70),
        ("Westover car park under water, {}", "{}: water near the bridge"),
    ),
    DemoScene(
        "Curry Moor",
        51.0430,
        -2.9130,
        (40, 5),
        12,
        (60, 200),
        ("{} is a lake from bank to bank", "Spillway running onto {}"),
    ),
    DemoScene(
        "Bridgwater", 51.1280, -3.0040, (14, 1), 18, (1, 30), ("Drains backing up in {}", "Puddles joining up, {}")
    ),
    DemoScene("Dunball", 51.1640, -2.9850, (9, 1), 6, (1, 15), ("Big pumps working at {}", "High water at {} sluice")),
)


def scenario(now_ms: int) -> Iterator[ImportedReport]:
    """Yield the demo's reports, the newest a few minutes old. The same on every call except for the times."""
    chance = random.Random(_SEED)  # nosec: a story, no secret
    for scene in SCENES:
        for number in range(scene.reports):
            yield _report(scene, number, chance, now_ms)


def _report(scene: DemoScene, number: int, chance: random.Random, now_ms: int) -> ImportedReport:
    first, last = scene.hours_before
    nearness = (number + chance.random()) / scene.reports
    hours = first + (last - first) * nearness
    low, high = scene.depths_cm
    depth_cm = round(low + (high - low) * min(1.0, nearness * chance.uniform(0.6, 1.3)))
    observed = now_ms - int(hours * clock.HOUR_MS) + chance.randrange(clock.HOUR_MS // 2)
    return ImportedReport(
        id=derive_id("demo", scene.place, str(number)),
        lat=chance.gauss(scene.lat, 0.0035),
        lon=chance.gauss(scene.lon, 0.0055),
        observed_at_ms=min(observed, now_ms),
        severity=severity_of_depth(depth_cm),
        depth_cm=depth_cm if chance.random() < 0.85 else None,
        title=chance.choice(scene.seen).format(scene.place),
        description=None,
        radius_m=chance.choice([50, 50, 100, 200]),
        expires_at_ms=min(observed, now_ms) + LIFE_MS,
        source="demo",
    )


def load_reports() -> int:
    """Store the scenario; return the number of new reports."""
    return sum(store_imported(report) for report in scenario(clock.now_ms()))


def make_accounts(passwords_file: Path | None) -> dict[str, str]:
    """Create one account for each role, with new pass-phrases, in a file that only its owner can read.

    An existing name keeps its account, and its pass-phrase from the file.
    """
    passwords: dict[str, str] = (
        json.loads(passwords_file.read_text(encoding="utf-8")) if passwords_file and passwords_file.exists() else {}
    )
    for role in ROLES:
        phrase = passwords.get(role) or "-".join(secrets.SystemRandom().sample(_PASS_WORDS, 6))
        try:
            registration.register(username=role, password=phrase, role=role)
        except Conflict:
            continue
        passwords[role] = phrase
    if passwords_file:
        part = passwords_file.with_suffix(".part")  # written completely or not at all, whenever the command ends
        part.touch(mode=0o600)
        part.write_text(json.dumps(passwords, indent=2) + "\n", encoding="utf-8")
        part.replace(passwords_file)
    return passwords
