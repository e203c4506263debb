"""Photos of a report, as its row keeps them: at most a handful, in one column of JSON.

Only their states are kept here; pixels lie in the bucket of photos (app/photos/keys.py). An unknown member of a later
release stays when an earlier one stores the column.
"""

import json
from collections.abc import Container, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, Self

from pynamodb.attributes import UnicodeAttribute

from app.core.config import settings
from app.reports.entry import PUBLIC, Status

_NAMES = {"number": "n", "state": "s", "at_ms": "at", "is_by_staff": "staff", "unseen_ms": "unseen", "key_hash": "k"}


class PhotoState(StrEnum):
    """State of a photo: its upload is awaited, its pixels are clean, or it was refused."""

    AWAITING = "awaiting"
    READY = "ready"
    REFUSED = "refused"


class PhotoDecision(StrEnum):
    """Decision of a responder about a photo."""

    SHOWN = "shown"
    HIDDEN = "hidden"


class Photo(NamedTuple):
    """One photo. `number` rises with each change of its pixels, from 1, so that no cache shows earlier ones.

    `at_ms`: when its ticket was given, and once it is ready or refused, when it became so.
    `blur`: places that are to be blurred, and are not yet; until then only those who may judge it see it.
    `unseen_ms`: moment of a verification whose responder did not have the photo before them.
    """

    id: str
    state: str
    at_ms: int
    number: int = 1
    width: int | None = None
    height: int | None = None
    alt: str | None = None
    decision: str | None = None
    reason: str | None = None  # code of why it was refused
    is_by_staff: bool = False
    blur: Sequence[Sequence[float]] | None = None  # x, y, width, height of each, as parts of the whole
    unseen_ms: int | None = None
    key_hash: str | None = None  # keyed hash of the Idempotency-Key of its ticket
    others: Mapping[str, Any] | None = None  # members of a later release

    @property
    def name(self) -> str:
        """`{id}-{number}`, its name in addresses."""
        return f"{self.id}-{self.number}"

    @classmethod
    def read(cls, members: Mapping[str, Any]) -> Self:
        """Return the photo of stored members."""
        known = {name: members[short] for name in cls._fields if (short := _NAMES.get(name, name)) in members}
        others = {name: value for name, value in members.items() if name not in _STORED}
        return cls(**known, others=others or None)

    def members(self) -> dict[str, Any]:
        """Return what is stored of it."""
        changed = {name: value for name, value in self._asdict().items() if value != self._field_defaults.get(name)}
        own = {_NAMES.get(name, name): value for name, value in changed.items() if name != "others"}
        return {**(self.others or {}), **own}


_STORED = {_NAMES.get(name, name) for name in Photo._fields if name != "others"}


class Photographed:
    """The photos of a report. Its row is stored under the lock of its version, like whatever is said about it."""

    status: Any
    is_disputed: Any
    decided_at_ms: Any
    photos_kept = UnicodeAttribute(attr_name="photos", null=True)

    @property
    def photos(self) -> list[Photo]:
        """All of them, in the order of their tickets."""
        return [Photo.read(members) for members in json.loads(self.photos_kept or "[]")]

    @photos.setter
    def photos(self, photos: Sequence[Photo]) -> None:
        kept = [photo.members() for photo in photos]
        self.photos_kept = json.dumps(kept, ensure_ascii=False, separators=(",", ":")) if kept else None

    def public_photos(self, host: "Photographed | None" = None, *, is_held: bool | None = None) -> list[Photo]:
        """Return those that everyone may see. `host`: the report that shows them, if this one was merged into it.

        Of a merged one these are those alone that a responder has decided to show: who verified the host need not have
        seen them. `is_held`: as if photos were held back or not; without it, by the setting.
        """
        is_merged, host = host is not None and host is not self, host or self
        if self.photos_kept is None or host.status not in PUBLIC or host.is_disputed:
            return []
        shown = [photo for photo in self.photos if host.shows(photo, is_held=is_held)]
        return [photo for photo in shown if photo.decision == PhotoDecision.SHOWN] if is_merged else shown

    def keep_shown(self) -> None:
        """Let photos that everyone sees with this report be shown by their own decision, before it is merged."""
        names = {photo.name for photo in self.public_photos()}
        if names:
            shown = str(PhotoDecision.SHOWN)
            self.photos = [one._replace(decision=shown) if one.name in names else one for one in self.photos]

    def leave_unseen(self, seen: Container[str]) -> None:
        """Let photos whose names were not seen by who has just verified this report wait for their own decision."""
        if self.photos_kept is not None:
            at_ms = int(self.decided_at_ms or 0)
            self.photos = [one if one.name in seen else one._replace(unseen_ms=at_ms) for one in self.photos]

    def shows(self, photo: Photo, *, is_held: bool | None = None) -> bool:
        """Return whether everyone may see a photo of this report; `is_held` as above.

        A verified report shows those that were ready when it was verified, and seen by who did so: another one waits
        for its own decision.
        """
        if photo.state != PhotoState.READY or photo.blur is not None or photo.decision == PhotoDecision.HIDDEN:
            return False
        if photo.decision == PhotoDecision.SHOWN:
            return True
        decided_at_ms = int(self.decided_at_ms or 0)
        is_seen = photo.at_ms <= decided_at_ms != photo.unseen_ms
        is_held = settings().photos.is_held if is_held is None else is_held
        return self.status == Status.VERIFIED and is_seen and not is_held

    @property
    def photo(self) -> str | None:
        """The name of the first photo that everyone may see unless photos are held back. Readers obey the setting."""
        return next((photo.name for photo in self.public_photos(is_held=False)), None)

    @property
    def decided_photo(self) -> str | None:
        """The name of the first one that everyone may see also then: by a responder's word about it alone."""
        return next((photo.name for photo in self.public_photos(is_held=True)), None)

    @property
    def has_photo_shown(self) -> bool:
        """Whether a responder has looked at one of them and shows it."""
        return any(photo.decision == PhotoDecision.SHOWN and self.shows(photo) for photo in self.photos)
