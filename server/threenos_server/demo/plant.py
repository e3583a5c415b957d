"""The demo's plant: the example factory, marked as a demo, with accounts, rosters, stations and a board token."""

import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from threenos_server.access import Grant, Role
from threenos_server.chain import document, example, write
from threenos_server.chain import service as chain_service
from threenos_server.chain.model import Chain
from threenos_server.clock import utc_now
from threenos_server.db import Database
from threenos_server.errors import Conflict
from threenos_server.people import rosters, service, stations, tokens
from threenos_server.people.model import Duty
from threenos_server.up.claim import claimed
from threenos_server.up.where import Where

#: Only a directory with this file in it is ever emptied.
MARK = "THIS-IS-A-DEMO"
ACCOUNTS: Mapping[str, Role] = {
    "leader": Role.TEAM_LEADER,
    "supervisor": Role.SUPERVISOR,
    "quality": Role.QUALITY_ENGINEER,
    "owner": Role.PROCESS_OWNER,
    "director": Role.DIRECTOR,
    "admin": Role.ADMIN,
}


@dataclass(frozen=True, slots=True)
class Plant:
    """What was made: everybody has the same password."""

    site: str
    password: str
    board_token: str
    enrolments: tuple[stations.Enrolment, ...]


def empty(data: Path) -> None:
    """Begin anew: yesterday's alarms would all be hours late. Raises Conflict when there is something else."""
    if data.exists():
        if any(data.iterdir()) and not (data / MARK).exists():
            raise Conflict(f"{data} is not a demo's directory; nothing in it was touched")
        with claimed(data):
            pass  # no other demo runs on it
        shutil.rmtree(data)
    data.mkdir(mode=0o700, parents=True)
    (data / MARK).write_text("Emptied whenever `threenos demo` starts.\n")


def build(db: Database) -> Plant:
    """Fill an empty database."""
    now, password = utc_now(), secrets.token_urlsafe(9)
    with db.write() as session:
        chain = _import(session)
        site = chain.site.id
        for name, role in ACCOUNTS.items():
            person = service.add(session, name, now, grants=[Grant(role)], password=password)
            if role is not Role.ADMIN:
                rosters.put(session, site, Duty("", person.id, role))
        _, token = tokens.make(session, site, None, "demo", now)
        enrolled = tuple(stations.enroll(session, site, station, now) for station in chain.stations)
    return Plant(site, password, token, enrolled)


def _import(session: Session) -> Chain:
    plain = write.document(example.chain())
    name = write.name(example.chain().site.name)
    words = name if isinstance(name, dict) else {"en": name, "zh": name}
    plain["site"] |= {"name": {"en": f"{words['en']} (demo)", "zh": f"{words['zh']}（演示）"}}
    return chain_service.save(session, document.from_data(plain), None, utc_now())


def write_agent(path: Path, plant: Plant, where: Where, page_port: int) -> None:
    """One agent for every station of the factory, with its page on loopback."""
    server = {"host": where.mqtt_host, "port": where.mqtt_port, "url": where.http}
    lines = [
        "[server]",
        *(f"{k} = {json.dumps(v)}" for k, v in server.items()),
        "",
        "[page]",
        f"port = {page_port}",
        "",
    ]
    for e in plant.enrolments:
        entry = {"id": e.station, "site": e.site, "password": e.password}
        lines += ["[[station]]", *(f"{k} = {json.dumps(v)}" for k, v in entry.items()), ""]
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(lines))
