"""What a person imports: a chain as YAML, as JSON and as a workbook; readings as CSV; photos."""

import zlib

import msgspec
from fuzz.target import Target
from hostile.corpus import documents, pictures

from threenos_server.chain.document import Source, check, from_data, from_yaml, to_yaml
from threenos_server.chain.xlsx import from_xlsx
from threenos_server.errors import Invalid
from threenos_server.http.photo_image import clean
from threenos_server.reports.figures.charts.model import Kind
from threenos_server.reports.figures.charts.reading import read

SMALL = b"""site: {id: a, name: {en: A, zh: \xe7\x94\xb2}, timezone: Asia/Shanghai, currency: CNY}
calendar: {shifts: [{id: e, from: "06:00", until: "14:00", days: mon-fri, breaks: ["09:00-09:15"]}]}
lines: [{id: l, stop_grace: 30 s}]
processes: [{id: p, line: l, owner: process-owner}, {id: q, kind: function}]
stations: [{id: s, process: p}]
links: [{supplier: q, customer: p, relation: function}, {supplier: p, customer: final-customer, standard: d}]
defects: [{code: x, origin: p, severity: major, inspected_by: [p]}]
standards: [{id: d, rules: [{for: stop, acknowledge: 60 s, ladder: [{after: 0, role: team-leader}]}]}]
rates: [{from: 2026-01-01, rework_hour: 10, unit: {p: 3.5}}]
"""
_SECTIONS = (
    "site",
    "calendar",
    "lines",
    "processes",
    "stations",
    "links",
    "defects",
    "standards",
    "rates",
    "id",
    "name",
)
_WORDS = (
    *(f"{word}: ".encode() for word in _SECTIONS), b"- ", b"? ", b"| ", b">-\n", b"&a ", b"*a", b"!!int ",
    b"!!python/name:os ", b"%YAML 1.1\n", b"---\n", b"...\n", b"\\x00", b"\\UFFFFFFFF", b"2026-01-01", b"08:00", b"#",
    b"~", b"<<: ",
)  # fmt: skip


def _told(source: Source) -> str:
    found = check(source)
    msgspec.json.encode([(e.where, e.detail, e.code, e.about) for e in (*found.errors, *found.warnings)])
    if found.chain is not None:
        to_yaml(found.chain)
    return "taken" if found.chain is not None else str(found.errors[0].code)


def _refused(e: Invalid) -> str:
    msgspec.json.encode([e.detail, [(f.where, f.detail) for f in e.faults]])
    return e.detail[:40]


def _yaml(raw: bytes) -> str:
    try:
        return _told(from_yaml(raw.decode(errors="replace")))
    except Invalid as e:
        return _refused(e)


def _json(raw: bytes) -> str:
    try:
        data = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return "no JSON"
    return _told(from_data(data))


_PARTS = documents.parts(documents.workbook())
_NAMES = [name for name in _PARTS if not name.startswith(("docProps", "xl/theme", "xl/worksheets"))]
#: A workbook of two sheets: reading more of them takes longer and finds the same.
_SHEETS = ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet4.xml")
_EMPTY = documents.sheet("")


def _workbook(raw: bytes) -> str:
    """The first byte says which part the rest replaces; beyond the parts it is the whole file."""
    at, inside = (raw[0] if raw else 255), raw[1:]
    names = [*_NAMES, *_SHEETS]
    if at < len(names):
        parts = {n: d if n in names or not n.startswith("xl/worksheets") else _EMPTY for n, d in _PARTS.items()}
        inside = documents.packed(parts | {names[at]: inside}, 0)
    try:
        return _told(from_xlsx(inside))
    except Invalid as e:
        return _refused(e)


def _photo(raw: bytes) -> str:
    """A PNG gets true checksums, without which no reader looks into its chunks."""
    try:
        return clean(_checked(raw) if raw.startswith(b"\x89PNG") else raw).media_type
    except Invalid as e:
        return e.detail.partition(":")[0]


def _checked(raw: bytes) -> bytes:
    out, at = raw[:8], 8
    while at + 12 <= len(raw):
        length = min(int.from_bytes(raw[at : at + 4]), len(raw) - at - 12)
        body = raw[at + 4 : at + 8 + length]
        out += length.to_bytes(4) + body + zlib.crc32(body).to_bytes(4)
        at += 12 + length
    return out + raw[at:]


def _csv(raw: bytes) -> str:
    """The first byte says of what kind the chart is."""
    kinds = list(Kind)
    try:
        read(raw[1:], "f.csv", kinds[raw[0] % len(kinds)] if raw else kinds[0])
    except Invalid as e:
        return _refused(e)[:24]
    return "taken"


def yaml() -> Target:
    seeds = [SMALL, *SMALL.splitlines(), *(text.encode() for text in documents.YAML.values())]
    return Target("chain-yaml", _yaml, [s for s in seeds if len(s) < 600], SMALL.splitlines()[0], _WORDS)


def json() -> Target:
    good = msgspec.json.encode(from_yaml(SMALL.decode()).data)
    return Target("chain-json", _json, [good], good, tuple(w.replace(b": ", b'":') for w in _WORDS))


def workbook() -> Target:
    names = [*_NAMES, *_SHEETS]
    seeds = [bytes([i]) + _PARTS[name] for i, name in enumerate(names)]
    seeds += [b"\xff" + content for content in documents.workbooks().values() if len(content) < 4000]
    tags = (b"<c ", b"<v>", b"</v>", b' t="s"', b' t="d"', b' r="A1"', b'<row r="9"', b"<!DOCTYPE ", b"<!ENTITY a ",
            b"&a;", b' s="99"', b"<f>", b"<is><t>", b"_x0000_", b'Target="', b"numFmtId=")  # fmt: skip
    return Target("chain-xlsx", _workbook, seeds, seeds[len(names) - 1], tags)


def photo() -> Target:
    valid = pictures.made("PNG")
    seeds = [raw for raw in (*pictures.carriers().values(), *pictures.refused().values()) if len(raw) < 3000]
    seeds += [
        pictures.made(form, **how) for form, how in (("JPEG", {"progressive": True}), ("WEBP", {"lossless": True}))
    ]
    words = (
        b"\xff\xd8", b"\xff\xda", b"\xff\xc0", b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"eXIf", b"Exif\0\0", b"acTL",
        b"RIFF", b"VP8L", b"VP8X", b"ANIM", b"MM\0*", b"II*\0",
    )  # fmt: skip
    return Target("photo", _photo, seeds, valid, words)


def csv() -> Target:
    kinds = len(list(Kind))
    rows = b'label,count,size,value\n2026-01,3,100,1.5\n"a, b",0,1e3,-2\n'
    seeds = [bytes([i]) + rows for i in range(kinds)] + [b"\0\xef\xbb\xbf" + rows]
    return Target("spc-csv", _csv, seeds, b"\0" + rows, (b"label", b"count", b'""', b",", b";", b"\r\n", b"1e999"))


MAKE = {"chain-yaml": yaml, "chain-json": json, "chain-xlsx": workbook, "photo": photo, "spc-csv": csv}
