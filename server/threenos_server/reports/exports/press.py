"""A page of HTML pressed into a PDF, by WeasyPrint in a process of its own.

Apart, because it takes seconds and memory and native libraries: a board in the same process would stand still
meanwhile, and could fall with it. Nothing is ever fetched: not from the network, not from the disk.
"""

import logging
import os
import subprocess
import sys
import warnings
from threading import BoundedSemaphore

from threenos_server.errors import NotInstalled

SECONDS = 120
#: Each takes a core for seconds; who asks for more waits.
_AT_ONCE = BoundedSemaphore(2)
#: What the process says with its exit code when this machine lacks something.
NO_PANGO, NO_FONT = 3, 4
_LACKING = {
    NO_PANGO: "PDF needs the system package pango: apt-get install libpango-1.0-0 libpangoft2-1.0-0",
    NO_FONT: "PDF needs a Chinese font, the system package fonts-noto-cjk: apt-get install fonts-noto-cjk",
}
_IDEOGRAPHS = range(0x4E00, 0xA000)


def pressed(html: str) -> bytes:
    """The PDF. Raises NotInstalled with the name of what is missing."""
    with _AT_ONCE:
        done = subprocess.run(
            [sys.executable, "-m", __name__], input=html.encode(), capture_output=True, timeout=SECONDS, check=False
        )
    if done.returncode in _LACKING:
        raise NotInstalled(_LACKING[done.returncode])
    if done.returncode:
        raise RuntimeError(f"the PDF was not made: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def main() -> int:
    """HTML from standard input, PDF to standard output; the exit code says what is lacking."""
    if hasattr(os, "nice"):
        os.nice(10)  # the intake and the boards come first
    html = sys.stdin.buffer.read().decode()
    warnings.filterwarnings("error", ".* Expect ugly output")
    try:
        from weasyprint import HTML, urls  # type: ignore[import-untyped]  # it carries no types
    except OSError:  # what cffi says of a library that it cannot load
        return NO_PANGO
    except UserWarning:  # it looks for fonts as it is imported
        return NO_FONT
    without = Without()
    logging.getLogger("weasyprint").addHandler(without)
    # No protocol is allowed, so nothing that a page names is fetched, neither from the network nor from the disk.
    pdf = HTML(string=html, url_fetcher=urls.URLFetcher(allowed_protocols=())).write_pdf()
    if without.glyphs:
        return NO_FONT
    sys.stdout.buffer.write(pdf)
    return 0


class Without(logging.Handler):
    """Notices Chinese characters for which no font has a glyph."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.glyphs = 0

    def emit(self, record: logging.LogRecord) -> None:
        args = record.args
        if isinstance(args, tuple) and len(args) == 2 and args[1] in _IDEOGRAPHS:
            self.glyphs += 1


if __name__ == "__main__":
    sys.exit(main())
