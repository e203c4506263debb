"""What follows what, all rooms at a glance. No AWS event in sight, no rule, no rendering."""

from collections.abc import Sequence

from app.tiles import pyramid
from app.tiles.pyramid import Change


def reports_changed(changes: Sequence[Change], *, shard: str) -> None:
    """Reports were filed, edited, withdrawn or came to their end: the map's tiles follow."""
    pyramid.absorb(changes, shard=shard)
