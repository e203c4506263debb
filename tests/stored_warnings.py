"""Warnings as what is stored of them, for tests of what needs no database."""

from dataclasses import dataclass

from app.clients.message import Message, Place
from app.geo import Box
from app.shapes import Shape
from app.warnings.chains import where
from app.warnings.reissues import labels_of
from app.warnings.supersession import Settled


@dataclass(frozen=True)
class Row:
    id: str
    source_id: str
    root: str
    sent: float = 0
    codes: frozenset[str] = frozenset()
    until: float | None = None
    ended: float | None = None
    area: Box | None = None
    chain: tuple[str, ...] = ()
    labels: frozenset[str] = frozenset()
    shape: Shape | None = None

    def outline(self) -> Shape | None:
        return self.shape


def as_row(one: str, held: tuple[Message, Place, str], settled: Settled) -> Row:
    """A message for one of its places, as it would be stored."""
    message, at, root = held
    here = where("cap", at)
    until, labels = message.ends or message.expires, labels_of(text.label for text in message.texts)
    chain = settled.chains[one]
    return Row(one, message.source_id, root, message.sent, here.codes, until, None, here.box, chain, labels, at.shape)
