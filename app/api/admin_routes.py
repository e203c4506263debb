"""Routes of admins: accounts, their roles, areas and suspensions."""

from typing import Any

from flask import Response, request

from app.accounts import directory
from app.accounts.auth import Who, lock
from app.accounts.directory import AccountQuery
from app.accounts.models import Account, Role
from app.api import exact_places
from app.api.admin_schemas import (
    AccountChangeSchema,
    AccountListSchema,
    AccountsQuery,
    ListedAccountSchema,
    listed_form,
)
from app.http import cursors, paging
from app.http.answers import json_answer
from app.http.headers import IF_MATCH, PRIVATE, keep_private
from app.http.schemas import Blueprint, NoQuery
from app.review import staff

blueprint = Blueprint("admin", __name__, description="Accounts, roles and areas, for admins.")
ID = "<account_id>"
POSITION = r"(?s).{1,200}"  # a folded user name


blueprint.after_request(keep_private)


@blueprint.get("/v1/admin/accounts")
@blueprint.arguments(AccountsQuery, location="query")
@blueprint.response(200, AccountListSchema)
@lock(Who.ADMIN)
def list_accounts(query: dict[str, Any]) -> Response:
    """List accounts by user name: all, those whose name has a beginning, those of a role, suspended ones.

    A page may be short, even empty, with more behind it: `next_cursor` tells. The index may be a second behind a write.
    """
    filters = cursors.filters_of(query) | {"list": "accounts"}
    after = cursors.read_or_refuse(query, filters=filters, position=POSITION) or ""
    page = directory.find(
        AccountQuery(
            begins=query.get("query", ""),
            roles=[query["role"]] if "role" in query else tuple(Role),
            is_suspended=query["is_suspended"] == "true" if "is_suspended" in query else None,
            limit=query["limit"],
            after=after,
        )
    )
    following = cursors.write(page.next_after, filters=filters) if page.next_after else None
    return paging.page_answer([listed_form(account) for account in page.accounts], next_cursor=following, cache=PRIVATE)


@blueprint.patch(f"/v1/admin/accounts/{ID}")
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(AccountChangeSchema)
@blueprint.response(200, ListedAccountSchema)
@lock(Who.ADMIN)
def change_account(values: dict[str, Any], account_id: str) -> Response:
    """Change an account's role, areas or suspension, for a reason that is kept in the audit.

    Takes effect with the person's next request. The last admin can neither be demoted nor suspended (409). With
    `If-Match`, only the version named is changed.
    """
    account = staff.change(account_id, values, by=exact_places.by(), is_seen=_is_seen)
    return json_answer(listed_form(account), cache=PRIVATE, headers={"ETag": _etag(account)})


@blueprint.delete(f"/v1/admin/accounts/{ID}/totp")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(204)
@lock(Who.ADMIN)
def reset_second_factor(account_id: str) -> Response:
    """Take another account's second factor away, for a person who has lost both the app and the recovery codes.

    Its sign-ins end; the next one asks the password alone. Kept in the audit. One's own can only be replaced (403).
    """
    staff.reset_second_factor(account_id, by=exact_places.by())
    return Response(status=204)


def _etag(account: Account) -> str:
    return f'"v{account.version:.0f}"'


def _is_seen(account: Account) -> bool:
    """Return whether If-Match names this version; also without it."""
    return "If-Match" not in request.headers or request.if_match.contains(_etag(account).strip('"'))
