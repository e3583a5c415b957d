"""What the rest of the system asks a chain."""

from datetime import date

import pytest

from threenos_server.chain import document, example, graph
from threenos_server.chain.model import FINAL_CUSTOMER, Chain

DIAMOND = {
    "a": ["b", "c"],
    "b": ["d"],
    "c": ["d"],
    "d": ["e"],
    "e": ["f", "g"],
    "f": ["h"],
    "g": ["x"],
    "x": ["h"],
    "h": [],
}


def chain_of(edges: dict[str, list[str]]) -> Chain:
    """A chain of steps with these customers; the last ones hand on to the final customer."""
    links = [{"supplier": a, "customer": b} for a, bs in edges.items() for b in bs or [FINAL_CUSTOMER]]
    plain = {"site": {"id": "s", "timezone": "UTC"}, "processes": [{"id": p} for p in edges], "links": links}
    return document.check(document.from_data(plain)).sound()


@pytest.fixture(scope="module")
def pumps() -> Chain:
    return example.chain()


def test_passed_by_are_the_processes_on_all_paths() -> None:
    """In two diamonds in a row only the waist between them lies on every way."""
    chain = chain_of(DIAMOND)
    assert chain.passed_by("a", "h") == ("d", "e")
    assert chain.passed_by("a", "d") == ()
    assert chain.passed_by("b", "f") == ("d", "e")
    assert chain.passed_by("g", "h") == ("x",)


def test_passed_by_is_empty_where_there_is_no_way() -> None:
    """Nothing lies between a process and itself, its neighbour, its supplier or a stranger."""
    chain = chain_of(DIAMOND)
    assert [chain.passed_by(*ends) for ends in (("a", "a"), ("a", "b"), ("h", "a"), ("b", "c"), ("?", "h"))] == [()] * 5


def test_stages_are_the_shortest_path() -> None:
    """Stages count links; a shorter branch wins, and without a path there is no number."""
    chain = chain_of(DIAMOND)
    assert (chain.stages("a", "h"), chain.stages("e", "h"), chain.stages("a", "a")) == (5, 2, 0)
    assert chain.stages("h", "a") is None and chain.stages("b", "c") is None and chain.stages("?", "a") is None


def test_upstream_and_neighbours_follow_process_links(pumps: Chain) -> None:
    """Functions and ranks are customers too, but nothing flows along their links."""
    assert pumps.upstream("motor-assembly") == {"stamping", "winding", "impregnation", "rotor-casting", "balancing"}
    assert pumps.direct_suppliers("pump-assembly") == ("leak-test", "motor-assembly")
    assert pumps.customers("packing") == (FINAL_CUSTOMER,)
    assert pumps.upstream("quality") == frozenset()
    assert {str(x.relation) for x in pumps.supplier_links("motor-assembly")} == {
        "process",
        "function",
        "rank-condition",
    }
    assert {str(x.relation) for x in pumps.customer_links("motor-assembly")} == {"process", "rank-task"}


def test_the_order_of_the_chain_has_suppliers_first(pumps: Chain) -> None:
    """Tiles on the board stand in the order in which the product comes by; functions follow."""
    place = {p: i for i, p in enumerate(pumps.order)}
    assert len(place) == len(pumps.processes)
    assert all(
        place[x.supplier] < place[x.customer] for x in pumps.links if x.relation == "process" and x.customer in place
    )
    assert [p.id for p in pumps.steps_of("assembly")] == ["motor-assembly", "pump-assembly", "run-test", "packing"]


def test_limits_come_from_the_link_then_from_default_then_from_the_system() -> None:
    """The link's standard wins, what it leaves open the standard `default` sets, the rest is as built in."""
    plain = {
        "site": {"id": "s", "timezone": "UTC"},
        "processes": [{"id": p} for p in "abc"],
        "links": [{"supplier": "a", "customer": "b", "standard": "fast"}, {"supplier": "b", "customer": "c"},
                  {"supplier": "c", "customer": FINAL_CUSTOMER}],
        "standards": [
            {"id": "fast", "rules": [{"for": "reject", "acknowledge": 60},
                                     {"for": "reject", "severity": "critical", "acknowledge": 20, "ladder": []}]},
            {"id": "default", "rules": [{"for": "reject", "acknowledge": 90, "arrive": 300}]},
        ],
    }  # fmt: skip
    chain = document.check(document.from_data(plain)).sound()
    found = chain.limits("a", "b", "reject", "critical")
    assert (found.acknowledge_s, found.arrive_s, found.contain_s, found.answer_s, found.ladder) == (
        20,
        300,
        3600,
        86400,
        (),
    )
    assert chain.limits("a", "b", "reject", "major").acknowledge_s == 60
    assert chain.limits("b", "c", "reject", "major").acknowledge_s == 90
    assert chain.limits("unclassified", "c", "stop", None).acknowledge_s == 60


def test_limits_without_any_standard_are_the_defaults() -> None:
    """The numbers of the design hold when nobody sets others."""
    chain = chain_of({"a": ["b"], "b": []})
    stop, reject, call = (chain.limits("a", "b", kind, "major") for kind in ("stop", "reject", "call"))
    assert (stop.acknowledge_s, stop.arrive_s, stop.contain_s, stop.answer_s) == (60, 180, 900, 86400)
    assert stop.ladder == ((0, "team-leader"), (180, "supervisor"), (600, "director"))
    assert (reject.acknowledge_s, reject.arrive_s, reject.contain_s, reject.answer_s) == (180, 600, 3600, 86400)
    assert reject.ladder == ((0, "team-leader"), (600, "supervisor"), (3600, "director"))
    assert (call.acknowledge_s, call.arrive_s, call.contain_s, call.answer_s) == (300, 900, None, None)
    assert call.ladder == ((0, "function"), (600, "supervisor"))
    late = chain.limits("a", "b", "late-response", None)
    assert (late.acknowledge_s, late.arrive_s, late.contain_s, late.answer_s, late.ladder) == (
        None,
        None,
        None,
        86400,
        (),
    )


def test_a_line_says_its_functions_its_grace_and_who_answers_for_it(pumps: Chain) -> None:
    """Functions serve every line; the owner is the one named, else the last step."""
    assert [f.id for f in pumps.functions_of("motor")] == ["maintenance", "material", "quality"]
    assert (pumps.grace_s("assembly"), pumps.grace_s("motor"), pumps.grace_s("gone")) == (45, 0, 0)
    assert pumps.owner_of("motor") == "winding" and pumps.owner_of("gone") is None
    plain = {"site": {"id": "s", "timezone": "UTC"}, "lines": [{"id": "l"}], "processes": [{"id": "a", "line": "l"}],
             "links": [{"supplier": "a", "customer": FINAL_CUSTOMER}]}  # fmt: skip
    assert document.check(document.from_data(plain)).sound().owner_of("l") == "a"


def test_defects_at_a_process_have_the_nearest_origin_first(pumps: Chain) -> None:
    """Tiles show what can come in; a function that supplies the process comes after the product's own way."""
    codes = [d.code for d in pumps.defects_at("pump-assembly")]
    assert codes[:2] == ["turned-round", "leak"] and codes[-1] == "damaged-pack"
    assert "seal-missing" not in codes and "wrong-label" not in codes
    assert [d.code for d in pumps.own_defects("washing")] == ["chips-left", "wet-part"]
    assert pumps.inspects("washing", "burr") and not pumps.inspects("packing", "burr")
    assert not pumps.inspects("washing", None) and not pumps.inspects("washing", "unheard-of")


def test_names_are_there_for_what_is_reserved_or_gone(pumps: Chain) -> None:
    """A name can always be shown, in both languages."""
    assert pumps.name_of("winding").as_dict() == {"en": "Stator winding", "zh": "定子绕线"}
    assert pumps.name_of("final-customer").zh == "最终客户" and pumps.name_of("gone").en == "gone"
    assert pumps.defect_name("unclassified").zh == "未归类" and pumps.defect_name("gone").zh == "gone"


def test_rates_in_force_are_the_latest_that_have_begun(pumps: Chain) -> None:
    """Old reports keep the rates of their day."""
    found = [pumps.rates_on(day) for day in (date(2025, 12, 31), date(2026, 6, 30), date(2026, 7, 1))]
    assert [r and r.rework_hour for r in found] == [None, 68, 72]


def test_a_cycle_is_found_with_its_way() -> None:
    """The cycle itself is named, not what leads into it or hangs behind it."""
    found = graph.cycle({"in": ["a"], "a": ["b", "out"], "b": ["c"], "c": ["a"], "out": []})
    assert found is not None and found[0] == found[-1] and set(found) == {"a", "b", "c"}
    assert graph.cycle(DIAMOND) is None
