"""The page that explains trust is the same in both languages, but for its words."""

import re
from pathlib import Path

import pytest

import threenos_station

PLAIN = Path(threenos_station.__file__).parent / "page" / "plain"
EN, ZH = ((PLAIN / f"trust.{language}.html").read_text(encoding="utf-8") for language in ("en", "zh"))


def shape(text: str, pattern: str) -> list[str]:
    """What matches, in order, where words may have no say."""
    return re.findall(pattern, re.sub(r"<span lang.*?</span>|<b>.*?</b>|<code>.*?</code>", "", text))


@pytest.mark.parametrize(
    "pattern", [r"<(/?[a-z0-9]+)", r'\bid="([a-z]+)"', r"\{\{[A-Z]+\}\}", r'href="(/trust/thr[^"]+)"']
)
def test_both_have_the_same_parts_links_and_placeholders(pattern: str) -> None:
    """No step is left out in either."""
    assert shape(EN, pattern) == shape(ZH, pattern)
    assert len(shape(EN, pattern)) >= 3


def test_each_speaks_its_own_language_and_names_the_other() -> None:
    """In words that whoever cannot read this page can read."""
    assert '<html lang="en">' in EN and '<html lang="zh-CN">' in ZH
    assert re.findall(r"[\u4e00-\u9fff]+", EN) == ["中文"] and '<span lang="en">English</span>' in ZH


def test_every_system_that_tablets_have_is_explained() -> None:
    """Each with its own file."""
    for text in (EN, ZH):
        for system in ("Android", "iPadOS", "Windows", "threenos-ca.crt", "threenos-ca.mobileconfig", "certutil"):
            assert system in text
