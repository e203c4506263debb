"""QR codes as SVG, whose unit is a module of the code."""

from collections.abc import Iterator

QUIET_ZONE = 4  # modules of white around the code (ISO/IEC 18004)


class QrCode:
    """A QR code, as the path of an SVG."""

    def __init__(self, rows: "tuple[bytearray, ...]") -> None:
        self._rows = rows
        self.size = len(rows) + 2 * QUIET_ZONE

    @classmethod
    def of(cls, text: str) -> "QrCode | None":
        """Return the code of a text; None if that is too long, as an address with an invented host may be.

        Level M, which survives a torn or wet tenth of the code; a larger level where it fits as well.
        """
        import segno  # loaded with the first code: no other request needs it

        try:
            return cls(segno.make_qr(text, error="m").matrix)
        except segno.DataOverflowError:
            return None

    @property
    def path(self) -> str:
        """One rectangle for each run of black modules in a row."""
        return "".join(
            f"M{start + QUIET_ZONE} {row_number + QUIET_ZONE}h{length}v1h-{length}z"
            for row_number, row in enumerate(self._rows)
            for start, length in _runs(row)
        )

    @property
    def svg(self) -> str:
        """A whole picture, black on white, for other people's pages."""
        size = self.size
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
            f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{self.path}"/></svg>'
        )


def _runs(row: bytearray) -> Iterator[tuple[int, int]]:
    """Yield where the runs of black modules begin, and their lengths."""
    at = 0
    while (start := row.find(1, at)) >= 0:
        end = row.find(0, start)
        at = len(row) if end < 0 else end
        yield start, at - start
