"""Rate how well a report is supported, and say why: a sum of few weights over facts. Pure.

Facts that a stranger can make at will add up to half at most, and `likely` needs one that a stranger cannot make. Only
a responder's decision makes a report `high`. A supporting fact never lowers a rating. docs/confidence.md has
the same table.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from app.core.translations import N_, SOURCE, translated
from app.reports.entry import PUBLIC, Confidence, Status

LIKELY_FROM = 7
MOST_OF_STRANGERS = 5
MOST_UNVERIFIED = 8
VERIFIED, SEEN_BY_STAFF, REJECTED = "verified", "seen_by_staff", "rejected"
VERIFIED_TENTHS, SEEN_TENTHS = 9, 1


class Kind(StrEnum):
    """Kinds of facts, by the person who can make them and by the way they count."""

    FIRM = "firm"  # no stranger can make it; `likely` needs one
    IMPORTED = "imported"  # the operator made it, of what others have gathered
    STRANGERS = "strangers"  # anyone can make it
    AGAINST = "against"


class Weight(NamedTuple):
    """Tenths that a fact adds or takes, for each time that it counts, and how many times that is."""

    kind: Kind
    tenths: int
    most: int = 1


class Facts(NamedTuple):
    """Number of times that each fact holds; yes is once. The names are the codes of reasons.

    `neighbours` and `votes` are of persons on networks that differ from each other and from the reporter's; so are
    `flags`, of networks.
    """

    trusted_account: int = 0
    partner_key: int = 0
    photo_shown: int = 0
    imported: int = 0
    in_warning: int = 0
    neighbours: int = 0
    votes: int = 0
    depth_fits: int = 0
    depth_contradicts: int = 0
    filed_late: int = 0
    filed_far_away: int = 0
    flags: int = 0
    disputed: int = 0


# In the order of the fields of Facts, and of a rating's reasons.
WEIGHTS = {
    "trusted_account": Weight(Kind.FIRM, 4),
    "partner_key": Weight(Kind.FIRM, 5),
    "photo_shown": Weight(Kind.FIRM, 4),
    "imported": Weight(Kind.IMPORTED, 1),
    "in_warning": Weight(Kind.STRANGERS, 2),
    "neighbours": Weight(Kind.STRANGERS, 1, most=3),
    "votes": Weight(Kind.STRANGERS, 1, most=2),
    "depth_fits": Weight(Kind.STRANGERS, 1),
    "depth_contradicts": Weight(Kind.AGAINST, 1),
    "filed_late": Weight(Kind.AGAINST, 1),
    "filed_far_away": Weight(Kind.AGAINST, 1),
    "flags": Weight(Kind.AGAINST, 1, most=2),
    "disputed": Weight(Kind.AGAINST, 2),
}
# The same codes in words, for the pages and in each of their languages.
TEXTS = {
    "trusted_account": N_("Its reporter has an account whose reports were confirmed before."),
    "partner_key": N_("It comes from an organisation that works with this service."),
    "photo_shown": N_("A responder has looked at its photo and shows it."),
    "imported": N_("Those who run this service have taken it over from another collection."),
    "in_warning": N_("It lies inside an official flood warning in force."),
    "neighbours": N_("Other people have reported flooding close by at about the same time."),
    "votes": N_("Other people say that it is flooded there."),
    "depth_fits": N_("Its depth fits how severe it is said to be."),
    "depth_contradicts": N_("Its depth does not fit how severe it is said to be."),
    "filed_late": N_("It was sent hours after the flooding was seen."),
    "filed_far_away": N_("It was sent from far away."),
    "flags": N_("Other people have flagged it as wrong."),
    "disputed": N_("Several people on different networks have flagged it."),
    VERIFIED: N_("A responder has checked it."),
    SEEN_BY_STAFF: N_("A responder has seen it with their own eyes."),
    REJECTED: N_("A responder has looked at it and does not confirm it."),
}


class Rating(NamedTuple):
    """The level, the score in tenths, and the reasons with their weights in tenths, which add up to the score."""

    level: str
    tenths: int
    reasons: tuple[tuple[str, int], ...] = ()


def rate(facts: Facts, status: str = Status.PENDING, *, decision_reason: str = "") -> Rating:
    """Rate a report of this status. What a responder has decided outweighs all facts.

    A fact beyond a limit is a reason of weight 0: it counts, and adds nothing.
    """
    if status == Status.VERIFIED:
        is_seen = decision_reason == SEEN_BY_STAFF
        reasons = ((VERIFIED, VERIFIED_TENTHS), *(((SEEN_BY_STAFF, SEEN_TENTHS),) if is_seen else ()))
        return Rating(Confidence.HIGH, sum(tenths for _, tenths in reasons), reasons)
    if status not in PUBLIC:
        return Rating(Confidence.LOW, 0, ((REJECTED, 0),) if status == Status.REJECTED else ())
    counted = tuple(_counted(facts))
    tenths = sum(weight for _, weight in counted)
    is_likely = has_firm(facts) and tenths >= LIKELY_FROM
    return Rating(Confidence.LIKELY if is_likely else Confidence.LOW, tenths, counted)


def has_firm(facts: Facts) -> bool:
    """Return whether one of the facts is one that no stranger can make."""
    return any(count > 0 and WEIGHTS[code].kind == Kind.FIRM for code, count in facts._asdict().items())


def _counted(facts: Facts) -> Iterator[tuple[str, int]]:
    """Yield each fact that holds with its tenths, within the limits of facts and sums; the sum is never below 0."""
    total, of_strangers = 0, 0
    for code, weight in WEIGHTS.items():
        times = min(getattr(facts, code), weight.most)
        if times <= 0:
            continue
        tenths = times * weight.tenths
        if weight.kind == Kind.AGAINST:
            tenths = -min(tenths, total)
        else:
            room = MOST_OF_STRANGERS - of_strangers if weight.kind == Kind.STRANGERS else tenths
            tenths = min(tenths, room, MOST_UNVERIFIED - total)
            of_strangers += tenths if weight.kind == Kind.STRANGERS else 0
        total += tenths
        yield code, tenths


def reason_texts(reasons: Iterable[Sequence[Any]], language: str = SOURCE) -> list[dict[str, Any]]:
    """Return the reasons of a confidence with their texts; a code of a later release stands for its own text."""
    return [
        {"code": code, "weight": tenths / 10, "text": translated(TEXTS.get(code, str(code)), language)}
        for code, tenths in reasons
    ]
