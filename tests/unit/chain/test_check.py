"""What a check finds in a document, and at which line."""

import pytest
import yaml  # type: ignore[import-untyped]  # as in what is tested

from threenos_server.chain import document, example, tree
from threenos_server.chain.document import Checked
from threenos_server.errors import Invalid

SOUND = """\
site: {id: plant, name: Plant, timezone: Asia/Shanghai, currency: CNY}
lines:
- {id: one, name: {en: Line one, zh: 一线}, stop_grace: 30 s, owner: paint}
- {id: two}
processes:
- {id: press, line: one, owner: process-owner}
- {id: paint, line: one, owner: process-owner}
- {id: tools, kind: function, owner: supervisor}
stations:
- {id: press-1, process: press}
links:
- {supplier: press, customer: paint, standard: usual}
- {supplier: paint, customer: final-customer}
- {supplier: tools, customer: press, relation: function, standard: usual}
defects:
- {code: dent, name: {en: Dent, zh: 凹痕}, severity: major, origin: press, inspected_by: [paint]}
standards:
- id: usual
  rules:
  - {for: reject, acknowledge: 2 min, ladder: [{after: 0, role: team-leader}, {after: 5 min, role: supervisor}]}
calendar:
  shifts:
  - {id: day, from: 08:00, until: 16:00, days: mon-fri, breaks: [12:00-12:30]}
  holidays: [2026-10-01..2026-10-07, 2027-01-01]
rates:
- {from: 2026-01-01, rework_hour: 60, unit: {press: 3.5}, stop_minute: {one: 50}}
"""


def checked(text: str) -> Checked:
    return document.check(document.from_yaml(text))


def changed(old: str, new: str) -> Checked:
    assert SOUND.count(old) == 1, old
    return checked(SOUND.replace(old, new))


def told(faults: tuple[object, ...]) -> list[str]:
    return [f"{fault.where}: {fault.detail}" for fault in faults]  # type: ignore[attr-defined]  # each is a Fault


def test_a_sound_document_has_no_findings() -> None:
    """The document that the other tests spoil is itself without error and warning."""
    found = checked(SOUND)
    assert (found.errors, found.warnings) == ((), ())
    assert found.sound().stations["press-1"].line == "one"


def test_the_example_factory_has_no_findings_and_is_worth_looking_at() -> None:
    """The example is sound and has the size, branch, join, functions and relations that it promises."""
    found = checked(example.text())
    assert (found.errors, found.warnings) == ((), ())
    chain = found.sound()
    assert len(chain.lines) >= 2 and len(chain.processes) >= 14 and len(chain.stations) >= 24
    assert len(chain.defects) >= 25 and len(chain.functions_of("assembly")) == 3
    assert len({link.relation for link in chain.links}) == 5
    assert len(chain.customers("stamping")) == 2 and len(chain.direct_suppliers("motor-assembly")) == 2
    assert all(x.name.en != x.name.zh for x in chain.defects.values())


ERRORS = {
    "unknown process in a link": (
        "customer: paint, standard",
        "customer: glue, standard",
        12,
        "unknown process `glue`",
    ),
    "unknown supplier": ("supplier: tools", "supplier: glue", 14, "from the unknown process `glue`"),
    "final customer as supplier": ("supplier: tools", "supplier: final-customer", 14, "supplies nobody"),
    "link to itself": ("press, customer: paint", "paint, customer: paint", 12, "a link of `paint` to itself"),
    "cycle": ("paint, customer: final-customer", "paint, customer: press", 13, "a cycle among process links: press →"),
    "step without a customer": ("paint, customer: final-", "tools, customer: final-", 7, "no need for the post"),
    "station of no process": ("press-1, process: press", "press-1, line: one, process: glue", 10, "is of no process"),
    "station on no line": ("press-1, process: press", "press-1, process: tools", 10, "is on no line"),
    "station on an unknown line": ("press-1,", "press-1, line: nine,", 10, "the unknown line `nine`"),
    "station on another line than its step": ("press-1,", "press-1, line: two,", 10, "but `press` on `one`"),
    "unknown origin": ("origin: press", "origin: glue", 16, "the unknown origin `glue`"),
    "unknown inspector": ("[paint]", "[glue]", 16, "inspected by the unknown process `glue`"),
    "duplicate process": ("id: tools, kind: function", "id: press, line: one", 8, "duplicate: process `press`"),
    "duplicate line": ("{id: two}", "{id: one}", 4, "duplicate: line `one`"),
    "duplicate link": (
        "paint, customer: final-customer",
        "press, customer: paint",
        13,
        "duplicate: link `press → paint",
    ),
    "bad id": ("{id: two}", "{id: Two_2}", 4, "`Two_2` is no id"),
    "too long an id": ("{id: two}", "{id: " + "x" * 33 + "}", 4, "is no id"),
    "reserved id": ("id: tools", "id: final-customer", 8, "`final-customer` is reserved"),
    "reserved defect": ("code: dent", "code: unclassified", 16, "`unclassified` is reserved"),
    "unknown key": ("stop_grace: 30 s", "grace: 30 s", 3, "unknown key `grace`"),
    "unknown section": ("rates:", "prices:", 25, "unknown key `prices`"),
    "missing key": ("code: dent, ", "", 16, "`code` is missing"),
    "unknown standard": ("paint, standard: usual", "paint, standard: gold", 12, "service standard `gold` is unknown"),
    "unknown line of a step": ("press, line: one", "press, line: nine", 6, "on the unknown line `nine`"),
    "function on a line": ("tools, kind", "tools, line: one, kind", 8, "serves every line"),
    "unknown line owner": ("owner: paint}", "owner: glue}", 3, "owned by the unknown process `glue`"),
    "unknown owner role": ("owner: supervisor}", "owner: king}", 8, "`king` is none of"),
    "unknown relation": ("relation: function", "relation: friend", 14, "`friend` is none of process"),
    "unknown severity": ("severity: major", "severity: awful", 16, "`awful` is none of minor"),
    "unknown time zone": ("Asia/Shanghai", "Asia/Atlantis", 1, "is no time zone"),
    "bad currency": ("currency: CNY", "currency: yuan", 1, "is no currency"),
    "bad duration": ("stop_grace: 30 s", "stop_grace: soon", 3, "`soon` is no duration"),
    "negative duration": ("stop_grace: 30 s", "stop_grace: -5", 3, "is no duration"),
    "a grace beyond reason": ("stop_grace: 30 s", "stop_grace: 2 h", 3, "over an hour"),
    "bad ladder order": ("after: 5 min", "after: 0", 20, "later than the one before"),
    "bad ladder role": ("role: team-leader", "role: admin", 20, "`admin` is none of worker"),
    "bad time": ("from: 08:00", "from: 8am", 23, "`8am` is no time of day"),
    "bad day": ("mon-fri", "mon-frei", 23, "is no day of the week"),
    "shift on no day": ("days: mon-fri", "days: []", 23, "works on no day"),
    "break outside its shift": ("12:00-12:30", "17:00-17:30", 23, "do not lie within it"),
    "bad holiday": ("2027-01-01", "2027-02-30", 24, "is no date"),
    "holiday that ends before it begins": ("2026-10-07", "2026-09-07", 24, "ends after it begins"),
    "negative amount": ("rework_hour: 60", "rework_hour: -60", 26, "is no amount"),
    "cost of an unknown process": ("{press: 3.5}", "{glue: 3.5}", 26, "unit cost for the unknown process `glue`"),
    "cost of an unknown line": ("{one: 50}", "{nine: 50}", 26, "unknown line `nine`"),
    "control character": ("en: Line one", 'en: "Line\\u0007one"', 3, "control characters"),
    "name without a language": ("{en: Dent, zh: 凹痕}", "{en: Dent}", 16, "`zh` is missing"),
    "list where a mapping belongs": ("{id: two}", "[two]", 4, "a list stands where"),
    "mapping where a list belongs": ("inspected_by: [paint]", "inspected_by: {a: b}", 16, "a list was expected"),
    "alias": ("inspected_by: [paint]", "inspected_by: &p [paint], group: *p", 16, "an alias"),
    "duplicate key": ("severity: major", "severity: major, severity: minor", 16, "duplicate key `severity`"),
}


def batches() -> list[list[str]]:
    """The cases in documents with several errors each, no two on one line: fewer to read, and told side by side."""
    found: list[list[str]] = []
    for case, (_, _, line, _) in ERRORS.items():
        fitting = (batch for batch in found if all(ERRORS[other][2] != line for other in batch))
        batch = None if case in ALONE else next((batch for batch in fitting if batch[0] not in ALONE), None)
        if batch is None:
            found.append([case])
        else:
            batch.append(case)
    return found


#: What these break hides the errors of others, or they need the lines that others break.
ALONE = {
    "cycle",
    "step without a customer",
    "duplicate process",
    "duplicate link",
    "link to itself",
    "reserved id",
    "unknown section",
    "list where a mapping belongs",
}


@pytest.mark.parametrize("batch", batches(), ids=lambda batch: f"{len(batch)} with {batch[0]}")
def test_each_error_names_its_line(batch: list[str]) -> None:
    """An error is told at the line where it stands, beside the others, and there is no chain."""
    text = SOUND
    for case in batch:
        old, new = ERRORS[case][:2]
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    found = checked(text)
    for case in batch:
        _, _, line, detail = ERRORS[case]
        same_line = [fault.detail for fault in found.errors if fault.where == f"line {line}"]
        assert any(detail in text for text in same_line), (case, told(found.errors))
    assert found.chain is None


WARNINGS = {
    "link without a standard": ("customer: paint, standard: usual", "customer: paint", 12, "has no service standard"),
    "process without an owner": (
        "tools, kind: function, owner: supervisor",
        "tools, kind: function",
        8,
        "no owner role",
    ),
    "defect that nobody inspects for": (", inspected_by: [paint]", "", 16, "no process inspects for defect `dent`"),
    "step that no link reaches": (
        "tools, customer: press",
        "tools, customer: paint",
        6,
        "no link reaches step `press`",
    ),
}


@pytest.mark.parametrize("case", WARNINGS)
def test_each_warning_names_its_line(case: str) -> None:
    """A warning is told at its line, alone, and the chain stands all the same."""
    old, new, line, detail = WARNINGS[case]
    found = changed(old, new)
    assert found.errors == () and found.chain is not None
    assert len(found.warnings) == 1
    assert told(found.warnings)[0].startswith(f"line {line}: ") and detail in told(found.warnings)[0]


def test_several_errors_are_told_at_once_in_the_order_of_the_document() -> None:
    """A plant mends its file in one go, not error by error."""
    text = SOUND.replace("stop_grace", "grace").replace("origin: press", "origin: glue").replace("08:00", "8am")
    assert [fault.where for fault in checked(text).errors] == ["line 3", "line 16", "line 23"]


def test_a_default_standard_is_enough_for_every_link() -> None:
    """A link that names no standard has the one called `default`."""
    found = checked(SOUND.replace("id: usual", "id: default").replace(", standard: usual", ""))
    assert (found.errors, found.warnings) == ((), ())


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: [1\nb: 2\n", "line 2"),
        ("site: {id: a\n", "line 2"),
        ("\tsite: a", "line 1"),
        ("a: 1\n---\nb: 2\n", "line 2"),
    ],
)
def test_what_is_no_yaml_says_where(text: str, where: str) -> None:
    """A syntax error carries its line, like every other."""
    with pytest.raises(Invalid) as refused:
        document.from_yaml(text)
    assert refused.value.faults[0].where == where


@pytest.mark.parametrize(
    "text", ["", "[]", "site", "site: []", "lines: {}", "5", "? [a]\n: b", "!!python/object:os.x {}"]
)
def test_a_document_of_another_shape_is_an_error_and_no_crash(text: str) -> None:
    """Whatever stands in the file, the answer is a list of faults."""
    assert checked(text).errors


def test_deep_nesting_is_refused() -> None:
    """Nesting that would exhaust the stack is an error like any other."""
    with pytest.raises(Invalid, match="not YAML"):
        document.from_yaml("site: " + "[" * 5000 + "]" * 5000)


def test_json_faults_have_pointers() -> None:
    """Faults in a document that came as JSON name their place with a JSON pointer."""
    found = document.check(
        document.from_data(
            {"site": {"id": "Bad Id", "timezone": "UTC"}, "links": [{"supplier": "a", "customer": "~/b"}, {}]}
        )
    )
    assert {"/site/id", "/links/0/supplier", "/links/0/customer", "/links/1"} == {fault.where for fault in found.errors}


def test_a_text_is_read_as_yaml_1_2_and_without_libyaml_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """What older YAML takes for truths, clocks and octals stays text; each part has its line, whoever reads."""
    text = (
        "# a comment\nsite: {id: a, name: yes}\nlines:\n- {on: off, no: 12:30}\n"
        "- [007, 0o17, 1_000, 42, -1, 1.5, 1e3,\n"
        "   .inf, ~, null, True, '42', !!str 43, !!int '44', 2026-01-01]\n- |\n  two\n  lines\n? [a, {b: c}]\n: d\n"
    )
    wanted = {
        "site": {"id": "a", "name": "yes"},
        "lines": [
            {"on": "off", "no": "12:30"},
            ["007", "0o17", "1_000", 42, "-1", 1.5, 1000.0, ".inf", None, None, True, "42", "43", 44, "2026-01-01"],
            "two\nlines\n",
        ],
        "?": "d",
    }
    for loader in (tree.LOADER, yaml.BaseLoader):
        monkeypatch.setattr(tree, "LOADER", loader)
        source = document.from_yaml(text)
        assert source.data == wanted
        places = [
            ("site", "name"),
            ("lines",),
            ("lines", 0, "no"),
            ("lines", 1, 3),
            ("lines", 1, 9),
            ("lines", 2),
            ("?",),
        ]
        assert [source.place(path)[0] for path in places] == [2, 3, 4, 5, 6, 7, 10]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("a: 1\nb: [", 2, "did not find"),
        ("a: 1\nb: c: d\n", 2, "mapping values"),
        ("a: 1\n\nb: \0", 3, "control characters"),
        ("甲: 1\nb: \ud800", 2, "half a character"),
        ('a: 1\nb: "\\ud800"', 2, "character"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: 1\nb: " + "[" * 20, 2, "too deeply"),
        ("%YAML 9.9\n---\na: 1", 1, "incompatible"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(text: str, line: int, why: str) -> None:
    """And why, as far as the reader knows."""
    with pytest.raises(Invalid, match="not YAML") as raised:
        document.from_yaml(text)
    (fault,) = raised.value.faults
    assert fault.where == f"line {line}" and why in fault.detail
