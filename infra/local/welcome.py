"""Welcome text of `make serve` when the app answers: addresses, sign-ins, things to try."""

import json

from infra.local.data_folder import DataFolder

CURLS = """\
    curl -s '{url}/v1/nearby?lat={lat}&lon={lon}'
    curl -s '{url}/v1/reports?lat={lat}&lon={lon}&radius_km=5'
    curl -s {url}/v1/reports -H 'Content-Type: application/json' -H "Idempotency-Key: $(uuidgen)" \\
         -d '{{"location": {{"lat": {lat}, "lon": {lon}}}, "depth_cm": 30, "title": "Water over the kerb"}}'"""
PAGES = (
    ("Now", "/"),
    ("Report", "/report"),
    ("Alerts", "/alerts"),
    ("API docs", "/docs"),
    ("Reports", "/v1/reports"),
    ("Warnings", "/v1/warnings"),
    ("Status", "/status.json"),
    ("Mail sent", "/_local/mail"),
)
# Place of the demo's worst flood.
PLACE = {"lat": "51.3813", "lon": "-2.3590"}
DEMO_PLACE = "/?place=Bath"
# What each of the demo's people finds there.
FINDS = {
    "resident": "a report of their own under My reports",
    "responder": "reports that wait for a decision around Bath: /review",
    "admin": "the same everywhere, and accounts, switches, blocks and figures: /admin",
}


def welcome(folder: DataFolder, url: str, *, has_demo: bool, is_kept: bool) -> str:
    lines = ["", "FloodManager runs. Ctrl-C ends it.", ""]
    pages = [("Demo flood", DEMO_PLACE), *PAGES] if has_demo else PAGES
    lines += [f"  {name:<11} {url}{path}" for name, path in pages]
    if has_demo:
        lines += ["", f"  Sign in at {url}/sign-in as", *_sign_ins(folder)]
    lines += [
        "",
        "  Try (each report has an Idempotency-Key of its own; change both together)",
        CURLS.format(url=url, **PLACE),
    ]
    lines += [
        "",
        "  Next: make test · make import FILE=reports.csv · make ingest SOURCE=ea FILE=.. · README.md",
        "",
    ]
    if is_kept:
        lines.append(f"  Data is kept in {folder.path}; its database listens on {_address(folder)}")
    else:
        lines.append("  No database that keeps data exists for this system: all is in memory and gone at the end.")
    return "\n".join([*lines, ""])


def _sign_ins(folder: DataFolder) -> list[str]:
    known = json.loads(folder.sign_ins.read_text(encoding="utf-8"))
    width = max(map(len, known.values()), default=0)
    return [f"    {name:<10}{known[name]:<{width}}  ({FINDS[name]})" for name in FINDS if name in known]


def _address(folder: DataFolder) -> str:
    return folder.endpoint.read_text(encoding="utf-8").strip()
