"""Warnings as what is stored of them, for tests of what needs no database."""

from dataclasses import dataclass

from app.geo.box_circle import Box
from app.geo.polygon import MultiPolygon
from app.warnings.ingest.chains import extent_of
from app.warnings.ingest.reissues import labels_of
from app.warnings.ingest.supersession import Supersession
from app.warnings.sources.message import Message, Place


@dataclass(frozen=True)
class Row:
    id: str
    source_id: str
    root: str
    sent_at_ms: float = 0
    codes: frozenset[str] = frozenset()
    own_end_at_ms: float | None = None
    ended_at_ms: float | None = None
    area: Box | None = None
    chain: tuple[str, ...] = ()
    labels: frozenset[str] = frozenset()
    shape: MultiPolygon | None = None

    def outline(self) -> MultiPolygon | None:
        return self.shape


def as_row(one: str, held: tuple[Message, Place, str], settled: Supersession) -> Row:
    """A message for one of its places, as it would be stored."""
    message, at, root = held
    here = extent_of("cap", at)
    own_end_ms, labels = message.ends_at_ms or message.expires_at_ms, labels_of(text.label for text in message.texts)
    chain = settled.chains[one]
    return Row(
        one,
        message.source_id,
        root,
        message.sent_at_ms,
        here.codes,
        own_end_ms,
        None,
        here.box,
        chain,
        labels,
        at.shape,
    )
