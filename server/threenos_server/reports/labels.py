"""How what is grouped by is called, in both languages. Names of persons are not among it."""

from threenos_server.chain.model import UNCLASSIFIED, Chain
from threenos_server.reports.document import Named, Text

OTHER = "other"
KINDS = {"reject": Text("Rejection", "拒收"), "stop": Text("Line stop", "停线")}
SEVERITIES = {
    "critical": Text("Critical", "致命"),
    "major": Text("Major", "严重"),
    "minor": Text("Minor", "轻微"),
}
DIMENSIONS = {
    "defect": Text("Defect", "缺陷"),
    "made_at": Text("Made at", "产生工序"),
    "found_at": Text("Found at", "发现工序"),
    "line": Text("Line", "产线"),
    "part": Text("Part", "零件"),
    "shift": Text("Shift", "班次"),
    "severity": Text("Severity", "严重度"),
    "kind": Text("Kind", "类型"),
}
_OTHERS = Text("All others", "其他")
_NO_PART = Text("No part said", "未注明零件")
_NO_SHIFT = Text("Outside of any shift", "班次之外")
_UNCLASSIFIED = Text("Unclassified", "未归类")


def named(chain: Chain, dimension: str, key: str) -> Named:
    """The name of a value of a dimension; what is gone from the chain is its own name."""
    if key == OTHER:
        return _of(key, _OTHERS)
    if key == UNCLASSIFIED:
        return _of(key, _UNCLASSIFIED)
    if dimension in ("made_at", "found_at"):
        name = chain.name_of(key)
        return Named(key, name.en, name.zh)
    if dimension == "defect":
        name = chain.defect_name(key)
        return Named(key, name.en, name.zh)
    if dimension == "line" and key in chain.lines:
        name = chain.lines[key].name
        return Named(key, name.en, name.zh)
    if dimension == "shift":
        return _shift(chain, key)
    if dimension == "part" and not key:
        return _of(key, _NO_PART)
    known = (KINDS if dimension == "kind" else SEVERITIES).get(key)
    return _of(key, known) if known else Named(key, key, key)


def _shift(chain: Chain, key: str) -> Named:
    found = next((s.name for s in chain.calendar.shifts if s.id == key), None)
    return Named(key, found.en, found.zh) if found else _of(key, _NO_SHIFT if not key else Text(key, key))


def _of(key: str, text: Text) -> Named:
    return Named(key, text.en, text.zh)
