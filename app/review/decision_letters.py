"""Tell a reporter by mail what responders have decided about a report, with the reason in words.

A message goes out if the decision is still in force two minutes later, and says something else than the last message
to the reporter did: not for a decision that was undone or lost a race, and never twice.
"""

from collections.abc import Sequence

from app.accounts import letters
from app.accounts.models import Account
from app.core import clock
from app.core.config import settings
from app.core.translations import N_, translated
from app.mail.letters import Letter, Link, link_to
from app.mail.models import OWN, Delivery
from app.reports.index.consume import Change
from app.reports.judged import Decision
from app.reports.models import Report
from app.review.decision_words import DECISION_REASONS

KIND = "judged"
_NEWS_MS = clock.DAY_MS  # an older decision is no news: its change came late, or once more
_HEADINGS = {
    "verified": N_("Your report was verified"),
    "rejected": N_("Your report was removed"),
    "merged": N_("Your report was joined to another one"),
}
_FOLLOWS = {
    "verified": N_("Everyone sees that a responder has checked it. Thank you."),
    "rejected": N_("Others do not see it any more."),
    "merged": N_("What you and others said is counted there."),
}
_WHY = N_("You get this because you sent the report with your account here.")


def tell_of(changes: Sequence[Change]) -> None:
    """Put a message into the ledger for each new decision whose reporter has a confirmed address. Safe to repeat."""
    if not settings().mail.is_set_up:
        return
    for change in changes:
        report = change.new
        if report and report.account_id and (verdict := _news(report, change.old)):
            _tell(report, verdict)


def _news(report: Report, old: Report | None) -> Decision | None:
    verdict = report.verdict
    if verdict is None or verdict.decision not in _HEADINGS or verdict.decided_by == report.account_id:
        return None
    is_seen_before = old is not None and old.verdict == verdict
    return None if is_seen_before or clock.now_ms() - verdict.decided_at_ms > _NEWS_MS else verdict


def _tell(report: Report, verdict: Decision) -> None:
    account_id = str(report.account_id)
    part = Account.part_of(account_id, Account.confirmed_hash, Account.language)
    if part is None or not part.confirmed_hash:
        return
    values = {"report_id": report.id, "decision": verdict.decision, "reason": verdict.reason}
    Delivery.about_account(
        KIND,
        f"{report.id}-{verdict.decided_at_ms:013d}",
        recipient=part.confirmed_hash,
        account_id=account_id,
        language=part.language or "en",
        values=values,
    ).put_once()


def compose(delivery: Delivery) -> Letter | None:
    """Return the message as it is to be sent now; None if the decision is not in force, or the reporter knows it."""
    account = Account.find(str(delivery.account_id))
    address = letters.confirmed_address(delivery, account) if account else ""
    report = Report.find(delivery.values["report_id"], consistent=True)
    verdict = report.verdict if report and account and report.account_id == account.id else None
    if (
        not address
        or report is None
        or verdict is None
        or not delivery.event.endswith(f"-{verdict.decided_at_ms:013d}")
    ):
        return None
    before = Delivery.told_before(delivery.recipient, f"{OWN}-{KIND}-{report.id}-", before=delivery.event)
    if before and before.values == delivery.values:
        return None
    return _letter(report, verdict, address, delivery.language)


def _letter(report: Report, verdict: Decision, address: str, language: str) -> Letter:
    def _(text: str, **values: object) -> str:
        return translated(text, language, **values)

    heading = _(_HEADINGS[verdict.decision])
    sent_at = clock.from_ms(report.created_at_ms).strftime("%Y-%m-%d %H:%M UTC")
    title = report.title or _(N_("Flooding"))
    reason = DECISION_REASONS.get(verdict.reason, "")
    return Letter(
        to=address,
        subject=heading,
        heading=heading,
        paragraphs=tuple(
            filter(
                None,
                (
                    _(N_("It is the report “%(title)s”, sent at %(at)s."), title=title, at=sent_at),
                    _(N_("A responder decided: %(reason)s"), reason=_(reason)) if reason else "",
                    _(_FOLLOWS[verdict.decision]),
                ),
            )
        ),
        link=_link(report, verdict, language),
        why=_(_WHY),
        language=language,
    )


def _link(report: Report, verdict: Decision, language: str) -> Link:
    """Return the link to the report, or to its merge target; of a rejected one to the reporter's own reports."""
    if verdict.decision == "rejected":
        return Link(translated(N_("My reports"), language), link_to("/me"))
    shown = report.merged_into if verdict.decision == "merged" and report.merged_into else report.id
    return Link(translated(N_("See the report"), language), link_to(f"/reports/{shown}"))
