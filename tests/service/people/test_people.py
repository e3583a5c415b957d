"""People, rosters, look-ups and board tokens, over HTTP as a desk does it."""

from datetime import UTC, date, datetime

import pytest
from browser import KEYS, PASSWORD, Browser, MovedClock, hire, names, problem, signed_in
from flask import Flask
from homes import everything

from threenos_server.access import Grant, Role, pseudonym
from threenos_server.db import Database
from threenos_server.journal import service as journal
from threenos_server.journal.model import Entry
from threenos_server.people import limits, lookups, rosters, sessions, tokens
from threenos_server.people import service as people
from threenos_server.people.model import Duty

ADMIN, SUPERVISOR = Grant(Role.ADMIN), Grant(Role.SUPERVISOR)
MOTOR_LEADER = Grant(Role.TEAM_LEADER, line="motor")


@pytest.fixture
def admin(app: Flask, db: Database) -> Browser:
    return signed_in(app, db, "Admin", ADMIN)


def test_an_administrator_adds_somebody_who_then_signs_in(admin: Browser, app: Flask) -> None:
    """A new person has the roles that were given, and notice addresses only administrators see."""
    new = {
        "name": "Li Na", "password": PASSWORD, "language": "zh-CN", "addresses": ["mailto://li@example.org"],
        "roles": [{"role": "team-leader", "site": "lakeside", "line": "motor"}],
    }  # fmt: skip
    made = admin.post("/people", new)
    assert made.status_code == 201
    assert made.get_json()["addresses"] == ["mailto://li@example.org"]
    assert problem(admin.post("/people", new))["status"] == 409
    li = Browser(app)
    assert li.sign_in("Li Na").get_json()["lacks"] == "own-password"
    chosen = li.post("/session/password", {"password": "what nobody else knows"}).get_json()
    assert chosen["roles"][0]["line"] == "motor"
    (seen,) = [p for p in li.get("/people").get_json()["people"] if p["name"] == "Li Na"]
    assert seen["addresses"] is None


@pytest.mark.parametrize(
    ("new", "pointer"),
    [
        ({"name": "A", "password": "short"}, "#/password"),
        ({"name": "somebody", "password": "SomeBody"}, "#/password"),
        ({"name": "A", "language": "tlh"}, "#/language"),
        ({"name": "\u0007"}, "#/name"),
        ({"name": "A", "roles": [{"role": "king"}]}, "#/roles/0/role"),
    ],
)
def test_what_cannot_be_is_named(admin: Browser, new: dict[str, object], pointer: str) -> None:
    """Each fault of a new person has its place."""
    assert problem(admin.post("/people", new))["errors"][0]["pointer"] == pointer


def test_nobody_raises_themselves(admin: Browser, db: Database) -> None:
    """An administrator has no power over a complaint, and cannot take it by their own hand."""
    me = admin.get("/session").get_json()["id"]
    refused = admin.ask("PATCH", f"/people/{me}", {"roles": [{"role": "supervisor"}]})
    assert problem(refused)["status"] == 403
    assert admin.ask("DELETE", f"/people/{me}").status_code == 403
    assert admin.ask("PATCH", f"/people/{me}", {"language": "zh-CN"}).status_code == 200
    with db.read() as session:
        assert people.get(session, me).grants == (ADMIN,)


def test_a_site_administrator_stays_at_the_site(app: Flask, db: Database) -> None:
    """Neither somebody with a role elsewhere nor a role elsewhere is theirs to touch."""
    boss = hire(db, "Boss", ADMIN)
    local = signed_in(app, db, "Local", Grant(Role.ADMIN, site="lakeside"))
    assert local.ask("PATCH", f"/people/{boss.id}", {"password": "taken over!"}).status_code == 403
    assert local.post("/people", {"name": "X", "roles": [{"role": "admin"}]}).status_code == 403
    assert local.post("/people", {"name": "X", "roles": [{"role": "worker", "site": "lakeside"}]}).status_code == 201


def test_a_team_leader_sees_the_names_of_the_own_line(app: Flask, db: Database) -> None:
    """Of the people of a site a team leader sees those of the own line, found by role and part of the name."""
    hire(db, "Chen Motor", Grant(Role.WORKER, "lakeside", "motor"))
    housing = hire(db, "Zhou Housing", Grant(Role.WORKER, "lakeside", "housing"))
    leader = signed_in(app, db, "Leader", MOTOR_LEADER)
    assert [p["name"] for p in leader.get("/people").get_json()["people"]] == ["Chen Motor", "Leader"]
    assert leader.get(f"/people/{housing.id}").status_code == 404
    supervisor = signed_in(app, db, "Supervisor", SUPERVISOR)
    found = supervisor.get("/people?q=zhou&role=worker&line=housing").get_json()["people"]
    assert [p["name"] for p in found] == ["Zhou Housing"]
    page = supervisor.get("/people?limit=1").get_json()
    assert (len(page["people"]), page["next"]) == (1, 1)


def press(db: Database, site: str, clock: MovedClock, badge: str, line: str) -> int:
    """A row of the journal that somebody signed with a badge; its number."""
    entry = Entry(
        "comment", {"command": {}, "then": {}}, clock(), line=line, actor=pseudonym(KEYS.pseudonym, site, badge)
    )
    with db.write() as session:
        return journal.append(session, site, [entry], clock())[0].seq


def test_a_look_up_is_journalled_before_it_answers(app: Flask, db: Database, site: str, clock: MovedClock) -> None:
    """Who asks for a name gives a reason, and both stand in the journal, whatever the answer."""
    li = hire(db, "Li Na", MOTOR_LEADER)
    admin = signed_in(app, db, "Admin", ADMIN)
    assert admin.post(f"/people/{li.id}/badges", {"badge": "B-1"}).status_code == 201
    seq, stranger = press(db, site, clock, "B-1", "motor"), press(db, site, clock, "B-2", "motor")
    engineer = signed_in(app, db, "Engineer", Grant(Role.QUALITY_ENGINEER))
    answer = engineer.post("/people/lookups", {"seq": seq, "reason": "to thank for the catch"})
    assert answer.get_json() == {"seq": seq, "name": "Li Na"}
    unknown = engineer.post("/people/lookups", {"seq": stranger, "reason": "to thank for the catch"})
    assert unknown.get_json()["name"] is None
    with db.read() as session:
        rows = [r for r in journal.after(session, site, stranger) if r.kind == "person-looked-up"]
    assert [r.body["command"]["seq"] for r in rows] == [seq, stranger]
    assert rows[0].body["command"]["reason"] == "to thank for the catch"
    assert rows[0].actor is not None and "Li" not in str(rows[0].body)
    own = engineer.post("/people/lookups", {"seq": rows[0].seq, "reason": "who asked for this name"})
    assert own.get_json()["name"] == "Engineer"


def test_a_look_up_that_fails_is_journalled_all_the_same(
    app: Flask, db: Database, site: str, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The question is committed before the name is read: whatever happens then, it stands there."""
    seq = press(db, site, clock, "B-1", "motor")
    auditor = signed_in(app, db, "Auditor", Grant(Role.AUDITOR))

    def fail(*_: object) -> None:
        raise RuntimeError("the name cannot be read")

    monkeypatch.setattr(lookups, "name_of", fail)
    assert auditor.post("/people/lookups", {"seq": seq, "reason": "whose press was it"}).status_code == 500
    with db.read() as session:
        assert [r.kind for r in journal.after(session, site, seq)] == ["person-looked-up"]


def test_a_look_up_needs_a_role_a_line_and_a_reason(app: Flask, db: Database, site: str, clock: MovedClock) -> None:
    """An administrator may not, a team leader only on the own line, nobody without a reason; nothing is journalled."""
    seq = press(db, site, clock, "B-1", "housing")
    ask = {"seq": seq, "reason": "I would like to know"}
    assert signed_in(app, db, "Admin", ADMIN).post("/people/lookups", ask).status_code == 403
    assert signed_in(app, db, "Leader", MOTOR_LEADER).post("/people/lookups", ask).status_code == 403
    auditor = signed_in(app, db, "Auditor", Grant(Role.AUDITOR))
    assert auditor.post("/people/lookups", {"seq": seq, "reason": "  .    "}).status_code == 422
    assert auditor.post("/people/lookups", {"seq": 999, "reason": "no such row at all"}).status_code == 404
    with db.read() as session:
        assert journal.head(session, site).seq == seq


def test_a_forgotten_person_is_nowhere(app: Flask, db: Database, site: str, clock: MovedClock) -> None:
    """After forgetting, the chain of the journal still holds and nobody stands behind its pseudonyms."""
    li = hire(db, "Li Na", SUPERVISOR)
    admin = signed_in(app, db, "Admin", ADMIN)
    admin.post(f"/people/{li.id}/badges", {"badge": "B-1"})
    assert len(admin.post(f"/people/{li.id}/pin").get_json()["pin"]) == 6
    theirs = Browser(app)
    theirs.sign_in("Li Na")
    seq = press(db, site, clock, "B-1", "motor")
    assert admin.ask("DELETE", f"/people/{li.id}").status_code == 204
    assert theirs.get("/session").status_code == 401
    auditor = signed_in(app, db, "Auditor", Grant(Role.AUDITOR))
    ask = {"seq": seq, "reason": "whose press was it"}
    assert auditor.post("/people/lookups", ask).get_json()["name"] is None
    kept = everything(db)
    assert "Auditor" in kept
    assert "Li Na" not in kept and li.id not in kept


def test_the_roster_names_who_is_on_duty(app: Flask, db: Database, clock: MovedClock) -> None:
    """A supervisor writes the roster of the own line; who holds a role there now follows the shift and the calendar."""
    li, wang = hire(db, "Li Na", MOTOR_LEADER), hire(db, "Wang Wei", MOTOR_LEADER)
    boss = signed_in(app, db, "Boss", Grant(Role.SUPERVISOR, line="motor"))
    early = {"person": li.id, "role": "team-leader", "line": "motor", "shift": "early", "from_on": "2026-11-01"}
    assert boss.post("/rosters", early).status_code == 201
    late = boss.post("/rosters", early | {"person": wang.id, "shift": "late"}).get_json()
    assert boss.post("/rosters", early | {"line": "housing"}).status_code == 403
    assert boss.post("/rosters", early | {"line": None}).status_code == 403
    now = "/rosters/now?role=team-leader&line=motor"
    assert [p["name"] for p in boss.get(now).get_json()] == ["Li Na"]
    clock.advance(hours=5)  # 15:00, the late shift
    assert [p["name"] for p in boss.get(now).get_json()] == ["Wang Wei"]
    away = early | {"person": li.id, "shift": "late", "stands_in_for": wang.id, "to_on": "2026-11-23"}
    assert boss.post("/rosters", away).status_code == 201
    assert [p["name"] for p in boss.get(now).get_json()] == ["Li Na"]
    assert len(boss.get("/rosters?on=2026-11-24").get_json()) == 2
    assert boss.ask("DELETE", f"/rosters/{late['id']}").status_code == 204
    assert boss.get(now).get_json() == []


def test_a_duty_must_fit_the_chain(app: Flask, db: Database) -> None:
    """Everything that does not fit is named at once."""
    li = hire(db, "Li Na", MOTOR_LEADER)
    boss = signed_in(app, db, "Boss", SUPERVISOR)
    duty = {
        "person": "nobody", "role": "team-leader", "line": "moon", "process": "magic", "shift": "never",
        "from_on": "2026-11-23", "to_on": "2026-11-22",
    }  # fmt: skip
    faults = {e["pointer"] for e in problem(boss.post("/rosters", duty))["errors"]}
    assert faults == {"#/person", "#/line", "#/process", "#/shift", "#/to_on"}
    itself = {"person": li.id, "role": "team-leader", "from_on": "2026-11-23", "stands_in_for": li.id}
    assert problem(boss.post("/rosters", itself))["errors"][0]["pointer"] == "#/stands_in_for"


def test_the_night_shift_belongs_to_the_day_on_which_it_began(db: Database, site: str) -> None:
    """At three in the night of Tuesday Monday's roster holds, and an inactive person holds nothing."""
    li = hire(db, "Li Na", MOTOR_LEADER)
    monday = date(2026, 11, 23)
    night = Duty("", li.id, Role.TEAM_LEADER, line="motor", shift="night", from_on=monday, to_on=monday)
    tuesday_3_in_the_night = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
    with db.write() as session:
        rosters.put(session, site, night)
        ask = (session, site, Role.TEAM_LEADER, "motor", None, tuesday_3_in_the_night)
        assert names(people.on_roster(*ask)) == ["Li Na"]
        people.change(session, li.id, active=False)
        assert people.on_roster(*ask) == []


def test_a_board_token_shows_its_line_until_it_is_revoked(app: Flask, db: Database) -> None:
    """The token is shown once, is good for its line, and ends when it is revoked."""
    boss = signed_in(app, db, "Boss", SUPERVISOR)
    made = boss.post("/board-tokens", {"label": "Wall 3", "line": "motor"}).get_json()
    assert boss.get("/board-tokens").get_json()[0]["token"] is None
    wall = {"Authorization": f"Bearer {made['token']}"}
    screen = Browser(app)
    assert screen.get("/board", **wall).status_code == 200
    assert screen.get("/board?line=housing", **wall).status_code == 403
    assert boss.post("/board-tokens", {"label": "Wall 4", "line": "moon"}).status_code == 422
    assert boss.ask("DELETE", f"/board-tokens/{made['id']}").status_code == 204
    assert screen.get("/board", **wall).status_code == 401


def test_a_board_token_is_good_at_its_own_site_only(db: Database, site: str, clock: MovedClock) -> None:
    """The board of another site is not shown for it, though it is neither wrong nor revoked."""
    with db.write() as session:
        journal.add_site(session, "second")
        _, plain = tokens.make(session, site, "motor", "Wall 3", clock())
    here, there = (sessions.authenticate(db, KEYS.pseudonym, s, clock(), bearer=plain) for s in (site, "second"))
    assert here is not None and (here.board_token, here.board_line, here.grants) == (True, "motor", ())
    assert there is None


def test_stations_get_credentials_over_http(app: Flask, db: Database) -> None:
    """A supervisor enrols the stations of the own line and sees which are enrolled."""
    boss = signed_in(app, db, "Boss", Grant(Role.SUPERVISOR, line="motor"))
    made = boss.post("/stations/wind-1/credentials")
    assert made.status_code == 201
    assert made.get_json()["username"] == "wind-1" and made.get_json()["upload_token"]
    assert boss.post("/stations/cast-1/credentials").status_code == 403
    assert boss.post("/stations/nowhere/credentials").status_code == 404
    listed = {s["id"]: s for s in boss.get("/stations").get_json()}
    assert listed["wind-1"]["enrolled_at"] and not listed["cast-1"]["enrolled_at"]
    assert listed["wind-1"]["name"]["zh"]
    assert boss.ask("DELETE", "/stations/wind-1/credentials").status_code == 204


def test_an_open_socket_can_ask_again_without_staying_awake(app: Flask, db: Database, clock: MovedClock) -> None:
    """Asked with touch=False the session's idle time runs on; a revoked session answers nobody."""
    browser = signed_in(app, db, "Li Na", SUPERVISOR)

    def ask(touch: bool) -> object:
        now = clock()
        return sessions.authenticate(db, KEYS.pseudonym, "lakeside", now, cookie=browser.cookie, touch=touch)

    clock.advance(hours=9)
    assert ask(touch=False) is not None
    clock.advance(hours=2)
    assert ask(touch=False) is None


def test_limits_are_counted_alike_on_both_databases(either_db: Database, clock: MovedClock) -> None:
    """The third of two is refused with the time to wait, and a new window begins after it."""
    limit = limits.Limit("try", 2, 60)
    with either_db.write() as session:
        limits.spend(session, limit, "li", clock())
        assert not limits.exhausted(session, limit, "li", clock())
        limits.spend(session, limit, "li", clock.advance(seconds=20))
        assert limits.exhausted(session, limit, "li", clock())
        with pytest.raises(limits.TooMany) as caught:
            limits.spend(session, limit, "li", clock())
        assert caught.value.retry_after_s == 40
        limits.spend(session, limit, "li", clock.advance(seconds=40))
        limits.clear(session, limit, "li")
        assert not limits.exhausted(session, limit, "li", clock())


def test_a_plant_without_rosters_tells_whoever_was_granted_the_role(db: Database, site: str) -> None:
    """Until somebody makes a roster for a role and place, its holders are meant; then the roster counts alone."""
    li = hire(db, "Li Na", MOTOR_LEADER)
    hire(db, "Chen", Grant(Role.TEAM_LEADER, site, line="housing"))
    now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    ask = (site, Role.TEAM_LEADER, "motor", None, now)
    with db.write() as session:
        assert names(people.on_roster(session, *ask)) == ["Li Na"]
        long_ago = date(2020, 1, 1)
        rosters.put(session, site, Duty("", li.id, Role.TEAM_LEADER, line="motor", from_on=long_ago, to_on=long_ago))
        assert people.on_roster(session, *ask) == []
