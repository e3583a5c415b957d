"""`threenos user`: add, passwd, sign-out, take-second-factor."""

import getpass
import itertools
import sys
from argparse import Namespace
from datetime import timedelta

from threenos_server.access import Grant, Role
from threenos_server.cli.open import database
from threenos_server.cli.show import say
from threenos_server.clock import utc_now
from threenos_server.errors import ThreenosError
from threenos_server.people import first_passwords, service
from threenos_server.settings import Settings


def add(settings: Settings, args: Namespace) -> None:
    """Add a person who signs in by name and password, with every role for every scope that is named.

    What is typed for somebody else is a first password; the first administrator types the own one, and a program that
    gives one answers for it, unless it says `--first`.
    """
    scopes = itertools.product(args.roles, args.sites or [None], args.lines or [None], args.processes or [None])
    grants = [Grant(Role(role), site, line, process) for role, site, line, process in scopes]
    password = _password(args)
    with database(settings) as db, db.write() as session:
        first = args.first or (not args.password_stdin and service.has_administrator(session))
        person = service.add(
            session, args.name, utc_now(), grants=grants, password=password, first=first, language=args.language
        )
    say(
        args,
        {"id": person.id, "name": person.name, "roles": sorted({g.role.value for g in person.grants})},
        f"{person.name} can sign in{_once(first)}.",
    )


def passwd(settings: Settings, args: Namespace) -> None:
    """Give a person another password, who is then signed out everywhere. Which is a first one, is as for `add`."""
    password = _password(args)
    with database(settings, create=False) as db, db.write() as session:
        person = service.named(session, args.name)
        first = args.first or not args.password_stdin
        service.set_password(session, person.id, password, utc_now(), first=first)
    say(
        args,
        {"id": person.id, "name": person.name},
        f"{person.name} has another password, is signed out everywhere, and can sign in{_once(first)}.",
    )


def sign_out(settings: Settings, args: Namespace) -> None:
    """End every session of a person, or of everybody. Open boards are cut within five seconds."""
    with database(settings, create=False) as db, db.write() as session:
        people = service.every(session) if args.everybody else [service.named(session, args.name)]
        for person in people:
            service.sign_out_everywhere(session, person.id)
    say(args, {"people": len(people)}, f"{args.name or 'Everybody'} is signed out everywhere.")


def take_second_factor(settings: Settings, args: Namespace) -> None:
    """Take the second factor of a person whose telephone is lost, who is signed out everywhere."""
    with database(settings, create=False) as db, db.write() as session:
        person = service.named(session, args.name)
        service.take_second_factor(session, person.id)
    say(
        args,
        {"id": person.id, "name": person.name},
        f"{person.name} has no second factor any more, and is signed out everywhere.",
    )


def _once(first: bool) -> str:
    hours = first_passwords.LASTS // timedelta(hours=1)
    return f" within {hours} hours, and chooses another password then" if first else ""


def _password(args: Namespace) -> str:
    """From standard input, or asked twice; never from the command line, which everybody on the machine can read."""
    if args.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise ThreenosError("there is nobody to ask for the password; give it with --password-stdin")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Again: "):
        raise ThreenosError("the two are not the same")
    return first
