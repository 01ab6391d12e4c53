"""QR codes (ISO/IEC 18004) as drawings, for papers and labels."""

import io
from typing import Final

from moonbridge.errors import InputError
from moonbridge.formats.paper.blocks import Picture

LONGEST: Final = 500
"""Characters that a code may carry: with more it can no longer be scanned from a label."""


def qr_svg(content: str) -> str:
    """Return ``content`` as the SVG text of a QR code with error correction M and its quiet zone."""
    if not 0 < len(content) <= LONGEST:
        raise InputError(f"a QR code carries 1 to {LONGEST} characters", field="content", length=len(content))
    import segno  # a tenth of a second that only papers with codes pay

    drawn = io.BytesIO()
    segno.make_qr(content, error="m").save(drawn, kind="svg", xmldecl=False, svgns=True, nl=False)
    return drawn.getvalue().decode()


def qr(content: str, *, alt: str, width_mm: float = 25, caption: str = "") -> Picture:
    """Return a block with the QR code of ``content``; ``alt`` says where it leads."""
    return Picture(qr_svg(content), alt, width_mm, caption)
