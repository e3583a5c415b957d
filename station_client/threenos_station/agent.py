"""The agent: one outbox, and for each station a link, buttons, lamps and a page."""

import logging
import os
import secrets
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from threenos_station import __version__
from threenos_station.document import Document
from threenos_station.ends import Ending, Ends
from threenos_station.errors import NotThere, StationError
from threenos_station.inputs import Button
from threenos_station.kept import Kept
from threenos_station.lamps import Bulb
from threenos_station.local import DATABASE, FolderLock, Note, remove_note, write_note
from threenos_station.outbox import Outbox
from threenos_station.pairing import Pairing
from threenos_station.photos import Shelf, Uploader
from threenos_station.settings import Settings
from threenos_station.station import Station
from threenos_station.store import Store, set_aside_if_broken
from threenos_station.ticks import Clock, MachineClock
from threenos_wire.instants import format_instant

if TYPE_CHECKING:
    from threenos_station.page.server import PageServer

log = logging.getLogger("threenos.station")

ROUND_S = 0.5
#: What the server said is written down every so many rounds; presses are written at once.
SAVE_ROUNDS = 10


class Agent:
    """Composed once, started and stopped once. AgentRuns when another one has the folder."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.folder = Path(settings.data)
        self._lock = FolderLock(self.folder)
        self.broken = set_aside_if_broken(self.folder / DATABASE)
        if self.broken is not None:
            log.error("the outbox could not be read and was set aside as %s", self.broken)
        self.store = Store(self.folder / DATABASE)
        self._clock = clock = clock or MachineClock()
        self._ends = Ends(settings.server, settings.station)
        self.outbox = Outbox(self.store)
        self.outbox.forget_old_boots()
        self.kept = Kept(self.store)
        self.pairing = Pairing(self.store)
        self.token = secrets.token_urlsafe(32)
        self.stations = {e.id: Station(e, settings.server, self.outbox, self.kept, clock) for e in settings.station}
        sites = {e.site for e in settings.station}
        self.shelf = Shelf(self.folder / "photos")
        self.uploader = Uploader(self.shelf, settings.server, sites.pop() if len(sites) == 1 else None)
        self.buttons = [Button(i, self.stations[i.station].press) for i in settings.input]
        self.bulbs = [self._bulb(lamp.station, i) for i, lamp in enumerate(settings.lamp)]
        self._devices: list[Button | Bulb] = [*self.buttons, *self.bulbs]
        self.page: PageServer | None = None
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def _bulb(self, station: str, index: int) -> Bulb:
        at = self.stations[station]
        return Bulb(self.settings.lamp[index], at.feed, at.document)

    def start(self) -> None:
        """Serve the page, then connect: a press is possible before any network is."""
        if self.settings.page.enabled:
            from threenos_station.page.server import PageServer  # only here: an agent without a page needs no HTTP

            self.page = PageServer(self)
            self.page.start()
            write_note(self.folder, Note(self.page.url, self.token, os.getpid()))
        for station in self.stations.values():
            station.link.start()
        self.uploader.start()
        for device in self._devices:
            device.start()
        self._keeper.start()

    @property
    def stopped(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        """Take no more presses, say goodbye to the broker, write down what is remembered."""
        self._stopping.set()
        if self.page is not None:
            self.page.stop()
            remove_note(self.folder)
        for device in self._devices:
            device.stop()
        self.uploader.stop()
        for station in self.stations.values():
            station.link.ask_to_stop()
        for station in self.stations.values():
            station.link.join(3)
        if self._keeper.is_alive():
            self._keeper.join(3)
        self._save()
        self.store.close()
        self._lock.release()

    def station(self, name: str) -> Station:
        """The station of that id; NotThere when this agent does not have it."""
        found = self.stations.get(name)
        if found is None:
            raise NotThere("no-station", f"this agent has no station {name!r}, but {', '.join(self.stations)}")
        return found

    def press(self, station: str, kind: str, fields: Mapping[str, Any] | None = None) -> str:
        """Save a press of `station` and return its id; on the disk by then."""
        return self.station(station).press({**(fields or {}), "kind": kind})

    def document(self, station: str) -> Document:
        return self.station(station).document()

    def status(self) -> dict[str, Any]:
        """How everything stands, for `threenos-station status` and the console."""
        return {
            "running": True,
            "version": __version__,
            "stations": [_brief(s) for s in self.stations.values()],
            "photos": {
                "waiting": len(self.shelf.waiting()),
                "refused": len(self.shelf.refused()),
                "problem": self.uploader.problem,
            },
            "inputs": [
                {"station": b.settings.station, "kind": b.settings.kind, "presses": b.presses, "problem": b.problem}
                for b in self.buttons
            ],
            "lamps": [
                {"station": b.settings.station, "kind": b.settings.kind, "problem": b.problem} for b in self.bulbs
            ],
            "tablets": self.pairing.count(),
            "certificate": self._page_certificate(),
            "certificates": [self._told(one) for one in self._ends.shown()],
            "set_aside": None if self.broken is None else str(self.broken),
        }

    def _page_ending(self) -> Ending | None:
        secured = self.page.secured if self.page is not None else None
        return secured.ending if secured is not None else None

    def _page_certificate(self) -> dict[str, Any] | None:
        if self.page is None or self.page.secured is None:
            return None
        return {"names": self.page.secured.names} | self._told(self.page.secured.ending)

    def _told(self, one: Ending) -> dict[str, Any]:
        problem = one.problem(self._clock.wall())
        return {"file": one.file, "until": format_instant(one.until), "problem": problem}

    def _keep(self) -> None:
        rounds = 0
        while not self._stopping.wait(ROUND_S):
            rounds += 1
            try:
                self._watch()
                self._ends.look(self._page_ending(), self._clock.wall())
                if rounds % SAVE_ROUNDS == 0:
                    self._save()
            except Exception:
                log.exception("gave up this round of the keeper; the next one is in %s s", ROUND_S)

    def _watch(self) -> None:
        """Start links whose thread has died, and notice what another process wrote into the outbox."""
        changed = self.store.changed_by_others()
        for station in self.stations.values():
            if not station.link.alive:
                log.error("the link of %s had died and is started again", station.id)
                station.link.start()
            if changed:
                station.outbox_changed_outside()

    def _save(self) -> None:
        try:
            self.kept.save()
        except StationError as e:
            log.warning("could not write down what the server said: %s", e.detail)


def _brief(station: Station) -> dict[str, Any]:
    document = station.document()
    return {
        "station": station.id,
        "boot": station.boot,
        "server": document.server,
        "link": document.link,
        "outbox": document.outbox,
        "parked": document.parked,
    }
