"""Whoever may no longer look is out of an open board within five seconds, whatever it was that was taken away."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

import pytest
import sqlalchemy as sa
import websocket
from browser import KEYS, PASSWORD, Browser, MovedClock, hire, serve
from flask import Flask
from listening import serving_app
from plant import wait_for

from threenos_server.access import Grant, Role
from threenos_server.app import authenticate
from threenos_server.db import Database
from threenos_server.gateway import gateway
from threenos_server.gateway.server import EXTENSION, attach
from threenos_server.people import badges, service, tokens
from threenos_server.people.tables import PersonGrant

LEADER = Grant(Role.TEAM_LEADER, "lakeside", "motor")


class Screen:
    """A client that answers pings and stays for as long as it is let: it never hangs up by itself."""

    def __init__(self, url: str, cookie: str | None, token: str | None) -> None:
        address = f"{url.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket&site=lakeside"
        self.socket = websocket.create_connection(
            address, 10, origin=url, cookie=f"threenos_session={cookie}" if cookie else None
        )
        self.closed = Event()
        assert self.socket.recv()[0] == "0"
        self.socket.send("40/board," + json.dumps({"token": token} if token else {}))
        self.answer = self.socket.recv()
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            while (message := self.socket.recv()) not in ("", "1"):
                if message == "2":
                    self.socket.send("3")
        except (OSError, websocket.WebSocketException):
            pass
        self.closed.set()

    def close(self) -> None:
        self.socket.close(timeout=1)
        self._thread.join(5)


@pytest.fixture
def running(db: Database, clock: MovedClock) -> Iterator[tuple[Flask, str]]:
    """A web worker with the board's socket, and its address."""
    app = serve(db, clock)
    attach(app, db, authenticate(db, KEYS, clock), clock)
    with serving_app(app) as url:
        yield app, url
        app.extensions[EXTENSION].close()


@dataclass(frozen=True)
class Watcher:
    """Somebody who is signed in and looks at the board."""

    id: str
    browser: Browser
    db: Database

    def change(self, **what: Any) -> None:
        with self.db.write() as session:
            service.change(session, self.id, **what)


def sign_out(who: Watcher) -> None:
    assert who.browser.ask("DELETE", "/session").status_code == 204


def change_password(who: Watcher) -> None:
    body = {"password": "quite another one", "present_password": PASSWORD}
    assert who.browser.ask("PATCH", "/session", body).status_code == 200


def deactivate(who: Watcher) -> None:
    who.change(active=False)


def take_the_role(who: Watcher) -> None:
    who.change(grants=())


def move_elsewhere(who: Watcher) -> None:
    who.change(grants=[Grant(Role.TEAM_LEADER, "elsewhere")])


def forget(who: Watcher) -> None:
    with who.db.write() as session:
        service.forget(session, who.id)


def take_the_role_by_hand(who: Watcher) -> None:
    """Not through the service: nobody told the sessions."""
    with who.db.write() as session:
        session.execute(sa.delete(PersonGrant).where(PersonGrant.person == who.id))


WAYS: tuple[Callable[[Watcher], None], ...] = (
    sign_out, change_password, deactivate, take_the_role, move_elsewhere, forget, take_the_role_by_hand,
)  # fmt: skip


def watcher(app: Flask, db: Database, name: str) -> Watcher:
    person = hire(db, name, LEADER)
    browser = Browser(app)
    assert browser.sign_in(name).status_code == 200
    return Watcher(person.id, browser, db)


def test_what_was_taken_away_closes_the_socket(running: tuple[Flask, str], db: Database, clock: MovedClock) -> None:
    """Signed out, another password, inactive, role or scope gone, forgotten, revoked: the connection itself ends."""
    app, url = running
    people = {way: watcher(app, db, way.__name__) for way in WAYS}
    other = watcher(app, db, "nothing was taken from")
    with db.write() as session:
        screen, plain = tokens.make(session, "lakeside", None, "wall", clock())
    gone = [*(Screen(url, who.browser.cookie, None) for who in people.values()), Screen(url, None, plain)]
    stays = Screen(url, other.browser.cookie, None)
    try:
        assert all(s.answer.startswith("40/board,") for s in [*gone, stays])
        for way, who in people.items():
            way(who)
        with db.write() as session:
            tokens.revoke(session, "lakeside", screen.id, clock())
        wait_for("all are out", lambda: all(s.closed.is_set() for s in gone))
        assert not stays.closed.is_set()
    finally:
        for one in [*gone, stays]:
            one.close()


def test_a_pin_is_good_at_its_own_station_and_signs_nobody_in(app: Flask, db: Database, clock: MovedClock) -> None:
    """At a shared terminal it opens what its holder may do there; elsewhere, and at the desk, it is nothing."""
    person = hire(db, "Li Na", LEADER)
    with db.write() as session:
        pin = badges.give_pin(session, KEYS.pseudonym, person.id, clock())
    with db.write() as session:
        here = badges.who(session, "lakeside", None, pin, "wind-1", key=KEYS.pseudonym, now=clock())
        there = badges.who(session, "lakeside", None, pin, "mill-1", key=KEYS.pseudonym, now=clock())
    assert here is not None and here.name == "Li Na"
    assert there is None
    assert Browser(app).sign_in("Li Na", pin).status_code == 401
    assert Browser(app).sign_in(pin, pin).status_code == 401


def test_who_looks_is_asked_about_often_enough() -> None:
    """Whatever was taken away is seen within five seconds, an answer that takes its time included."""
    assert gateway.RECHECK_S <= 5.0 / 2
