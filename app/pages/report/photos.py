"""Photos on pages: those of a report that everyone may see, and all of them for its reporter."""

import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import request, url_for

from app.accounts import auth
from app.core.config import settings
from app.core.translations import N_
from app.pages.frame.language import gettext as _
from app.pages.report import photo_said, script_words
from app.photos.present import MOST, TYPES
from app.photos.shown import ShownPhoto, merged_with_photos, photos_of_reporter, shown_photos
from app.reports.entry import PUBLIC, Status
from app.reports.models import Report
from app.reports.photo_column import PhotoDecision, PhotoState

SMALL_PX = 320  # longest side of the small size
# Kinds of files, for browsers without scripts: the form of a ticket takes one of them.
KINDS = {
    "image/jpeg": N_("JPEG: what most cameras and phones make"),
    "image/png": N_("PNG: often a picture of a screen"),
    "image/webp": "WebP",
    "image/heic": N_("HEIC: what an iPhone makes"),
}
AWAITED = N_("Not here yet, or being prepared.")
SEEN = N_("Others can see it.")
SEEN_THERE = N_("Others can see it on the report that yours was joined to.")
HIDDEN = N_("A responder has hidden it: others do not see it.")
BLURRING = N_("A responder has parts of it blurred. Others do not see it until that is done.")
NOT_NOW = N_("Others do not see it at the moment.")
NOT_YET = N_("Not yet shown to others.")
NOT_SHOWN = N_("Others do not see it.")


class Picture(NamedTuple):
    """A photo on a page: addresses of both sizes, the small one's width and height, and what it shows in words."""

    small: str
    large: str
    width: int
    height: int
    words: str
    large_width: int
    large_height: int


class OwnPhoto(NamedTuple):
    """A photo of a report for its reporter: its state in words, its picture if there is one, and its words."""

    id: str
    state: str
    sentence: str
    picture: Picture | None
    words: str
    typed: str
    change: str


def public(report: Report) -> list[Picture]:
    """Return the photos on the public page of a report, those of reports that were merged into it too."""
    if not settings().photos.bucket:
        return []
    photos = shown_photos(report, merged_with_photos(report), sees_all=False)
    urls = [{size: request.script_root + path for size, path in photo.urls.items()} for photo in photos]
    return [_picture(photo, at, paths) for at, (photo, paths) in enumerate(zip(photos, urls, strict=True), 1)]


def own(report: Report) -> dict[str, Any] | None:
    """Return what the page of a sent report says about its photos; None where none are taken."""
    if not settings().photos.bucket:
        return None
    photos = photos_of_reporter(report)
    return {
        "most": MOST,
        "shown": [_own(photo, at, report) for at, photo in enumerate(photos, 1)],
        "free": max(0, MOST - sum(photo.state != PhotoState.REFUSED for photo in photos)),
        "address": path_of("begin_photo", report.id),
        "key": secrets.token_urlsafe(16),
        "who_sees": who_sees(is_verified=report.status == Status.VERIFIED),
        "kinds": {kind: _(KINDS[kind]) for kind in TYPES if kind in KINDS},
    }


def of_hidden(report: Report, *, told: str) -> dict[str, Any] | None:
    """Return what the reporter's page of a report that others do not see says about its photos; None without any."""
    if not settings().photos.bucket:
        return None
    photos = [_own(photo, at, report) for at, photo in enumerate(photos_of_reporter(report), 1)]
    is_seen = any(photo.state == "public" for photo in photos)
    return {"shown": photos, "is_seen": is_seen} if photos or told else None


def of_form() -> dict[str, Any]:
    """Return the template's values for the photos field of a form; `takes_photos` is false where none are accepted."""
    if not settings().photos.bucket:
        return {"takes_photos": False}
    words = script_words.words() | script_words.of_photos()
    return {"takes_photos": True, "words": words, "who_sees": who_sees(), "most": MOST}


def who_sees(*, is_verified: bool = False) -> str:
    """Return the sentence about who sees a photo that is added now."""
    if is_verified or settings().photos.is_held:
        return _("Others see a photo only once a responder has shown it.")
    return _("Others see a photo only once a responder has shown it or verified the report.")


def path_of(view: str, report_id: str, **more: str) -> str:
    """Return a path below the page of a sent report, with the private link's token if there is one."""
    token = auth.link_token() or None
    values = {"report_id": report_id, auth.EDIT_PARAMETER: token} | more
    return url_for(f"pages.{view}", _external=False, **values)


def neutral(at: int) -> str:
    """Return the words for a photo that its reporter has not described."""
    return _("Photo %(number)s of this report", number=at)


def _picture(photo: ShownPhoto, at: int, urls: Mapping[str, str]) -> Picture:
    width, height = int(photo.width or SMALL_PX), int(photo.height or SMALL_PX)
    scale = min(1.0, SMALL_PX / max(width, height))
    return Picture(
        small=urls["small"],
        large=urls["large"],
        width=max(1, round(width * scale)),
        height=max(1, round(height * scale)),
        words=photo.alt or neutral(at),
        large_width=width,
        large_height=height,
    )


def _own(photo: ShownPhoto, at: int, report: Report) -> OwnPhoto:
    token = auth.link_token()
    query = f"?{urlencode({auth.EDIT_PARAMETER: token})}" if token and not photo.is_public else ""
    urls = {size: f"{request.script_root}{path}{query}" for size, path in photo.urls.items()}
    return OwnPhoto(
        id=photo.id,
        state="public" if photo.is_public else photo.state,
        sentence=_sentence(photo, report),
        picture=_picture(photo, at, urls) if urls else None,
        words=photo.alt or neutral(at),
        typed=photo.alt or "",
        change=path_of("change_photo", photo.report_id, photo_id=photo.id),
    )


def _sentence(photo: ShownPhoto, report: Report) -> str:
    if photo.state == PhotoState.REFUSED:
        return photo_said.refused(photo.reason)
    if photo.state != PhotoState.READY:
        return _(AWAITED)
    if photo.is_public:
        return _(SEEN_THERE if report.status == Status.MERGED else SEEN)
    return _(_why_not_shown(photo, report))


def _why_not_shown(photo: ShownPhoto, report: Report) -> str:
    if photo.is_blurring:
        return BLURRING
    if photo.decision == PhotoDecision.HIDDEN:
        return HIDDEN
    if report.status not in PUBLIC:
        return NOT_SHOWN
    return NOT_NOW if photo.decision == PhotoDecision.SHOWN else NOT_YET
