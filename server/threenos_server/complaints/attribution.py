"""Whom a complaint is charged to. Pure.

The supplier is whose output was refused; made-at is who is charged, answers, and appears in figures.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict

from threenos_server.chain.model import UNCLASSIFIED, Chain
from threenos_server.complaints.life import ComplaintKind


class Attribution(StrEnum):
    SUSPECTED = "suspected"
    ACCEPTED = "accepted"
    DISPUTED = "disputed"
    CONFIRMED = "confirmed"


class Basis(StrEnum):
    OPERATOR = "operator"
    DEFECT_ORIGIN = "defect-origin"
    DIRECT_SUPPLIER = "direct-supplier"
    RULING = "ruling"
    CAUSE = "cause"
    NONE = "none"


class PassedBy(TypedDict):
    """A process between made-at and found-at, and whether its control plan looks for the defect."""

    process: str
    inspects: bool


@dataclass(frozen=True, slots=True)
class Charge:
    """`made_at` None is "no defect found", which charges nobody. `stages` are links on the shortest path."""

    supplier: str
    made_at: str | None
    basis: Basis
    passed_by: tuple[PassedBy, ...]
    stages: int | None
    relation: str | None


_Question = tuple[str, str | None, str | None, ComplaintKind, str]
#: What was worked out for the few chains in use: the intake asks the same some thousand times a second.
_kept: dict[int, tuple[Chain, dict[_Question, Charge]]] = {}


def charge(
    chain: Chain, process: str, touched: str | None, defect: str | None, kind: ComplaintKind, line: str
) -> Charge:
    """The charge of a press at a station of `process`: what the worker touched, else the defect, else the neighbour.

    `touched` is the upstream process, on a stop its cause, on a call the function that is needed. The touch "don't
    know" leaves the question to the defect; a touch of something that nobody knows goes to the quality engineer.
    """
    if touched == UNCLASSIFIED:
        touched = None
    elif touched is not None and touched not in chain.processes:
        touched = _NOBODY
    of_chain, kept = _kept.get(id(chain), _NONE)
    if of_chain is not chain:
        if len(_kept) >= 16:
            _kept.clear()
        kept = _kept.setdefault(id(chain), (chain, {}))[1]
    question = (process, touched, defect, kind, line)
    answer = kept.get(question)
    if answer is None:
        answer = kept[question] = _charge(chain, *question)
    return answer


def _charge(
    chain: Chain, process: str, touched: str | None, defect: str | None, kind: ComplaintKind, line: str
) -> Charge:
    if kind is ComplaintKind.CALL:
        return _called(chain, process, touched, line)
    if kind is ComplaintKind.STOP and defect is None:
        return _cause(chain, process, touched)
    supplier, made_at, basis = _of_product(chain, process, touched, chain.defects.get(defect or ""))
    return _complete(chain, process, supplier, made_at, basis, defect)


#: Touched, but nobody knows it.
_NOBODY = "?"
_NONE: tuple[Chain | None, dict[_Question, Charge]] = (None, {})


def ruled(chain: Chain, process: str, supplier: str, made_at: str | None, defect: str | None) -> Charge:
    """The charge after a ruling. Whose output was refused stays, unless nobody knew."""
    if supplier == UNCLASSIFIED and made_at is not None:
        supplier = _through(chain, process, made_at)
    return _complete(chain, process, supplier, made_at, Basis.RULING, defect)


def way(
    chain: Chain, made_at: str | None, found_at: str, defect: str | None
) -> tuple[tuple[PassedBy, ...], int | None]:
    """The processes on all paths from made-at to found-at, and the number of links between the two."""
    if made_at is None or made_at not in chain.processes:
        return (), None
    passed = chain.passed_by(made_at, found_at)
    return (
        tuple(PassedBy(process=p, inspects=chain.inspects(p, defect)) for p in passed),
        chain.stages(made_at, found_at),
    )


def _of_product(chain: Chain, process: str, touched: str | None, known: object) -> tuple[str, str, Basis]:
    upstream = chain.upstream(process)
    if touched is not None:
        if touched in upstream or _relation(chain, touched, process):
            return touched, touched, Basis.OPERATOR
        return UNCLASSIFIED, UNCLASSIFIED, Basis.NONE
    origin = getattr(known, "origin", None)
    if origin in upstream:
        return _through(chain, process, str(origin)), str(origin), Basis.DEFECT_ORIGIN
    direct = chain.direct_suppliers(process)
    if len(direct) == 1:
        return direct[0], direct[0], Basis.DIRECT_SUPPLIER
    return UNCLASSIFIED, UNCLASSIFIED, Basis.NONE


def _through(chain: Chain, process: str, made_at: str) -> str:
    """The direct supplier by whose hands it came; unclassified when it may have been several."""
    direct = chain.direct_suppliers(process)
    if made_at in direct or made_at not in chain.upstream(process):
        return made_at
    hands = [p for p in direct if made_at in chain.upstream(p)]
    return hands[0] if len(hands) == 1 else UNCLASSIFIED


def _cause(chain: Chain, process: str, touched: str | None) -> Charge:
    cause, basis = (touched, Basis.CAUSE) if touched in chain.processes else (UNCLASSIFIED, Basis.NONE)
    return _complete(chain, process, str(cause), str(cause), basis, None)


def _called(chain: Chain, process: str, touched: str | None, line: str) -> Charge:
    functions = [p.id for p in chain.functions_of(line)]
    if touched in functions:
        return _complete(chain, process, str(touched), touched, Basis.OPERATOR, None)
    if touched is None and len(functions) == 1:
        return _complete(chain, process, functions[0], functions[0], Basis.DIRECT_SUPPLIER, None)
    return _complete(chain, process, UNCLASSIFIED, UNCLASSIFIED, Basis.NONE, None)


def _complete(
    chain: Chain, process: str, supplier: str, made_at: str | None, basis: Basis, defect: str | None
) -> Charge:
    passed, stages = way(chain, made_at, process, defect)
    return Charge(supplier, made_at, basis, passed, stages, _relation(chain, supplier, process))


def _relation(chain: Chain, supplier: str, customer: str) -> str | None:
    return next((str(x.relation) for x in chain.supplier_links(customer) if x.supplier == supplier), None)
