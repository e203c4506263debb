"""The reasons of a confidence in words: of each code, in each language."""

import re
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from app.core.translations import LANGUAGES, SOURCE, translated
from app.reports.models import Report
from app.review.confidence import REJECTED, SEEN_BY_STAFF, TEXTS, VERIFIED, WEIGHTS, Facts, rate
from app.review.rating import put
from tests.factories import make_report

DOCUMENT = Path(__file__).parents[3] / "docs" / "confidence.md"


def rated(**facts: int) -> Report:
    report = make_report()
    put(report, rate(Facts(**facts)))
    report.save()
    return report


def test_every_code_has_its_words() -> None:
    assert [*TEXTS] == [*WEIGHTS, VERIFIED, SEEN_BY_STAFF, REJECTED]
    assert [*WEIGHTS] == [*Facts._fields]


def test_reasons_are_told_in_the_readers_language(client: FlaskClient, noon: Any) -> None:
    path = f"/v1/reports/{rated(in_warning=1, votes=2).id}"
    for language in LANGUAGES:
        answer = client.get(path, headers={"Accept-Language": f"{language}, en;q=0.5"})
        told = answer.json["confidence"]["reasons"]

        assert [one["text"] for one in told] == [translated(TEXTS[code], language) for code in ("in_warning", "votes")]
        assert answer.headers["Content-Language"] == language
        assert "Accept-Language" in answer.headers["Vary"]


def test_each_language_has_an_etag_of_its_own_that_names_the_same_version(client: FlaskClient, noon: Any) -> None:
    path = f"/v1/reports/{rated(votes=1).id}"
    tags = {language: client.get(path, headers={"Accept-Language": language}).headers["ETag"] for language in LANGUAGES}

    assert len(set(tags.values())) == len(LANGUAGES)
    for language, tag in tags.items():
        same = client.get(path, headers={"Accept-Language": language, "If-None-Match": tag})
        other = client.get(path, headers={"Accept-Language": SOURCE, "If-None-Match": tag})
        assert (same.status_code, other.status_code) == (304, 304 if language == SOURCE else 200)


def test_a_code_of_a_later_release_stands_for_its_own_words(client: FlaskClient, noon: Any) -> None:
    report = make_report()
    report.confidence_reasons = '[["seen_by_satellite",3]]'
    report.save()

    told = client.get(f"/v1/reports/{report.id}").json["confidence"]["reasons"]

    assert told == [{"code": "seen_by_satellite", "weight": 0.3, "text": "seen_by_satellite"}]


def test_the_documents_table_is_the_one_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| (\w+) \| (\d\.\d) \| (\d) \|$", DOCUMENT.read_text(), re.MULTILINE)

    assert rows == [(code, str(one.kind), f"{one.tenths / 10}", str(one.most)) for code, one in WEIGHTS.items()]
