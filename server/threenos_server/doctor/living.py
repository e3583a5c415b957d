"""Checks of what is at work: the processes are heard, nothing is overdue, people are told, stations speak. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from threenos_server.beats import SILENT_AFTER
from threenos_server.doctor.finding import Finding, ok, warning, wrong

#: The processes without which a press is not taken, nobody is told, or nobody notices that.
SERVICES = ("intake", "clock", "auditor")
#: How many stations are named before it says "and others".
NAMED = 5


@dataclass(frozen=True, slots=True)
class Work:
    """What the tables say of an installation at work; all are counts unless they say otherwise.

    `overdue` is what the auditor finds, by its word for it. `undelivered` counts notices of the last day that could not
    be handed over, `unreachable` those for which there was nobody or no address.
    """

    administrators: int = 1
    sites: Sequence[str] = ()
    overdue: Mapping[str, int] = field(default_factory=dict)
    undelivered: int = 0
    unreachable: int = 0
    retried: int = 0
    quarantined: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Stations:
    """Ids of stations: all of the chains, those with credentials, and of these the silent and the never heard.

    `held`: how many events each holds back, as it last said.
    """

    every: Sequence[str] = ()
    enrolled: Sequence[str] = ()
    silent: Sequence[str] = ()
    never: Sequence[str] = ()
    held: Mapping[str, int] = field(default_factory=dict)


def services(heard: Mapping[str, datetime], now: datetime) -> Iterable[Finding]:
    """Each was heard within SILENT_AFTER, and none from the future."""
    for name in SERVICES:
        unit = "clock" if name == "auditor" else name
        cure = f"`systemctl status threenos-{unit}` and `journalctl -u threenos-{unit}`"
        at = heard.get(name)
        if at is None:
            yield wrong("services", f"{name} was never heard", cure)
        elif now - at > SILENT_AFTER:
            yield wrong("services", f"{name} was last heard {_ago(now - at)} ago", cure)
        elif at - now > SILENT_AFTER:
            yield wrong(
                "services", f"{name} says that it lives {_ago(at - now)} from now: the clocks of two machines differ",
                "let all machines take their time from one NTP server",
            )  # fmt: skip
        else:
            yield ok("services", f"{name} is heard")


def escalation(seen: Work) -> Finding:
    """What the auditor looks at: deadlines fired, notices sent."""
    if seen.overdue:
        words = ", ".join(f"{problem}: {count}" for problem, count in sorted(seen.overdue.items()))
        return wrong(
            "escalation", f"somebody should have been told and was not ({words})",
            "`journalctl -u threenos-clock`; call by hand who is on duty until it is cured",
        )  # fmt: skip
    return ok("escalation", "nothing is overdue")


def notices(seen: Work) -> Finding:
    """People can be told."""
    cure = "the desk's page of notices names each; look at the person's addresses, and at the roster"
    if seen.undelivered:
        return wrong("notices", f"{seen.undelivered} notices of the last day were given up", cure)
    if seen.unreachable:
        return wrong("notices", f"for {seen.unreachable} notices of the last day there was nobody, or no address", cure)
    if seen.retried:
        return warning("notices", f"{seen.retried} notices could not be handed over and are tried again", cure)
    return ok("notices", "whoever was to be told in the last day was told")


def quarantine(seen: Work) -> Finding:
    """Nothing that a station said lies unread."""
    if seen.quarantined:
        return warning(
            "quarantine", f"{seen.quarantined} messages could not be read and are not settled",
            "the desk's page of quarantine shows them with their reasons; a new station may be of another version",
        )  # fmt: skip
    return ok("quarantine", "empty")


def intake(seen: Work, much: int = 1000) -> Finding:
    """The intake keeps up. `much`: more messages than this wait only where something is slow."""
    if seen.waiting > much:
        return warning(
            "intake", f"{seen.waiting} messages wait to be recorded",
            "a database too slow for its presses, or a station that floods: see the metric threenos_intake_events",
        )  # fmt: skip
    return ok("intake", "it keeps up")


def people(seen: Work) -> Finding:
    """Somebody can administer this installation."""
    if not seen.administrators:
        return warning(
            "people", "nobody administers this installation yet", "threenos user add NAME --role admin"
        )  # fmt: skip
    return ok("people", f"{seen.administrators} administrators")


def stations(seen: Stations) -> Iterable[Finding]:
    """Every station of the chain has credentials, is heard, and holds nothing back."""
    if not seen.every:
        yield warning("stations", "no chain has a station yet", "threenos chain import FILE")
        return
    new = [s for s in seen.every if s not in set(seen.enrolled)]
    if new:
        yield warning("stations", f"without credentials: {_named(new)}", "threenos station enroll STATION --toml FILE")
    if seen.never:
        yield warning("stations", f"enrolled but never heard: {_named(seen.never)}", "start the agents there")
    if seen.silent and len(seen.silent) == len(seen.enrolled):
        yield wrong(
            "stations", f"none of {len(seen.enrolled)} is heard",
            "look at what they share: the broker's address and certificate, the firewall, the network",
        )  # fmt: skip
    elif seen.silent:
        yield warning(
            "stations", f"not heard: {_named(seen.silent)}",
            "look at the agent there: `threenos-station status`, its network, its power",
        )  # fmt: skip
    held = sorted((s for s, n in seen.held.items() if n > 1), key=lambda s: -seen.held[s])
    if held:
        yield warning(
            "stations", f"hold events back: {', '.join(f'{s} ({seen.held[s]})' for s in held[:NAMED])}",
            "they are acknowledged as soon as the intake records them; if not, look at its log",
        )  # fmt: skip
    if not (new or seen.never or seen.silent or held):
        yield ok("stations", f"all {len(seen.every)} are heard")


def _named(ids: Sequence[str]) -> str:
    more = len(ids) - NAMED
    return ", ".join(ids[:NAMED]) + (f" and {more} others" if more > 0 else "")


def _ago(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    for unit, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} seconds"
