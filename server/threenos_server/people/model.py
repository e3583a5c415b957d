"""People as values, who may see and manage whom, and who is on the roster. Pure."""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from threenos_server.access import Actor, Grant, Role
from threenos_server.errors import Fault, Invalid

LANGUAGES = ("en", "zh-CN")
#: Who may see the names of all persons of a site; a team leader sees those of the own line.
SEE_NAMES = frozenset({Role.ADMIN, Role.SUPERVISOR, Role.QUALITY_ENGINEER, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Person:
    """A person as others see one. `addresses` are Apprise URLs, in the order in which they are told."""

    id: str
    name: str
    language: str
    active: bool = True
    grants: tuple[Grant, ...] = ()
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """One row of a roster: that person holds that role there in that shift (None: in every), between two local dates.

    With `stands_in_for` it holds no place of its own: in its days it takes that person's, within the line or
    process that it names.
    """

    id: str
    person: str
    role: Role
    line: str | None = None
    process: str | None = None
    shift: str | None = None
    from_on: date = date.min
    to_on: date | None = None
    stands_in_for: str | None = None

    def runs(self, on: date, shift: str | None) -> bool:
        """Whether it counts on that date, in that shift."""
        return self.from_on <= on <= (self.to_on or date.max) and self.shift in (None, shift)

    def at(self, line: str | None, process: str | None) -> bool:
        """Whether it is about that place. A function's duty is only for calls of that function."""
        return self.line in (None, line) and self.process in (None, process)

    def plans(self, role: Role | None, line: str | None, process: str | None) -> bool:
        """Whether somebody made a roster for that role (None: for that very process) at that place, for any day."""
        return self.at(line, process) and (self.process is not None if role is None else self.role == role)


def was_granted(person: Person, role: Role | None, site: str, line: str | None, process: str | None) -> bool:
    """Whether the person's grants give the role at that place; None asks for any role at that very process."""
    here = () if process is None else (process,)
    return any(
        g.covers(site, line, here) and (g.role == role if role is not None else g.process == process is not None)
        for g in person.grants
    )


def on_duty(
    duties: Iterable[Duty], role: Role | None, line: str | None, process: str | None, on: date, shift: str | None
) -> list[str]:
    """The ids of those who hold the role at that place, each once, substitutes in the place of whom they stand in for.

    `role` None asks for everybody who is on duty at that very process, as a call of a function does.
    """
    running = [d for d in duties if d.runs(on, shift) and d.at(line, process) and d.role == (role or d.role)]
    stands_in = {d.stands_in_for: d for d in running if d.stands_in_for}
    holders = [d.person for d in running if d.stands_in_for is None and (role is not None or d.process is not None)]
    return list(dict.fromkeys(_substitute(holder, stands_in) for holder in holders))


def _substitute(holder: str, stands_in: dict[str, Duty]) -> str:
    """Who stands in for `holder`, also when the substitute has one; a circle ends where it began."""
    seen = {holder}
    while (duty := stands_in.get(holder)) is not None and duty.person not in seen:
        holder = duty.person
        seen.add(holder)
    return holder


def sign_in_name(name: str) -> str:
    """The form under which a name is unique and found: `Li Na`, `LI NA` and full-width letters are one."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def check_name(name: str) -> str:
    """The name without stray spaces. Raises Invalid for one that is empty, too long or not printable."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 128 or not name.isprintable():
        raise Invalid("a name has 1 to 128 printable characters", Fault("/name", "1 to 128 printable characters"))
    return name


def may_see(actor: Actor, site: str, person: Person) -> bool:
    """Whether `actor` may know the name of `person`: by role, as the team leader of the line, or as the person."""
    if actor.may(SEE_NAMES, site=site):
        return any(g.site in (None, site) for g in person.grants) or not person.grants
    lines = own_lines(actor, site)
    return any(g.site in (None, site) and (lines is None or g.line in lines) for g in person.grants)


def own_lines(actor: Actor, site: str) -> frozenset[str] | None:
    """The lines that the actor leads at the site; None when the grant names no line and so means all of them."""
    led = {g.line for g in actor.grants if g.role is Role.TEAM_LEADER and g.site in (None, site)}
    return None if None in led else frozenset(line for line in led if line is not None)


def may_manage(actor: Actor, grants: Collection[Grant]) -> bool:
    """Whether `actor` is an administrator for everything that `grants` reach: nobody hands out more than they have."""
    admin = [g for g in actor.grants if g.role is Role.ADMIN]
    return any(a == Grant(Role.ADMIN) for a in admin) or (
        bool(grants) and all(any(_within(g, a) for a in admin) for g in grants)
    )


def _within(given: Grant, limits: Grant) -> bool:
    """Whether `given` reaches no further than `limits` does."""
    return (
        limits.site in (None, given.site)
        and limits.line in (None, given.line)
        and limits.process in (None, given.process)
    )
