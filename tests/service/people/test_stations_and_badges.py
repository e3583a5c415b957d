"""Badges and PINs at a station, and the credentials of stations."""

import shutil
import subprocess
from pathlib import Path

import pytest
from browser import KEYS, MovedClock, hire

from threenos_server import access
from threenos_server.access import Actor, Grant, Role
from threenos_server.db import Database
from threenos_server.errors import Conflict, NotFound
from threenos_server.journal import service as journal
from threenos_server.people import badges, stations
from threenos_server.people import service as people

LEADER = Grant(Role.TEAM_LEADER, line="motor")
KEY = KEYS.pseudonym


class Gate:
    """A station that asks who stands there."""

    def __init__(self, db: Database, site: str, clock: MovedClock) -> None:
        self.db, self.site, self.clock = db, site, clock

    def who(self, badge: str | None, pin: str | None = None, station: str = "wind-1") -> Actor | None:
        with self.db.write() as session:
            return badges.checker(KEY, self.clock)(session, self.site, badge, pin, station)

    def badge(self, person: str, badge: str) -> str:
        with self.db.write() as session:
            return badges.give_badge(session, KEY, self.site, person, badge, self.clock())

    def pin(self, person: str) -> str:
        with self.db.write() as session:
            return badges.give_pin(session, KEY, person, self.clock())


@pytest.fixture
def gate(db: Database, site: str, clock: MovedClock) -> Gate:
    return Gate(db, site, clock)


def test_a_badge_opens_for_its_holder(gate: Gate) -> None:
    """The actor has the person's roles and the pseudonym under which the badge stands in the journal."""
    leader = hire(gate.db, "Li Na", LEADER, password=None)
    pseudonym = gate.badge(leader.id, "B-1044")
    actor = gate.who("B-1044")
    assert actor == Actor("Li Na", pseudonym, (LEADER,))
    assert pseudonym == access.pseudonym(KEY, gate.site, "B-1044")
    assert gate.who("B-9999") is None


def test_a_pin_opens_at_its_holders_stations_only(gate: Gate) -> None:
    """The PIN of a team leader of one line is worth nothing at another."""
    leader = hire(gate.db, "Li Na", LEADER)
    pin = gate.pin(leader.id)
    assert gate.who(None, pin) is not None
    assert gate.who(None, pin, station="cast-1") is None
    assert gate.who(None, pin, station="no-such-station") is None


def test_badge_and_pin_together_must_be_of_one_person(gate: Gate) -> None:
    """A found badge with somebody else's PIN opens nothing."""
    li, wang = hire(gate.db, "Li Na", LEADER), hire(gate.db, "Wang Wei", LEADER)
    gate.badge(li.id, "B-1")
    right, other = gate.pin(li.id), gate.pin(wang.id)
    assert gate.who("B-1", other) is None
    assert gate.who("B-1", right) is not None


def test_a_lost_badge_and_an_old_pin_open_nothing(gate: Gate) -> None:
    """What was revoked or replaced is void at once, and so is everything of an inactive person."""
    li = hire(gate.db, "Li Na", LEADER)
    pseudonym, old = gate.badge(li.id, "B-1"), gate.pin(li.id)
    new = gate.pin(li.id)
    with gate.db.write() as session:
        badges.revoke_badge(session, gate.site, li.id, pseudonym, gate.clock())
    assert [gate.who("B-1"), gate.who(None, old)] == [None, None]
    assert gate.who(None, new) is not None
    with gate.db.write() as session:
        people.change(session, li.id, active=False)
    assert gate.who(None, new) is None


def test_guessing_pins_at_a_station_ends_after_ten(gate: Gate) -> None:
    """Ten wrong ones and the station takes not even the right one, for an hour; other stations go on."""
    li = hire(gate.db, "Li Na", LEADER)
    pin = gate.pin(li.id)
    wrong = f"{(int(pin) + 1) % 10**6:06d}"
    assert [gate.who(None, wrong) for _ in range(10)] == [None] * 10
    assert gate.who(None, pin) is None
    assert gate.who(None, pin, station="wind-2") is not None
    gate.clock.advance(hours=1, seconds=1)
    assert gate.who(None, pin) is not None


def test_a_badge_never_comes_to_mean_somebody_else(gate: Gate) -> None:
    """Neither in use nor after its holder was forgotten is a number given to another."""
    li, wang = hire(gate.db, "Li Na", LEADER), hire(gate.db, "Wang Wei", LEADER)
    gate.badge(li.id, "B-1")
    with pytest.raises(Conflict):
        gate.badge(wang.id, "B-1")
    with gate.db.write() as session:
        people.forget(session, li.id)
    assert gate.who("B-1") is None
    with pytest.raises(Conflict):
        gate.badge(wang.id, "B-1")


def test_enrolment_gives_credentials_once(db: Database, site: str, clock: MovedClock) -> None:
    """A station gets a password and an upload token; enrolling again voids them, revoking ends them."""
    with db.write() as session:
        first = stations.enroll(session, site, "cast-1", clock())
        second = stations.enroll(session, site, "cast-1", clock())
        assert stations.uploader(session, site, first.upload_token) is None
        assert stations.uploader(session, site, second.upload_token) == "cast-1"
        assert list(stations.broker_users(session)) == ["cast-1"]
        listed = {s.id: s for s in stations.every(session, site)}
        assert listed["cast-1"].enrolled_at == clock()
        assert listed["cast-2"].enrolled_at is None
        stations.revoke(session, site, "cast-1", clock())
        assert stations.broker_users(session) == {}
        assert stations.uploader(session, site, second.upload_token) is None
    assert first.password != second.password


def test_only_stations_of_the_chain_are_enrolled(db: Database, site: str, clock: MovedClock) -> None:
    """What the chain does not have gets no credentials."""
    with db.write() as session:
        with pytest.raises(NotFound):
            stations.enroll(session, site, "nowhere-1", clock())
        with pytest.raises(NotFound):
            stations.revoke(session, site, "cast-1", clock())
        journal.add_site(session, "second")
        with pytest.raises(NotFound):
            stations.enroll(session, "second", "cast-1", clock())


def test_the_hash_is_one_that_mosquitto_writes(db: Database, site: str, clock: MovedClock, tmp_path: Path) -> None:
    """The broker's own tool makes a line of the same form: PBKDF2-SHA512, 12 bytes of salt, 64 of hash."""
    tool = shutil.which("mosquitto_passwd")
    assert tool, "install mosquitto"
    file = tmp_path / "passwords"
    file.touch(mode=0o600)
    subprocess.run([tool, "-b", str(file), "cast-1", "x"], check=True, capture_output=True, timeout=60)
    theirs = file.read_text().strip().split(":", 1)[1]
    with db.write() as session:
        stations.enroll(session, site, "cast-1", clock())
        ours = stations.broker_users(session)["cast-1"]
    assert [len(part) for part in ours.split("$")] == [len(part) for part in theirs.split("$")]
    assert ours.split("$")[:3] == theirs.split("$")[:3]
