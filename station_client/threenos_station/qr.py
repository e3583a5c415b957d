"""QR codes: as a picture for a page, and as blocks for a terminal."""

import io
import sys


def picture(text: str) -> str:
    """A data: address of an SVG, black on white with the margin that readers need."""
    import segno  # only here: an agent that draws none starts without it

    return str(segno.make(text, error="m", micro=False).svg_data_uri(border=4, light="#ffffff", xmldecl=False))


def blocks(text: str) -> str:
    """Lines of half blocks for a dark or a light terminal; empty when the terminal cannot show them."""
    import segno

    out = io.StringIO()
    segno.make(text, error="l", micro=False).terminal(out=out, border=2, compact=True)
    drawn = out.getvalue()
    try:
        drawn.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return ""
    return drawn
