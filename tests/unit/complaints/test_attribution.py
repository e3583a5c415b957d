"""Whom a complaint is charged to, on a diamond of processes."""

import pytest

from threenos_server.chain.model import UNCLASSIFIED, Chain
from threenos_server.complaints.attribution import Basis, charge, ruled
from threenos_server.complaints.life import ComplaintKind

REJECT, STOP, CALL = ComplaintKind.REJECT, ComplaintKind.STOP, ComplaintKind.CALL


@pytest.mark.parametrize(
    ("process", "touched", "defect", "supplier", "made_at", "basis"),
    [
        ("assembly", "turning", "burr", "turning", "turning", Basis.OPERATOR),
        ("packing", "casting", None, "casting", "casting", Basis.OPERATOR),
        ("assembly", None, "burr", "milling", "milling", Basis.DEFECT_ORIGIN),
        ("assembly", None, "pore", UNCLASSIFIED, "casting", Basis.DEFECT_ORIGIN),
        ("packing", None, "pore", "assembly", "casting", Basis.DEFECT_ORIGIN),
        ("packing", None, None, "assembly", "assembly", Basis.DIRECT_SUPPLIER),
        ("packing", None, "unknown", "assembly", "assembly", Basis.DIRECT_SUPPLIER),
        ("turning", None, "loose", "casting", "casting", Basis.DIRECT_SUPPLIER),
        ("assembly", None, None, UNCLASSIFIED, UNCLASSIFIED, Basis.NONE),
        ("assembly", None, "dent", UNCLASSIFIED, UNCLASSIFIED, Basis.NONE),
        ("assembly", "atlantis", "burr", UNCLASSIFIED, UNCLASSIFIED, Basis.NONE),
        ("assembly", "packing", "burr", UNCLASSIFIED, UNCLASSIFIED, Basis.NONE),
        ("assembly", UNCLASSIFIED, "burr", "milling", "milling", Basis.DEFECT_ORIGIN),
        ("assembly", "maintenance", None, "maintenance", "maintenance", Basis.OPERATOR),
        ("casting", None, "pore", UNCLASSIFIED, UNCLASSIFIED, Basis.NONE),
    ],
)
def test_in_this_order(
    chain: Chain, process: str, touched: str | None, defect: str | None, supplier: str, made_at: str, basis: Basis
) -> None:
    """What the worker touched, else the origin of the defect if it is upstream, else the direct supplier."""
    found = charge(chain, process, touched, defect, REJECT, "shop")
    assert (found.supplier, found.made_at, found.basis) == (supplier, made_at, basis)


def test_passed_by_are_those_on_every_way(chain: Chain) -> None:
    """Milling or turning may have been avoided; assembly may not, and looks for that defect."""
    found = charge(chain, "packing", None, "pore", REJECT, "pack")
    assert list(found.passed_by) == [{"process": "assembly", "inspects": True}]
    assert found.stages == 3
    assert found.relation == "process"


def test_neighbours_have_nobody_between_them(chain: Chain) -> None:
    """One stage, nobody passed by."""
    found = charge(chain, "assembly", "milling", "burr", REJECT, "shop")
    assert (found.passed_by, found.stages) == ((), 1)


@pytest.mark.parametrize(
    ("touched", "defect", "made_at", "basis"),
    [
        ("maintenance", None, "maintenance", Basis.CAUSE),
        ("assembly", None, "assembly", Basis.CAUSE),
        (None, None, UNCLASSIFIED, Basis.NONE),
        ("atlantis", None, UNCLASSIFIED, Basis.NONE),
        (None, "burr", "milling", Basis.DEFECT_ORIGIN),
    ],
)
def test_a_stop_is_charged_to_its_cause(
    chain: Chain, touched: str | None, defect: str | None, made_at: str, basis: Basis
) -> None:
    """Without a rejection only the cause that was picked counts, be it a function or the own process."""
    found = charge(chain, "assembly", touched, defect, STOP, "shop")
    assert (found.supplier, found.made_at, found.basis) == (made_at, made_at, basis)


def test_a_call_is_for_the_function(chain: Chain) -> None:
    """With one function nothing need be touched; an unknown one goes to the quality engineer."""
    assert charge(chain, "packing", "maintenance", None, CALL, "pack").basis is Basis.OPERATOR
    assert charge(chain, "packing", None, None, CALL, "pack").supplier == "maintenance"
    assert charge(chain, "packing", "milling", None, CALL, "pack").supplier == UNCLASSIFIED


def test_a_ruling_recomputes_the_way(chain: Chain) -> None:
    """A new made-at has its own way; nobody is charged for no defect found; whose output it was stays."""
    moved = ruled(chain, "packing", "assembly", "milling", "burr")
    assert (moved.supplier, moved.made_at, moved.stages, moved.basis) == ("assembly", "milling", 2, Basis.RULING)
    assert list(moved.passed_by) == [{"process": "assembly", "inspects": False}]
    none = ruled(chain, "packing", "assembly", None, "burr")
    assert (none.made_at, none.passed_by, none.stages, none.supplier) == (None, (), None, "assembly")
    assert ruled(chain, "packing", UNCLASSIFIED, "casting", "pore").supplier == "assembly"
