"""The pages of accounts: found by name, role and suspension, and changed by plain forms with a reason."""

from collections.abc import Callable
from typing import Any

import pytest

from app.accounts import areas
from app.accounts.models import Account
from app.geo.box_circle import Box
from app.review.audit import history_of
from tests.app.pages.conftest import Visitor
from tests.codes import set_up
from tests.factories import make_account

LIST = "/admin/accounts"
WEIR = "The weir=-2.4,51.3,-2.3,51.4"


@pytest.fixture
def desk(noon: Any, signed_in: Callable[..., Visitor]) -> Visitor:
    return signed_in("admin")


def change(desk: Visitor, account: Account, act: str = "save", **said: str) -> Any:
    given = {"act": act, "reason": "appointed", "version": f"{account.version:.0f}"}
    given |= {"role": account.role, "areas": ""} if act == "save" else {}
    return desk.post(f"{LIST}/{account.id}", **(given | said))


def stored(account: Account) -> Account:
    found = Account.find(account.id)
    assert found
    return found


def areas_of(account: Account) -> list[tuple[str, Any]]:
    return [(area.name, area.extent) for area in areas.unpack(stored(account).packed_areas)]


@pytest.mark.parametrize("role", ["resident", "responder"])
def test_only_admins_see_accounts(noon: Any, signed_in: Callable[..., Visitor], role: str) -> None:
    person, other = signed_in(role), make_account()

    assert {person.get(path).status_code for path in (LIST, f"{LIST}/{other.id}")} == {403}
    assert change(person, other, role="admin").status_code == 403


def test_accounts_are_found_by_name_role_and_suspension(desk: Visitor) -> None:
    for name, role in (("river-ann", "resident"), ("River-Bob", "responder"), ("mill", "responder")):
        make_account(role, username=name)
    suspended = make_account(username="river-cat")
    change(desk, suspended, "suspend", reason="spam")

    def shown(query: str) -> list[str]:
        text = desk.get(f"{LIST}{query}").text
        return [name for name in ("river-ann", "River-Bob", "river-cat", "mill") if f"<bdi>{name}</bdi>" in text]

    assert shown("?query=RIVER") == ["river-ann", "River-Bob", "river-cat"]
    assert shown("?query=river&role=responder") == ["River-Bob"]
    assert shown("?is_suspended=true") == ["river-cat"]
    assert shown("?query=river&is_suspended=false") == ["river-ann", "River-Bob"]
    assert shown("?role=king&is_suspended=maybe&cursor=x&query=mill") == ["mill"]
    assert "No account matches." in desk.get(f"{LIST}?query=nobody").text


def test_long_list_goes_on_on_the_next_page(desk: Visitor) -> None:
    for number in range(52):
        make_account(username=f"person-{number:02}")

    first = desk.get(f"{LIST}?query=person")
    (address,) = [part.split('"')[0] for part in first.text.split('rel="next" href="')[1:]]
    second = desk.get(address.replace("&amp;", "&"))

    assert (first.text.count("data-account"), second.text.count("data-account")) == (50, 2)
    assert "person-51" in second.text and 'rel="next"' not in second.text


def test_resident_becomes_a_responder_within_lines_of_areas(desk: Visitor) -> None:
    person = make_account()

    answer = change(desk, person, role="responder", areas=f"{WEIR}\nBath")

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{LIST}/{person.id}?told=saved")
    assert [name for name, _ in areas_of(person)] == ["The weir", "Bath"]
    page = desk.get(answer.headers["Location"]).text
    assert "The account is changed." in page and f"{WEIR}\nBath</textarea>" in page
    assert {row.reason for row in history_of(person.id)} == {"appointed"}
    again = change(desk, stored(person), areas=f"{WEIR}\nBath")
    assert again.headers["Location"].endswith("told=same") and len(history_of(person.id)) == 2


def test_who_ceases_to_be_a_responder_need_not_remove_the_areas_first(desk: Visitor) -> None:
    person = make_account("responder")
    lines = "the world=-180,-90,180,90"

    refused = change(desk, person, role="admin", areas=f"{lines}\n{WEIR}")
    taken = change(desk, person, role="resident", areas=lines, reason="duty_ended")

    assert (refused.status_code, "Only a responder has areas." in refused.text) == (422, True)
    assert (taken.status_code, stored(person).role, areas_of(person)) == (303, "resident", [])


def test_wrong_lines_are_told_and_stay_as_they_were_typed(desk: Visitor) -> None:
    person = make_account()
    lines = f"{WEIR}\nXyzzyplugh\nNewport\nPier=179,0 -179,0 -179,1\nOdd=0,0 1,1"

    answer = change(desk, person, role="responder", areas=lines, reason="")

    assert answer.status_code == 422
    for sentence in (
        "No place is called “Xyzzyplugh”.",
        "“Newport” may be several places. Choose one below.",
        "“Pier=179,0 -179,0 -179,1” crosses 180 degrees, which only a box may",
        "“Odd=0,0 1,1” needs three corners or more",
    ):
        assert sentence in answer.text
    assert "Xyzzyplugh\nNewport" in answer.text and 'value="responder" selected' in answer.text
    assert areas_of(person) == []


def test_name_of_several_places_is_chosen_without_a_script(desk: Visitor) -> None:
    person = make_account()
    asked = change(desk, person, role="responder", areas=f"Newport\n{WEIR}")
    options = [part.split('"')[0] for part in asked.text.split('<option value="Newport=')[1:]]

    chosen = {"areas-named": "Newport", "areas-chosen": f"Newport={options[1]}"}
    answer = change(desk, person, role="responder", areas=f"Newport\n{WEIR}", **chosen)

    assert answer.status_code == 303
    found = areas.unpack(stored(person).packed_areas)
    assert [(area.name, area.place) for area in found] == [("Newport", options[1]), ("The weir", "")]


def test_box_over_the_date_line_is_taken(desk: Visitor) -> None:
    person = make_account()

    change(desk, person, role="responder", areas="Fiji=177,-20,-178,-15")

    assert areas_of(person) == [("Fiji", Box(177, -20, -178, -15))]


def test_account_is_suspended_and_restored_with_a_reason(desk: Visitor) -> None:
    person = make_account()

    without = change(desk, person, "suspend", reason="")
    suspended = change(desk, person, "suspend", reason="abuse")
    page = desk.get(f"{LIST}/{person.id}").text

    assert (without.status_code, "Choose a reason." in without.text) == (422, True)
    assert suspended.headers["Location"].endswith("told=suspended")
    assert stored(person).is_suspended and stored(person).suspended_for == "abuse"
    assert "End the suspension" in page and "Suspend this account" not in page
    assert change(desk, stored(person), "restore", reason="resolved").headers["Location"].endswith("told=restored")
    assert not stored(person).is_suspended
    assert [row.action for row in history_of(person.id)] == ["account.restored", "account.suspended"]


@pytest.mark.parametrize(("act", "said"), [("save", {"role": "responder"}), ("suspend", {})])
def test_last_admin_is_told_why_it_is_refused(desk: Visitor, act: str, said: dict[str, str]) -> None:
    assert desk.account

    answer = change(desk, desk.account, act, **said)

    assert (answer.status_code, "This is the last admin" in answer.text) == (409, True)
    make_account("admin")
    assert change(desk, desk.account, act, **said).headers["Location"] == "/me"


def test_change_meanwhile_is_told_with_how_it_is_now(desk: Visitor) -> None:
    person = make_account()
    change(desk, person, role="responder", areas=WEIR)

    answer = change(desk, person, role="admin")

    assert (answer.status_code, stored(person).role) == (412, "responder")
    assert "Another admin has changed this account meanwhile." in answer.text


def test_second_factor_is_taken_away_by_another_admin_only(desk: Visitor) -> None:
    assert desk.account
    person = set_up(desk.client, make_account("responder"))

    assert change(desk, desk.account, "reset").status_code == 422
    answer = change(desk, person.account, "reset")

    assert answer.headers["Location"].endswith("told=reset")
    assert not stored(person.account).has_second_factor
    assert history_of(person.account.id)[0].action == "second_factor.reset"
    assert "This account has none." in desk.get(f"{LIST}/{person.account.id}").text


def test_unknown_account_and_unknown_act_are_refused(desk: Visitor) -> None:
    person = make_account()

    assert {desk.get(f"{LIST}/{name}").status_code for name in (f"acc_{'a' * 26}", "name:bob", "x" * 300)} == {404}
    assert desk.post(f"{LIST}/acc_x", act="save").status_code == 404
    assert {change(desk, person, act).status_code for act in ("", "delete")} == {422}
    assert stored(person).version == 1
