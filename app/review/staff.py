"""Make staff, and change the role, the areas or the suspension of an account: each with its audit row."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.accounts import api_keys, areas, registration
from app.accounts.areas import Area
from app.accounts.key_models import ApiKey
from app.accounts.models import NO_FACTOR, Account, Role
from app.core import dynamodb, retries
from app.core.errors import Conflict, Forbidden, Invalid, Mistake, NotFound, PreconditionFailed, Unavailable
from app.review import admin_acts, audit
from app.review.audit import AuditRow, By
from app.review.audit_models import COMMAND

# Reasons of a change. Codes only: no text about a person is kept for a year.
REASONS = ("appointed", "duty_ended", "area_moved", "abuse", "spam", "compromised", "resolved", "mistake", "other")
LAST_ADMIN = "This is the last admin. Make another one first."
_TRIES = 4


def make(username: str, password: str, role: Role, own_areas: Sequence[Area] = (), *, by: By) -> Account:
    """Store a new account of staff. Raises Invalid with every mistake, or Conflict if the name is taken."""
    account = registration.build(username, password, role=role)
    account.packed_areas = areas.pack(own_areas)
    after = {"role": account.role, "areas": _codes(own_areas)}
    row = audit.row(account.id, "account.role_changed", by=by, reason="appointed", before={"role": None}, after=after)
    account.create(row.put_in)
    return account


def change(
    account_id: str, values: Mapping[str, Any], *, by: By, is_seen: Callable[[Account], bool] = lambda _: True
) -> Account:
    """Change `role`, `areas`, `is_suspended`, `is_partner` of an account for a `reason`; what stays makes no row.

    Takes effect with the account's next request. Raises NotFound, PreconditionFailed, Invalid (areas of one who is no
    responder), Conflict (the last admin; another change at the same moment) or Forbidden (the caller's own rights have
    ended meanwhile).
    """
    account = Account.find(account_id)
    if account is None:
        raise NotFound("There is no such account.")
    if not is_seen(account):
        raise PreconditionFailed("The account has changed since you read it.")
    changes, rows = _changes(account, values, by)
    if rows:
        _store(account, changes, rows, by)
        account.refresh(consistent_read=True)
    return account


def reset_second_factor(account_id: str, *, by: By) -> None:
    """Take an account's second factor away and end its sign-ins; does nothing if it has none.

    Raises NotFound, Forbidden for one's own, or as `change` does.
    """
    if by.actor == account_id:
        raise Forbidden("Your own second factor is taken away by another admin. Replace it: POST /v1/me/totp.")
    account = Account.find(account_id)
    if account is None:
        raise NotFound("There is no such account.")
    if account.has_second_factor or account.totp_pending:
        row = audit.row(account.id, "second_factor.reset", by=by)
        _store(account, NO_FACTOR | {"token_version": account.token_version + 1}, [row], by)


def own_factor_rows(account: Account, action: str, *, by: By) -> list[AuditRow]:
    """Build the rows of a change of one's own second factor: of staff one, of a resident none."""
    return [] if account.role == Role.RESIDENT else [audit.row(account.id, action, by=by)]


def own_key_rows(account: Account, action: str, key: ApiKey, *, by: By) -> list[AuditRow]:
    """Build the rows of an API key that its owner makes or ends: of staff and partners one, of a resident none."""
    is_of_staff = account.role != Role.RESIDENT or account.is_partner
    return [_key_row(action, key, by)] if is_of_staff or by.actor != account.id else []


def _key_row(action: str, key: ApiKey, by: By) -> AuditRow:
    # The account is the subject, as of a second factor: its history holds its keys.
    codes, is_end = {"key": key.id, "scopes": sorted(key.scopes)}, action == "key.ended"
    return audit.row(key.account_id, action, by=by, before=codes if is_end else None, after=None if is_end else codes)


def end_key(key_id: str, *, by: By) -> ApiKey:
    """End the API key of any account, with its audit row. Raises NotFound, or as `change` does."""
    row = ApiKey.find_readable(key_id)
    account = Account.find(row.account_id) if row else None
    if row is None or account is None:
        raise NotFound("There is no such key, or it has ended.")
    api_keys.end(account, key_id, rows=lambda key: [_key_row("key.ended", key, by).put_in])
    return row


def _changes(account: Account, values: Mapping[str, Any], by: By) -> tuple[dict[str, Any], list[AuditRow]]:
    """Return the attributes to set, and a row for each kind of change."""
    changes, rows = dict[str, Any](), list[AuditRow]()

    def note(action: str, before: dict[str, Any] | None = None, after: dict[str, Any] | None = None) -> None:
        rows.append(audit.row(account.id, action, by=by, reason=values["reason"], before=before, after=after))

    role, present_areas = values.get("role", account.role), areas.unpack(account.packed_areas)
    if role != account.role:
        changes["role"] = Role(role).value
        note("account.role_changed", {"role": account.role}, {"role": changes["role"]})
    wanted_areas = areas.as_stored(_wanted_areas(role, present_areas, values))
    if wanted_areas != present_areas:
        changes["packed_areas"] = areas.pack(wanted_areas)
        note("account.areas_changed", {"areas": _codes(present_areas)}, {"areas": _codes(wanted_areas)})
    wants_suspended = values.get("is_suspended", bool(account.is_suspended))
    if wants_suspended != bool(account.is_suspended):
        changes["is_suspended"] = wants_suspended or None
        changes["suspended_for"] = values["reason"] if wants_suspended else None
        changes["token_version"] = account.token_version + 1  # no sign-in of before comes to life again
        ended = {"keys": sorted(account.api_key_ids)} if account.api_key_ids else None
        changes["api_key_ids"] = None  # none of its API keys comes to life again
        note("account.suspended" if wants_suspended else "account.restored", after=ended)
    if (is_partner := values.get("is_partner", bool(account.is_partner))) != bool(account.is_partner):
        changes["is_partner"] = is_partner or None
        note("account.partner_changed", {"is_partner": not is_partner}, {"is_partner": is_partner})
    if "role" in changes or "is_suspended" in changes:
        changes["rights_version"] = int(account.rights_version or 0) + 1  # ends what hangs on the rights of before
    return changes, rows


def _wanted_areas(role: str, present: Sequence[Area], values: Mapping[str, Any]) -> Sequence[Area]:
    """Return the areas that the account shall have: none unless it is a responder's, so that no old ones come back."""
    if role == Role.RESPONDER:
        wanted: Sequence[Area] = values.get("areas", present)
        return wanted
    if values.get("areas"):
        raise Invalid([Mistake("/areas", "role", "Only a responder has areas; an admin acts everywhere.")])
    return ()


def _codes(some_areas: Sequence[Area]) -> list[str]:
    return [area.code for area in some_areas]


def _store(account: Account, changes: dict[str, Any], rows: Sequence[AuditRow], by: By) -> None:
    """Store a change with its rows in one transaction, in which an admin other than the account still is one.

    So of several admins who demote each other at once one is left, and a demoted one changes nothing any more. A lost
    reply and a lost race look alike, so the row is looked for: only our own write has stored it.
    """
    for attempt in range(_TRIES):
        witness = _witness(account, changes, by)
        try:
            with dynamodb.transaction() as transaction:
                account.change_in(transaction, **changes)
                if witness:
                    Account.require_admin_in(transaction, witness)
                for row in rows:
                    row.put_in(transaction)
            return
        except dynamodb.FAILURES:
            if rows[0].is_stored():
                return
            _refuse_if_changed(account, by)
        retries.pause(attempt)
    raise Unavailable("The account could not be changed just now. Try again.", retry_after_s=2)


def _witness(account: Account, changes: dict[str, Any], by: By) -> str | None:
    """Return the admin who must still be one when the change is stored: who acts, or another for an admin's own end."""
    if by.actor not in (COMMAND, account.id):
        return by.actor
    ends_admin = "role" in changes or changes.get("is_suspended")
    if not (account.is_active_admin and ends_admin):
        return None
    other = Account.other_admin(account.id)
    if other is None:
        raise Conflict(LAST_ADMIN)
    return other


def _refuse_if_changed(account: Account, by: By) -> None:
    """Tell why a change was refused, if the rows show it; otherwise it may be tried again."""
    now = Account.find(account.id)
    if now is None or now.version != account.version:
        raise Conflict("The account was changed at the same moment. Read it again, then try.")
    if by.actor not in (COMMAND, account.id):
        admin_acts.require_admin(by.actor)
