"""Words of a reporter's page after one of the forms about its photos: what is stored says what happened."""

from collections.abc import Mapping

from app.core.translations import N_
from app.pages.frame.language import gettext as _
from app.photos import reasons
from app.photos.present import of_id
from app.reports.models import Report
from app.reports.photo_column import Photo, PhotoState

AWAITED = N_("We wait for the photo. If you sent the file, it appears below in some seconds.")
HERE = N_("The photo is here.")
REMOVED = N_("The photo was removed.")
DESCRIBED = N_("The words are stored.")
NOT_THERE = N_("That photo is not here, so nothing was changed.")


def told(arguments: Mapping[str, str], report: Report) -> tuple[str, str]:
    """Return what the page says first about the photo that its address names, and what went wrong with it.

    The address alone claims nothing: a form for an upload leads back also without a file, or with a second one.
    """
    said, photo_id = arguments.get("said", ""), arguments.get("photo", "")
    photo = of_id(report, photo_id)
    if not photo_id:
        return "", ""
    if said == "added" and photo is not None:
        return _of_upload(photo)
    texts = {"removed": REMOVED, "gone": NOT_THERE} if photo is None else {"described": DESCRIBED}
    return (_(texts[said]) if said in texts else ""), ""


def refused(reason: str | None) -> str:
    """Return why a photo was not taken, in the language of the page."""
    return _("It was not taken. %(reason)s", reason=_(reason or reasons.UNKNOWN))


def _of_upload(photo: Photo) -> tuple[str, str]:
    if photo.state == PhotoState.REFUSED:
        return "", refused(reasons.sentence(photo.reason))
    return _(HERE if photo.state == PhotoState.READY else AWAITED), ""
