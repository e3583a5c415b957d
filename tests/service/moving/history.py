"""A plant to which something of everything has happened."""

from scenario.story import SITE, START, Plant, begin

from threenos_server.db import Database
from threenos_server.escalation import presence
from threenos_server.intake import quarantine
from threenos_server.people import service as people
from threenos_server.people import tokens
from threenos_wire.events import Malformed, Reason
from threenos_wire.ids import new_id
from threenos_wire.messages import Presence
from threenos_wire.topics import Address

#: What a text may hold that the way must not take for its own signs.
AWKWARD = "刮伤\t\\N \\. a\nb|\"'"


def known(db: Database) -> Plant:
    """The plant of a database that is not empty."""
    with db.read() as session:
        return Plant(db, people={person.name: person for person in people.every(session)})


def tell(db: Database) -> None:
    """Something of everything: answered, stopped, escalated, waiting, put aside, and people who were told."""
    begin(db)
    plant = known(db)
    complaint = plant.press("leak-1", reject="porosity", qty=3.5, note=AWKWARD)
    plant.clock.advance(minutes=6)
    plant.contain(complaint)
    stop = plant.press("pump-1", stop=True, defect="turned-round")
    plant.clock.advance(minutes=3)
    plant.contain(stop)
    plant.release_at_desk("assembly", stop, "team leader")
    plant.press("mill-1", catch="burr")
    plant.press("mill-1", call="maintenance")
    plant.clock.advance(days=2)
    plant.take(plant.event("leak-1", "detail", complaint=new_id(), note="of a complaint that nobody knows yet"))
    with db.write() as session:
        here = Address(SITE, "leak-1")
        quarantine.keep(session, "t", here, Malformed(b"\x00\xff\\N\t", Reason.MALFORMED, "no JSON"), START)
        presence.heard(session, SITE, "leak-1", Presence(True, "b", "1", 0), START)
        tokens.make(session, SITE, None, "wall", START)
