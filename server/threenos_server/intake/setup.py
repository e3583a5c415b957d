"""What a station shows: its process, its suppliers, defect tiles and calls, taken from the chain."""

from typing import Any

from threenos_server.chain.model import Chain, Defect, Line, Name, Process, Site, Station
from threenos_wire.events import Severity

STANDARD_KINDS = ("reject", "stop", "call")


def setup_of(chain: Chain, station: Station) -> dict[str, Any]:
    """The retained `setup` document of one station, as the contract has it."""
    process, line = chain.processes[station.process], chain.lines[station.line]
    direct = chain.direct_suppliers(process.id)
    return {
        "v": 1,
        "chain": chain.version,
        "site": _named(chain.site),
        "station": _named(station),
        "line": _named(line) | {"grace_s": chain.grace_s(line.id)},
        "process": _named(process),
        "suppliers": [_of(chain, p) for p in direct],
        "upstream": [_of(chain, p) for p in sorted(chain.upstream(process.id)) if p not in direct],
        "customers": [_of(chain, p) for p in chain.customers(process.id)],
        "defects": [_tile(d) for d in chain.defects_at(process.id)],
        "own_defects": [_tile(d) for d in chain.own_defects(process.id)],
        "calls": [_named(f) for f in chain.functions_of(line.id)],
        "standards": {kind: _standard(chain, process.id, kind) for kind in STANDARD_KINDS},
    }


def _standard(chain: Chain, process: str, kind: str) -> dict[str, int]:
    suppliers = chain.direct_suppliers(process)
    supplier = suppliers[0] if suppliers else process
    limits = chain.limits(supplier, process, kind, Severity.MAJOR)
    every = {
        "acknowledge": limits.acknowledge_s,
        "arrive": limits.arrive_s,
        "contain": limits.contain_s,
        "answer": limits.answer_s,
    }
    return {clock: seconds for clock, seconds in every.items() if seconds is not None}


def _of(chain: Chain, process: str) -> dict[str, Any]:
    return {"id": process, "name": _both(chain.name_of(process))}


def _named(thing: Line | Process | Site | Station) -> dict[str, Any]:
    return {"id": thing.id, "name": _both(thing.name)}


def _tile(defect: Defect) -> dict[str, Any]:
    return {
        "code": defect.code,
        "name": _both(defect.name),
        "severity": defect.severity,
        "origin": defect.origin,
        "pictogram": defect.pictogram,
    }


def _both(name: Name) -> dict[str, str]:
    return {"en": name.en, "zh": name.zh}
