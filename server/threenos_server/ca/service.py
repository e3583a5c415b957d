"""Issue, renew, revoke: certificates into their folders, lines into the register, what is revoked onto the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from threenos_server.ca import files, register
from threenos_server.ca.certificates import LONGEST_DAYS, Pair, Purpose, serial_of
from threenos_server.ca.certificates import issue as issued_for
from threenos_server.ca.register import Issued, Revoked
from threenos_server.errors import Conflict, NotFound, ThreenosError

#: Renewed when no more is left. An agent complains of its own when 30 days are left.
SOON = timedelta(days=60)


class State(StrEnum):
    """How a certificate stands; `replaced` by a newer one in the same folder, and good until it ends."""

    GOOD = "good"
    SOON = "ends soon"
    ENDED = "ended"
    REPLACED = "replaced"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Known:
    """A certificate of the register, and how it stands."""

    certificate: Issued
    state: State


@dataclass(frozen=True, slots=True)
class Renewal:
    """What became of a folder: a new certificate, none since it is good for longer, or why there could be none."""

    folder: Path
    made: Pair | None = None
    problem: str = ""


def issue(
    data: Path,
    folder: Path,
    names: Sequence[str],
    now: datetime,
    days: int = LONGEST_DAYS,
    purpose: Purpose = Purpose.SERVER,
) -> Pair:
    """A certificate into a folder. Raises Invalid for names and days that cannot be, ThreenosError for that folder."""
    files.make_room(folder)
    signer = files.authority(data, now)
    made = issued_for(signer, names, now, days, purpose)
    _hand_over(data, folder, made, signer, now)
    return made


def renew(data: Path, folders: Sequence[Path], now: datetime, within: timedelta, days: int) -> list[Renewal]:
    """Replace what ends within that time: in these folders, or in all that are known and still hold what we wrote.

    One that fails does not keep the others from being renewed. Raises NotFound where there is no authority.
    """
    signer = files.existing(data, now)
    return [_renewed(data, signer, folder, now, within, days) for folder in folders or _here(data, signer, now)]


def revoke(data: Path, which: str, now: datetime) -> list[str]:
    """Vouch no longer for the certificate of a folder, of a serial number, or for all of a name. Serials of now.

    Raises NotFound when nothing of ours is meant by `which`, or there is no authority.
    """
    signer = files.existing(data, now)
    with register.changing(data) as held:
        meant = _meant(held.lines, which, signer)
        if not meant:
            raise NotFound(f"{which!r} is no folder, serial number or name of a certificate that was issued here")
        gone = register.revoked(held.lines)
        fresh = [serial for serial in dict.fromkeys(meant) if serial not in gone]
        held.add(*(Revoked(serial, now) for serial in fresh))
        files.write_revoked(data, signer, {int(s, 16): at for s, at in register.revoked(held.lines).items()}, now)
    return fresh


def revoke_client(data: Path, name: str, now: datetime, but: str = "") -> list[str]:
    """Revoke every client certificate of that name, such as a station's; their serials. Makes no authority.

    The one of the serial number `but` stays good.
    """
    valid = (State.GOOD, State.SOON, State.REPLACED)
    ours = [one.certificate for one in known(data, now) if one.state in valid and one.certificate.names == [name]]
    serials = [one.serial for one in ours if one.purpose is Purpose.CLIENT and one.serial != but]
    return [revoked for serial in serials for revoked in revoke(data, serial, now)]


def known(data: Path, now: datetime) -> list[Known]:
    """Everything that was issued, oldest first."""
    lines = register.read(data)
    gone = register.revoked(lines)
    issued = [line for line in lines if isinstance(line, Issued)]
    newest = {line.directory: line.serial for line in issued}
    return [
        Known(line, _state(line, newest[line.directory] == line.serial, line.serial in gone, now)) for line in issued
    ]


def _state(line: Issued, newest: bool, revoked: bool, now: datetime) -> State:
    if revoked:
        return State.REVOKED
    if line.until <= now:
        return State.ENDED
    if not newest:
        return State.REPLACED
    return State.SOON if line.until - now <= SOON else State.GOOD


def _renewed(data: Path, signer: Pair, folder: Path, now: datetime, within: timedelta, days: int) -> Renewal:
    try:
        old = serial_of(files.certificate_in(folder, signer))
        if old in register.revoked(register.read(data)):
            raise Conflict(f"{folder}: this certificate is revoked; issue a new one if that was a mistake")
        made = files.renewed(folder, signer, now, within, days)
        if made is not None:
            _hand_over(data, folder, made, signer, now)
        return Renewal(folder, made)
    except ThreenosError as e:
        return Renewal(folder, problem=e.detail)
    except OSError as e:
        return Renewal(folder, problem=f"{folder}: {e.strerror}")


def _hand_over(data: Path, folder: Path, made: Pair, signer: Pair, now: datetime) -> None:
    """Into the register, then into the folder: what lies there can be shown and revoked."""
    with register.changing(data) as held:
        held.add(register.issued(made, folder, now))
        files.write(folder, made, signer)


def _here(data: Path, signer: Pair, now: datetime) -> list[Path]:
    """The folders in which a certificate of ours lies that is not revoked: others were moved to where they are used."""
    found = []
    for one in known(data, now):
        folder = Path(one.certificate.directory)
        # Also one that the register calls replaced: the next one may not have arrived there.
        if one.state is not State.REVOKED and _holds(folder, signer, one.certificate.serial):
            found.append(folder)
    return found


def _holds(folder: Path, signer: Pair, serial: str) -> bool:
    try:
        return serial_of(files.certificate_in(folder, signer)) == serial
    except ThreenosError:
        return False


def _meant(lines: Sequence[register.Line], which: str, signer: Pair) -> list[str]:
    """The serials that `which` names; a certificate of before there was a register is known by its folder alone."""
    if (Path(which) / files.CERTIFICATE).exists():
        return [serial_of(files.certificate_in(Path(which), signer))]
    issued = [line for line in lines if isinstance(line, Issued)]
    return [line.serial for line in issued if line.serial == which.upper() or which in line.names]
