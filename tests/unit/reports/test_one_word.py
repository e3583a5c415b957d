"""One word for one thing: what a message, a report or a file says in Chinese, a page says in the same words."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from threenos_server.access import Role
from threenos_server.chain.model import RESERVED, UNCLASSIFIED
from threenos_server.notify import wording
from threenos_server.reports import labels, packs_actions, service_clocks
from threenos_server.reports.document import Text
from threenos_server.reports.exports import eight_d

ROOT = Path(__file__).parents[3]
I18N = ROOT / "web" / "src" / "i18n"


def page(name: str) -> dict[str, Any]:
    """The Chinese words of a file of the pages; what is put together there from parts is left out."""
    (said,) = re.findall(
        r"(?ms)^const zh: typeof en = (\{$.*?^\});$", (I18N / f"{name}.ts").read_text(encoding="utf-8")
    )
    found: dict[str, Any] = YAML(typ="safe").load("\n".join(line for line in said.splitlines() if "=>" not in line))
    return found


def said(words: Mapping[Any, Text]) -> dict[str, str]:
    return {str(key): text.zh for key, text in words.items()}


def noticed(prefix: str, keys: Mapping[str, str]) -> dict[str, str]:
    return {key: wording.text(f"{prefix}{key}", "zh-CN") for key in keys}


def test_what_messages_call_things_is_what_pages_call_them() -> None:
    """Kinds, roles and clocks."""
    domain = page("domain")
    kinds = {key: word for key, word in domain["kind"].items() if key != "catch"}  # nobody is told of one
    assert noticed("", kinds) == kinds
    told = {key: word for key, word in domain["role"].items() if key != Role.ADMIN}
    assert noticed("role:", told) == told
    clocks = {key: word.removesuffix("时限") for key, word in domain["clock"].items()}
    assert noticed("clock:", clocks) == clocks
    assert wording.text("kind:drill", "zh-CN") == domain["drill"]


def test_what_reports_call_things_is_what_pages_call_them() -> None:
    """Clocks, kinds, severities, what is not classified; types and states of actions."""
    domain, work = page("domain"), page("reports-work")
    assert said(service_clocks.TITLES) == {key: word.removesuffix("时限") for key, word in domain["clock"].items()}
    assert said(labels.KINDS) == {key: domain["kind"][key] for key in labels.KINDS}
    assert said(labels.SEVERITIES) == domain["severity"]
    assert RESERVED[UNCLASSIFIED].zh == domain["unclassified"]
    assert said(packs_actions.TYPES) == work["actions"]["types"]
    # Of what is done a wall says besides what it waits for.
    states = {key: word for key, word in work["actions"]["states"].items() if key != "done"}
    assert {key: packs_actions.STATES[key].zh for key in states} == states


def test_the_steps_of_an_8d_are_called_the_same_on_paper() -> None:
    """As the page on which it is written calls them."""
    written = page("reports-work")["eightD"]
    assert {key: eight_d._D[key].zh for key in ("d0", "d1", "d2", "d3", "d5", "d6", "d7", "d8")} == {
        key: word for key, word in written.items() if re.fullmatch(r"d[0-35-8]", key)
    }


@pytest.mark.parametrize("other", ["遏制", "响应迟缓", "未分类", "疑似"])
def test_no_other_word_is_left(other: str) -> None:
    """In what the server says, in the pages and on the first page of all."""
    files = [*(ROOT / "server").rglob("*.py"), *(ROOT / "station_client").rglob("*.py"), *I18N.glob("*.ts")]
    files.append(ROOT / "README.zh-CN.md")
    assert [path.name for path in files if other in path.read_text(encoding="utf-8")] == []
