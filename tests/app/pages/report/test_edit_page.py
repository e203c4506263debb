"""Changing a report by its private link or signed in, and taking it back."""

from collections.abc import Callable

import pytest

from app.reports.entry import Status
from tests.app.pages.conftest import Visitor
from tests.app.pages.reporting_form import fields_of, mistakes, sent, stored
from tests.reporting import filed


def edit_address(address: str) -> str:
    """The page to change a report, from that of what was sent."""
    path, _, token = address.partition("?")
    return f"/reports/{path.rpartition('/')[2]}/edit" + (f"?{token}" if token else "")


def opened(visitor: Visitor, address: str) -> dict[str, str]:
    answer = visitor.get(edit_address(address))
    assert answer.status_code == 200
    return fields_of(answer.text)


def test_form_stands_as_the_report_does_with_its_exact_place(visitor: Visitor) -> None:
    address = sent(visitor, title="At the mill", description="One.\nTwo.", depth_cm="33", place="home")

    form = opened(visitor, address)

    assert (form["lat"], form["lon"], form["where"]) == ("51.50041", "-0.12463", "51.50041, -0.12463")
    assert (form["title"], form["description"].strip(), form["place"]) == ("At the mill", "One.\nTwo.", "home")
    assert (form["depth_cm"], form["water"], form["version"]) == ("33", "knee", "1")


def test_form_sent_as_it_stands_changes_nothing(visitor: Visitor) -> None:
    address = sent(visitor, title="At the mill", description="One.\r\nTwo.", water="waist")
    before = stored(address).attribute_values

    answer = visitor.post(edit_address(address), **opened(visitor, address))

    assert answer.status_code == 303
    assert stored(address).attribute_values == before


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"water": "chest"}, {"depth_cm": 140, "severity": "severe"}),
        ({"water": "unknown"}, {"depth_cm": None, "severity": "unknown"}),
        ({"depth_cm": "5"}, {"depth_cm": 5, "severity": "minor"}),
        ({"title": ""}, {"title": None}),
        ({"title": "Better"}, {"title": "Better"}),
        ({"description": ""}, {"description": None}),
        ({"water_source": ""}, {"water_source": None}),
        ({"water_source": "unknown"}, {"water_source": "unknown"}),
        ({"place": "public"}, {"lat": 51.50041, "exact_lat": None}),
        (
            {"where": "", "settled": "", "lat": "51.0375", "lon": "-2.829", "radius_m": "120"},
            {"exact_lat": 51.0375, "radius_m": 120},
        ),
        ({"where": "", "water": "knee"}, {"exact_lat": 51.50041, "version": 1}),
        ({"where": "51.0375, -2.8290"}, {"lat": 51.038, "exact_lat": 51.0375, "radius_m": 50}),
    ],
)
def test_what_is_changed_in_the_form_is_changed_and_all_else_stays(
    visitor: Visitor, said: dict[str, str], expected: dict[str, object]
) -> None:
    address = sent(visitor, title="At the mill", description="Deep.", water="knee", water_source="river")
    before = stored(address).attribute_values

    answer = visitor.post(edit_address(address), **(opened(visitor, address) | said))

    after = stored(address).attribute_values
    assert answer.headers["Location"].endswith("changed=1")
    assert {name: after.get(name) for name in expected} == expected
    assert after["version"] == expected.get("version", 2)
    assert all(after[name] == before[name] for name in ("observed_at_ms", "sort", "status", "id"))


def test_word_of_a_later_release_stays_when_something_else_is_changed(visitor: Visitor) -> None:
    address = sent(visitor)
    report = stored(address)
    report.water_source = "snow"
    report.save()

    visitor.post(edit_address(address), **(opened(visitor, address) | {"title": "Better"}))

    assert (stored(address).title, stored(address).water_source) == ("Better", "snow")


def test_depth_told_after_i_cannot_tell_sets_the_severity(visitor: Visitor) -> None:
    address = sent(visitor, water="unknown")

    visitor.post(edit_address(address), **(opened(visitor, address) | {"water": "waist"}))

    assert (stored(address).depth_cm, stored(address).severity) == (90, "severe")


def test_reporters_own_word_outlives_another_depth(visitor: Visitor) -> None:
    report = filed(visitor.client, severity="extreme", depth_cm=30)
    address = f"/report/sent/{report['id']}?token={report['edit_token']}"

    visitor.post(edit_address(address), **(opened(visitor, address) | {"depth_cm": "45"}))

    assert (stored(address).depth_cm, stored(address).severity) == (45, "extreme")


def test_time_changes_only_when_another_is_chosen(visitor: Visitor) -> None:
    address = sent(visitor, when="now")
    before = stored(address).observed_at_ms

    visitor.post(edit_address(address), **(opened(visitor, address) | {"when": "3h"}))

    assert 0 <= before - stored(address).observed_at_ms + 60_000 - 3 * 3_600_000 + 120_000 <= 240_000


def test_mistakes_are_named_and_what_was_typed_stays(visitor: Visitor) -> None:
    address = sent(visitor)
    typed = {"title": "x" * 121, "depth_cm": "deep", "where": "Zzyzxburgh"}

    answer = visitor.post(edit_address(address), **(opened(visitor, address) | typed))

    assert answer.status_code == 422
    assert [field for field, _ in mistakes(answer.text)] == ["#where", "#depth_cm", "#title"]
    assert {name: fields_of(answer.text)[name] for name in typed} == typed
    assert stored(address).version == 1


def test_change_of_another_in_between_is_shown_and_nothing_typed_is_lost(visitor: Visitor) -> None:
    address = sent(visitor, title="First")
    mine, theirs = opened(visitor, address), opened(visitor, address)
    visitor.post(edit_address(address), **(theirs | {"title": "Theirs"}))

    answer = visitor.post(edit_address(address), **(mine | {"title": "Mine"}))

    assert answer.status_code == 412
    assert "Theirs" in answer.text
    assert fields_of(answer.text)["title"] == "Mine"
    assert stored(address).title == "Theirs"
    visitor.post(edit_address(address), **fields_of(answer.text))
    assert stored(address).title == "Mine"


def test_report_is_taken_back_and_that_is_said(visitor: Visitor) -> None:
    address = sent(visitor)
    withdrawal = edit_address(address).replace("/edit", "/withdraw")

    answers = [visitor.post(withdrawal) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert stored(address).status == Status.WITHDRAWN
    assert "Your report is taken back" in visitor.get(answers[0].headers["Location"]).text
    assert visitor.get(edit_address(address)).status_code == 303
    assert visitor.post(edit_address(address), title="Too late").status_code == 303


def test_nobody_else_changes_or_withdraws(visitor: Visitor, signed_in: Callable[..., Visitor]) -> None:
    address, other = sent(visitor, title="First"), sent(visitor)
    token = other.partition("?")[2]
    path = edit_address(address).partition("?")[0]
    signed_in()

    for asked in (path, f"{path}?{token}"):
        assert visitor.get(asked).status_code == 404
        assert visitor.post(asked, title="Theirs", version="1", when="").status_code == 404
        assert visitor.post(asked.replace("/edit", "/withdraw")).status_code == 404
    assert (stored(address).title, stored(address).status) == ("First", "pending")


def test_account_changes_its_own_without_a_link(signed_in: Callable[..., Visitor]) -> None:
    visitor = signed_in()
    address = sent(visitor)

    answer = visitor.post(edit_address(address), **(opened(visitor, address) | {"title": "Mine"}))

    assert answer.status_code == 303
    assert "token" not in answer.headers["Location"]
    assert stored(address).title == "Mine"


def test_link_that_has_ended_says_so(visitor: Visitor) -> None:
    address = edit_address(sent(visitor))

    for path in (f"{address[:-6]}AAAAAA", address.partition("?")[0] + "?token=x"):
        assert visitor.get(path).status_code == 401
        assert visitor.post(path, title="x").status_code == 401


@pytest.mark.parametrize("token", ["x", "", "{other}", "{ended}"])
def test_link_that_does_not_hold_keeps_nobody_out_who_is_signed_in(
    visitor: Visitor, signed_in: Callable[..., Visitor], token: str
) -> None:
    other = sent(visitor)
    own = edit_address(sent(signed_in()))
    held = other.partition("token=")[2]
    path = f"{own}?token={token.format(other=held, ended=held[:-6] + 'AAAAAA')}"

    form = visitor.get(path)
    changed = visitor.post(path, **(fields_of(form.text) | {"title": "Mine"}))

    assert (form.status_code, changed.status_code) == (200, 303)
    assert "token=" not in form.text
    assert visitor.get(changed.headers["Location"]).status_code == 200
    assert visitor.get(path.replace("/edit", "").replace("/reports/", "/report/sent/")).status_code == 200
    assert visitor.post(path.replace("/edit", "/withdraw")).status_code == 303
    assert stored(own).attribute_values.items() >= {"title": "Mine", "status": "withdrawn"}.items()


def test_link_that_holds_lets_one_in_who_is_signed_in_too(visitor: Visitor, signed_in: Callable[..., Visitor]) -> None:
    path = edit_address(sent(visitor))
    signed_in()

    assert visitor.get(path).status_code == 200


def test_link_stays_with_its_reporter(visitor: Visitor) -> None:
    """No other site receives the URL; and unlike with `no-referrer` the form states its origin."""
    answer = visitor.get(edit_address(sent(visitor)))

    assert answer.headers["Referrer-Policy"] == "strict-origin"
    assert answer.headers["Cache-Control"] == "private, no-store"
