"""A developer: from the API's page to a first authorised request, in the real Swagger UI."""

from playwright.sync_api import Page, expect

from tests.pages.conftest import People
from tests.pages.product import Product

DESK = {"width": 1280, "height": 900}


def try_out(page: Page, operation: str) -> str:
    """Open an operation, send it as it is offered, and give the status of its answer."""
    method, path = operation.split()
    block = page.locator(f'.opblock-{method.lower()}:has([data-path="{path}"])').first
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()
    answer = block.locator(".live-responses-table .response .response-col_status").first
    expect(answer).to_be_visible()
    return answer.inner_text().split()[0]


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
    person = people(viewport=DESK).expect("401")
    page = person.open("/docs")
    expect(page.locator(".opblock").first).to_be_visible()

    assert try_out(page, "GET /v1/me") == "401"
    page.reload()
    authorize(page, token)

    assert try_out(page, "GET /v1/me") == "200"


def test_report_is_filed_from_the_docs(people: People) -> None:
    page = people(viewport=DESK).open("/docs")

    assert try_out(page, "POST /v1/reports") in ("200", "201")


def test_docs_without_scripts_list_every_operation(people: People, product: Product) -> None:
    described = product.listed("/openapi.json")["paths"]
    page = people(javascript=False).open("/docs")

    text = page.get_by_role("main").inner_text()

    assert [path for path in described if path not in text] == []
