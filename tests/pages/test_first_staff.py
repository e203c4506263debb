"""From an empty deployment to a decision on record: first admin, invitation, second factor, review, audit."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.local.local_run import WITHOUT_PLACES
from tests.pages.audit import faults_of_markup, violations, wider_than_window
from tests.pages.browser import DESK, PHONE, Person
from tests.pages.conftest import CHOSEN, served
from tests.pages.product import PASSWORD, PLACE, ROOT, Product, await_that, unique
from tests.pages.second_factors import code_of, confirm

WEIR = "The weir=-2.5,51.3,-2.2,51.5"
LINK = r"http://[^ ]+/invitation#fi_[0-9a-z]{58}"
STATUS = ("Accept", "application/json")
pytestmark = pytest.mark.skipif(bool(CHOSEN), reason="begins with an empty deployment")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product without accounts and reports, in which staff need a second factor."""
    folder = tmp_path_factory.mktemp("empty") / "data"
    yield from served(folder, *WITHOUT_PLACES, demo=0, FLOOD_STAFF_SECOND_FACTOR="required")


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def scripted(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def admin(empty: Product, browser: Browser, scripted: bool) -> Iterator[Person]:
    person = Person(browser, empty.url, javascript=scripted, viewport=DESK, service_workers="allow")
    yield person
    person.close()


@pytest.fixture
def invited(empty: Product, browser: Browser, scripted: bool) -> Iterator[Person]:
    person = Person(browser, empty.url, javascript=scripted, viewport=PHONE, service_workers="allow")
    yield person
    person.close()


def command(product: Product, *words: str) -> str:
    """Run a flask command on the deployment, as those who run it do on its terminal."""
    wanted = [sys.executable, "-m", "infra.local.command", "--data", str(product.folder), *words]
    done = subprocess.run(
        wanted, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def is_for_all(person: Person, page: Page) -> None:
    if person.runs_scripts:  # axe-core waits for timers, which run only then
        assert violations(page) == []
    assert faults_of_markup(page) == []
    assert wider_than_window(page) == []


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def sign_in(person: Person, name: str, password: str = PASSWORD) -> Page:
    page = person.open("/sign-in")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    press(page, "Sign in")
    return page


def set_up_second_factor(person: Person, page: Page) -> str:
    """Set up what staff need before all else; return the secret of the app."""
    expect(page).to_have_url(re.compile("/me/second-factor$"))
    page.get_by_label("Current password").fill(PASSWORD)
    press(page, "Set it up")
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    confirm(person, page, secret)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    return secret


def invite(person: Person, page: Page, note: str) -> str:
    """Invite a responder for the area around the weir, and return the link that is shown once."""
    person.open("/admin/invitations", page)
    page.get_by_label("Areas", exact=True).fill(WEIR)
    page.get_by_label("Note").fill(note)
    press(page, "Make the invitation")
    expect(page.get_by_role("heading", name="The invitation is made")).to_be_visible()
    is_for_all(person, page)
    return page.locator("#link").input_value()


def accept(person: Person, link: str, name: str) -> Page:
    """Open the link; where no script takes it from the address, paste it; and make an account."""
    page = person.open(link.removeprefix(person.origin))
    field = page.get_by_label("Link of the invitation")
    if person.runs_scripts:
        expect(field).to_have_value(link.partition("#")[2])
        assert "#" not in page.url
    else:
        field.fill(link)
    is_for_all(person, page)
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Make the account and accept")
    return page


def verify(page: Page, title: str) -> None:
    """Verify the report under this title, once it has come into the queue."""
    row = page.locator("#queue a", has_text=title)
    await_that(page, lambda: row.count() or page.reload() is None and row.count())
    row.first.click()
    page.locator("#verify summary").click()
    page.locator("#verify").get_by_role("radio").first.check()
    page.locator("#verify").get_by_role("button").click()
    expect(page.get_by_text("The decision is stored.")).to_be_visible()


def acts(page: Page, query: str) -> list[str]:
    page.goto(f"/admin/audit?{query}")
    return page.locator("[data-act] h2").all_inner_texts()


def test_first_admin_invites_a_responder_who_decides_on_record(empty: Product, admin: Person, invited: Person) -> None:
    chief, keeper = unique("chief").replace(" ", "-"), unique("keeper").replace(" ", "-")
    title = unique("Water at the weir")
    command(empty, "create-admin", chief, "--password", PASSWORD)

    desk = sign_in(admin, chief)
    set_up_second_factor(admin, desk)
    report = empty.file(title=title, location=PLACE)
    link = invite(admin, desk, f"For {keeper}")
    assert re.fullmatch(LINK, link)

    phone = accept(invited, link, keeper)
    secret = set_up_second_factor(invited, phone)
    phone.goto("/me")
    press(phone, "Sign out")
    phone = sign_in(invited, keeper)
    phone.get_by_label("Code", exact=True).fill(code_of(secret, 1))
    press(phone, "Sign in")
    phone.goto("/review")
    verify(phone, title)

    assert status_of(empty, report["id"]) == "verified"
    is_on_record(desk, chief, keeper)
    assert command(empty, "audit", "--subject", report["id"]).count("report.verified") == 1
    is_refused(admin, link)


def is_on_record(page: Page, chief: str, keeper: str) -> None:
    """Find all of it in the audit, by who did it and about whom."""
    keeper_id, done = id_of(page, keeper), acts(page, f"actor={keeper}")
    for act in ("Report verified", "Signed in", "Second factor set up", "Invitation used"):
        assert any(act in one for one in done), (act, done)
    assert any("Role changed" in one for one in acts(page, f"subject={keeper_id}"))
    assert any("Invitation made" in one for one in acts(page, f"actor={chief}&action=invitation.made"))


def id_of(page: Page, name: str) -> str:
    page.goto(f"/admin/accounts?query={name}")
    return page.locator("[data-account]").get_attribute("data-account") or ""


def status_of(product: Product, report_id: str) -> Any:
    return product.get(f"/v1/reports/{report_id}", STATUS).json["status"]


def is_refused(person: Person, link: str) -> None:
    """The link works once: another person who opens it reads why."""
    person.expect("409")
    page = person.open("/invitation")
    page.get_by_label("Link of the invitation").fill(link)
    page.get_by_label("Your password").fill(PASSWORD)
    press(page, "Accept with this account")
    expect(page.get_by_role("alert")).to_contain_text("This invitation was used.")


def test_invitation_of_the_command_line_works_too(empty: Product, invited: Person) -> None:
    told = command(empty, "invite", "--area", WEIR, "--note", "From the terminal")
    (token,) = re.findall(r"/invitation#(fi_[0-9a-z]{58})", told)

    page = accept(invited, f"{empty.url}/invitation#{token}", unique("warder").replace(" ", "-"))

    set_up_second_factor(invited, page)
    assert Path(str(empty.folder)).is_dir()
