"""Reasons why a photo was refused: codes, which are stored and never change their meaning, and plain sentences."""

from app.core.translations import N_

EMPTY = "empty"
TOO_LARGE = "too_large"
TOO_MANY_PIXELS = "too_many_pixels"
NO_PHOTO = "no_photo"
BROKEN = "broken"
TOO_COSTLY = "too_costly"
NO_HEIC = "no_heic"
LOST = "lost"

# The page translates them (app/pages); the API sends them as they are.
SENTENCES = {
    EMPTY: N_("The file is empty. Choose the photo again."),
    TOO_LARGE: N_("The file is larger than 8 MB. Send a smaller photo."),
    TOO_MANY_PIXELS: N_("The photo has more than 25 million pixels. Send a smaller one."),
    NO_PHOTO: N_("The file is no photo of a kind that can be shown. Send a JPEG, PNG, WebP or HEIC file."),
    BROKEN: N_("The file is damaged or not complete, so it cannot be read. Take or choose the photo again."),
    TOO_COSTLY: N_("The file is made in such a way that it takes too much time or memory to read. Send another photo."),
    NO_HEIC: N_("HEIC files cannot be read here. Send it as JPEG; iPhones take such with the format Most Compatible."),
    LOST: N_("The photo got lost here. Send it again."),
}


class Refused(Exception):
    """Error: a file is refused, by its code."""

    def __init__(self, code: str) -> None:
        super().__init__(SENTENCES[code])
        self.code = code


# For a code of a later release.
UNKNOWN = N_("The photo cannot be shown. Send another one.")


def sentence(code: str | None) -> str:
    """Return why a photo was refused, and what to do, in plain words."""
    return SENTENCES.get(code or "", UNKNOWN)
