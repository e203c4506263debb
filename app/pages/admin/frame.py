"""The frame of the pages of admins: the list that leads to each of them. A new page adds a line."""

from typing import Any

from flask import Response

from app.core.translations import N_
from app.http.headers import PRIVATE
from app.pages.frame.rendering import page

# The name of each page in `url_for`, and its words.
PAGES = {
    "show_figures": N_("The last 24 hours"),
    "list_accounts": N_("Accounts"),
    "list_invitations": N_("Invitations"),
    "show_switches": N_("Switches and notice"),
    "list_blocks": N_("Blocks"),
    "list_acts": N_("What staff did"),
}


def admin_page(template: str, *, status: int = 200, **values: Any) -> Response:
    """Render a page of admins, which no cache keeps."""
    return page(template, status=status, cache=PRIVATE, admin_pages=PAGES, **values)
