"""The page's files: the built page when there is one, else plain ones that can still raise an alarm."""

from pathlib import Path

from threenos_station.errors import NotThere
from threenos_station.page.answers import Answer

_PLAIN = Path(__file__).with_name("plain")
_BUILT = Path(__file__).parents[1] / "static"
_TYPES = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp", ".ico": "image/x-icon",
    ".json": "application/json", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2",
    ".mp3": "audio/mpeg", ".wav": "audio/wav", ".wasm": "application/wasm",
}  # fmt: skip


def station_page() -> Answer:
    """The page of a station: built, or plain."""
    built = _BUILT / "index.html"
    return _answer(built) if built.is_file() else plain("station.html")


def plain(name: str) -> Answer:
    """One of the plain files."""
    return _answer(_PLAIN / name)


def find(path: str) -> Answer:
    """A built file by its path, or a plain one under /plain/. NotThere for anything else, however it is spelled."""
    root, name = (_PLAIN, path.removeprefix("/plain/")) if path.startswith("/plain/") else (_BUILT, path.lstrip("/"))
    try:
        file = (root / name).resolve()
        inside = file.is_relative_to(root.resolve()) and file.is_file()
    except (OSError, ValueError):  # a name that no file can have
        inside = False
    if not inside or file.suffix not in _TYPES:
        raise NotThere("no-page", f"there is nothing at {path}")
    return _answer(file, forever=path.startswith("/assets/"))


def _answer(file: Path, forever: bool = False) -> Answer:
    # Built assets carry their hash in their name, so they never change; everything else is asked for again.
    caching = "public, max-age=31536000, immutable" if forever else "no-cache"
    return Answer(file.read_bytes(), 200, _TYPES[file.suffix], {"Cache-Control": caching})
