"""Queries written down before the search was: the right place for 19 of 20, and hardly ever a wrong one."""

from collections import Counter
from statistics import median

from app.gazetteer import search
from tests.app.gazetteer.judging import SAMPLES, judge, read_queries, report


def test_real_queries_find_their_places(whole_pack: None) -> None:
    verdicts = [judge(query) for query in read_queries()]

    words = Counter(one.word for one in verdicts)
    table = report(verdicts)
    print(table)
    assert words["right"] + words["asked"] >= 0.95 * len(verdicts), table
    assert words["wrong"] <= 0.005 * len(verdicts), [one for one in verdicts if one.word == "wrong"]
    for kind in ("postcode of the files", "full postcode", "village of the files", "village"):
        errors = [one.error_km for one in verdicts if one.query.kind == kind and one.word == "right"]
        assert median(errors) <= 0.3, (kind, table)


def test_typed_places_of_the_oracle_are_read_as_it_says(whole_pack: None) -> None:
    told = dict(line.split("\t") for line in (SAMPLES / "typed.tsv").read_text(encoding="utf-8").splitlines()[1:])

    for typed, answer in told.items():
        name, kind, match = answer.split("; ")
        found = search.search(typed).places
        assert (found[0].name, found[0].kind, found[0].match) == (name, kind, match), typed


def test_two_towns_of_one_name_are_asked_about(whole_pack: None) -> None:
    for typed in ("St.Ives", "St Ives", "Saint Ives"):
        found = search.search(typed).places
        counties = {one.within[0] for one in found}
        assert {"Cornwall", "Cambridgeshire"} <= counties, typed
        assert not search.is_clear(found), typed
