"""Result of a series of filed reports, by what is stored and not by what was answered."""

from dataclasses import dataclass, field

from tests.rig import stored
from tests.rig.client import Reply


@dataclass(frozen=True)
class Outcome:
    """Keys whose report is missing, is there more than once, or is not what was said; and odd statuses."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    strange: list[int] = field(default_factory=list)


def judge(replies: dict[str, Reply], places: dict[str, float]) -> Outcome:
    by_id = {item["id"]: item for item in stored.reports()}
    titles = [item["title"] for item in by_id.values()]
    rows = {key: by_id.get(reply.body.get("id")) for key, reply in replies.items()}
    return Outcome(
        lost=[key for key, row in rows.items() if row is None],
        doubled=sorted({title for title in titles if titles.count(title) > 1}),
        altered=[key for key, row in rows.items() if row and (row["title"], float(row["lat"])) != (key, places[key])],
        strange=[reply.status for reply in replies.values() if reply.status not in (200, 201)],
    )
