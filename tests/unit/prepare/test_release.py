"""The release: what its pages send their readers to comes along."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
_LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")


def packed() -> set[Path]:
    """Every file that `.ci/release` takes from the tree, besides the wheel."""
    (named,) = re.findall(r"(?m)^packed='(.*)'$", (ROOT / ".ci" / "release").read_text())
    found = {ROOT / path for path in named.split()}
    return found | {file for folder in found for file in folder.rglob("*")}


def test_every_link_of_a_page_leads_into_the_package() -> None:
    """Whoever follows the pages has the package and not the source."""
    files = packed()
    pages = [path for path in files if path.suffix == ".md"]
    links = [(page, link) for page in pages for link in _LINK.findall(page.read_text(encoding="utf-8"))]
    out = [f"{page.name}: {link}" for page, link in links if (page.parent / link).resolve() not in files]
    assert (len(pages) > 10, len(links) > 30, out) == (True, True, [])


def test_what_is_packed_is_there() -> None:
    """A name that is gone would end `make release` in its middle."""
    assert [path for path in packed() if not path.exists()] == []
