"""One's own page tells staff what they may do, and where, and residents nothing of it."""

from collections.abc import Sequence

import pytest
from flask.testing import FlaskClient

from app.accounts.areas import Area
from app.geo.box_circle import Box
from tests.app.pages.account.test_page import words
from tests.app.pages.conftest import Visitor
from tests.factories import make_account

AREAS = (Area("Bath <and> the Avon", Box(-2.5, 51.3, -2.2, 51.5)), Area("Wells", Box(-2.7, 51.1, -2.6, 51.3)))


@pytest.mark.parametrize(
    ("role", "within", "said", "not_said"),
    [
        ("resident", (), (), ("What you may do", "on record")),
        ("responder", AREAS, ("In these areas", "Bath <and> the Avon", "Wells", "on record"), ("no area is yours",)),
        ("responder", (), ("no area is yours yet", "Ask an admin"), ("In these areas",)),
        ("admin", (), ("everywhere", "accounts, invitations", "on record"), ("no area is yours", "In these areas")),
    ],
    ids=["resident", "responder", "without areas", "admin"],
)
def test_page_says_what_each_role_may_do(
    client: FlaskClient, role: str, within: Sequence[Area], said: tuple[str, ...], not_said: tuple[str, ...]
) -> None:
    visitor = Visitor(client)
    visitor.sign_in(make_account(role, within=within).username)

    shown = words(visitor.get("/me"))

    assert [text for text in said if text not in shown] == []
    assert [text for text in not_said if text in shown] == []
