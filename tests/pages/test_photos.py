"""Photos with a report: chosen on the phone, made smaller there, sent once after the report, and told truly."""

import re
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.pages.audit import faults_of_markup, violations, wider_than_window
from tests.pages.browser import Person
from tests.pages.conftest import People
from tests.pages.photographs import BUCKET, TURNED, UNSHOWN, choose, expecting, own, photo
from tests.pages.product import PLACE, QUIET, Product, await_that, unique
from tests.pages.reporting import SENT, WHERE, Taps, fill

HEADING = "What do you see?"


def to_the_field(person: Person, title: str = "") -> Taps:
    """Fill in the form up to the step with the field for photos."""
    taps = Taps(person.open("/report"))
    taps.field(WHERE, f"{QUIET['lat']}, {QUIET['lon']}")
    taps.button("Next")
    taps.choice("Up to the knee")
    taps.button("Next")
    if title:
        taps.field("In short (not required)", title)
    return taps


def send(taps: Taps) -> Page:
    taps.button("Review")
    taps.button("Send report")
    taps.page.wait_for_url(SENT)
    return taps.page


def test_chosen_photos_are_sent_small_and_upright_and_wait_for_a_responder(people: People, product: Product) -> None:
    person = expecting(people())
    taps = to_the_field(person)
    choose(taps.page, photo(), photo("IMG_2.jpg", turned=TURNED))
    taps.page.get_by_label("What does it show?").first.fill("Water up to the second step")
    taps.button("Review")
    expect(taps.page.locator("#review")).to_contain_text("2 photos")
    taps.button("Send report")
    taps.page.wait_for_url(SENT)

    expect(taps.page.get_by_text(UNSHOWN)).to_have_count(2)
    first, second = own(product, taps.page)
    assert (first["width"], first["height"], first["alt"]) == (1600, 1200, "Water up to the second step")
    assert (second["width"], second["height"]) == (1200, 1600), "it stands upright"
    expect(taps.page.locator("#photos-there img")).to_have_count(2)
    assert taps.page.evaluate("FloodPhotos.all().then((all) => all.length)") == 0, "nothing stays on the phone"


def test_no_photo_of_the_last_report_is_in_the_next(people: People, product: Product) -> None:
    person = expecting(people())
    taps = to_the_field(person)
    choose(taps.page, photo())
    page = send(taps)
    expect(page.get_by_text(UNSHOWN)).to_have_count(1)

    taps = to_the_field(person)
    expect(taps.page.locator("#photo-list > li")).to_have_count(0)
    send(taps)
    assert own(product, taps.page) == []

    page.bring_to_front()
    page.go_back()
    page.get_by_role("heading", name="Report flooding").wait_for()
    expect(page.locator("#photo-list > li")).to_have_count(0)


def test_another_place_and_a_reload_lose_no_photo(people: People) -> None:
    person = people()
    taps = to_the_field(person)
    choose(taps.page, photo(), photo("IMG_2.jpg"))
    taps.button("Review")

    taps.page.get_by_role("button", name="Change: Where").click()
    taps.field(WHERE, f"{QUIET['lat'] + 0.001}, {QUIET['lon']}")
    taps.button("Review")
    expect(taps.page.locator("#review")).to_contain_text("2 photos")
    taps.page.reload()

    expect(taps.page.locator("#photo-list > li")).to_have_count(2)
    taps.page.get_by_role("button", name="Start again with an empty form").click()
    taps.page.get_by_label(WHERE).wait_for()
    expect(taps.page.locator("#photo-list > li")).to_have_count(0)


def test_removed_photo_is_not_sent(people: People, product: Product) -> None:
    person = expecting(people())
    taps = to_the_field(person)
    choose(taps.page, photo("one.jpg"), photo("two.jpg", size=(600, 800)))
    taps.page.get_by_role("button", name="Remove: Photo 1").click()
    expect(taps.page.locator("#photo-list > li")).to_have_count(1)
    expect(taps.page.locator("#photo-file")).to_be_focused()
    send(taps)

    expect(taps.page.get_by_text(UNSHOWN)).to_have_count(1)
    assert [(one["width"], one["height"]) for one in own(product, taps.page)] == [(600, 800)]


def test_four_are_the_most(people: People) -> None:
    taps = to_the_field(people())
    choose(taps.page, *(photo(f"{number}.jpg", size=(80, 60)) for number in range(5)), there=4)

    expect(taps.page.locator("#photo-told")).to_have_text("Four photos are the most. Remove one first.")
    expect(taps.page.locator("#photo-file")).to_be_disabled()
    taps.page.get_by_role("button", name="Remove: Photo 4").click()
    expect(taps.page.locator("#photo-file")).to_be_enabled()


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ({"name": "a.txt", "mimeType": "text/plain", "buffer": b"no photo"}, "a.txt is no photo that can be sent"),
        ({"name": "b.heic", "mimeType": "image/heic", "buffer": b"\0" * 9_000_000}, "b.heic is larger than 8 MB"),
        ({"name": "c.heic", "mimeType": "", "buffer": b""}, "c.heic is an empty file"),
    ],
    ids=["text", "too large", "empty"],
)
def test_file_that_cannot_be_sent_is_named_at_once(people: People, file: dict, words: str) -> None:
    taps = to_the_field(people())
    choose(taps.page, file, there=0)

    expect(taps.page.locator("#photo-told")).to_contain_text(words)


def test_file_that_this_browser_cannot_draw_is_sent_as_it_is(people: People, product: Product) -> None:
    person = expecting(people())
    taps = to_the_field(person)
    choose(taps.page, {"name": "IMG_9.HEIC", "mimeType": "image/heic", "buffer": b"\0\0\0\x18ftypheic" + b"\0" * 900})
    expect(taps.page.locator("#photo-list")).to_contain_text("IMG_9.HEIC")
    send(taps)

    expect(taps.page.locator("#photos-there")).to_contain_text("It was not taken.")
    assert [one["state"] for one in own(product, taps.page)] == ["refused"]


def test_report_goes_without_a_photo_that_fails_which_is_told_and_tried_again(people: People, product: Product) -> None:
    title = unique("Photo fails")
    person = expecting(people(service_workers="block"), "ERR_FAILED", "ERR_")
    person.context.route(lambda url: "local-photos" in url, lambda route: route.abort())
    taps = to_the_field(person, title)
    choose(taps.page, photo())
    page = send(taps)

    assert len(product.titled(title, QUIET)) == 1
    expect(page.locator("#photo-list")).to_contain_text("It could not be sent yet. It waits on this phone")
    assert "photo was sent" not in page.locator("#photos").inner_text()
    person.context.unroute_all()
    page.get_by_role("button", name="Try again: Photo 1").click()

    expect(page.get_by_text(UNSHOWN)).to_have_count(1)
    assert len(own(product, page)) == 1, "the first ticket's place is taken by the second"


def test_upload_whose_reply_is_lost_makes_no_second_photo(people: People, product: Product) -> None:
    person = expecting(people(service_workers="block"), "ERR_")
    sent: list[int] = []

    def lose(route: Route) -> None:
        if sent:
            route.continue_()
            return
        sent.append(route.fetch().status)
        route.abort()

    person.context.route(lambda url: "local-photos" in url, lose)
    taps = to_the_field(person)
    choose(taps.page, photo())
    page = send(taps)
    await_that(page, lambda: [one for one in own(product, page) if one["state"] == "ready"])
    page.get_by_role("button", name="Try again: Photo 1").click()

    expect(page.locator("#photo-list > li")).to_have_count(0)
    assert (sent, len(own(product, page))) == ([204], 1)


def test_ticket_whose_answer_is_lost_leaves_no_photo_that_never_comes(people: People, product: Product) -> None:
    person = expecting(people(service_workers="block"), "ERR_")
    lost: list[int] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    person.context.route(re.compile(r"/report/sent/\w+/photos\?"), lose)
    taps = to_the_field(person)
    choose(taps.page, photo())
    page = send(taps)
    expect(page.locator("#photo-list")).to_contain_text("It could not be sent yet.")
    page.get_by_role("button", name="Try again: Photo 1").click()

    expect(page.get_by_text(UNSHOWN)).to_have_count(1)
    assert (lost, [one["state"] for one in own(product, page)]) == ([200], ["ready"])


def test_photo_is_added_to_a_report_that_was_sent_without_a_script_too(person: Person, product: Product) -> None:
    expecting(person)
    taps = Taps(person.open("/report"))
    fill(taps, place=QUIET)
    taps.button("Send report")
    page = taps.page
    page.wait_for_url(SENT)
    if person.runs_scripts:
        expect(page.locator("#photo-chooser")).to_be_visible()
        page.get_by_label("Take or choose a photo").set_input_files(photo())
    else:
        page.get_by_role("button", name="Add a photo").click()
        page.get_by_label("Photo, at most 8 MB").set_input_files(photo())
        page.get_by_role("button", name="Send the photo").click()
        page.wait_for_url(SENT)
        await_that(page, lambda: own(product, page)[0]["state"] == "ready")
        page.reload()
        expect(page.get_by_text("The photo is here.")).to_be_visible()

    expect(page.get_by_text(UNSHOWN)).to_have_count(1)
    page.get_by_label("What does it show?").fill("The ford")
    page.get_by_role("button", name="Store: Photo 1 of this report").click()
    expect(page.get_by_text("The words are stored.")).to_be_visible()
    assert [(one["alt"], one["width"]) for one in own(product, page)] == [("The ford", 1600)]
    page.get_by_role("button", name="Remove: The ford").click()
    expect(page.get_by_text("The photo was removed.")).to_be_visible()
    assert own(product, page) == []


def test_without_a_script_the_way_back_leaves_no_photo(people: People, product: Product) -> None:
    person = people(javascript=False)
    taps = Taps(person.open("/report"))
    expect(taps.page.get_by_text("You can add photos on the page that opens once your report is sent.")).to_be_visible()
    fill(taps, place=QUIET)
    taps.button("Send report")
    taps.page.wait_for_url(SENT)
    taps.page.get_by_role("button", name="Add a photo").click()
    taps.button("Back without a photo")

    taps.page.wait_for_url(SENT)
    assert own(product, taps.page) == []


@pytest.mark.parametrize("locale", ["en-GB", "es-ES"])
def test_page_that_sends_a_file_without_a_script_shuts_nobody_out(people: People, locale: str) -> None:
    person = people(locale=locale, viewport={"width": 320, "height": 800})
    page = person.open("/report")
    page.locator("#where").fill(f"{QUIET['lat']}, {QUIET['lon']}")
    page.locator("#next").click()
    page.locator("label", has=page.locator("[name=water][value=knee]")).click()
    for _ in range(3):
        page.locator("#next").click()
    page.wait_for_url(SENT)

    # As without scripts; axe needs them.
    page.locator("form[data-without-script] button").evaluate("(button) => button.click()")
    page.locator("#file").wait_for()

    assert (violations(page), faults_of_markup(page), wider_than_window(page)) == ([], [], [])


@pytest.mark.parametrize("locale", ["en-GB", "es-ES"])
def test_photos_shut_nobody_out(people: People, locale: str) -> None:
    person = expecting(people(locale=locale, viewport={"width": 320, "height": 800}))
    page = person.open("/report")
    page.locator("#where").fill(f"{QUIET['lat']}, {QUIET['lon']}")
    page.locator("#next").click()
    page.locator("label", has=page.locator("[name=water][value=knee]")).click()
    page.locator("#next").click()
    expect(page.locator("#photo-chooser")).to_be_visible()
    page.locator("#photo-file").set_input_files([photo(), {"name": "IMG_9.HEIC", "mimeType": "", "buffer": b"\0" * 9}])
    expect(page.locator("#photo-list > li")).to_have_count(2)
    assert (violations(page), faults_of_markup(page), wider_than_window(page)) == ([], [], [])
    page.locator("#next").click()
    assert (violations(page), wider_than_window(page)) == ([], [])
    page.locator("#next").click()
    page.wait_for_url(SENT)
    expect(page.locator('#photos-there [data-state="ready"]')).to_have_count(1)
    expect(page.locator('#photos-there [data-state="refused"]')).to_have_count(1)
    assert (violations(page), faults_of_markup(page), wider_than_window(page)) == ([], [], [])


def test_bucket_is_reached_from_pages_with_a_field_only(people: People) -> None:
    person = people()
    page = person.expect("policy: connect-src", "Content Security Policy", "Refused to connect", "ERR_").open("/about")

    said = page.evaluate("fetch('http://127.0.0.1:9/floodmanager-local-photos').then(() => 'sent', () => 'refused')")

    assert (said, BUCKET[:4]) == ("refused", "http")


def test_list_leaves_out_a_photo_whose_file_has_gone(people: People) -> None:
    person = people().expect("404")
    held: list[Route] = []
    person.context.route("**/photos/*/small.jpg", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    page = person.open("/reports?" + urlencode(PLACE | {"radius_km": 5}))
    page.locator(".item > img.thumb").first.scroll_into_view_if_needed()
    await_that(page, lambda: held)
    # Reports of other tests stand there as well.
    picture = page.locator(f'.item > img.thumb[src="{urlsplit(held[0].request.url).path}"]')
    expect(picture).to_be_visible()

    held[0].fulfill(status=404)

    expect(picture).to_be_hidden()
