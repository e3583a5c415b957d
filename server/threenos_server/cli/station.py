"""`threenos station`: enroll, list, revoke. A running broker of ours learns of it within a second."""

import os
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from threenos_server.ca import files
from threenos_server.ca import service as authority
from threenos_server.ca.certificates import Purpose, serial_of
from threenos_server.chain import service as chain_service
from threenos_server.cli.open import database
from threenos_server.cli.show import say
from threenos_server.clock import utc_now
from threenos_server.errors import Conflict, Invalid, NotFound, ThreenosError
from threenos_server.journal import service as journal
from threenos_server.people import stations
from threenos_server.people.station_file import station_toml
from threenos_server.settings import Settings
from threenos_server.up.letting_in import wait_until_let_in
from threenos_server.up.reached import reached
from threenos_server.whole import sync

#: So long the broker of a running system may take to hear of a new station; it is never told later than that.
ADMITTED_S = 5.0


def enroll(settings: Settings, args: Namespace) -> None:
    """Give a station its credentials, once; the ones it had are void from now on."""
    target = Path(args.toml) if args.toml else None
    if args.certificate and target is None:
        raise Invalid("--certificate goes with --toml FILE: the certificate's folder is made beside that file")
    # The place is made first, and where we are reached is known: what fails must not void the credentials that work.
    where = reached(settings)
    folder, serial = None, ""
    with _reserved(target), database(settings, create=False) as db, db.write() as session:
        given = stations.enroll(session, _site_of(session, args.station), args.station, utc_now())
        if target and args.certificate:
            folder, serial = _certified(settings, given.station, target)
        if target:
            target.write_text(station_toml(given, where, _named_in_file(folder) if folder else None))
            sync(target)
        # The commit makes the old ones void: by then the new ones are on the disk.
    value = {
        "station": given.station, "site": given.site, "username": given.station, "password": given.password,
        "host": where.host, "port": where.port, "tls": where.tls, "url": where.url,
        "upload_token": given.upload_token,
    }  # fmt: skip
    value |= {"ca": where.ca} if where.ca else {}
    text = (
        f"Station {given.station} is enrolled. Start its agent: threenos-station run --config {target}"
        + (f"\nCopy {folder} with it: the station's certificate." if folder else "")
        if target
        else "\n".join(f"{key}: {v}" for key, v in value.items())
    )
    try:
        authority.revoke_client(settings.data, given.station, utc_now(), but=serial)
        if not settings.mqtt_url:
            wait_until_let_in(where.host, where.port, given.station, given.password, ADMITTED_S)
    except OSError as e:
        raise ThreenosError(f"the older certificates of {given.station} could not be revoked: {e}") from e
    finally:
        # In any case, since nobody can say it again.
        say(args, value, text)


def _certified(settings: Settings, station: str, target: Path) -> tuple[Path, str]:
    """A folder beside the file with a client certificate of the station, and its serial number."""
    folder = target.with_name(f"{target.stem}-tls")
    made = authority.issue(settings.data, folder, [station], utc_now(), purpose=Purpose.CLIENT)
    return folder, serial_of(made.certificate)


def _named_in_file(folder: Path) -> tuple[str, str]:
    """The certificate and its key as a file beside the folder names them."""
    return f"{folder.name}/{files.CERTIFICATE}", f"{folder.name}/{files.KEY}"


def show_all(settings: Settings, args: Namespace) -> None:
    """Every station of every site, with its credentials' state."""
    with database(settings, create=False) as db, db.read() as session:
        found = [
            {
                "id": s.id,
                "site": s.site,
                "line": s.station.line if s.station else None,
                "process": s.station.process if s.station else None,
                "state": "revoked" if s.revoked_at else "enrolled" if s.enrolled_at else "new",
                "enrolled_at": s.enrolled_at,
                "revoked_at": s.revoked_at,
            }
            for site in journal.sites(session)
            for s in stations.every(session, site)
        ]
    text = [
        f"{s['id']:<20} {s['site']:<12} {s['line'] or '-':<14} {s['process'] or '-':<18} {s['state']}" for s in found
    ]
    say(args, found, "\n".join(text) or "There is no station yet: `threenos chain import FILE` brings them.")


def revoke(settings: Settings, args: Namespace) -> None:
    """Take a station's credentials; it is thrown off the broker."""
    with database(settings, create=False) as db, db.write() as session:
        stations.revoke(session, _site_of(session, args.station), args.station, utc_now())
    authority.revoke_client(settings.data, args.station, utc_now())
    say(args, {"station": args.station, "revoked": True}, f"Station {args.station} can no longer connect.")


def _site_of(session: Session, station: str) -> str:
    """The site of a station, also of one that is gone from the chain but has credentials."""
    place = chain_service.station(session, station)
    if place is not None:
        return place.site
    for site in journal.sites(session):
        if any(s.id == station for s in stations.every(session, site)):
            return site
    raise NotFound(f"there is no station {station!r} in any chain")


@contextmanager
def _reserved(path: Path | None) -> Iterator[None]:
    """An empty file for the owner's eyes only, gone again when the enrolment fails. Raises Conflict or NotFound."""
    if path is None:
        yield
        return
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as e:
        raise Conflict(f"{path} is there already; a new enrolment would void what is in it, so remove it first") from e
    except OSError as e:
        raise NotFound(f"{path} cannot be written: {e.strerror}; nothing was changed") from e
    try:
        yield
    except OSError as e:
        path.unlink(missing_ok=True)
        raise ThreenosError(f"nothing was changed, and the credentials of before are still good: {e}") from e
    except BaseException:
        path.unlink(missing_ok=True)
        raise
