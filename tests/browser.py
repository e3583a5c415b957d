"""A person's browser at a server in the same process: keeps the cookie, sends the CSRF token, speaks JSON."""

from base64 import b32decode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from flask import Flask
from werkzeug.test import TestResponse

from threenos_server.access import Grant
from threenos_server.api import Keys
from threenos_server.app import create_app
from threenos_server.chain import example
from threenos_server.chain import service as chain
from threenos_server.db import Database
from threenos_server.people import second_factors
from threenos_server.people import service as people
from threenos_server.people.model import Person

API = "/api/v1"
PASSWORD = "a long enough password"
KEYS = Keys(pseudonym=b"p" * 32, arrival=b"a" * 32)
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
#: A Monday, 10:00 at the example factory: early shift.
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


class MovedClock:
    """The time, moved by hand."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at


def with_example(db: Database, now: datetime = MONDAY) -> str:
    """Import the example factory; its site."""
    with db.write() as session:
        return chain.import_chain(session, example.text(), None, now).site.id


def hire(
    db: Database, name: str, *grants: Grant, password: str | None = PASSWORD, first: bool = False,
    now: datetime = MONDAY,
) -> Person:  # fmt: skip
    """Add a person with these roles. `first`: somebody else chose the password."""
    with db.write() as session:
        return people.add(session, name, now, grants=grants, password=password, first=first)


def turn_on(db: Database, person: str, now: datetime = MONDAY) -> "Telephone":
    """Give a person a second factor; the telephone that makes its codes. Its code of `now` is used up."""
    with db.write() as session:
        proposed = second_factors.propose(session, KEYS.pseudonym, person, now)
        telephone = Telephone(proposed.key)
        telephone.recovery = second_factors.confirm(
            session, KEYS.pseudonym, person, proposed.sealed, telephone.code(now), now
        )  # fmt: skip
    return telephone


class Telephone:
    """Makes the codes of a key, as the program of a telephone does."""

    def __init__(self, key: str) -> None:
        self._totp = TOTP(b32decode(key), 6, SHA1(), 30)
        self.recovery: list[str] = []

    def code(self, at: datetime) -> str:
        return self._totp.generate(at.timestamp()).decode()


def serve(db: Database, clock: MovedClock, **options: Any) -> Flask:
    """The whole app over `db`, with the services' heartbeats not asked for unless they are given."""
    return create_app(db, KEYS, now=clock, **({"beats": ()} | options))


class Browser:
    """One browser. Answers are werkzeug's; `csrf` is sent with whatever changes something."""

    def __init__(self, app: Flask, base: str = "http://localhost") -> None:
        self._client = app.test_client()
        self._base = base
        self.csrf: str | None = None

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """`If_Match="…"` becomes the header If-Match. `body` is sent as JSON, bytes as they are."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.csrf is not None and method not in ("GET", "HEAD"):
            given.setdefault("X-CSRF-Token", self.csrf)
        content: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {} if body is None else {"json": body}
        return self._client.open(
            API + path, method=method, headers=given, base_url=self._base, buffered=True, **content
        )

    def page(self, path: str) -> TestResponse:
        """What is not under /api/v1."""
        return self._client.get(path, base_url=self._base, buffered=True)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.ask("POST", path, body, **headers)

    def sign_in(self, name: str, password: str = PASSWORD) -> TestResponse:
        return self.begin("/session", {"name": name, "password": password})

    def begin(self, path: str, body: Any) -> TestResponse:
        """Ask for a session, or go on with one that lacks something: the answer has another CSRF token."""
        answer = self.post(path, body)
        if answer.status_code == 200:
            assert answer.json is not None
            self.csrf = answer.json["csrf"]
        return answer

    @property
    def cookie(self) -> str:
        found = self._client.get_cookie("threenos_session")
        assert found is not None, "no session cookie"
        return found.value

    @cookie.setter
    def cookie(self, value: str) -> None:
        self._client.set_cookie("threenos_session", value)


def signed_in(app: Flask, db: Database, name: str, *grants: Grant) -> Browser:
    """Somebody new with these roles, signed in."""
    hire(db, name, *grants)
    browser = Browser(app)
    assert browser.sign_in(name).status_code == 200
    return browser


def problem(answer: TestResponse) -> dict[str, Any]:
    """The problem that an error was answered with."""
    assert answer.mimetype == "application/problem+json", answer.text
    found: dict[str, Any] = answer.get_json(force=True)
    assert found["status"] == answer.status_code
    return found


def names(rows: Sequence[Person]) -> list[str]:
    return [person.name for person in rows]
