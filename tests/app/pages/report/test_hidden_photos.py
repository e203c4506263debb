"""Photos of a report that others do not see any more, as its reporter sees and removes them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.reports.entry import Status
from app.reports.models import Report
from app.reports.photo_column import Photo, PhotoDecision, PhotoState
from app.review.vote_models import REPORTER, VoteRow
from tests.app.pages.conftest import Visitor
from tests.app.pages.frame import markup
from tests.app.pages.reporting_form import id_in, sent, stored
from tests.factories import make_report

ID, OTHER = "a" * 22, "b" * 22
THERE = "Its photos that were shown are seen on the report that it was joined to."


@pytest.fixture(autouse=True)
def bucket(photos_bucket: str) -> Iterator[str]:
    yield photos_bucket


def hide(report: Report, status: Status, *photos: Photo) -> Report:
    """Give a report photos and a decision; return the report that it is merged into, if it is."""
    target = make_report(lat=report.lat, lon=report.lon)
    report.photos, report.status = photos, status
    if status == Status.MERGED:
        report.merged_into, target.duplicates = target.id, [report.id]
        target.save()
    report.save()
    return target


def forget_who_filed(report: Report) -> None:
    """As a decision does, which leaves it with the reporter's own vote."""
    VoteRow(report.id, REPORTER, who=report.filer, network=report.network, condition="flooded", at_ms=1).save()
    report.forget_who_filed()
    report.save()


def ready(photo_id: str = ID, **more: str) -> Photo:
    return Photo(photo_id, PhotoState.READY, 1, width=1600, height=1200, **more)


def words_of(text: str) -> str:
    return " ".join(markup.named(text, "main")[0].words().split())


def sources(text: str) -> list[str]:
    return [one.attributes["src"] for one in markup.named(text, "img") if "/photos/" in one.attributes["src"]]


def test_reporter_of_a_joined_one_learns_where_its_photo_is_seen_and_removes_it(visitor: Visitor) -> None:
    address = sent(visitor)
    target = hide(stored(address), Status.MERGED, ready(decision=PhotoDecision.SHOWN), ready(OTHER))

    page = visitor.get(address)

    assert page.status_code == 200
    words = words_of(page.text)
    assert THERE in words and "Others no longer see it." not in words
    assert "Others can see it on the report that yours was joined to." in words and "Others do not see it." in words
    assert sources(page.text)[0] == f"/photos/{ID}-1/small.jpg" and f'href="/reports/{target.id}"' in page.text
    assert "/v1/reports/" in sources(page.text)[1] and "Add a photo" not in page.text
    removed = visitor.post(address.replace("?", f"/photos/{ID}?"), act="remove")
    assert [photo.id for photo in stored(address).photos] == [OTHER]
    assert "The photo was removed." in visitor.get(removed.headers["Location"]).text
    assert sources(visitor.get(f"/reports/{target.id}").text) == []


def test_reporter_of_a_rejected_one_sees_and_removes_its_photos(visitor: Visitor) -> None:
    address = sent(visitor)
    hide(stored(address), Status.REJECTED, ready(decision=PhotoDecision.SHOWN))

    for path in (address, address.replace("/report/sent/", "/reports/")):
        page = visitor.get(path)
        words = words_of(page.text)
        assert "Others do not see it." in words and "Others no longer see it." in words and THERE not in words
        assert page.headers["Referrer-Policy"] == "strict-origin"
        assert f'action="/report/sent/{id_in(address)}/photos/{ID}?token=' in page.text
    visitor.post(address.replace("?", f"/photos/{ID}?"), act="remove")
    assert stored(address).photos == [] and 'id="photos"' not in visitor.get(address).text


def test_account_removes_a_photo_of_a_rejected_one(signed_in: Callable[..., Visitor]) -> None:
    visitor = signed_in()
    address = sent(visitor)
    hide(stored(address), Status.REJECTED, ready())

    page = visitor.get(f"/reports/{id_in(address)}").text

    assert f'action="/report/sent/{id_in(address)}/photos/{ID}"' in page
    visitor.post(f"/report/sent/{id_in(address)}/photos/{ID}", act="remove")
    assert stored(address).photos == []


@pytest.mark.parametrize("status", [Status.MERGED, Status.REJECTED])
def test_browser_known_by_its_cookie_alone_removes_its_photos_too(app: Any, visitor: Visitor, status: Status) -> None:
    address = sent(visitor)
    path, change = f"/reports/{id_in(address)}", f"/report/sent/{id_in(address)}/photos/{ID}"
    hide(stored(address), status, ready(decision=PhotoDecision.SHOWN), ready(OTHER))
    forget_who_filed(stored(address))

    page = visitor.get(path)
    assert page.status_code == 200 and len(sources(page.text)) == 2
    acts = [one.attributes["action"] for one in markup.named(page.text, "form")]
    assert [act for act in acts if "/photos/" in act] == [change, change.replace(ID, OTHER)]
    stranger = Visitor(app.test_client())
    sent(stranger)
    refused = [one.post(change, act="remove").status_code for one in (stranger, Visitor(app.test_client()))]
    assert (refused, len(stored(address).photos)) == ([404, 303], 2)  # without a name: to sign in

    removed = visitor.post(change, act="remove")

    assert [photo.id for photo in stored(address).photos] == [OTHER]
    assert removed.headers["Location"].startswith(path)
    assert "The photo was removed." in visitor.get(removed.headers["Location"]).text


def test_privacy_names_how_photos_of_hidden_reports_are_removed(visitor: Visitor) -> None:
    assert "also once the report was removed or joined to another" in words_of(visitor.get("/privacy").text)


def test_form_for_editing_a_hidden_one_leads_to_its_photos(visitor: Visitor) -> None:
    address = sent(visitor)
    hide(stored(address), Status.MERGED, ready(decision=PhotoDecision.SHOWN))

    led = visitor.get(address.replace("/report/sent/", "/reports/").replace("?", "/edit?"))

    assert led.status_code == 303 and THERE in words_of(visitor.get(led.headers["Location"]).text)
