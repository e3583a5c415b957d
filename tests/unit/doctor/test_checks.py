"""Every check of `threenos doctor`: what it says when all is well, and each way in which it says that it is not."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from threenos_server.doctor import keeping, living, places, reached, storage
from threenos_server.doctor.finding import Finding, Level, ok, warning, worst, wrong
from threenos_server.doctor.keeping import Archived, Backups
from threenos_server.doctor.living import Stations, Work
from threenos_server.doctor.places import GIB, Place, Room
from threenos_server.doctor.reached import Accounts, Broker, Certificate, Pages
from threenos_server.doctor.storage import Storage
from threenos_server.journal.model import Break, Head
from threenos_server.settings import Settings

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
DATA = Place(Path("/data"), 0o700, 990)
KEY = Place(Path("/data/keys/pseudonym"), 0o600, 990, 64)
STORAGE = Storage("PostgreSQL 15.13", "0007", guards=2, guards_wanted=2)
BROKER = Broker("broker.plant", 8884, True, dropped=0)
OURS = Settings(public_url="https://andon.plant", proxies=1)
HEARD = dict.fromkeys(living.SERVICES, NOW)
STATIONS = Stations(["w1", "w2"], ["w1", "w2"])
ARCHIVE = Path("/archive")


def one(found: Finding | Iterable[Finding]) -> Finding:
    """The worst of them; a check that says several things is as bad as the worst."""
    every = [found] if isinstance(found, Finding) else list(found)
    level = worst(every)
    return next(f for f in every if f.level is level)


WELL = [
    places.data_directory(DATA, 990),
    places.data_directory(DATA, 0),
    places.keys([KEY], 7),
    places.keys([Place(KEY.path)], 0),
    places.secrets([Place(Path("/etc/threenos.toml"), 0o640)]),
    one(places.rooms([Room(Path("/data"), 50 * GIB, 100 * GIB)])),
    one(places.rooms([Room(Path("/data"), 4 * GIB, 16 * GIB)])),
    storage.version(STORAGE),
    storage.durable(STORAGE),
    storage.guarded(STORAGE),
    storage.skew(NOW, NOW - SECOND),
    one(living.services(HEARD, NOW)),
    living.escalation(Work()),
    living.intake(Work(waiting=1000)),
    living.quarantine(Work()),
    living.notices(Work()),
    living.people(Work()),
    one(living.stations(STATIONS)),
    one(living.stations(replace(STATIONS, held={"w1": 1}))),
    reached.address(OURS),
    reached.address(Settings()),
    reached.pages(Pages("https://andon.plant")),
    one(reached.broker(BROKER)),
    one(reached.broker(replace(BROKER, dropped=None))),
    one(reached.broker(Broker("127.0.0.1", 1884, False))),
    reached.stations_door(replace(BROKER, error="not authorized")),
    reached.rules({"_server", "w1"}, ["w1"]),
    one(reached.certificates([Certificate("andon.plant", NOW + 31 * DAY)], NOW)),
    one(reached.certificates([Certificate("the authority", NOW + 184 * DAY, authority=True)], NOW)),
    reached.accounts(Accounts("https://idp.plant")),
    places.clock(True),
    keeping.backups(Backups(Path("/b"), NOW - 25 * HOUR, 5), NOW),
    one(keeping.archive(ARCHIVE, {"plant": Archived(5, 5)}, NOW)),
    one(keeping.archive(ARCHIVE, {"plant": Archived(4, 5, NOW - keeping.BEHIND)}, NOW)),
    one(keeping.journal({"plant": Head(5, "ab")})),
    keeping.checkpoints("/mnt/heads", NOW, NOW - HOUR),
    keeping.checkpoints("https://elsewhere/heads", NOW, None),
    keeping.checkpoints("/mnt/heads", None, None),
    one(keeping.packages([])),
]


@pytest.mark.parametrize("finding", WELL, ids=lambda f: f"{f.check}: {f.words}")
def test_a_sound_installation_is_well(finding: Finding) -> None:
    """Nothing to cure."""
    assert (finding.level, finding.cure) == (Level.OK, "")


WRONG = {
    "is not there": places.data_directory(Place(Path("/data")), 990),
    "belongs to user 990": places.data_directory(DATA, 33),
    "can look into": places.data_directory(replace(DATA, mode=0o755), 990),
    "nobody can be found behind it": places.keys([Place(KEY.path)], 7),
    "others can read": places.keys([replace(KEY, mode=0o640)], 7),
    "cannot be read: /data/keys/pseudonym": places.keys([replace(KEY, closed=True)], 7),
    "is not a whole key": places.keys([replace(KEY, length=10)], 7),
    "everybody on this machine": places.secrets([Place(Path("/etc/threenos.toml"), 0o644)]),
    "0.4 of 100.0 GiB": one(places.rooms([Room(Path("/data"), 4 * GIB // 10, 100 * GIB)])),
    "can only be read": places.disk_is_written(Path("/data"), read_only=True),
    "the database is empty": storage.version(replace(STORAGE, version=None)),
    "may not use the tables": storage.version(replace(STORAGE, version=None, shut=True)),
    "are of version 0006": storage.version(replace(STORAGE, misfit="the tables are of version 0006")),
    "fsync is off": storage.durable(replace(STORAGE, soft=("fsync is off",))),
    "1 of the 2 triggers": storage.guarded(replace(STORAGE, guards=1)),
    "UPDATE, DELETE": storage.guarded(replace(STORAGE, may=("UPDATE", "DELETE"))),
    "31.0 s ahead of ours": storage.skew(NOW + 31 * SECOND, NOW),
    "intake was never heard": one(living.services({k: v for k, v in HEARD.items() if k != "intake"}, NOW)),
    "clock was last heard 3 minutes ago": one(living.services(HEARD | {"clock": NOW - 200 * SECOND}, NOW)),
    "from now": one(living.services(HEARD | {"auditor": NOW + HOUR}, NOW)),
    "not-fired: 2": living.escalation(Work(overdue={"not-fired": 2})),
    "were given up": living.notices(Work(undelivered=1)),
    "nobody, or no address": living.notices(Work(unreachable=1)),
    "none of 2 is heard": one(living.stations(replace(STATIONS, silent=["w1", "w2"]))),
    "cookies go in plain": reached.address(replace(OURS, public_url="http://andon.plant")),
    "proxies is 0": reached.address(replace(OURS, proxies=0)),
    "though the server itself does": reached.pages(Pages("https://andon.plant", error="refused"), Pages("http://[::1]:1")),
    "does not answer: refused": reached.pages(Pages("https://andon.plant", error="refused")),
    "clock: never heard": reached.pages(Pages("https://andon.plant", (("clock", "never heard"),))),
    "does not let us in": one(reached.broker(replace(BROKER, error="not authorised"))),
    "port 8884 does not answer: Connection refused": one(
        reached.broker(replace(BROKER, error="Connection refused", reached=False, answers=False))
    ),
    "broker.plant port 8884 lets anybody in": one(reached.broker(replace(BROKER, stranger=True))),
    "stations do not reach": reached.stations_door(replace(BROKER, error="refused", reached=False)),
    "8884 lets anybody in": reached.stations_door(BROKER),
    "cannot be read": reached.rules(None, []),
    "may still speak: w9": reached.rules({"_server", "w9"}, []),
    "does not know w1": reached.rules({"_server"}, ["w1"]),
    "ended on 2026-11-22": one(reached.certificates([Certificate("andon.plant", NOW - DAY)], NOW)),
    "register.jsonl: Permission denied": reached.unread("register.jsonl: Permission denied"),
    "the broker was not asked: no key": reached.unasked("no key", "make one"),
    "nobody can sign in by https://idp.plant: away": reached.accounts(Accounts("https://idp.plant", "away")),
    "there is no backup": keeping.backups(Backups(Path("/b"), None), NOW),
    "/b cannot be read: Permission denied": keeping.backups(Backups(Path("/b"), None, error="Permission denied"), NOW),
    "2 hours from now": keeping.backups(Backups(Path("/b"), NOW + 2 * HOUR, 5), NOW),
    "27 hours old": keeping.backups(Backups(Path("/b"), NOW - 27 * HOUR, 5), NOW),
    "is empty": keeping.backups(Backups(Path("/b"), NOW - HOUR, 0), NOW),
    "up to row 4 of 9, and lacks what came since 2026-11-23 05:00": one(
        keeping.archive(ARCHIVE, {"a": Archived(5, 5), "plant": Archived(4, 9, NOW - HOUR)}, NOW)
    ),
    "/archive: Permission denied": one(keeping.archive(ARCHIVE, {"plant": Archived(error="Permission denied")}, NOW)),
    "/archive is not there": one(keeping.archive(ARCHIVE, {}, NOW, shut="is not there")),
    "/mnt/heads is a folder": keeping.checkpoints("/mnt/heads", NOW, NOW, shut="/mnt/heads is a folder and no file"),
    "/mnt is not there": keeping.checkpoints("/mnt/heads", None, None, shut="/mnt is not there"),
    "broken at row 9": one(keeping.journal({"a": Head(5, "ab"), "plant": Break(9, "row 9 was changed")})),
    "was not written": keeping.checkpoints("/mnt/heads", NOW, NOW - 3 * HOUR),
}  # fmt: skip


@pytest.mark.parametrize("words", WRONG)
def test_what_is_wrong_is_said_with_its_cure(words: str) -> None:
    """Each fault by itself, in words that name it."""
    finding = WRONG[words]
    assert finding.level is Level.WRONG, finding
    assert words in finding.words
    assert finding.cure


WARNED = {
    "4.0 of 100.0 GiB": one(places.rooms([Room(Path("/data"), 4 * GIB, 100 * GIB)])),
    "take the journal's guard away": storage.guarded(replace(STORAGE, owns=True, may=("UPDATE",))),
    "3.0 s behind ours": storage.skew(NOW - 3 * SECOND, NOW),
    "1001 messages wait": living.intake(Work(waiting=1001)),
    "2 messages could not be read": living.quarantine(Work(quarantined=2)),
    "are tried again": living.notices(Work(retried=3)),
    "nobody administers": living.people(Work(administrators=0)),
    "no chain has a station": one(living.stations(Stations())),
    "without credentials: w2": one(living.stations(replace(STATIONS, enrolled=["w1"]))),
    "never heard: w2": one(living.stations(replace(STATIONS, never=["w2"]))),
    "not heard: w1": one(living.stations(replace(STATIONS, silent=["w1"]))),
    "a, b, c, d, e and 2 others": one(living.stations(Stations([*"abcdefg"], [*"abcdefgh"], silent=[*"abcdefg"]))),
    "hold events back: w2 (40), w1 (3)": one(living.stations(replace(STATIONS, held={"w1": 3, "w2": 40}))),
    "served in plain on 0.0.0.0": reached.address(Settings(host="0.0.0.0")),
    "the pages are served on 0.0.0.0 besides": reached.address(replace(OURS, host="0.0.0.0")),
    "any program of this machine": one(reached.broker(Broker("127.0.0.1", 1884, False, stranger=True))),
    "go in plain over the network": one(reached.broker(replace(BROKER, tls=False))),
    "has given up 12 messages": one(reached.broker(replace(BROKER, dropped=12))),
    "good until 2026-12-22": one(reached.certificates([Certificate("andon.plant", NOW + 29 * DAY)], NOW)),
    "good until 2027-05-24": one(reached.certificates([Certificate("ca", NOW + 182 * DAY, authority=True)], NOW)),
    "set by no time server": places.clock(False),
    "not told where backups go": keeping.backups(None, NOW),
    "not told where the archive": one(keeping.archive(None, {}, NOW)),
    "no head of the journal leaves": keeping.checkpoints("", NOW, None),
    "PDF needs pango": one(keeping.packages([("PDF needs pango", "apt-get install libpango-1.0-0")])),
}  # fmt: skip


@pytest.mark.parametrize("words", WARNED)
def test_what_will_be_wrong_is_a_warning_with_its_cure(words: str) -> None:
    """It does not fail the command, so that it can be run by a timer."""
    finding = WARNED[words]
    assert finding.level is Level.WARNING, finding
    assert words in finding.words
    assert finding.cure


def test_an_authority_is_not_renewed_by_the_command_that_renews_what_it_issued() -> None:
    """The cure is another one that everybody learns to trust."""
    ended = [Certificate("ca", NOW - DAY, authority=True), Certificate("web", NOW - DAY)]
    cures = [found.cure for found in reached.certificates(ended, NOW)]
    assert "make another authority" in cures[0] and cures[1].startswith("`threenos ca renew DIR`")


def test_a_broker_that_is_not_there_is_not_cured_by_another_password() -> None:
    """Nor one that refuses us by being started."""
    gone = one(reached.broker(replace(BROKER, error="refused", reached=False, answers=False))).cure
    shut = one(reached.broker(replace(BROKER, error="not authorised"))).cure
    assert "mosquitto" in gone and "mqtt_url" in gone and "mqtt_password" not in gone
    assert "mqtt_password" in shut and "systemctl" not in shut


def test_tables_of_a_newer_program_are_not_upgraded_by_an_older_one() -> None:
    """It refuses; the cure is the other program."""
    cures = [storage.version(replace(STORAGE, misfit="newer", newer=newer)).cure for newer in (True, False)]
    assert ["upgrade`" in cure or "start threenos-upgrade" in cure for cure in cures] == [False, True]
    assert "deploy/upgrade.md" in cures[0]


def test_the_worst_counts() -> None:
    """Of none at all, everything is well."""
    assert [worst([]), worst([ok("a", "")]), worst([warning("a", "", "c"), ok("b", "")])] == ["ok", "ok", "warning"]
    assert worst([warning("a", "", "c"), wrong("b", "", "c"), ok("c", "")]) is Level.WRONG


def test_every_check_is_in_the_readme() -> None:
    """By the name under which it speaks."""
    readme = Path(places.__file__).with_name("README.md").read_text()
    named = {f.check for f in (*WELL, *WRONG.values(), *WARNED.values())} | {"database"}
    assert {name for name in named if f"`{name}`" not in readme} == set()
