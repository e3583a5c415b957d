"""What holds for any complaints: shares, margins, sums of parts, rulings and withdrawals."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from threenos_server.reports.figures.matrix import Cell, Matrix, matrix
from threenos_server.reports.figures.pareto import UNCLASSIFIED, Amount, pareto
from threenos_server.reports.figures.three_nos import Flow, ThreeNos, three_nos

LINE = ["a", "b", "c", "d"]
INSPECTS = {(process, "scratch") for process in LINE}


def between(made: str, found: str) -> tuple[str, ...]:
    return tuple(LINE[LINE.index(made) + 1 : LINE.index(found)])


def flow(made: int, found: int, defect: str) -> Flow:
    first, last = sorted((made, found))
    return Flow(LINE[first], LINE[last], defect, 1, between(LINE[first], LINE[last]))


FLOWS = st.lists(
    st.builds(flow, st.integers(0, 3), st.integers(0, 3), st.sampled_from(["scratch", "bent"])), min_size=1, max_size=12
)
QUICK = settings(max_examples=8, deadline=None, database=None)


def stages(made: str, found: str) -> int | None:
    return None if UNCLASSIFIED in (made, found) else LINE.index(found) - LINE.index(made)


def drawn(flows: list[Flow]) -> Matrix:
    return matrix((Cell(f.made_at, f.found_at, f.count) for f in flows), LINE, stages)


def nos(flows: list[Flow]) -> tuple[ThreeNos, ...]:
    return three_nos(flows, dict.fromkeys(LINE, 100.0), INSPECTS, LINE)


@QUICK
@given(FLOWS)
def test_shares_sum_to_one_and_margins_equal_paretos(flows: list[Flow]) -> None:
    """By made-at, by found-at, and with any number of bars folded."""
    figure = drawn(flows)
    for most in (None, 1):
        by_made = pareto((Amount(f.made_at, f.count) for f in flows), most=most)
        assert abs(sum(bar.share for bar in by_made.bars) - 1) < 1e-12
        assert by_made.total == figure.total == len(flows)
    assert {bar.key: bar.amount for bar in pareto(Amount(f.made_at, 1) for f in flows).bars} == figure.made_totals
    assert {bar.key: bar.amount for bar in pareto(Amount(f.found_at, 1) for f in flows).bars} == figure.found_totals


@QUICK
@given(FLOWS)
def test_the_vital_few_are_the_smallest_set(flows: list[Flow]) -> None:
    """They reach 80 %, and without their last they would not."""
    figure = pareto(Amount(f.made_at, f.count) for f in flows)
    few = [bar for bar in figure.bars if bar.vital]
    assert few[-1].cumulative >= 0.8 - 1e-12
    assert len(few) == 1 or few[-2].cumulative < 0.8


@QUICK
@given(FLOWS, FLOWS)
def test_parts_add_up_to_the_whole(early: list[Flow], late: list[Flow]) -> None:
    """Every count of the matrix and of the three nos, over two periods."""
    counts = [{(e.made_at, e.found_at): e.count for e in drawn(part).entries} for part in (early, late, early + late)]
    assert {pair: counts[0].get(pair, 0) + counts[1].get(pair, 0) for pair in counts[2]} == counts[2]
    for a, b, whole in zip(nos(early), nos(late), nos(early + late), strict=True):
        for field in ("made", "caught_own", "incoming", "caught_incoming"):
            assert getattr(a, field) + getattr(b, field) == getattr(whole, field)


@QUICK
@given(FLOWS, st.data())
def test_a_ruling_moves_one_cell_and_its_pass_bys(flows: list[Flow], data: st.DataObject) -> None:
    """One complaint less in the old cell and one more in the new; nobody else's numbers change."""
    moved = flows[0]
    made_at = data.draw(st.sampled_from(LINE[: LINE.index(moved.found_at) + 1]))
    ruled = replace(moved, made_at=made_at, passed_by=between(made_at, moved.found_at))
    before, after = (
        {(e.made_at, e.found_at): e.count for e in drawn(part).entries} for part in (flows, [ruled, *flows[1:]])
    )
    changed = {pair: after.get(pair, 0) - before.get(pair, 0) for pair in before | after}
    expected = {(moved.made_at, moved.found_at): -1, (made_at, moved.found_at): 1} if made_at != moved.made_at else {}
    assert {pair: by for pair, by in changed.items() if by} == expected
    touched = {moved.made_at, made_at, moved.found_at, *moved.passed_by, *ruled.passed_by}
    for old, new in zip(nos(flows), nos([ruled, *flows[1:]]), strict=True):
        assert old == new or old.process in touched


@QUICK
@given(FLOWS)
def test_what_is_withdrawn_leaves_every_figure(flows: list[Flow]) -> None:
    """A press and its withdrawal leave what was there without it."""
    withdrawn = flow(0, 3, "scratch")
    for figure in (drawn, nos):
        assert figure([*flows, replace(withdrawn, count=0)]) == figure(flows)
