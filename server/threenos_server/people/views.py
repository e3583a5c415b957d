"""The shapes in which people are asked for and answered over HTTP."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from threenos_server.access import Grant, Role
from threenos_server.people.model import Duty, Person

Text = Annotated[str, Meta(min_length=1, max_length=128)]
Place = Annotated[str, Meta(min_length=1, max_length=32)]
Url = Annotated[str, Meta(min_length=1, max_length=1024)]


class RoleOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A role and where it counts; null is no limit."""

    role: Role
    site: Place | None = None
    line: Place | None = None
    process: Place | None = None

    @classmethod
    def of(cls, grant: Grant) -> "RoleOf":
        return cls(grant.role, grant.site, grant.line, grant.process)

    def grant(self) -> Grant:
        return Grant(self.role, self.site, self.line, self.process)


class PersonView(msgspec.Struct, frozen=True):
    """A person. `addresses` (where notices go) are shown to administrators only, else null."""

    id: str
    name: str
    language: str
    active: bool
    roles: list[RoleOf]
    addresses: list[str] | None

    @classmethod
    def of(cls, person: Person, *, with_addresses: bool) -> "PersonView":
        roles = [RoleOf.of(g) for g in person.grants]
        addresses = list(person.addresses) if with_addresses else None
        return cls(person.id, person.name, person.language, person.active, roles, addresses)


class PeopleQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`q` is a part of the name; `cursor` is the `next` of the page before."""

    q: str | None = None
    role: Role | None = None
    line: Place | None = None
    cursor: Annotated[int, Meta(ge=0, le=10**6)] = 0
    limit: Annotated[int, Meta(ge=1, le=500)] = 100


class PeoplePage(msgspec.Struct, frozen=True):
    people: list[PersonView]
    next: int | None


class NewPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Without a password the person does not sign in, but may have a badge or a PIN.

    The password is a first one: within 72 hours the person signs in by it, and chooses another before anything else.
    """

    name: Text
    roles: list[RoleOf] = []
    password: Text | None = None
    language: str = "en"
    addresses: list[Url] = []


class PersonPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is given changes. Other roles or a password sign the person out everywhere.

    The password is a first one, as that of a new person is; one's own is changed by `PATCH /session`.
    """

    name: Text | None = None
    roles: list[RoleOf] | None = None
    password: Text | None = None
    language: str | None = None
    active: bool | None = None
    addresses: list[Url] | None = None


class NewBadge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The number on a badge. It is not kept, only its keyed pseudonym."""

    badge: Annotated[str, Meta(min_length=1, max_length=64)]


class BadgeView(msgspec.Struct, frozen=True):
    pseudonym: str


class FactorView(msgspec.Struct, frozen=True):
    """Since when somebody has a second factor; null for none."""

    since: datetime | None


class PinView(msgspec.Struct, frozen=True):
    """A PIN in plain, shown this one time."""

    pin: str


class LookUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose hand was behind row `seq` of the journal, and why somebody must know."""

    seq: Annotated[int, Meta(ge=1, le=2**53)]
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class LookedUp(msgspec.Struct, frozen=True):
    """`name` is null when nobody is known behind the pseudonym, or not any more."""

    seq: int
    name: str | None


class NewDuty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who holds a role at a line or process in a shift (null: in each), between two local dates, both included."""

    person: str
    role: Role
    from_on: date
    to_on: date | None = None
    line: Place | None = None
    process: Place | None = None
    shift: Place | None = None
    stands_in_for: str | None = None

    def duty(self, duty_id: str = "") -> Duty:
        return Duty(
            duty_id, self.person, self.role, self.line, self.process, self.shift, self.from_on, self.to_on,
            self.stands_in_for,
        )  # fmt: skip


class DutyView(msgspec.Struct, frozen=True):
    """A duty. The names are null for whoever may not know them."""

    id: str
    person: str
    name: str | None
    role: Role
    line: str | None
    process: str | None
    shift: str | None
    from_on: date
    to_on: date | None
    stands_in_for: str | None
    stands_in_for_name: str | None


class RosterQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`on` is a local date of the site."""

    on: date | None = None


class OnDutyQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who holds the role there now; without a role everybody on duty at the process."""

    role: Role | None = None
    line: Place | None = None
    process: Place | None = None


class StationName(msgspec.Struct, frozen=True):
    en: str
    zh: str


class Credentials(msgspec.Struct, frozen=True):
    """What a station needs to speak, shown this one time.

    `host`, `port` and `tls` are the broker's, `url` is where photos go; `toml` is all of it as the agent's file.
    """

    station: str
    site: str
    username: str
    password: str
    upload_token: str
    host: str
    port: int
    tls: bool
    url: str
    toml: str


class NewScreen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A board token for the site, or for one line of it; `label` says where the screen hangs."""

    label: Annotated[str, Meta(min_length=1, max_length=64)]
    line: Place | None = None


class ScreenView(msgspec.Struct, frozen=True):
    """`token` is there only in the answer that made it."""

    id: str
    label: str
    line: str | None
    created_at: datetime
    revoked_at: datetime | None
    token: str | None = None
