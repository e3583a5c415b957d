"""Chains that are none: YAML and workbooks that ask for more than they say."""

import io
import zipfile
from collections.abc import Mapping

from threenos_server.chain import example
from threenos_server.chain.document import check, from_yaml
from threenos_server.chain.xlsx import to_xlsx

_LAUGHS = "a: &a [lol,lol,lol,lol,lol,lol,lol,lol,lol]\n" + "".join(
    f"{after}: &{after} [{','.join(f'*{before}' for _ in range(9))}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)
YAML: dict[str, str] = {
    "a billion laughs": _LAUGHS,
    "an alias to itself": "&a [*a]",
    "the same anchor a thousand times": "- &a b\n" * 1000,
    "an object of Python": "site: !!python/object/apply:os.system ['touch /tmp/broken']",
    "a module of Python": "!!python/module:os",
    "an object by its class": "!<tag:yaml.org,2002:python/object/new:subprocess.Popen> [[id]]",
    "half a character": 'site: {id: "\\ud800", timezone: UTC}',
    "half a character for a key": '"\\udfff": 1',
    "no character": 'site: {id: "\\UFFFFFFFF"}',
    "NUL": 'site: {id: "a\\0b", timezone: "\\0"}',
    "deep flow": "[" * 5000,
    "deep blocks": "- " * 5000,
    "deep keys": "? " * 5000,
    "a version of YAML that never was": "%YAML 999999999999999999999.9\n---\na: 1",
    "a version of YAML that never was, in the middle": "a: 1\n%YAML 999999999999999999999.9\n---\na: 1",
    "two documents": "a: 1\n---\nb: 2",
    "keys that are no text": "{[1]: 2, {a: b}: 3, null: 4}",
    "the same key twice": "site: {id: a}\nsite: {id: b}",
    "digits without end": "site: {id: a, timezone: UTC}\nlines: [{id: a, stop_grace: " + "9" * 6000 + "}]",
    "numbers that are none": "rates: [{from: 2026-01-01, rework_hour: .nan, sort_hour: .inf, unit: {a: 1e999}}]",
    "a time zone outside": "site: {id: a, timezone: ../../../etc/passwd}",
    "holidays without end": "calendar: {holidays: [0001-01-01..9999-12-31, 9999-12-31..9999-12-31]}",
    "a script for an id": "site: {id: <script>alert(1)</script>, timezone: UTC}",
    "a merge of nothing": "site: {<<: *x, id: a}",
    "tabs": "site:\n\tid: a",
    "a list for everything": "\n".join(f"{name}: [[], {{}}, [[]], null, 1.5, '']" for name in (
        "site", "calendar", "lines", "processes", "stations", "links", "defects", "standards", "rates")),
    "a mapping for everything": "\n".join(f"{name}: {{a: {{b: c}}}}" for name in (
        "site", "calendar", "lines", "processes", "stations", "links", "defects", "standards", "rates")),
}  # fmt: skip

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ENTITIES = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaaaaaaaa'>" + "".join(
    f"<!ENTITY {after} '{f'&{before};' * 20}'>" for before, after in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip


def workbook() -> bytes:
    """The example factory as a good workbook."""
    return to_xlsx(check(from_yaml(example.text())).sound())


def parts(content: bytes) -> dict[str, bytes]:
    """What is packed in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {part.filename: packed.read(part) for part in packed.infolist()}


def packed(content: Mapping[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """These parts as a file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return out.getvalue()


def sheet(rows: str, dimension: str = "A1") -> bytes:
    return (
        f'<worksheet xmlns="{_MAIN}"><dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'.encode()
    )


def _cell(column: str, inside: str, kind: str = "inlineStr") -> str:
    return f'<c r="{column}1" t="{kind}">{inside}</c>'


def workbooks() -> dict[str, bytes]:
    """Files that somebody calls a workbook; each is small, whatever it unpacks to."""
    good = parts(workbook())
    first = "xl/worksheets/sheet1.xml"
    heading = "<row r='1'>" + _cell("A", "<is><t>id</t></is>") + "</row>"

    def with_part(name: str, data: bytes) -> bytes:
        return packed(good | {name: data})

    lying = bytearray(with_part(first, b"0" * 3_000_000))
    lying[lying.rfind(b"PK\x01\x02", 0, lying.rfind(first.encode())) + 24 :][:4] = b"\x01\0\0\0"
    return {
        "nothing": b"",
        "no archive": b"PK\x03\x04" + b"\0" * 200,
        "an empty archive": packed({}),
        "a text": b"id,name\n1,2\n",
        "a zip bomb": with_part(first, sheet(" " * 40_000_000)),
        "a bomb that lies about its size": bytes(lying),
        "a bomb of tags": with_part("xl/styles.xml", f'<styleSheet xmlns="{_MAIN}">'.encode() + b"<a/>" * 2_000_000),
        "a style beyond all": with_part(
            "xl/styles.xml", good["xl/styles.xml"].replace(b'numFmtId="0"', b'numFmtId="99999999999999999999"')
        ),
        "a billion laughs": with_part("xl/workbook.xml", f"{_ENTITIES}<workbook>&i;</workbook>".encode()),
        "a billion laughs in a sheet": with_part(
            first, _ENTITIES.encode() + sheet(f"<row>{_cell('A', '<is><t>&i;</t></is>')}</row>")
        ),
        "an external entity": with_part(
            first,
            b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
            + sheet(f"<row>{_cell('A', '<is><t>&a;</t></is>')}</row>"),
        ),
        "huge dimensions": with_part(first, sheet(heading, "A1:XFD1048576")),
        "dimensions that are none": with_part(first, sheet(heading, "ZZZZZZZ99999999999:?")),
        "a column beyond all": with_part(first, sheet("<row r='1'><c r='ZZZZZZ1'><v>1</v></c></row>")),
        "a row beyond all": with_part(first, sheet(f"{heading}<row r='{'9' * 30}'><c><v>1</v></c></row>")),
        "the last row": with_part(first, sheet(f"{heading}<row r='1048576'><c r='A1048576'><v>1</v></c></row>")),
        "5,000 digits": with_part(first, sheet(f"{heading}<row r='2'><c r='A2'><v>{'9' * 5000}</v></c></row>")),
        "numbers that are none": with_part(
            first, sheet(f"{heading}<row r='2'><c r='A2'><v>nan</v></c><c r='B2'><v>1e999</v></c></row>")
        ),
        "a text that is not shared": with_part(first, sheet("<row r='1'><c r='A1' t='s'><v>99999999</v></c></row>")),
        "a formula": with_part(first, sheet(f"{heading}<row r='2'><c r='A2'><f>cmd|' /c calc'!A0</f></c></row>")),
        "no content types": packed({name: data for name, data in good.items() if name != "[Content_Types].xml"}),
        "packed by LZMA": packed(good, zipfile.ZIP_LZMA),
        "packed by bzip2": packed(good, zipfile.ZIP_BZIP2),
        "paths that lead out": packed(good | {"../../etc/passwd": b"x", "/etc/passwd": b"x", "C:\\x": b"x"}),
        "parts without end": packed(good | {f"xl/{i}": b"" for i in range(1200)}),
        "cut off": workbook()[:-100],
        "cut in its middle": workbook()[:4000] + workbook()[5000:],
    }
