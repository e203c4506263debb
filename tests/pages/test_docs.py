"""A developer: from the API's page to a first authorised request, in the real Swagger UI."""

import secrets

from playwright.sync_api import Locator, Page, expect

from tests.pages.audit import violations
from tests.pages.conftest import People
from tests.pages.product import Product

DESK = {"width": 1280, "height": 900}


def operation(page: Page, method: str, path: str) -> Locator:
    """One operation, opened and ready to be filled in."""
    block = page.locator(f'.opblock-{method}:has([data-path="{path}"])').first
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    return block


def execute(block: Locator, status: str) -> None:
    block.get_by_role("button", name="Execute").click()
    expect(block.locator(".live-responses-table .response-col_status").last).to_contain_text(status)


def authorize(page: Page, token: str) -> None:
    page.get_by_role("button", name="Authorize").first.click()
    dialog = page.locator(".modal-ux")
    dialog.get_by_role("textbox").first.fill(token)
    dialog.get_by_role("button", name="Apply credentials").or_(
        dialog.get_by_role("button", name="Authorize")
    ).first.click()
    dialog.get_by_role("button", name="Close").last.click()


def test_first_authorised_request_from_the_docs(people: People, product: Product) -> None:
    _, token = product.register()
    page = people(viewport=DESK).expect("401").open("/docs")
    own = operation(page, "get", "/v1/me")

    execute(own, "401")
    authorize(page, token)

    execute(own, "200")


def test_report_is_filed_from_the_docs_as_they_offer_it(people: People) -> None:
    page = people(viewport=DESK).open("/docs")
    filing = operation(page, "post", "/v1/reports")

    filing.get_by_placeholder("Idempotency-Key").fill(secrets.token_hex(16))

    execute(filing, "201")


def test_docs_without_scripts_list_every_operation(people: People, product: Product) -> None:
    described = product.listed("/openapi.json")["paths"]
    page = people(javascript=False).open("/docs")

    text = page.get_by_role("main").inner_text()

    assert [path for path in described if path not in text] == []


def test_operations_that_are_open_shut_nobody_out(people: People) -> None:
    page = people(viewport=DESK).open("/docs")
    for method, path in (("get", "/v1/reports"), ("post", "/v1/reports"), ("delete", "/v1/reports/{report_id}")):
        expect(operation(page, method, path).get_by_role("button", name="Execute")).to_be_visible()

    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        expect(page.locator("html.dark-mode")).to_have_count(int(theme == "dark"))
        assert violations(page) == [], theme

    page.get_by_role("button", name="Authorize").first.click()
    expect(page.locator(".modal-ux")).to_be_visible()
    assert violations(page) == []
