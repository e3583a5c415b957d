"""The whole look: everything is gathered, judged, and put in the order in which a person would look."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event
from time import monotonic

import sqlalchemy as sa

from threenos_server.beats import SILENT_AFTER
from threenos_server.clock import Now
from threenos_server.db import Database
from threenos_server.doctor import keeping, living, places, reached, storage, units
from threenos_server.doctor.finding import Finding, wrong
from threenos_server.doctor.look import archive as look_archive
from threenos_server.doctor.look import broker as look_broker
from threenos_server.doctor.look import certificates as look_certificates
from threenos_server.doctor.look import database as look_database
from threenos_server.doctor.look import machine as look_machine
from threenos_server.doctor.look import provider as look_provider
from threenos_server.doctor.look import web as look_web
from threenos_server.errors import Conflict
from threenos_server.folds import FOLDS
from threenos_server.intake.link import BrokerAddress
from threenos_server.moving import left
from threenos_server.settings import Settings

#: So long after the clock's process the auditor in it begins to speak, and a little more.
STARTING_S = 8.0
_PAUSE = Event()


@dataclass(frozen=True, slots=True)
class Installation:
    """What to look at. `broker` is where our own processes find it, `stations_door` where stations do; None: not known.

    `backups`, `archive` and `broker_files` are folders that no setting names; None leaves them out. `faults` is what is
    wrong with the settings themselves, so that something cannot be looked at.
    """

    settings: Settings
    config: Path | None = None
    broker: BrokerAddress | None = None
    stations_door: BrokerAddress | None = None
    backups: Path | None = None
    archive: Path | None = None
    broker_files: Path | None = None
    faults: Sequence[Finding] = ()


def examine(this: Installation, now: Now) -> Iterator[Finding]:
    """Every finding, as soon as it is there. Without a broker apart there is nothing but `threenos up` to cure."""
    for finding in _examined(this, now):
        yield finding if this.settings.mqtt_url else units.together(finding)


def _examined(this: Installation, now: Now) -> Iterator[Finding]:
    settings = this.settings
    yield places.data_directory(look_machine.place(settings.data), look_machine.me())
    secrets = look_machine.secret_files(this.config, os.environ)
    if secrets:
        yield places.secrets(secrets)
    yield from places.rooms(look_machine.rooms([p for p in (settings.data, this.backups, this.archive) if p]))
    # Of the data only: to the doctor that a timer calls every other folder can only be read.
    if settings.data.is_dir():
        yield places.disk_is_written(settings.data, read_only=look_machine.read_only(settings.data))
    kept = look_machine.clock_is_kept()
    if kept is not None:
        yield places.clock(kept)
    yield from _database(this, now)
    yield from _reached(this, now())
    yield keeping.backups(look_machine.backups(this.backups), now())
    yield from keeping.packages(look_machine.lacking(settings))


def _database(this: Installation, now: Now) -> Iterator[Finding]:
    settings = this.settings
    if not settings.database and not (settings.data / "threenos.db").is_file():
        yield _no_file(settings)
        return
    db = None
    try:
        db = Database(settings.database_url(), FOLDS)
        yield from _tables(db, this, now)
    except (sa.exc.SQLAlchemyError, ImportError, RuntimeError) as e:
        yield _unanswered(settings, str(getattr(e, "orig", None) or e).strip().partition("\n")[0])
    finally:
        if db is not None:
            db.close()


def _no_file(settings: Settings) -> Finding:
    """Also of one that was moved away, in whose place no other may begin."""
    try:
        left.refuse(settings)
    except Conflict as e:
        return wrong(
            "database", e.detail, "name it in threenos.toml or by THREENOS_DATABASE_FILE: deploy/postgresql.md"
        )
    cure = "name the right data directory with --data; for a new installation `threenos db upgrade` makes it"
    return wrong("database", f"there is no database in {settings.data}", cure)


def _unanswered(settings: Settings, reason: str) -> Finding:
    if settings.database:
        words = f"it does not answer: {reason}"
        return wrong("database", words, "`systemctl status postgresql`; the setting database; what our role may do")
    file = settings.data / "threenos.db"
    return wrong(
        "database", f"{file} cannot be read: {reason}", "where the disk is full or only to be read, see to that first; "
        f"`ls -l {file}*`: all belong to the user who owns the data directory; only what is damaged is for "
        "`threenos db restore`",
    )  # fmt: skip


def _tables(db: Database, this: Installation, now: Now) -> Iterator[Finding]:
    seen = look_database.storage(db)
    yield storage.version(seen)
    if seen.version is None or seen.misfit:
        return
    yield storage.durable(seen)
    yield storage.guarded(seen)
    theirs = look_database.clock(db)
    if theirs is not None:
        yield storage.skew(theirs, now())
    alive = heard(db, now)
    at = now()
    with db.read() as session:
        work = look_database.work(session, at)
        yield places.keys(look_machine.key_files(this.settings.data), look_database.rows(session))
        yield from living.services(alive, now())
        yield living.escalation(work)
        yield living.intake(work)
        yield living.quarantine(work)
        yield living.notices(work)
        yield living.people(work)
        stations = look_database.stations(session, work.sites, at)
        yield from living.stations(stations)
        if this.broker_files is not None:
            yield reached.rules(look_machine.ruled(this.broker_files), stations.enrolled)
        yield from keeping.journal(look_database.ends(session, work.sites))
        to = this.settings.checkpoint_to
        given = look_database.given_out(session)
        yield keeping.checkpoints(to, given, look_machine.written(to), look_machine.no_file(to))
    shut = look_archive.shut(this.archive) if this.archive else ""
    reach = look_archive.reaches(db, this.archive) if this.archive and not shut else {}
    yield from keeping.archive(this.archive, reach, now(), shut)


def heard(db: Database, now: Now) -> dict[str, datetime]:
    """When each process was last heard. Where some live, the others may just be starting and are waited for."""
    until = monotonic() + STARTING_S
    while True:
        with db.read() as session:
            found = look_database.heard(session)
        lives = [now() - found[name] <= SILENT_AFTER for name in living.SERVICES if name in found]
        if not any(lives) or (all(lives) and len(lives) == len(living.SERVICES)) or monotonic() > until:
            return found
        _PAUSE.wait(0.2)


def _reached(this: Installation, now: datetime) -> Iterator[Finding]:
    settings = this.settings
    yield reached.address(settings)
    direct = look_web.own_address(settings)
    found = look_web.pages(settings.public_url or direct, settings.data)
    yield reached.pages(found, look_web.pages(direct, settings.data) if found.error and settings.public_url else None)
    yield from this.faults
    if this.broker is not None:
        yield from reached.broker(look_broker.ask(this.broker))
    if this.stations_door is not None:
        yield reached.stations_door(look_broker.ask_as_stranger(this.stations_door))
    accounts = look_provider.ask(settings)
    if accounts is not None:
        yield reached.accounts(accounts)
    yield from reached.certificates(look_certificates.every(settings, this.broker, now), now)
    if unread := look_certificates.unread(settings.data):
        yield reached.unread(unread)
