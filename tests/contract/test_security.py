"""The tables of `deploy/security.md`: whole, and every test that they name is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "deploy" / "security.md"
#: OWASP ASVS 5.0.0: the requirements of levels 1 and 2, by section.
ASVS = """
1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2 2.1:1-3 2.2:1-3 2.3:1-4 2.4:1 3.2:1-2 3.3:1-4 3.4:1-6 3.5:1-5 3.7:1-2
4.1:1-3 4.2:1 4.3:1-2 4.4:1-4 5.1:1 5.2:1-3 5.3:1-2 5.4:1-3 6.1:1-3 6.2:1-12 6.3:1-4 6.4:1-4 6.5:1-5 6.6:1-3
6.8:1-4 7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2 8.1:1-2 8.2:1-3 8.3:1 8.4:1 9.1:1-3 9.2:1-4 10.1:1-2
10.2:1-2 10.3:1-4 10.4:1-11 10.5:1-5 10.6:1-2 10.7:1-3 11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1 11.6:1
12.1:1-3 12.2:1-2 12.3:1-4 13.1:1 13.2:1-5 13.3:1-2 13.4:1-5 14.1:1-2 14.2:1-4 14.3:1-3 15.1:1-3 15.2:1-3
15.3:1-7 16.1:1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3 17.1:1 17.2:1-4 17.3:1-2
"""
#: IEC 62443-4-2: what is asked of a software application or a host device at security level 2.
IEC = """
CR: 1.1 1.2 1.3 1.4 1.5 1.7 1.8 1.9 1.10 1.11 1.12 1.14 2.1 2.2 2.3 2.5 2.6 2.8 2.9 2.10 2.11 2.12 3.1 3.3 3.4 3.5 3.6
CR: 3.7 3.8 3.9 4.1 4.2 4.3 5.1 6.1 6.2 7.1 7.2 7.3 7.4 7.6 7.7 7.8
SAR: 2.4 3.2
HDR: 2.4 2.13 3.2 3.10 3.11 3.12 3.13 3.14
"""
#: Its requirement enhancements (RE) that belong to security level 2.
ENHANCED = """
CR: 1.1/1 2.1/1 2.1/2 2.11/1 3.1/1 3.4/1 7.1/1 7.3/1
SAR: 2.4/1
HDR: 2.4/1 3.2/1 3.10/1 3.14/1
"""
_NAMED = re.compile(r"`([\w/]+)::(\w+)`")
_ROW = re.compile(r"^\| ((?:V|CR |SAR |HDR |NDR|EDR)[\d.]*(?: RE \d)?) \| ([^|]+) \| ([^|]+) \|$", re.M)


def rows() -> list[tuple[str, str, str]]:
    """Every requirement of both standards: its id, our words, and how it is held."""
    return _ROW.findall(PAGE.read_text(encoding="utf-8"))


def asked() -> set[str]:
    """The ids of ASVS, spelled out."""
    found = set()
    for section, numbers in (part.split(":") for part in ASVS.split()):
        for span in numbers.split(","):
            first, _, last = span.partition("-")
            found |= {f"V{section}.{n}" for n in range(int(first), int(last or first) + 1)}
    return found


def of_kinds(text: str) -> set[str]:
    """`CR: 1.1 1.2` as "CR 1.1" and "CR 1.2"."""
    lines = (line.split(": ") for line in text.strip().splitlines())
    return {f"{kind} {number}" for kind, numbers in lines for number in numbers.split()}


def test_every_requirement_stands_there_once() -> None:
    """Each of ASVS levels 1 and 2, and nothing that the standard does not have."""
    named = [name for name, _, _ in rows() if name.startswith("V")]
    assert len(asked()) == 253
    assert sorted(named) == sorted(asked())


def test_every_component_requirement_stands_there_once() -> None:
    """Of IEC 62443-4-2; an enhancement (RE) stands below its requirement."""
    named = [name for name, _, _ in rows() if not name.startswith("V")]
    wanted = of_kinds(IEC) | {name.replace("/", " RE ") for name in of_kinds(ENHANCED)}
    assert {name for name in named if " " in name} == wanted
    assert len(set(named)) == len(named)
    above = [name.partition(" RE ")[0] for name in ["", *named]]
    assert [name for n, name in enumerate(named) if " RE " in name and not name.startswith(above[n])] == []


def test_every_test_that_is_named_exists() -> None:
    """By path and name, so that no line is shown by something that went away."""
    named = set(_NAMED.findall(PAGE.read_text(encoding="utf-8")))
    assert len(named) > 120
    gone = []
    for path, name in sorted(named):
        file = ROOT / "tests" / f"{path}.py"
        if not file.is_file() or f"\ndef {name}(" not in file.read_text(encoding="utf-8"):
            gone.append(f"{path}::{name}")
    assert gone == []


def test_every_line_says_how_it_is_held() -> None:
    """By a test, by what is written down, or why it does not apply, or that it is not met."""
    ways = ("`", "documented: ", "does not apply: ", "**not met**: ")
    assert [name for name, _, how in rows() if not how.startswith(ways)] == []
    assert [name for name, _, how in rows() if how.startswith("`") and not _NAMED.match(how)] == []


def test_what_is_written_down_is_there() -> None:
    """Sections of the page itself, pages beside it, and files of the tree."""
    text = PAGE.read_text(encoding="utf-8")
    sections = {heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.+)$", text, re.M)}
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= sections
    assert [p for p in re.findall(r"\]\(([\w.]+\.md)\)", text) if not (PAGE.parent / p).is_file()] == []
    files = re.findall(r"`((?:server|web|tests|station_client)/[\w./-]+\.\w+)`", text)
    assert files
    assert [f for f in files if not (ROOT / f).is_file()] == []
