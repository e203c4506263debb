"""One's own sessions by the API: listed, and ended from the next request on."""

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient

from app.accounts import registration, sessions, tokens
from app.accounts.models import Account, Role
from app.accounts.session_models import RefreshFamily
from tests.app.accounts.conftest import bearer
from tests.app.pages.conftest import Visitor
from tests.codes import set_up
from tests.factories import PASSWORD, make_account
from tests.reporting import mistakes_of

PATH = "/v1/me/sessions"
FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0"
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 24 * 3600


class Person:
    """A person who signs in by the API, on several devices."""

    def __init__(self, client: FlaskClient, name: str = "", role: str = "resident") -> None:
        self.client, self.account = client, make_account(role, username=name)

    def sign_in(self, user_agent: str = "", **headers: str) -> dict[str, Any]:
        body = {"username": self.account.username, "password": PASSWORD}
        answer = self.client.post("/v1/tokens", json=body, headers={"User-Agent": user_agent, **headers})
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def list(self, pair: dict[str, Any], query: str = "") -> Any:
        answer = self.client.get(PATH + query, headers=bearer(pair["access_token"]))
        assert answer.status_code == 200, answer.text
        return answer.json

    def end(self, pair: dict[str, Any], session_id: str = "") -> int:
        address = f"{PATH}/{session_id}" if session_id else PATH
        return self.client.delete(address, headers=bearer(pair["access_token"])).status_code

    def statuses(self, pair: dict[str, Any]) -> tuple[int, int]:
        """Of the access token in hand, and of the refresh token."""
        me = self.client.get("/v1/me", headers=bearer(pair["access_token"]))
        again = self.client.post("/v1/tokens/refresh", json={"refresh_token": pair["refresh_token"]})
        return me.status_code, again.status_code


def id_of(pair: dict[str, Any]) -> str:
    """The session of an access token, also of one that has expired."""
    return str(jwt.decode(pair["access_token"], options={"verify_signature": False})["family"])


@pytest.fixture
def ada(client: FlaskClient, noon: Any) -> Person:
    return Person(client, "Ada")


def enter_pages(app: Any, user_agent: str = "") -> Visitor:
    """Ada's browser, in which she has signed in on the pages."""
    page = Visitor(app.test_client())
    page.client.environ_base["HTTP_USER_AGENT"] = user_agent
    assert page.sign_in("ada").status_code == 303
    return page


def test_sessions_are_listed_newest_first_with_what_tells_them_apart(ada: Person, app: Any, noon: Any) -> None:
    old = ada.sign_in("curl/8.11.0")
    noon.shift(HOUR_S)
    page_id = tokens.read(enter_pages(app, FIREFOX).cookie, tokens.Use.SESSION).family
    noon.shift(HOUR_S)
    new = ada.sign_in("Anything/1", **{"Device-Token": old["device_token"]})

    body = ada.list(new)

    assert [item["id"] for item in body["items"]] == [id_of(new), page_id, id_of(old)]
    assert body["items"][1] == {
        "id": page_id,
        "began_at": "2026-11-21T13:00:00Z",
        "last_used_at": "2026-11-21T13:00:00Z",
        "expires_at": "2026-11-22T01:00:00Z",
        "is_current": False,
        "kind": "pages",
        "device": "Firefox, Android",
        "is_known_device": False,
        "has_second_factor": False,
    }
    told = [(item["kind"], item["device"], item["is_known_device"], item["is_current"]) for item in body["items"]]
    assert told[::2] == [("api", None, True, True), ("api", "curl", False, False)]
    assert (body["next_cursor"], body["missing"], body["complete_to"]) == (None, [], None)


def test_times_follow_the_use_and_the_role(client: FlaskClient, noon: Any) -> None:
    person = Person(client, role="responder")
    pair = person.sign_in()
    noon.shift(10 * MINUTE_S)

    (item,) = person.list(pair)["items"]

    assert (item["last_used_at"], item["expires_at"]) == ("2026-11-21T12:10:00Z", "2026-11-21T12:40:00Z")
    Account.get(person.account.id).change(role=Role.RESIDENT.value)
    assert person.list(pair)["items"][0]["expires_at"] == "2026-11-22T00:10:00Z"


def test_list_shows_no_secret_address_or_raw_text(ada: Person) -> None:
    pair = ada.sign_in(FIREFOX)

    text = ada.client.get(PATH, headers=bearer(pair["access_token"])).text

    secrets = [pair["access_token"], pair["refresh_token"], pair["device_token"], "Mozilla", "133", "127.0.0.1"]
    assert [secret for secret in secrets if secret in text] == []
    rows = f"{RefreshFamily.stored_image(id_of(pair))} {Account.stored_image(ada.account.id)}"
    assert "firefox-android" in rows
    assert [raw for raw in ("Mozilla", "133", "127.0.0") if raw in rows] == []


def test_id_of_a_session_opens_nothing(ada: Person) -> None:
    session_id = id_of(ada.sign_in())

    assert ada.client.get("/v1/me", headers=bearer(session_id)).status_code == 401
    assert ada.client.post("/v1/tokens/refresh", json={"refresh_token": session_id}).status_code == 401
    ada.client.set_cookie(sessions.cookie_name(), session_id)
    assert ada.client.get("/me", headers={"Accept": "text/html"}).status_code == 303


def test_session_with_a_second_factor_says_so(client: FlaskClient, noon: Any) -> None:
    person = set_up(client, make_account(username="river-watcher"))

    (item,) = client.get(PATH, headers=person.headers).json["items"]

    assert item["has_second_factor"] is True


def _by_new_password(person: Person) -> None:
    headers = bearer(person.sign_in()["access_token"])
    for old, new in ((PASSWORD, "another long wet november"), ("another long wet november", PASSWORD)):
        values = {"password": new, "current_password": old}
        assert person.client.patch("/v1/me", json=values, headers=headers).status_code == 200
        body = {"username": person.account.username, "password": new}
        headers = bearer(person.client.post("/v1/tokens", json=body).json["access_token"])
    person.client.delete("/v1/tokens", headers=headers)


def _everywhere(person: Person) -> None:
    registration.sign_out_everywhere(Account.get(person.account.id))


@pytest.mark.parametrize("end_all", [_by_new_password, _everywhere])
def test_ended_and_expired_sessions_are_not_listed(ada: Person, noon: Any, end_all: Callable[[Person], None]) -> None:
    ada.sign_in()
    end_all(ada)
    idle = ada.sign_in()
    noon.shift(12 * HOUR_S + 1)
    left = ada.sign_in()
    ada.client.delete("/v1/tokens", headers=bearer(left["access_token"]))
    pair = ada.sign_in()

    assert [item["id"] for item in ada.list(pair)["items"]] == [id_of(pair)]
    assert RefreshFamily.find(id_of(idle)) is not None, "its row is still stored"


def test_one_session_is_ended_with_the_access_token_in_hand(ada: Person) -> None:
    lost, kept, own = ada.sign_in(), ada.sign_in(), ada.sign_in()

    assert ada.end(own, id_of(lost)) == 204

    assert ada.statuses(lost) == (401, 401)
    assert ada.statuses(kept) == ada.statuses(own) == (200, 200)
    assert ada.end(own, id_of(lost)) == 404, "it is not there any more"


def test_session_of_the_pages_is_ended_from_an_app(ada: Person, app: Any) -> None:
    page = enter_pages(app)
    own = ada.sign_in()

    assert ada.end(own, tokens.read(page.cookie, tokens.Use.SESSION).family) == 204

    assert not page.is_known


def test_own_session_is_ended_too(ada: Person) -> None:
    other, own = ada.sign_in(), ada.sign_in()

    assert ada.end(own, id_of(own)) == 204

    assert ada.statuses(own) == (401, 401)
    assert ada.statuses(other) == (200, 200)


def test_all_others_are_ended_and_this_one_goes_on(ada: Person, app: Any) -> None:
    page, others, own = enter_pages(app), [ada.sign_in() for _ in range(3)], ada.sign_in()

    assert [ada.end(own), ada.end(own)] == [204, 204], "safe to repeat"

    assert [item["id"] for item in ada.list(own)["items"]] == [id_of(own)]
    assert {ada.statuses(other) for other in others} == {(401, 401)}
    assert not page.is_known
    assert ada.statuses(own) == (200, 200)
    assert ada.statuses(ada.sign_in()) == (200, 200)


def test_all_others_include_one_that_no_index_names_yet(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    other, own = ada.sign_in(), ada.sign_in()
    monkeypatch.setattr(RefreshFamily.by_account, "query", lambda *_, **__: iter(()))

    assert ada.end(own) == 204

    assert ada.statuses(other) == (401, 401)
    assert [item["id"] for item in ada.list(own)["items"]] == [id_of(own)], "this one is listed all the same"


def test_sessions_of_another_person_are_neither_shown_nor_ended(ada: Person, client: FlaskClient) -> None:
    eve = Person(client, "Eve")
    own, foreign = eve.sign_in(), ada.sign_in()

    assert eve.end(own, id_of(foreign)) == 404
    assert eve.end(own) == 204

    assert ada.statuses(foreign) == (200, 200)
    assert [item["id"] for item in eve.list(own)["items"]] == [id_of(own)]


BAD_IDS = ["x", "fam_", "fam_x", "fam_" + "0" * 26, "FAM_" + "0" * 26, "acc_" + "0" * 26, "gone:acc_1", "fam_%00", "~"]
BAD_IDS += ["fam_" + "a" * 3000, "fam_é", "%2e%2e", "fam_1;x", "fam_ 1", "name:ada"]


@pytest.mark.parametrize("session_id", BAD_IDS)
def test_id_that_is_none_is_not_found(ada: Person, session_id: str) -> None:
    pair = ada.sign_in()

    assert ada.end(pair, session_id) == 404
    assert ada.statuses(pair) == (200, 200)


def test_departure_in_the_same_table_cannot_be_ended(ada: Person, client: FlaskClient) -> None:
    leaver = make_account(username="leaver")
    leaver.remove(keeps_texts=False)

    assert ada.end(ada.sign_in(), f"gone:{leaver.id}") == 404


def test_only_access_tokens_list_and_end(ada: Person) -> None:
    pair = ada.sign_in()
    visitor = ada.client.post("/v1/visitors").json["visitor_token"]
    edit = tokens.edit_token("rep_" + "a" * 26, since_ms=1_795_262_400_000)
    calls = [("GET", PATH), ("DELETE", PATH), ("DELETE", f"{PATH}/{id_of(pair)}")]
    tried = {
        "": 401,
        visitor: 401,
        pair["refresh_token"]: 401,
        pair["device_token"]: 401,
        "fm_key_secret": 401,
        edit: 403,
    }

    for token, status in tried.items():
        headers = bearer(token) if token else {}
        for method, address in calls:
            assert ada.client.open(address, method=method, headers=headers).status_code == status, (token, method)
    assert ada.statuses(pair) == (200, 200)


def test_a_cookie_ends_nothing_by_the_api(ada: Person, client: FlaskClient) -> None:
    page = Visitor(client)
    page.sign_in("ada")

    assert client.delete(PATH, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 401
    assert page.is_known


@pytest.mark.parametrize(
    ("query", "mistakes"),
    [
        ("?limit=0", {("limit", "range")}),
        ("?limit=101&since=1", {("limit", "range"), ("since", "unknown")}),
        ("?cursor=x", {("cursor", "cursor")}),
    ],
)
def test_bad_query_is_refused_with_its_mistakes(ada: Person, query: str, mistakes: set[tuple[str, str]]) -> None:
    headers = bearer(ada.sign_in()["access_token"])

    assert mistakes_of(ada.client.get(PATH + query, headers=headers)) == mistakes
