"""Chains that ask for more than they say: told what is wrong with them, in a moment, and nothing else happens."""

import json
import subprocess
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from time import thread_time

import pytest
from browser import Browser, problem, signed_in
from flask import Flask
from hostile.corpus import documents, texts

from threenos_server.access import Grant, Role
from threenos_server.chain.document import MAX_CHARACTERS, MOST_FAULTS, check, from_data, from_yaml
from threenos_server.chain.sheets import Reading
from threenos_server.chain.xlsx import from_xlsx
from threenos_server.db import Database
from threenos_server.errors import Invalid

#: Of the processor, which does not depend on who else is on the machine.
AT_ONCE_S = 1.5
WORKBOOKS = documents.workbooks()


@pytest.mark.parametrize("text", documents.YAML.values(), ids=documents.YAML)
def test_no_yaml_constructs_swells_or_breaks(text: str) -> None:
    """It is refused as no YAML or as no chain, with words that can be written; its tags and aliases do nothing."""
    began = thread_time()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # each would be kept for ever by the module of warnings
        try:
            errors = check(from_yaml(text)).errors
        except Invalid as e:
            errors = e.faults
    assert thread_time() - began < AT_ONCE_S
    assert errors
    json.dumps([(e.where, e.detail, e.about) for e in errors], ensure_ascii=False).encode()
    assert not Path("/tmp/broken").exists()


@pytest.mark.parametrize("content", WORKBOOKS.values(), ids=WORKBOOKS)
def test_no_workbook_swells_or_breaks(content: bytes) -> None:
    """Bombs of size, of tags and of entities, files outside, and what is no workbook at all: refused or told."""
    assert len(content) < 200_000
    began = thread_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl says so of what it leaves out
        try:
            source = from_xlsx(content)
        except Invalid as e:
            assert e.faults[0].detail
            return
        finally:
            assert thread_time() - began < AT_ONCE_S
    told = check(source)
    assert "root:" not in repr(source.data)
    assert told.errors or source.data == from_xlsx(documents.workbook()).data


def test_a_bomb_takes_little_memory(tmp_path: Path) -> None:
    """Forty megabytes of blanks, two million tags, and entities in entities, in a process that may have little more."""
    program = (
        "import resource, sys, warnings; warnings.simplefilter('ignore')\n"
        "from threenos_server.chain.xlsx import from_xlsx; from threenos_server.errors import Invalid\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for name in sys.argv[1:]:\n"
        "    try: from_xlsx(open(name, 'rb').read())\n"
        "    except Invalid: pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    bombs = [name for name in WORKBOOKS if "bomb" in name or "laughs" in name]
    assert len(bombs) == 5
    paths = [tmp_path / f"{i}.xlsx" for i in range(len(bombs))]
    for path, name in zip(paths, bombs, strict=True):
        path.write_bytes(WORKBOOKS[name])
    done = subprocess.run(
        [sys.executable, "-c", program, *paths], capture_output=True, text=True, check=True, timeout=60
    )
    assert int(done.stdout) < 60_000


def test_a_large_chain_is_checked_in_a_moment() -> None:
    """A cycle with a long tail, one large cycle, and standards without end: no check grows with the square of them."""
    n = 8000
    head = {"site": {"id": "a", "timezone": "UTC"}, "lines": [{"id": "l"}]}
    steps = [{"id": f"p{i}", "line": "l"} for i in range(n)]
    way = [{"supplier": f"p{i}", "customer": f"p{i + 1}"} for i in range(n - 1)]
    for more in ({"supplier": "p1", "customer": "p0"}, {"supplier": f"p{n - 1}", "customer": "p0"}):
        began = thread_time()
        found = check(from_data(head | {"processes": steps, "links": [more, *way]}))
        assert thread_time() - began < AT_ONCE_S
        assert "cycle" in {e.code for e in found.errors}
    began = thread_time()
    Reading().take("standards", [(i, dict.fromkeys(("for", "name_en", "name_zh")) | {"id": f"s{i}"}) for i in range(n)])
    assert thread_time() - began < AT_ONCE_S


def test_the_longest_text_is_read_in_a_moment() -> None:
    """A chain of nearly a million characters that is good, and as much that never ends: no worker is held up by one."""
    entries = "".join(f"- {{id: p{i}, name: {{en: Step {i}, zh: 工序 {i}}}, line: l}}\n" for i in range(20_000))
    good = f"site: {{id: a, timezone: UTC}}\nprocesses:\n{entries}"
    deep = "[" * 990_000
    twice, key, wide = f"a: 1\na: {deep}", f"? {deep}", "[" + "*a," * 330_000 + "]"
    flat = ("[a, " * 10 + "b, " * 330_000, "a:\n" * 330_000, '"' + "x" * 999_000, wide)
    for text in (good[:MAX_CHARACTERS], *flat, deep, twice, key):
        assert len(text) > 900_000
        began = thread_time()
        with suppress(Invalid):
            assert len(check(from_yaml(text)).errors) <= MOST_FAULTS + 1
        assert thread_time() - began < 4 * AT_ONCE_S


def test_names_of_tags_cost_nothing() -> None:
    """Of tens of thousands libyaml holds each against the others; a long one it copies into every tag that uses it."""
    for breaks in ("\n", "\r", "\x85", "\u2028"):
        many = breaks.join(f"%TAG !{i:x}! a" for i in range(60_000))
        long = f"%TAG !a! {'b' * 450_000}{breaks}---{breaks}[{'!a!c d,' * 60_000}]"
        for text in (many, long, f"\ufeff{many}", f"# one{breaks}{many}"):
            began = thread_time()
            with pytest.raises(Invalid) as refused:
                from_yaml(text)
            assert "%TAG" in refused.value.faults[0].detail
            assert thread_time() - began < AT_ONCE_S


def test_the_route_says_the_same(app: Flask, db: Database) -> None:
    """Each is answered with findings or a problem, and nothing is saved."""
    browser = signed_in(app, db, "Engineer", Grant(Role.QUALITY_ENGINEER))
    asked = [{"yaml": text} for text in documents.YAML.values() if len(text) < 1000]
    for document in asked:
        answer = browser.post("/chain/check", document)
        assert answer.status_code == 200 and answer.get_json()["errors"]
        assert problem(browser.ask("PUT", "/chain", document))["status"] in (403, 422)
    assert browser.get("/chain").get_json()["site"]["id"] == "lakeside"
    assert Browser(app).post("/chain/check", asked[0]).status_code == 401


def test_no_path_is_an_id() -> None:
    """Ids become topics, users, and names of files: nothing that leads elsewhere is one, wherever a chain has ids."""
    for text in (
        *texts.PATHS.values(),
        *texts.SCRIPTS.values(),
        *texts.ODD.values(),
        "",
        "-a",
        "A",
        "a/b",
        "+",
        "#",
    ):
        chain = {
            "site": {"id": text, "timezone": "UTC"},
            "lines": [{"id": text}],
            "processes": [{"id": text}],
            "stations": [{"id": text, "process": "p"}],
            "defects": [{"code": text, "origin": "p"}],
            "standards": [{"id": text, "rules": []}],
        }
        wrong = {
            e.where.split("/")[1] for e in check(from_data(chain)).errors if e.code in ("id", "text", "characters")
        }
        assert wrong == chain.keys(), text


def test_every_depth_is_answered(app: Flask, db: Database) -> None:
    """There is a depth that can just be read and is too deep for what reads on; nowhere does the server break."""
    browser = signed_in(app, db, "Engineer", Grant(Role.QUALITY_ENGINEER))
    seen = set()
    for depth in (10, 800, *range(900, 1000, 3), 5000):
        body = b'{"site":' + b"[" * depth + b"]" * depth + b"}"
        seen.add(browser.ask("POST", "/chain/check", body, Content_Type="application/json").status_code)
    assert seen == {200, 400, 422}
