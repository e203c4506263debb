"""Checks of what the service has stored and needs: keys, tables, sources, audit copy, photos, gazetteer, map."""

import pkgutil
from collections.abc import Callable, Iterator
from functools import partial, wraps
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import app
from app.aws import buckets, parameters, tables
from app.aws.buckets import BucketFailed
from app.cli.checks import Finding, ok, unchecked, wrong
from app.core import clock, dynamodb
from app.core.config import settings
from app.core.environment import LOOPBACK_SECRET
from app.gazetteer import pack_file
from app.gazetteer.models import GazetteerBlock
from app.pages.frame import map_archive
from app.photos import keys as photo_keys
from app.reports.index import completeness
from app.review import audit_copy
from app.switches import current
from app.warnings import source_status
from app.warnings.models import SourceStates
from app.warnings.sources.registry import asked_sources

COMMAND = "flask --app app.factory"
MEND = "--mend"
NEEDED_KEYS = tuple(
    name for name in (*parameters.NAMES, *parameters.TOTP_NAMES, *parameters.MAIL_NAMES) if name != "previous-secret"
)
_ID_KEY_FIRST = (
    "Put the copy of id-key from your safe back first: under a new one, reports that are sent again are stored twice. "
    "Only then, or before the first report:"
)
_INDEXES_FIX = (
    "An index that is being built becomes ACTIVE by itself. If one is absent, deploy: docs/operations.md, section 7."
)


def answered(look: Callable[[], Finding]) -> Callable[[], Finding]:
    """Return the check, which says so if the database or another service of AWS does not answer it or refuses."""

    @wraps(look)
    def check() -> Finding:
        try:
            return look()
        except dynamodb.FAILURES as error:
            cause = getattr(error, "cause", None) or error
            code = (getattr(cause, "response", None) or {}).get("Error", {}).get("Code")
            local = "Is `make serve` running? The address of its database is in .local/endpoint."
            away = "See the checks above it first, then docs/operations.md, R7."
            text = f"Refused: {code}." if code else f"No answer: {type(cause).__name__}."
            return wrong(text, local if settings().is_local else away)

    return check


@answered
def keys() -> Finding:
    """Check that each key is there. No value is read."""
    chosen = settings()
    if chosen.secret and chosen.id_key:
        is_fixed = LOOPBACK_SECRET in chosen.secret
        return ok("fixed ones, good for a database on this machine only" if is_fixed else "in the environment")
    present = parameters.present()
    folder = parameters.path(chosen.prefix)
    absent = tuple(folder + name for name in NEEDED_KEYS if name not in present)
    if absent:
        make = f"python -m infra.secrets ensure --prefix {chosen.prefix} --region {chosen.region}"
        is_id_key_gone = any(name.endswith("/id-key") for name in absent)
        return wrong(
            f"Absent in the parameter store: {', '.join(absent)}.",
            f"{_ID_KEY_FIRST} {make}" if is_id_key_gone else make,
        )
    return ok(f"{len(NEEDED_KEYS)} in the parameter store, under {folder}")


def expected_tables() -> dict[str, set[str]]:
    """Return the names of all tables that the models need, each with the names of its indexes."""
    for found in pkgutil.walk_packages(app.__path__, "app."):
        if found.name.endswith("models"):
            import_module(found.name)
    expected: dict[str, set[str]] = {}
    for model in _models(dynamodb.Table):
        expected.setdefault(model.Meta.table_name, set()).update(model.index_names())
    return expected


def _models(model: type[dynamodb.Table]) -> Iterator[type[dynamodb.Table]]:
    for one in model.__subclasses__():
        if hasattr(one.Meta, "table_name"):
            yield one
        yield from _models(one)


@answered
def tables_and_indexes() -> Finding:
    """Check that each table and index is there and active, and that the copies of reports are filled."""
    expected = expected_tables()
    states = dynamodb.in_one_round([partial(tables.describe, name) for name in expected])
    if absent := [name for name, state in zip(expected, states, strict=True) if state is None]:
        fix = "Look at RESOURCE_PREFIX and AWS_REGION first; if they are right, deploy: make deploy STAGE=..."
        local = "`make serve` makes them at its start. Look at AWS_ENDPOINT_URL_DYNAMODB: is it that one's?"
        absent_text = f"{len(absent)} of {len(expected)} tables are absent."
        return wrong(absent_text, local if settings().is_local else fix, tuple(absent))
    faults = list[str]()
    for (name, indexes), state in zip(expected.items(), states, strict=True):
        if state is not None:
            faults += [] if state.status == tables.ACTIVE else [f"{name} is {state.status}"]
            lasting = {index: state.indexes.get(index, "absent") for index in sorted(indexes)}
            faults += [f"{name}, index {index}: {is_} " for index, is_ in lasting.items() if is_ != tables.ACTIVE]
    if faults:
        return wrong("Not all are ready.", _INDEXES_FIX, tuple(fault.strip() for fault in faults))
    return _copies(len(expected), sum(map(len, expected.values())))


def _copies(number: int, indexes: int) -> Finding:
    """Check that the indexes and documents that come with a release have been filled."""
    noted = completeness.noted_copies()
    if unfilled := [copy for copy in completeness.COPIES if copy not in noted]:
        return wrong(
            f"Not filled yet: {', '.join(unfilled)}. Lists are dearer, and those by `updated_since` are refused.",
            f"{COMMAND} backfill {unfilled[0]}, then the others.",
        )
    return ok(f"{number} tables with {indexes} indexes, all active and filled")


@answered
def sources() -> Finding:
    """Check that each source of warnings that is asked has answered within a quarter of an hour."""
    now_ms, asked, off = clock.now_ms(), asked_sources(), current.current().sources_off
    facts = source_status.full_status(SourceStates.read().by_name(), now_ms)
    told = {fact["name"]: _heard(fact) for fact in facts}
    if settings().is_local:
        heard = ", ".join(f"{fact['name']} {told[fact['name']]}" for fact in facts if fact["fetched_at"])
        return unchecked(f"Only `make serve LIVE=1` asks sources. Heard: {heard or 'none'}.")
    if not asked:
        return unchecked("This deployment asks no source" + (", as staff have turned them off." if off else "."))
    late = [fact for fact in facts if fact["name"] in asked and (fact["stale"] or fact["state"] != source_status.OK)]
    details = tuple(f"{fact['name']}: {told[fact['name']]}. {' '.join(fact['reasons'])}".strip() for fact in late)
    if late:
        return wrong(
            f"{len(late)} of {len(asked)} are silent.",
            "See docs/operations.md, R8: the log of ingest_warnings.",
            details,
        )
    return ok(", ".join(f"{name} {told[name]}" for name in asked) + (f"; off: {', '.join(off)}" if off else ""))


def _heard(fact: source_status.SourceState) -> str:
    if fact["age_s"] is None:
        return "never heard"
    return f"heard {fact['age_s']} s ago" if fact["age_s"] < 120 else f"heard {fact['age_s'] // 60} min ago"


def audit(day: str, *, mend: bool) -> Finding:
    """Compare a day's audit rows with their copies; with `mend` store first what is missing."""
    if not settings().audit_bucket and settings().is_local:
        return unchecked("There is no copy on one machine, so there is nothing to compare.")
    try:
        mended = f"{audit_copy.mend(day)} copied now; " if mend else ""
        compared = audit_copy.compare(day)
    except (BucketFailed, audit_copy.NoBucket, *dynamodb.FAILURES) as error:
        return wrong(
            f"Rows and copies could not be compared: {error}",
            "Set FLOOD_AUDIT_BUCKET to the deployment's AuditBucketName, with rights to list it.",
        )
    faults = (("missing", compared.missing), ("differs", compared.differing), ("without its row", compared.without_row))
    text = f"{day}: {mended}{compared.rows} rows, " + ", ".join(f"{len(named)} {fault}" for fault, named in faults)
    if compared.is_right:
        return ok(text)
    again = f"{COMMAND} doctor --only audit --day {day} {MEND}"
    fix = f"{again} stores what is missing. For the rest see R11 in docs/operations.md."
    return wrong(text, fix, tuple(f"{fault}: {key}" for fault, named in faults for key in named))


def photos() -> Finding:
    """Check that the bucket of photos answers, and count what waits there."""
    bucket = settings().photos.bucket
    if not bucket:
        return unchecked("FLOOD_PHOTOS_BUCKET names no bucket: no photos are taken.")
    try:
        waiting = [len(buckets.keys(bucket, prefix=prefix)) for prefix in (photo_keys.UPLOADS, photo_keys.ORDERS)]
    except BucketFailed as error:
        local = "`make serve` stores them while it runs. Is it running?"
        away = (
            "Set FLOOD_PHOTOS_BUCKET to the deployment's bucket, with rights to list it; then docs/operations.md, R14."
        )
        return wrong(f"Their bucket cannot be read: {error}.", local if settings().is_local else away)
    return ok("{} uploads wait to be cleaned, {} orders to blur".format(*waiting))


@answered
def gazetteer() -> Finding:
    """Check that the gazetteer of this version is loaded."""
    at_start = "`make serve` loads it at its start: leave it on for a minute."
    fix = at_start if settings().is_local else f"{COMMAND} load-gazetteer"
    row = GazetteerBlock.read_current()
    if row is None or not row.version:
        return wrong("None is loaded: larger towns alone are found.", fix)
    if not pack_file.FILE.exists():
        return ok(f"{row.version}; this checkout has no pack to compare it with")
    about = pack_file.read_about(pack_file.FILE)
    if row.version != about["version"]:
        return wrong(f"{row.version} is loaded; this version of the product has {about['version']}.", fix)
    return ok(f"{row.version} of {about['date']}, {about['blocks']:,} blocks")


def streets() -> Finding:
    """Check that the file with the streets of the map can be read."""
    chosen = settings()
    if chosen.pmtiles_url or chosen.map_file:
        name = urlsplit(chosen.pmtiles_url).hostname or Path(chosen.map_file).name
        variable = "FLOOD_PMTILES_URL" if chosen.pmtiles_url else "FLOOD_MAP_FILE"
        found = map_archive.read(lambda _least, _most: ())
        if found is None or not found.is_whole:
            return wrong(
                f"The map file cannot be read: {name}.",
                f"Set {variable} to a PMTiles file that is there, or remove the setting: the coast is then shown.",
            )
        return ok(f"streets from {name}")
    if chosen.tile_url:
        return unchecked("Tiles of another host are loaded by browsers, and not tried here.")
    if chosen.is_local:
        return unchecked("No map file is set in this shell; `make serve` sets its own. Without one the coast is shown.")
    return unchecked("No map file is set (FLOOD_PMTILES_URL): maps show the coast alone.")
