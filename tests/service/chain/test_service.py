"""The chain in a database: import, versions, the fold, edits, and what the routes give out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from homes import Template

from threenos_server.access import Actor, Grant, Role
from threenos_server.api import Call, Keys, NoQuery, Route
from threenos_server.chain import document, example, routes, service, write
from threenos_server.chain.fold import FOLD
from threenos_server.chain.tables import ChainVersion, StationPlace
from threenos_server.chain.xlsx import to_xlsx
from threenos_server.db import Database
from threenos_server.errors import Conflict, Forbidden, Invalid, NotFound
from threenos_server.journal import service as journal
from threenos_server.journal.rebuild import compare

NOW = datetime(2026, 11, 22, 2, 11, 9, 512000, tzinfo=UTC)
SMALL = """\
site: {id: plant, name: Plant, timezone: UTC}
lines: [{id: one}]
processes: [{id: press, line: one}]
stations:
- {id: press-1, process: press}
links: [{supplier: press, customer: final-customer}]
"""


@pytest.fixture
def db(blank: Template) -> Iterator[Database]:
    with blank.copied() as copy:
        database = Database(copy.url, folds=(FOLD,))
        yield database
        database.close()


def load(db: Database, text: str | bytes = SMALL, **options: Any) -> Any:
    with db.write() as session:
        return service.import_chain(session, text, "p-author", NOW, **options)


def test_an_import_begins_a_site_and_its_chain_counts(db: Database) -> None:
    """The first import makes the site, the version, the journal row and the stations."""
    assert load(db, example.text()).version == 1
    with db.read() as session:
        assert journal.sites(session) == ["lakeside"]
        chain = service.current(session, "lakeside")
        assert chain == example.chain() and chain.version == 1
        assert service.versions(session, "lakeside") == [service.Version(1, NOW, "p-author")]
        assert service.station(session, "wind-2") == service.Place("wind-2", "lakeside", "motor", "winding")
        assert len(service.stations(session)) == len(chain.stations)
        assert [(r.kind, r.actor) for r in journal.after(session, "lakeside", 0)] == [("chain", "p-author")]


def test_the_same_document_again_is_no_new_version(db: Database) -> None:
    """Neither comments nor the form make a version: content does."""
    first = load(db, example.text())
    assert load(db, "# only a comment\n" + example.text()).version == 1
    assert load(db, document.to_yaml(first)).version == 1
    assert load(db, to_xlsx(first), source="xlsx").version == 1
    assert load(db, msgspec.json.encode(write.document(first)), source="json").version == 1
    assert load(db, example.text().replace("45 s", "30 s")).version == 2


def test_versions_stay_readable(db: Database) -> None:
    """A complaint of an earlier version can still be read against its chain."""
    load(db)
    load(db, SMALL.replace("press-1", "press-9"))
    with db.read() as session:
        assert list(service.at_version(session, "plant", 1).stations) == ["press-1"]
        assert list(service.current(session, "plant").stations) == ["press-9"]
        assert service.station(session, "press-1") is None
        assert service.current_version(session, "plant") == 2
        assert "press-1" in service.export_yaml(session, "plant", 1)
        with pytest.raises(NotFound):
            service.at_version(session, "plant", 3)


def test_the_chain_is_kept_between_calls(db: Database) -> None:
    """The intake asks for the chain at each batch; it is parsed once a version."""
    load(db)
    with db.read() as session:
        assert service.current(session, "plant") is service.current(session, "plant")


def test_an_import_with_an_error_changes_nothing(db: Database) -> None:
    """Every error is told with its line, and the chain that counts stays."""
    load(db)
    with pytest.raises(Invalid) as refused:
        load(db, SMALL.replace("process: press}", "process: glue}").replace("timezone: UTC", "timezone: Mars"))
    assert [fault.where for fault in refused.value.faults] == ["line 1", "line 5", "line 5"]
    with db.read() as session:
        assert service.current_version(session, "plant") == 1
        assert journal.head(session, "plant").seq == 1


def test_an_import_with_an_error_begins_no_site(db: Database) -> None:
    """A site comes with its first sound chain."""
    with pytest.raises(Invalid):
        load(db, SMALL.replace("process: press}", "process: glue}"))
    with db.read() as session:
        assert journal.sites(session) == []
        with pytest.raises(NotFound, match="chain import"):
            service.current(session, "plant")


def test_a_station_id_is_unique_in_the_installation(db: Database) -> None:
    """A station is known by its id alone, so a second site cannot have the same."""
    load(db)
    with pytest.raises(Invalid) as refused:
        load(db, SMALL.replace("id: plant", "id: other"))
    assert refused.value.faults[0].where == "line 5" and "at site `plant`" in refused.value.faults[0].detail
    assert load(db, SMALL.replace("id: plant", "id: other").replace("press-1", "press-2")).version == 1


def test_a_stale_author_is_told(db: Database) -> None:
    """Two editors do not overwrite each other."""
    load(db)
    assert load(db, SMALL.replace("press-1", "press-2"), expected=1).version == 2
    with pytest.raises(Conflict) as refused:
        load(db, SMALL.replace("press-1", "press-3"), expected=1)
    assert refused.value.present == {"version": 2}


def test_the_tables_follow_from_the_journal(db: Database) -> None:
    """A rebuild gives what is there, and shows what was changed behind the journal's back."""
    load(db)
    load(db, SMALL.replace("press-1", "press-2"))
    with db.write() as session:
        assert compare(session, "plant", (FOLD,)) == []
        session.execute(sa.update(StationPlace).values(process="glue"))
        session.execute(sa.delete(ChainVersion).where(ChainVersion.version == 1))
        assert {d.table for d in compare(session, "plant", (FOLD,))} == {"station_place", "chain_version"}


def test_content_that_is_not_of_its_kind_is_refused(db: Database) -> None:
    """Bytes that are no UTF-8, no JSON or no workbook get a reason."""
    for content, kind in ((b"\xff\xfe", "yaml"), (b"{", "json"), (b"no zip", "xlsx"), (b"[" * 100_000, "json")):
        with pytest.raises(Invalid, match="this is no"):
            load(db, content, source=kind)


ADMIN = Actor("ann", "p-ann", (Grant(Role.ADMIN),))
ENGINEER = Actor("qin", "p-qin", (Grant(Role.QUALITY_ENGINEER, site="lakeside"),))
BOARD = Actor("board", "p-board", board_token=True)


def route(method: str, path: str) -> Route:
    return next(r for r in routes.ROUTES.routes if (r.method, r.path) == (method, path))


def call(
    db: Database, method: str, path: str, body: Any = None, actor: Actor = ADMIN, version: int | None = None
) -> Any:
    """What a route answers; its body and query are of the declared types, as the edge makes them."""
    found = route(method, path)
    decoded = None if found.body is None else msgspec.json.decode(msgspec.json.encode(body), type=found.body)
    query = found.query() if found.query is not NoQuery else NoQuery()
    keys = Keys(b"k" * 32, b"a" * 32)
    return found.handler(Call(db, NOW, actor, "lakeside", keys, {}, query, decoded, version=version))


@pytest.fixture
def pumps(db: Database) -> Database:
    load(db, example.text())
    return db


def test_the_document_goes_out_and_comes_back(pumps: Database) -> None:
    """What GET /chain gives, PUT /chain takes, and its version is the ETag."""
    shown = call(pumps, "GET", "/chain")
    assert shown.version == 1
    changed = shown.body | {"rates": []}
    saved = call(pumps, "PUT", "/chain", changed, version=1)
    assert (saved.version, saved.body.version, saved.body.warnings) == (2, 2, [])
    with pytest.raises(Conflict):
        call(pumps, "PUT", "/chain", shown.body, version=1)


def test_yaml_and_workbooks_can_be_put_too(db: Database) -> None:
    """One route takes the document in whichever form a plant has it."""
    assert call(db, "PUT", "/chain", {"yaml": example.text()}).version == 1
    assert call(db, "PUT", "/chain", {"xlsx": to_xlsx(example.chain())}).version == 1
    with pytest.raises(Invalid):
        call(db, "PUT", "/chain", {"yaml": "a: 1", "rates": []})


def test_a_check_saves_nothing(pumps: Database) -> None:
    """Faults come as pointers or lines, as the document came."""
    broken = write.document(example.chain()) | {"lines": []}
    assert "/processes/0/line" in {p.where for p in call(pumps, "POST", "/chain/check", broken).errors}
    assert call(pumps, "POST", "/chain/check", {"yaml": "site: ["}).errors[0].where == "line 1"
    assert call(pumps, "POST", "/chain/check", {"yaml": SMALL}).errors == []
    assert len(call(pumps, "POST", "/chain/check", {"yaml": SMALL}).warnings) == 2
    assert call(pumps, "GET", "/chain").version == 1


def test_views_change_their_part_and_make_a_version(pumps: Database) -> None:
    """Standards, defects, calendar and rates are edited by themselves and stay one document."""
    served = [x for x in example.chain().links if x.standard == "support"]
    links = [
        {"supplier": x.supplier, "customer": x.customer, "relation": "function", "standard": "quick"} for x in served
    ]
    quick = {"rules": [{"for": "call", "arrive": 120}]}
    change = {"standards": {"support": None, "quick": quick}, "links": links}
    assert call(pumps, "PATCH", "/standards", change, ENGINEER).version == 2
    scratch = {"severity": "minor", "origin": "machining", "name": {"en": "S", "zh": "划"}}
    assert call(pumps, "PATCH", "/defects", {"defects": {"scratch": scratch, "dent": None}}, ENGINEER).body.warnings
    assert call(pumps, "PATCH", "/calendar", {"holidays": ["2027-05-01"]}).version == 4
    assert call(pumps, "PATCH", "/rates", {"rates": {"2026-01-01": None}}).version == 5
    with pumps.read() as session:
        chain = service.current(session, "lakeside")
    assert chain.limits("maintenance", "winding", "call", None).arrive_s == 120
    assert chain.defects["scratch"].severity == "minor" and "dent" not in chain.defects
    assert len(chain.calendar.holidays) == 1 and len(chain.calendar.shifts) == 3 and len(chain.rates) == 1
    assert list(call(pumps, "GET", "/rates").body) == ["rates"]
    assert "quick" in str(call(pumps, "GET", "/standards").body)


def test_an_edit_that_breaks_the_chain_is_refused(pumps: Database) -> None:
    """A view is no way round the validation."""
    with pytest.raises(Invalid) as refused:
        call(pumps, "PATCH", "/standards", {"standards": {"support": None}})
    assert "`support` is unknown" in refused.value.faults[0].detail
    with pytest.raises(Invalid, match="no such link"):
        call(pumps, "PATCH", "/standards", {"links": [{"supplier": "a", "customer": "b", "standard": None}]})


def test_writing_needs_the_role_for_the_whole_site(pumps: Database) -> None:
    """A role for one line, or for another site, does not change the chain; nobody but those named may try."""
    for grant in (Grant(Role.ADMIN, line="motor"), Grant(Role.QUALITY_ENGINEER, site="other")):
        with pytest.raises(Forbidden):
            call(pumps, "PUT", "/chain", write.document(example.chain()), Actor("x", "p-x", (grant,)))
    with pytest.raises(Forbidden):
        call(pumps, "PATCH", "/rates", {"rates": {}}, ENGINEER)
    saves_nothing = ("/chain/check", "/chain/convert")
    assert {r.allow for r in routes.ROUTES.routes if r.method != "GET" and r.path not in saves_nothing} == {
        frozenset({Role.ADMIN, Role.QUALITY_ENGINEER}), frozenset({Role.ADMIN})
    }  # fmt: skip


def test_a_board_sees_neither_costs_nor_limits(pumps: Database) -> None:
    """A wall in the corridor shows the chain, not what it costs; a token for one line does not open the whole."""
    assert not {"rates", "standards"} & set(call(pumps, "GET", "/chain", actor=BOARD).body)
    with pytest.raises(Forbidden):
        call(pumps, "GET", "/chain", actor=Actor("board", "p-b", board_token=True, board_line="motor"))


def test_files_can_be_taken_away(pumps: Database) -> None:
    """The YAML and the workbook that a plant downloads are what it may import again."""
    yaml, workbook = call(pumps, "GET", "/chain.yaml"), call(pumps, "GET", "/chain.xlsx")
    assert load(pumps, yaml.body).version == 1 and load(pumps, workbook.body, source="xlsx").version == 1
    assert workbook.headers["Content-Disposition"] == 'attachment; filename="lakeside.xlsx"'
    assert [v.version for v in call(pumps, "GET", "/chain/versions")] == [1]
