"""Photos as people choose them, the bucket that they go to, and what the service says of them."""

import io
import re
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.local.calling import call
from tests.pages.browser import Person
from tests.pages.product import Product

FIELD = "Take or choose a photo"
# The bucket is another origin on purpose: only a page with a field for photos may reach it.
BUCKET = r"http://127\.0\.0\.1:\d+/floodmanager-local-photos"
LEAVES = f"leaves the origin: {BUCKET}"
UNSHOWN = "Not yet shown to others."
TURNED = 6  # the camera was held upright: shown a quarter turn to the right


def photo(name: str = "IMG_1.jpg", *, size: tuple[int, int] = (2400, 1800), turned: int = 1) -> dict[str, Any]:
    """Return a file as a camera makes one, for `set_input_files`."""
    image = Image.new("RGB", size, (88, 118, 150))
    ImageDraw.Draw(image).rectangle((0, size[1] // 2, *size), fill=(60, 90, 110))
    exif = Image.Exif()
    exif[0x112] = turned
    exif[0x010F] = "A maker of cameras"
    content = io.BytesIO()
    image.save(content, "JPEG", quality=90, exif=exif)
    return {"name": name, "mimeType": "image/jpeg", "buffer": content.getvalue()}


def choose(page: Page, *files: dict[str, Any], there: int | None = None) -> None:
    """Choose files in the field, and wait until that many are listed."""
    expect(page.locator("#photo-chooser")).to_be_visible()  # its scripts come when the step is near
    page.get_by_label(FIELD).set_input_files(list(files))
    expect(page.locator("#photo-list > li")).to_have_count(len(files) if there is None else there)


def own(product: Product, page: Page) -> list[Any]:
    """Return the photos of the report whose page for its reporter is open, as the API tells its reporter."""
    found = re.search(r"/report/sent/(\w+)\?.*token=([^&#]+)", page.url)
    assert found, page.url
    token = [("Authorization", f"Bearer {found[2]}")]
    return list(call(product.url, f"/v1/reports/{found[1]}", headers=token).json["photos"])


def expecting(person: Person, *more: str) -> Person:
    """Let a person reach the bucket."""
    return person.expect(LEAVES, *more)
