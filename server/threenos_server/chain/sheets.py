"""The document as tables of cells, one for each kind of entry, and back. Pure; `xlsx` puts them into a file."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from threenos_server.chain.finding import Code, Finding, Path
from threenos_server.chain.write import Plain

Cell = str | int | float | None
Row = tuple[int, dict[str, Cell]]
"""The number of a row in its sheet, and its cells by the names of the columns."""

_NAME = ("name_en", "name_zh")
SHEETS: dict[str, tuple[str, ...]] = {
    "site": ("id", *_NAME, "timezone", "currency"),
    "shifts": ("id", *_NAME, "from", "until", "days", "breaks"),
    "holidays": ("date",),
    "lines": ("id", *_NAME, "stop_grace", "owner"),
    "processes": ("id", *_NAME, "kind", "owner", "line"),
    "stations": ("id", *_NAME, "line", "process"),
    "links": ("supplier", "customer", "relation", "standard"),
    "defects": ("code", *_NAME, "severity", "origin", "inspected_by", "pictogram", "group"),
    "standards": ("id", "for", "severity", "acknowledge", "arrive", "contain", "answer", "ladder"),
    "rates": ("from", "what", "of", "amount"),
}
_LISTS = ("days", "breaks", "inspected_by")
_SEPARATORS = re.compile(r"[,;，；、\n]")
#: What a ladder's cell says when nobody is to be told; an empty cell leaves the default.
NO_LADDER = "none"


def tables(document: Plain) -> dict[str, list[list[Cell]]]:
    """For each sheet its rows of cells, without the heading."""
    calendar = document.get("calendar", {})
    entries = document | calendar | {"site": [document["site"]]}
    found = {
        name: [_cells(entry, columns) for entry in entries.get(name, ())]
        for name, columns in SHEETS.items()
        if name not in ("holidays", "standards", "rates")
    }
    found["holidays"] = [[day] for day in calendar.get("holidays", ())]
    found["standards"] = [
        _cells({"id": standard["id"]} | rule, SHEETS["standards"])
        for standard in document.get("standards", ())
        for rule in standard["rules"]
    ]
    found["rates"] = [[rates["from"], *row] for rates in document.get("rates", ()) for row in _costs(rates)]
    return found


def _costs(rates: Plain) -> Iterator[list[Cell]]:
    for what in ("rework_hour", "sort_hour"):
        yield [what, None, rates[what]]
    for what in ("unit", "stop_minute"):
        for of, amount in rates.get(what, {}).items():
            yield [what, of, amount]


def _cells(entry: Plain, columns: Sequence[str]) -> list[Cell]:
    name = entry.get("name")
    both = name if isinstance(name, dict) else {"en": name, "zh": name}
    flat = entry | {"name_en": both["en"], "name_zh": both["zh"]}
    return [_cell(flat.get(column), column) for column in columns]


def _cell(value: Any, column: str) -> Cell:
    if column == "ladder" and value is not None:
        return ", ".join(f"{rung['after']} {rung['role']}" for rung in value) or NO_LADDER
    if isinstance(value, list):
        return ", ".join(value)
    return value  # type: ignore[no-any-return]  # the document's other values are cells as they are


@dataclass
class Reading:
    """A document as it grows from the rows of sheets. `places` has the sheet and row of each path."""

    data: Plain = field(default_factory=dict)
    places: dict[Path, tuple[str, int]] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)
    _standards: dict[Cell, int] = field(default_factory=dict)
    _dates: dict[Cell, int] = field(default_factory=dict)

    def take(self, sheet: str, rows: Sequence[Row]) -> None:
        """Add the rows of one of SHEETS."""
        readers: dict[str, Callable[[int, dict[str, Cell]], None]] = {
            "site": self._site, "holidays": self._holiday, "standards": self._rule, "rates": self._cost,
        }  # fmt: skip
        reader = readers.get(sheet)
        for number, cells in rows:
            if reader is not None:
                reader(number, cells)
            elif sheet == "shifts":
                self._append(("calendar", "shifts"), sheet, number, _entry(cells))
            else:
                self._append((sheet,), sheet, number, _entry(cells))

    def _append(self, path: Path, sheet: str, row: int, value: Any) -> None:
        into: Any = self.data
        for part in path[:-1]:
            into = into.setdefault(part, {})
        entries = into.setdefault(path[-1], [])
        self.places[(*path, len(entries))] = (sheet, row)
        entries.append(value)

    def _site(self, row: int, cells: dict[str, Cell]) -> None:
        if "site" in self.data:
            self.places[("site", "again")] = ("site", row)
            self.faults.append(Finding(("site", "again"), "a document is of one site"))
            return
        self.data["site"] = _entry(cells)
        self.places[("site",)] = ("site", row)

    def _holiday(self, row: int, cells: dict[str, Cell]) -> None:
        self._append(("calendar", "holidays"), "holidays", row, cells["date"])

    def _rule(self, row: int, cells: dict[str, Cell]) -> None:
        """The rows of a standard need not stand together."""
        rule = _entry(cells)
        standards = self.data.setdefault("standards", [])
        at = self._standards.setdefault(cells["id"], len(standards))
        if at == len(standards):
            self._append(("standards",), "standards", row, {"id": rule.get("id"), "rules": []})
        rule.pop("id", None)
        self.places[("standards", at, "rules", len(standards[at]["rules"]))] = ("standards", row)
        standards[at]["rules"].append(rule)

    def _cost(self, row: int, cells: dict[str, Cell]) -> None:
        rates = self.data.setdefault("rates", [])
        at = self._dates.setdefault(cells["from"], len(rates))
        if at == len(rates):
            self._append(("rates",), "rates", row, {"from": cells["from"]})
        what, of = str(cells["what"]), cells["of"]
        path: Path = ("rates", at, what) if of is None else ("rates", at, what, str(of))
        into = rates[at] if of is None else rates[at].setdefault(what, {})
        if path[-1] in into:
            path = (*path, row)
            self.faults.append(
                Finding(path, "duplicate: this amount is given in a row above", Code.DUPLICATE, (str(path[-1]),))
            )
        else:
            into[path[-1]] = cells["amount"]
        self.places[path] = ("rates", row)


def _entry(cells: dict[str, Cell]) -> Plain:
    """A row as the document has it: without empty cells, lists split, both names in one."""
    entry: Plain = {
        key: _listed(value) if key in _LISTS else value for key, value in cells.items() if value is not None
    }
    en, zh = entry.pop("name_en", None), entry.pop("name_zh", None)
    if en is not None or zh is not None:
        entry["name"] = {"en": en, "zh": zh} if en is not None and zh is not None else en if zh is None else zh
    if "ladder" in entry:
        entry["ladder"] = _ladder(str(entry["ladder"]))
    return entry


def _listed(value: Cell) -> list[str]:
    return [part.strip() for part in _SEPARATORS.split(str(value)) if part.strip()]


def _ladder(text: str) -> list[Plain]:
    if text == NO_LADDER:
        return []
    pieces = (piece.rpartition(" ") for piece in _listed(text))
    return [{"after": after or None, "role": role} for after, _, role in pieces]
