"""CSV files as people make them: what is read all the same, and what is refused with its line, column and cure."""

import pytest

from threenos_server.errors import Invalid
from threenos_server.reports.figures.charts import Kind
from threenos_server.reports.figures.charts.reading import columns, distinct, indexes, read


def got(text: str | bytes, kind: Kind = Kind.P) -> list[tuple[str, float, float | None]]:
    content = text.encode() if isinstance(text, str) else text
    return [(r.reading.label, r.reading.value, r.reading.size) for r in read(content, "f.csv", kind)]


PLAIN = [("1", 2.0, 50.0), ("2", 3.0, 50.0)]


@pytest.mark.parametrize(
    "text",
    [
        "label,count,size\n1,2,50\n2,3,50\n",
        "label,count,size\r\n1,2,50\r\n2,3,50",
        "label,count,size\r1,2,50\r2,3,50\r",
        "\ufefflabel,count,size\n1,2,50\n2,3,50\n",
        "size,label,count\n50,1,2\n50,2,3\n",
        'note,label,shift,count,size\n,1,x,2,50\n"a, b",2,,3,50\n',
        " Label , COUNT,Size \n 1 , 2 , 50 \n2,3,50\n",
        "\n\nlabel,count,size\n\n1,2,50\n,,\n2,3,50\n\n",
        'label,count,size\n"1","2","50"\n2,3.0,5e1\n',
        "label,count,size,\n1,2,50,\n2,3,50,,,\n",
    ],
)
def test_what_spreadsheets_write_is_read(text: str) -> None:
    """Marks, line ends, quotation marks, order, other columns, capitals, blank lines, empty cells at the end."""
    assert got(text) == PLAIN


def test_labels_may_hold_anything() -> None:
    """Commas, line breaks and Chinese in quotation marks, also twice; sizes may be fractions."""
    text = 'label,count,size\n"a, ""b""",1,2.5\n"焊接\n二",1,2\n"焊接\n二",1,2\n'
    assert got(text, Kind.U) == [('a, "b"', 1, 2.5), ("焊接\n二", 1, 2), ("焊接\n二", 1, 2)]


def test_a_poisson_cusum_takes_a_size_when_there_is_one() -> None:
    """And does without otherwise; a c chart never looks at it."""
    assert got("label,count,size\n1,2,5\n", Kind.POISSON_CUSUM) == [("1", 2, 5)]
    assert got("label,count\n1,2\n", Kind.POISSON_CUSUM) == [("1", 2, None)]
    assert got("label,count,size\n1,2,x\n", Kind.C) == [("1", 2, None)]


@pytest.mark.parametrize(
    ("text", "kind", "where", "cure"),
    [
        ("label;count;size\n1;2;50\n", Kind.P, "line 1", "save the file with commas"),
        ("label\tcount\tsize\n", Kind.P, "line 1", "save the file with commas"),
        ("sample,defective,size\n1,2,50\n", Kind.P, "line 1, column label", "name its columns label,count,size"),
        ("label,count\n1,2\n", Kind.U, "line 1, column size", "is missing"),
        ("1,2,50\n2,3,50\n", Kind.P, "line 1, column label", "is missing"),
        ("label,count,size,Count\n1,2,50,3\n", Kind.P, "line 1, column count", "leave one"),
        ("label,count,size\n1,2,0\n", Kind.P, "line 2, column size", "leave out the whole row"),
        ("label,count,size\n1,2,-5\n", Kind.U, "line 2, column size", "under 0"),
        ("label,count,size\n1,-2,5\n", Kind.U, "line 2, column count", "under 0"),
        ("label,count,size\n1,6,5\n", Kind.P, "line 2, column count", "u chart"),
        ("label,count,size\n1,6,5\n", Kind.P_PRIME, "line 2, column count", "u-prime chart"),
        ("label,count,size\n1,1.5,5\n", Kind.U, "line 2, column count", "not whole"),
        ("label,count,size\n1,2,5\n\n2,two,5\n", Kind.U, "line 4, column count", "is not a number"),
        ("label,count,size\n1,NaN,5\n", Kind.U, "line 2, column count", "is not a number"),
        ("label,count,size\n1,inf,5\n", Kind.U, "line 2, column count", "is not a number"),
        ("label,count,size\n1,1_0,5\n", Kind.U, "line 2, column count", "is not a number"),
        ("label,count,size\n1,１２,5\n", Kind.U, "line 2, column count", "is not a number"),
        ('label,count,size\n1,"1,200",5\n', Kind.U, "line 2, column count", "digits and a point"),
        ('label,value\n1,"3,5"\n', Kind.EWMA, "line 2, column value", "digits and a point"),
        ("label,count,size\n1,1,200,50\n", Kind.U, "line 2", "without thousands separators"),
        ("label,count,size\n1,2\n", Kind.U, "line 2, column size", "is empty"),
        ("label,count,size\n,2,5\n", Kind.U, "line 2, column label", "needs a label"),
        ("label,value\n1,1e300\n", Kind.EWMA, "line 2, column value", "too large"),
        ("label,value\n1,-1\n", Kind.T, "line 2, column value", "under 0"),
        ("label,value\n1,2.5\n", Kind.G, "line 2, column value", "not whole"),
        ('label,value\n"1,2\n2,3\n', Kind.T, "line 2", "close every quotation mark"),
        ("label,value\n1,2\n焊,3\n".encode("gb18030"), Kind.T, "line 3", "CSV UTF-8"),
        ("label,value\n1,2\n".encode("utf-16"), Kind.T, "line 1", "CSV UTF-8"),
    ],
)
def test_what_will_not_do_is_refused_with_its_place_and_cure(
    text: str | bytes, kind: Kind, where: str, cure: str
) -> None:
    """The file, the line, the column, and what to do."""
    with pytest.raises(Invalid, match=r"f\.csv") as refused:
        got(text, kind)
    fault = refused.value.faults[0]
    assert fault.where == f"f.csv {where}"
    assert cure in fault.detail


def test_every_wrong_row_is_named_but_not_without_end() -> None:
    """All of them up to twenty, and their number."""
    with pytest.raises(Invalid, match="1 row cannot") as refused:
        got("label,count,size\n1,x,5\n2,1,5\n")
    assert len(refused.value.faults) == 1
    with pytest.raises(Invalid, match="30 rows cannot") as refused:
        got("label,count,size\n" + "1,x,5\n" * 30)
    assert len(refused.value.faults) == 20


@pytest.mark.parametrize(
    ("text", "says"), [("", "is empty"), ("\n\n", "is empty"), ("label,count,size\n\n", "no rows")]
)
def test_an_empty_file_says_what_it_needs(text: str, says: str) -> None:
    """No bytes, blank lines only, a heading only."""
    with pytest.raises(Invalid, match=says):
        got(text)


def test_a_label_must_mean_one_row() -> None:
    """To exclude or to split at; and a funnel compares each process once."""
    rows = read(b"label,count,size\na,1,5\nb,1,5\na,1,5\n", "f.csv", Kind.U)
    assert indexes(rows, ["b"], "f.csv", "--exclude") == [1]
    with pytest.raises(Invalid) as refused:
        indexes(rows, ["a", "x"], "f.csv", "--exclude")
    assert "lines 2, 4" in refused.value.faults[0].detail
    assert "no row of f.csv has this label" in refused.value.faults[1].detail
    with pytest.raises(Invalid) as refused:
        distinct(rows, "f.csv")
    assert refused.value.faults[0].where == "f.csv line 4, column label"


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_columns(kind: Kind) -> None:
    """A label first, then what is counted or measured."""
    assert columns(kind)[0] == "label"
    assert columns(kind)[1] in {"count", "value"}
