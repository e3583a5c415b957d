"""A data directory with the example factory, its standards in seconds, its people with a webhook each."""

import re
from dataclasses import dataclass
from pathlib import Path

from chaos.homes import Home

from threenos_server import keys
from threenos_server.access import Grant, Role
from threenos_server.chain import example
from threenos_server.chain.service import import_chain
from threenos_server.clock import utc_now
from threenos_server.migrations import upgrade
from threenos_server.people import rosters, service, stations, tokens
from threenos_server.people.model import Duty

SITE = "lakeside"
#: Those of the agent, and the one that a program of nobody's speaks for.
STATIONS = ("mill-1", "leak-1", "pump-1", "wind-1")
FOREIGN = "cast-1"
PASSWORD = "a long enough password"
STAFF = {
    "leader": Role.TEAM_LEADER, "supervisor": Role.SUPERVISOR, "director": Role.DIRECTOR, "owner": Role.PROCESS_OWNER,
}  # fmt: skip
#: After a stop the line with a fixed position goes on for so long.
GRACE_S = 2
#: Three levels within four seconds, and three limits within five.
STANDARDS = """\
standards:
- id: default
  rules: [{rules}]
""".format(
    rules=", ".join(
        f"{{for: {kind}, acknowledge: 2 s, arrive: 4 s{contain}, ladder: "
        "[{after: 0, role: team-leader}, {after: 2 s, role: supervisor}, {after: 4 s, role: director}]}"
        for kind, contain in (("reject", ", contain: 5 s"), ("stop", ", contain: 5 s"), ("call", ""))
    )
)


@dataclass(frozen=True, slots=True)
class Factory:
    """What was prepared: where, the passwords of the stations, and what opens the board."""

    data: Path
    home: Home
    passwords: dict[str, str]
    token: str


def build(data: Path, home: Home, webhook: str) -> Factory:
    """Make it; `webhook` is where everybody is told, as http://host:port."""
    data.mkdir(parents=True)
    keys.load(data)
    with home.opened() as db:
        upgrade(db)
        with db.write() as session:
            import_chain(session, quick(example.text()), None, utc_now())
        with db.write() as session:
            for name, role in STAFF.items():
                person = service.add(session, name, utc_now(), grants=[Grant(role, SITE)], password=PASSWORD)
                address = webhook.replace("http://", "webhook+http://")
                service.set_addresses(session, person.id, [f"{address}/{name}?secret=s"])
                rosters.put(session, SITE, Duty("", person.id, role))
        with db.write() as session:
            enrolled = [stations.enroll(session, SITE, s, utc_now()) for s in (*STATIONS, FOREIGN)]
            _, token = tokens.make(session, SITE, None, "wall", utc_now())
    return Factory(data, home, {e.station: e.password for e in enrolled}, token)


def quick(chain: str) -> str:
    """The chain with one standard for everything and every grace time, in seconds."""
    rest = re.sub(r"(?s)standards:\n.*?\n\n", STANDARDS + "\n", chain)
    rest = re.sub(r"stop_grace: \d+ s", f"stop_grace: {GRACE_S} s", rest)
    return re.sub(r", standard: [a-z]+", "", rest)
