"""Data folders that earlier releases left are served by this one as they are."""

from pathlib import Path
from typing import Any

import pytest

from tests.local.local_run import start
from tests.rig.releases import RELEASES, kept, unpack_folder

HISTORY = "/v1/reports?since=2010-01-01T00:00:00Z&limit=100"
STAYS = ("title", "severity", "depth_cm", "location", "status")


def told(page: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of each report on a page that time does not change."""
    return {item["id"]: {name: item.get(name) for name in STAYS} for item in page["items"]}


@pytest.mark.parametrize(
    "release", [*(pytest.param(name, marks=pytest.mark.long) for name in RELEASES[:-1]), RELEASES[-1]]
)
def test_folder_of_an_earlier_release_is_served(release: str, tmp_path: Path) -> None:
    status, before = kept(release, "answers")["answers"][HISTORY]
    run = start(unpack_folder(release, tmp_path / "data"))
    try:
        run.await_ready()
        answers = [run.request(HISTORY), run.request("/v1/nearby?lat=51.0375&lon=-2.829&radius_km=5")]
    finally:
        run.end()

    assert [status, *(answer[0] for answer in answers)] == [200, 200, 200]
    assert told(answers[0][1]) == told(before)
