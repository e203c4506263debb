"""README's "How to add a field to a report", followed to the letter on a copy of the product with data of before."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from flask.testing import FlaskClient

from app.aws.streams import as_json
from app.core import clock
from app.reports.create import derive_id
from app.reports.models import Report
from handlers import report_changed
from tests.conftest import PREFIX
from tests.factories import make_report, stream_record, tell_consumer
from tests.reporting import DOOR, body_of, filed

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RECIPE = README.split("## How to add a field to a report")[1].split("\n## ")[0]
EDITS = re.findall(r"```diff\n--- (\S+)\n(.*?)```", RECIPE, re.DOTALL)
OF_PAGES = ("app/pages/", "app/pages/")
MOST_FILES, MOST_FILES_WITH_PAGES = 5, 9
HERE = f"lat={DOOR['lat']}&lon={DOOR['lon']}&radius_km=1"
TERM = "How fast it flows"
KEY = "key-of-the-recipe-0001"
Ask = Callable[..., list[Any]]


def follow(recipe: list[tuple[str, str]], tree: Path) -> None:
    """Make each edit where the lines that it names stand; they must stand there once."""
    for name, edit in recipe:
        text = "\n" + (tree / name).read_text(encoding="utf-8")
        for hunk in edit.split("@@\n"):
            lines = hunk.splitlines(keepends=True)
            before = "".join(line[1:] for line in lines if line[0] in " -")
            after = "".join(line[1:] for line in lines if line[0] in " +")
            assert text.count(f"\n{before}") == 1, f"{name} has not once:\n{before}"
            text = text.replace(f"\n{before}", f"\n{after}")
        (tree / name).write_text(text[1:], encoding="utf-8")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product with the recipe's field."""
    copy = tmp_path_factory.mktemp("tree")
    for folder in ("app", "handlers"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "tests" / "rig" / "asked.py", copy)
    follow(EDITS, copy)
    return copy


@pytest.fixture(scope="module")
def new_product(tree: Path, dynoxide_address: str) -> Iterator[subprocess.Popen[str]]:
    """The product that has the field, over the tables of the tests: it answers one line with one line."""
    environment = os.environ | {"AWS_ENDPOINT_URL_DYNAMODB": dynoxide_address}
    said_wrong = tree / "stderr"
    with (
        said_wrong.open("w") as errors,
        subprocess.Popen(
            [sys.executable, tree / "asked.py"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        yield process
        process.communicate()
    assert process.returncode == 0, said_wrong.read_text()[-3000:]


@pytest.fixture
def ask_new(new_product: subprocess.Popen[str], dynoxide: str) -> Ask:
    """`ask_new(*paths)` asks the product that has the field, over the test's own database."""

    def ask(*wanted: Any) -> list[Any]:
        requests = [{"method": "GET", "path": one} if isinstance(one, str) else one for one in wanted]
        assert new_product.stdin and new_product.stdout
        print(json.dumps(requests), file=new_product.stdin, flush=True)
        said: list[Any] = json.loads(new_product.stdout.readline() or "null")
        assert said, "it has failed: what it said follows as the error of the fixture `new_product`"
        return said

    return ask


def every_way_out(report_id: str) -> list[str]:
    """Return the paths of all lists, tiles and pages that show a report at the door."""
    since = clock.rfc3339(clock.now_ms() - clock.DAY_MS)
    lists = [f"/v1/reports?{HERE}", "/v1/reports", f"/v1/reports?since={since}", f"/v1/reports?updated_since={since}"]
    others = [f"/v1/nearby?{HERE}", "/tiles/13/4093/2724", "/v1/reports.geojson", "/v1/reports.csv"]
    return [*lists, *others, f"/v1/reports/{report_id}", f"/reports/{report_id}", f"/?{HERE}", "/report"]


def flows(answers: list[Any], report_id: str, *, is_absorbed: bool = True) -> set[str | None]:
    """Return a report's `flow` in all machine-readable answers; each must have the field, and the report too.

    Map tiles alone wait for the stream.
    """
    assert [status for status, _ in answers] == [200] * len(answers), answers
    *lists, nearby, tile, geojson, table, itself = [text for _, text in answers[:9]]
    items = [each for text in lists for each in json.loads(text)["items"]]
    items += [each["report"] for each in json.loads(nearby)["items"]]
    items += [each["properties"] for text in (tile, geojson) for each in json.loads(text)["features"]]
    items += [each | {"flow": each["flow"] or None} for each in csv.DictReader(io.StringIO(table))]
    mine = [each["flow"] for each in [*items, json.loads(itself)] if each["id"] == report_id]
    assert len(mine) == 8 + is_absorbed
    return set(mine)


def absorbed(report_id: str) -> None:
    """Bring a report to the documents by the code before, with its row as the stream tells it."""
    client: Any = boto3.client("dynamodb")
    row = client.get_item(TableName=f"{PREFIX}-reports", Key={"id": {"S": report_id}})["Item"]
    record = stream_record(new=Report.get(report_id))
    record["dynamodb"]["NewImage"] = as_json(row)
    assert report_changed.handler({"Records": [record], "shardId": "shard-1"}, None) == {"batchItemFailures": []}


def filing(**said: Any) -> dict[str, Any]:
    body = body_of(**said)
    return {"method": "POST", "path": "/v1/reports", "json": body, "headers": {"Idempotency-Key": KEY}}


def test_recipe_touches_few_files() -> None:
    of_api = [name for name, _ in EDITS if not name.startswith(OF_PAGES)]

    assert 0 < len(set(of_api)) <= MOST_FILES
    assert len({name for name, _ in EDITS}) <= MOST_FILES_WITH_PAGES


def test_what_was_stored_before_says_nothing_of_it(ask_new: Ask) -> None:
    report = make_report(**DOOR)
    tell_consumer([report])

    answers = ask_new(*every_way_out(report.id))

    assert flows(answers, report.id) == {None}
    page, _, form = [text for _, text in answers[9:]]
    assert TERM not in page
    assert '<select id="flow"' in form


def test_changed_and_absorbed_by_the_new_code_it_still_says_nothing(ask_new: Ask, dynoxide_client: FlaskClient) -> None:
    report = filed(dynoxide_client)
    tell_consumer([Report.get(report["id"])])
    changed = {
        "method": "PATCH",
        "path": f"/v1/reports/{report['id']}",
        "json": {"title": "Better"},
        "headers": {"If-Match": '"v1"', "Authorization": f"Bearer {report['edit_token']}"},
    }

    [(status, text), failed, *answers] = ask_new(changed, {"absorb": report["id"]}, *every_way_out(report["id"]))

    assert (status, json.loads(text)["flow"], failed["batchItemFailures"]) == (200, None, [])
    assert flows(answers, report["id"]) == {None}


def test_new_report_tells_it_on_every_way_out_and_older_ones_beside_it_nothing(ask_new: Ask) -> None:
    old, new = make_report(**DOOR), derive_id("report", "", KEY)
    tell_consumer([old])
    ways = every_way_out(new)

    asked = ask_new(filing(flow="fast"), filing(flow="furious"), *ways, {"absorb": new}, *ways, f"/v1/reports/{old.id}")

    (filed_as, _), (refused, mistakes), *rest = asked
    fresh, failed, told = rest[: len(ways)], rest[len(ways)], rest[len(ways) + 1 : -1]
    assert (filed_as, refused, failed["batchItemFailures"]) == (201, 422, [])
    assert '"/flow"' in mistakes
    assert flows(fresh, new, is_absorbed=False) == flows(told, new) == {"fast"}
    assert flows([*told[:8], rest[-1]], old.id) == {None}
    assert f"{TERM}</dt><dd>Fast" in told[9][1]


def test_code_before_reads_what_the_new_code_has_written(ask_new: Ask, dynoxide_client: FlaskClient) -> None:
    new = derive_id("report", "", KEY)
    ask_new(filing(flow="fast", title="New"), {"absorb": new})

    answers = {path: dynoxide_client.get(path) for path in every_way_out(new)}

    assert {path for path, answer in answers.items() if answer.status_code != 200} == set()
    assert [path for path, answer in answers.items() if TERM in answer.text] == []
    assert [item["title"] for item in answers[f"/v1/reports?{HERE}"].json["items"]] == ["New"]
    tell_consumer([Report.get(new)])
    assert [item["title"] for item in dynoxide_client.get(f"/v1/reports?{HERE}").json["items"]] == ["New"]


def test_change_by_the_code_before_takes_back_nothing_that_it_does_not_know(
    ask_new: Ask, dynoxide_client: FlaskClient
) -> None:
    new = derive_id("report", "", KEY)
    [(_, text), _] = ask_new(filing(flow="fast", title="New"), {"absorb": new})
    seen = {"If-Match": '"v1"', "Authorization": f"Bearer {json.loads(text)['edit_token']}"}

    changed = dynoxide_client.patch(f"/v1/reports/{new}", json={"title": "Better"}, headers=seen)
    answers = ask_new({"absorb": new}, *every_way_out(new))[1:]

    assert changed.status_code == 200
    assert flows(answers, new) == {"fast"}
    assert "Better" in answers[0][1]


def test_documents_of_the_code_before_keep_what_it_does_not_know(ask_new: Ask, dynoxide_client: FlaskClient) -> None:
    """After a roll-back its consumer makes them: from the stream, the index and the documents themselves."""
    new = derive_id("report", "", KEY)
    [(_, text), _] = ask_new(filing(flow="fast", title="New"), {"absorb": new})

    absorbed(new)
    assert flows(ask_new(*every_way_out(new)), new) == {"fast"}

    tell_consumer([make_report(**DOOR)])
    assert flows(ask_new(*every_way_out(new)), new) == {"fast"}

    seen = {"If-Match": '"v1"', "Authorization": f"Bearer {json.loads(text)['edit_token']}"}
    assert dynoxide_client.patch(f"/v1/reports/{new}", json={"title": "Better"}, headers=seen).status_code == 200
    absorbed(new)
    assert flows(ask_new(*every_way_out(new)), new) == {"fast"}
