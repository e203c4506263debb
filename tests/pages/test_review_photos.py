"""A responder judges photos in a browser: shown, hidden, and blurred by pointer, by keys and without scripts."""

import re
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from tests.local.calling import call
from tests.pages.audit import faults_of_markup, violations, wider_than_window
from tests.pages.browser import DESK, Person
from tests.pages.conftest import People
from tests.pages.product import Product, await_that
from tests.pages.survey import take_picture
from tests.pages.test_review import at_the_desk

SIZE = (800, 600)
PLATE = (240, 360, 400, 400)  # of the picture's pixels
PERCENT = ("30", "60", "20", "7")  # the same, a little higher


def street() -> bytes:
    """A picture of a street: a car with a number plate of black and yellow strips."""
    picture = Image.new("RGB", SIZE, (126, 150, 178))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 330, *SIZE), fill=(104, 88, 60))
    pen.rectangle((200, 280, 460, 420), fill=(160, 24, 24))
    for x in range(PLATE[0], PLATE[2], 8):
        pen.rectangle((x, PLATE[1], x + 3, PLATE[3]), fill=(0, 0, 0))
        pen.rectangle((x + 4, PLATE[1], x + 7, PLATE[3]), fill=(255, 230, 0))
    out = BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()


def contrast(jpeg: bytes) -> int:
    """The distance between light and dark where the number plate is, from 0 to 255."""
    left, top, right, bottom = PLATE
    low, high = Image.open(BytesIO(jpeg)).convert("L").crop((left + 12, top + 12, right - 12, bottom - 8)).getextrema()
    return int(high - low)


class Photographed:
    """A report whose reporter has sent a photo, which is clean by now."""

    def __init__(self, product: Product, person: Person, **said: Any) -> None:
        self.product = product
        report = product.file(**said)
        self.id, self.own = str(report["id"]), ("Authorization", f"Bearer {report['edit_token']}")
        content = street()
        wanted = {"content_type": "image/jpeg", "size_bytes": len(content)}
        ticket = product.send(f"/v1/reports/{self.id}/photos", wanted, self.own)
        assert ticket.status == 201, ticket
        file = {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": content}
        form = ticket.json["upload"]
        answer = person.context.request.post(form["url"], multipart={**form["fields"], "file": file})
        assert answer.ok, answer.text()

    def photo(self) -> Any:
        """The photo as its reporter sees it."""
        (photo,) = call(self.product.url, f"/v1/reports/{self.id}", headers=[self.own]).json["photos"]
        return photo

    def public(self) -> list[Any]:
        return list(self.product.listed(f"/v1/reports/{self.id}")["photos"])

    def open(self, page: Page) -> Page:
        """Look at it as a responder, once its photo is clean."""
        await_that(page, lambda: self.photo()["state"] == "ready")
        page.goto(f"/review?report={self.id}")
        return page


def details_of(page: Page) -> Locator:
    return page.locator("details.blur")


def places_in(page: Page) -> list[str]:
    inputs = details_of(page).locator("input").all()
    return [value for value in (one.input_value() for one in inputs) if value]


def draw_over_the_plate(page: Page) -> None:
    frame = page.locator(".photo-frame")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box
    left, top, width, height = (int(number) / 100 for number in PERCENT)
    page.mouse.move(box["x"] + box["width"] * left, box["y"] + box["height"] * top)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * (left + width), box["y"] + box["height"] * (top + height), steps=4)
    page.mouse.up()
    expect(page.locator("[data-photos-said]")).to_have_text("Place 1 is marked.")


def test_a_photo_is_shown_and_hidden_by_plain_forms(person: Person, product: Product) -> None:
    page = at_the_desk(person, product)
    sent = Photographed(product, person)
    sent.open(page)
    expect(page.get_by_text("Not yet shown to others.")).to_be_visible()
    shown = page.locator(".photo img")
    await_that(page, lambda: shown.evaluate("(one) => one.naturalWidth") == SIZE[0]) if person.runs_scripts else None
    assert sent.public() == []

    page.get_by_role("button", name="Show photo 1").click()
    expect(page.locator("#told")).to_contain_text("The photo is shown")
    (public,) = sent.public()
    await_that(page, lambda: call(product.url, public["urls"]["large"]).status == 200)

    page.get_by_role("button", name="Hide photo 1").click()
    expect(page.locator("#told")).to_contain_text("The photo is hidden")
    assert sent.public() == []
    await_that(page, lambda: call(product.url, public["urls"]["large"]).status == 404)


def test_a_number_plate_is_blurred_for_good(person: Person, product: Product) -> None:
    page = at_the_desk(person, product)
    sent = Photographed(product, person)
    sent.open(page)
    details_of(page).locator("summary").click()
    if person.runs_scripts:
        draw_over_the_plate(page)
        near = [abs(float(got) - float(wanted)) < 1 for got, wanted in zip(places_in(page), PERCENT, strict=True)]
        assert near == [True] * 4, places_in(page)
    else:
        for name, number in zip(("From the left", "From above", "Width", "Height"), PERCENT, strict=True):
            details_of(page).get_by_label(name).first.fill(number)
    page.get_by_role("button", name="Blur and show").click()

    expect(page.locator("#told")).to_contain_text("The places are being blurred.")
    await_that(page, lambda: bool(sent.public()))
    (public,) = sent.public()
    assert public["urls"]["large"].endswith("-2/large.jpg")
    await_that(page, lambda: call(product.url, public["urls"]["large"]).status == 200)
    assert contrast(street()) > 150
    assert contrast(call(product.url, public["urls"]["large"]).body) < 60
    former = public["urls"]["large"].replace("-2/", "-1/")
    assert call(product.url, f"/v1/reports/{sent.id}{former}", headers=[sent.own]).status == 404


def test_places_are_moved_and_sized_by_keys(people: People, product: Product) -> None:
    person = people(viewport=DESK)
    page = at_the_desk(person, product)
    Photographed(product, person).open(page)
    page.locator("#queue").focus()
    page.keyboard.press("b")
    expect(details_of(page)).to_have_attribute("open", "")
    add = page.get_by_role("button", name="Add a place")
    add.press("Enter")
    for key in ("ArrowLeft", "ArrowUp", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)

    assert places_in(page) == ["38", "36", "22", "22"]
    sentence = "Place 1: 38 percent from the left, 36 from above, 22 wide, 22 high"
    expect(page.locator("[data-photos-said]")).to_have_text(sentence)
    expect(page.get_by_role("group", name=sentence)).to_be_focused()
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    assert places_in(page)[0] == "78", "A place leaves the photo."
    details_of(page).get_by_label("From the left").first.fill("10")
    expect(page.locator(".blur-box rect").first).to_have_attribute("x", "10%")
    page.locator(".blur-box").first.focus()
    page.keyboard.press("Delete")

    assert places_in(page) == []
    expect(page.locator("[data-photos-said]")).to_have_text("Place 1 is taken away.")
    expect(add).to_be_focused()


def test_keys_of_the_queue_judge_the_photo_that_waits(people: People, product: Product) -> None:
    person = people(viewport=DESK)
    page = at_the_desk(person, product)
    sent = Photographed(product, person)
    sent.open(page)
    page.locator("#queue").focus()
    page.keyboard.press("h")
    page.wait_for_url(re.compile("told=photo_hidden"))
    assert sent.photo()["decision"] == "hidden"
    page.locator("#queue").focus()
    page.keyboard.press("s")  # nothing waits any more

    assert urlsplit(page.url).query.endswith("told=photo_hidden") and sent.photo()["decision"] == "hidden"


def test_photos_that_wait_are_a_list_of_their_own(people: People, product: Product) -> None:
    person = people(viewport=DESK)
    page = at_the_desk(person, product)
    sent = Photographed(product, person)
    await_that(page, lambda: sent.photo()["state"] == "ready")
    page.get_by_label("What waits").select_option("photos")
    page.get_by_role("button", name="Show", exact=True).first.click()

    def is_listed() -> bool:
        page.reload()
        return page.locator(f'#queue a[href*="{sent.id}"]').count() == 1

    await_that(page, is_listed)
    tags = page.locator("#queue .tag.quiet").all_inner_texts()
    assert {tag.strip() for tag in tags} == {"New photos"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", ["en", "es"])
def test_photos_are_within_reach(people: People, product: Product, language: str, scheme: str, width: int) -> None:
    person = people(color_scheme=scheme, viewport={"width": width, "height": 900})
    page = at_the_desk(person, product)
    sent = Photographed(product, person, title="Water at the bridge")
    sent.open(page)
    if language == "es":
        page.goto(f"/language?to=es&next=/review?report={sent.id}")
    for details in page.locator(".photos summary").all():
        details.click()
    page.locator("[data-blur-add]").click()

    assert (violations(page), faults_of_markup(page), wider_than_window(page)) == ([], [], [])
    take_picture(page, f"review-photos-{language}-{scheme}-{width}")
