"""A page of the export of a person's own data, for the API and for the file that the pages offer.

Reports, sign-ins, what was said about reports, and acts of staff advance together: each page has the next part of each.
Its cursor holds the position in each list, `-` for one that has ended; one of an earlier release has fewer.
docs/security.md names the rows that hold a person's id and are not here.
"""

from typing import Any, NamedTuple

from app.accounts import devices, new_sign_ins, session_limits
from app.accounts.invitation_models import Invitation
from app.accounts.key_models import ApiKey
from app.accounts.models import Account
from app.accounts.new_sign_ins import NewSignIn
from app.accounts.session_models import RefreshFamily
from app.alerts import managing
from app.alerts.subscription_models import Subscription
from app.api.account_schemas import account_form
from app.api.block_schemas import block_form
from app.api.exported_schemas import ExportedAccountSchema
from app.api.key_schemas import key_form
from app.api.photo_views import photo_forms
from app.api.report_schemas import full_form
from app.api.subscription_schemas import subscription_form
from app.core import clock, missing
from app.http import cursors, paging
from app.mail.models import Delivery
from app.photos.standing import OF_REPORTER
from app.reports.entry import NEWER_THAN_ALL
from app.reports.models import POSITION as REPORT_POSITION
from app.reports.models import Report
from app.review import audit, audit_search
from app.review.audit import AuditRow
from app.review.audit_search import AuditQuery
from app.review.block_models import Block
from app.review.vote_models import VoteRow

_ENDED = "-"
_SIGN_IN = r"fam_[a-z0-9]{1,40}"
_LATEST_MS = 1 << 53
_ACT = rf"{NEWER_THAN_ALL}|aud_[a-z0-9]{{1,60}}|{_ENDED}"
POSITION = (
    rf"({REPORT_POSITION}|{_ENDED})/({NEWER_THAN_ALL}|{_SIGN_IN}|{_ENDED})(/([0-9]{{1,16}}|{_ENDED})(/({_ACT}))?)?"
)
START = f"{NEWER_THAN_ALL}/{NEWER_THAN_ALL}/{_LATEST_MS}/{NEWER_THAN_ALL}"
MOST_ACTS = 300


class ExportPage(NamedTuple):
    """The body of an answer, and the cursor of the next page or None."""

    body: dict[str, Any]
    next_cursor: str | None


def filters_of(account: Account) -> dict[str, str]:
    """Return what a cursor of an export is bound to: the list and the person."""
    return {"list": "export", "account": account.id}


def read_page(account: Account, position: str, *, limit: int, host: str = "") -> ExportPage:
    """Return the page of an account's data at a position; at most `limit` sign-ins and `limit` reports.

    `host`: the beginning of its links, for a file that is read elsewhere.
    The account costs nothing, because the lock has read it, so that it is on every page.
    """
    before_report, before_sign_in, before_said, before_act = [*position.split("/"), _ENDED, _ENDED][:4]
    reports, next_report = _read_reports(account, before_report, limit)
    sign_ins, next_sign_in = missing.read_or(
        missing.SIGN_INS, lambda: _read_sign_ins(account, before_sign_in, limit), ([], before_sign_in)
    )
    said, next_said = _read_said(account, before_said, limit)
    staff_acts, next_act = missing.read_or(
        missing.STAFF_ACTS, lambda: _read_staff_acts(account, before_act, limit), ([], before_act)
    )
    next_cursor = _next_cursor(account, report=next_report, sign_in=next_sign_in, said=next_said, act=next_act)
    body = {
        "exported_at": clock.rfc3339(clock.now_ms()),
        "account": ExportedAccountSchema().dump(_account_form(account)),
        "sign_ins": [_sign_in_form(sign_in, account) for sign_in in sign_ins],
        "reports": [_report_form(report) for report in reports],
        "api_keys": _api_keys(account) if position == START else [],
        "votes": [_vote_form(row) for row in said if row.is_vote],
        "flags": [_flag_form(row) for row in said if row.is_flag],
        "messages": [_message_form(row) for row in _messages(account)] if position == START else [],
        "subscriptions": _subscriptions(account) if position == START else [],
        "invitation": _invitation_form(account) if position == START else None,
        "acts": [_act_form(row) for row in _acts(account)] if position == START else [],
        "staff_acts": [_staff_act_form(row) for row in staff_acts],
        "blocks": _read_blocks(account) if position == START else [],
        "next_cursor": next_cursor,
        "missing": missing.names(),
        "links": [{**link, "href": host + link["href"]} for link in paging.links(next_cursor)],
    }
    return ExportPage(body, next_cursor)


def _next_cursor(account: Account, *, report: str, sign_in: str, said: str, act: str) -> str | None:
    """Return the cursor of the next page, or None.

    What could not be read is tried again on the next page, but alone it makes none: a client would ask for ever.
    """
    unread = [missing.SIGN_INS in missing.names(), missing.STAFF_ACTS in missing.names()]
    is_open = [following != _ENDED for following in (report, said)]
    is_open += [position != _ENDED and not lacks for position, lacks in zip((sign_in, act), unread, strict=True)]
    return cursors.write(f"{report}/{sign_in}/{said}/{act}", filters=filters_of(account)) if any(is_open) else None


def _account_form(account: Account) -> dict[str, Any]:
    own = {"username_folded": account.username_folded, "has_second_factor": account.has_second_factor}
    own["is_partner"] = bool(account.is_partner)
    return account_form(account) | own | {"new_sign_ins": [_new_sign_in_form(one) for one in new_sign_ins.of(account)]}


def _new_sign_in_form(one: NewSignIn) -> dict[str, Any]:
    return {"id": one.session_id, "at": clock.rfc3339(one.at_ms), "device": devices.name_of(one.device) or None}


def _read_reports(account: Account, before: str, limit: int) -> tuple[list[Report], str]:
    if before == _ENDED:
        return [], _ENDED
    reports, position = Report.page_of_account(account.id, before=before, limit=limit)
    return reports, position or _ENDED


def _read_sign_ins(account: Account, before: str, limit: int) -> tuple[list[RefreshFamily], str]:
    if before == _ENDED:
        return [], _ENDED
    sign_ins, position = RefreshFamily.page_of_account(account.id, before=before, limit=limit)
    return sign_ins, position or _ENDED


def _read_said(account: Account, before: str, limit: int) -> tuple[list[VoteRow], str]:
    if before == _ENDED:
        return [], _ENDED
    said, before_ms = VoteRow.page_of_account(account.id, before_ms=int(before), limit=limit)
    return said, str(before_ms) if before_ms else _ENDED


def _read_staff_acts(account: Account, before: str, limit: int) -> tuple[list[AuditRow], str]:
    """Return what the account did as a member of staff. A page may hold fewer where rows are large."""
    if before == _ENDED:
        return [], _ENDED
    page = audit_search.find(
        AuditQuery(actor=account.id, before=None if before == NEWER_THAN_ALL else before, limit=limit)
    )
    return page.rows, page.next_before or _ENDED


def _api_keys(account: Account) -> list[dict[str, Any]]:
    """Return all API keys that are stored, also those that have ended; they are few."""
    counted = account.api_key_ids or ()
    return missing.read_or(
        missing.API_KEYS,
        lambda: [key_form(row, is_counted=row.id in counted) for row in ApiKey.all_of(account.id)],
        list[dict[str, Any]](),
    )


def _subscriptions(account: Account) -> list[dict[str, Any]]:
    """Return the subscriptions to alerts that the account has made and not stopped."""
    rows = missing.read_or(missing.SUBSCRIPTIONS, lambda: managing.of_account(account.id), list[Subscription]())
    return [subscription_form(row) for row in rows]


def _acts(account: Account) -> list[AuditRow]:
    """Return the audit rows about the account: changes of its role, and what it has seen of exact places."""
    return audit.history_of(account.id, MOST_ACTS)


def _invitation_form(account: Account) -> dict[str, Any] | None:
    row = Invitation.find(account.invitation_id) if account.invitation_id else None
    if row is None or row.used_at_ms is None:
        return None
    moments = {"created_at": clock.rfc3339(int(row.created_at_ms)), "used_at": clock.rfc3339(int(row.used_at_ms))}
    return {"id": row.id, "note": row.note or "", **moments}


def _read_blocks(account: Account) -> list[dict[str, str]]:
    """Return the blocks of the account that are in force or have ended recently."""
    rows = missing.read_or(missing.BLOCKS, lambda: Block.of_account(account.id), list[Block]())
    forms = (block_form(row) for row in rows if row.is_listed)
    return [{name: form[name] for name in ("id", "reason", "made_at", "ends_at")} for form in forms]


def _messages(account: Account) -> list[Delivery]:
    return missing.read_or(missing.MESSAGES, lambda: Delivery.of_account(account.id), [])


def _message_form(row: Delivery) -> dict[str, Any]:
    at = {"made_at": clock.rfc3339(int(row.made_at_ms)), "changed_at": clock.rfc3339(int(row.changed_at_ms))}
    return {"kind": row.kind, "state": row.state, "reason": row.reason, **at}


def _vote_form(row: VoteRow) -> dict[str, Any]:
    depth_cm = None if row.depth_cm is None else float(row.depth_cm)
    return _said_form(row) | {"condition": row.condition, "depth_cm": depth_cm}


def _flag_form(row: VoteRow) -> dict[str, Any]:
    return _said_form(row) | {"reason": row.reason, "note": row.note}


def _said_form(row: VoteRow) -> dict[str, Any]:
    return {"report_id": row.report_id, "said_at": clock.rfc3339(int(row.at_ms or 0))}


def _act_form(row: AuditRow) -> dict[str, Any]:
    return {"id": row.id, "action": row.action, "at": clock.rfc3339(int(row.at_ms)), "after": row.after or {}}


def _staff_act_form(row: AuditRow) -> dict[str, Any]:
    return _act_form(row) | {"subject": row.subject, "reason": row.reason, "before": row.before or {}}


def _sign_in_form(sign_in: RefreshFamily, account: Account) -> dict[str, Any]:
    return {
        "id": sign_in.id,
        "started_at": clock.rfc3339_or_none(sign_in.started_at_ms),
        "refreshed_at": clock.rfc3339(int(sign_in.rotated_at_ms)),
        "refreshes": int(sign_in.number) - 1,
        "last_used_at": clock.rfc3339(sign_in.last_used_at_ms),
        "expires_at": clock.rfc3339(session_limits.last_second_unused(sign_in, account.role) * 1000),
        "is_valid": session_limits.is_in_force(account, sign_in),
        "kind": sign_in.kind,
        "device": devices.name_of(sign_in.device) or None,
        "is_known_device": sign_in.is_known_device,
        "has_second_factor": bool(sign_in.has_second_factor),
        "told_until": clock.rfc3339_or_none(sign_in.told_until_ms),
    }


def _report_form(report: Report) -> dict[str, Any]:
    photos = photo_forms(report, OF_REPORTER, merged=())  # those of reports merged into it are of others
    return full_form(report, is_exact=True, photos=photos) | {"place": report.visibility}
