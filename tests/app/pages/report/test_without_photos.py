"""Pages of a deployment that takes no photos: they offer none."""

from tests.app.pages.conftest import Visitor
from tests.app.pages.reporting_form import JSON, id_in, sent


def test_no_page_offers_what_is_not_taken(visitor: Visitor) -> None:
    address = sent(visitor)

    for path in ("/report", address, f"/reports/{id_in(address)}"):
        page = visitor.get(path)
        assert 'type="file"' not in page.text and "photo" not in page.text.replace("photos/", "")
        assert "connect-src" not in page.headers["Content-Security-Policy"]
    assert '"photos"' not in visitor.get("/service-worker.js").text


def test_ticket_is_refused_in_words(visitor: Visitor) -> None:
    address = sent(visitor)
    at = address.replace(id_in(address), f"{id_in(address)}/photos")

    answer = visitor.client.post(at, data={"media_type": "image/jpeg", "size_bytes": "5"}, headers=JSON)

    assert answer.status_code == 404
    assert answer.json["mistake"]
