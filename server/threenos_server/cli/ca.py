"""`threenos ca`: certificates for addresses of the plant's own network, and for its stations."""

import subprocess
from argparse import Namespace
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from threenos_server.ca import files, service
from threenos_server.ca.certificates import Purpose, fingerprint, names_of
from threenos_server.ca.service import Known, Renewal, State
from threenos_server.cli.show import say
from threenos_server.clock import utc_now
from threenos_server.errors import ThreenosError
from threenos_server.settings import Settings
from threenos_wire.instants import format_instant


def issue(settings: Settings, args: Namespace) -> None:
    """Make a certificate, and the authority too when there is none yet."""
    now, folder = utc_now(), Path(args.into)
    purpose = Purpose(args.purpose)
    issued = service.issue(settings.data, folder, args.names, now, args.days, purpose)
    signer = files.authority(settings.data, now)
    client = purpose is Purpose.CLIENT
    next_step = _for_client(folder) if client else _for_page(folder, issued.certificate, signer.certificate)
    say(
        args,
        {"directory": str(folder)} | _described(issued.certificate) | {"authority": fingerprint(signer.certificate)},
        f"Written to {folder}: {files.CERTIFICATE}, {files.KEY} and {files.AUTHORITY}, good until "
        f"{_day(issued.certificate.not_valid_after_utc)}.\n{next_step}",
    )


def _for_page(folder: Path, issued: x509.Certificate, signer: x509.Certificate) -> str:
    names = names_of(issued)
    hosts = ", ".join(f'"{name}"' for name in names)
    return (
        f"For a station's agent: copy the folder beside its station.toml, and write there\n\n"
        f'[page]\nhost = "0.0.0.0"\nallow_hosts = [{hosts}]\ntls = "{folder.name}"\n\n'
        f"Tablets learn to trust it at http://{names[0]}:8377/trust. The authority's SHA-256 fingerprint, to compare:\n"
        f"{fingerprint(signer)}"
    )


def _for_client(folder: Path) -> str:
    return (
        "For a station's agent: copy the folder beside its station.toml, and write in its [[station]]\n\n"
        f'cert = "{folder.name}/{files.CERTIFICATE}"\nkey = "{folder.name}/{files.KEY}"'
    )


def renew(settings: Settings, args: Namespace) -> int:
    """Replace the certificates that end soon; 1 when one of them could not be."""
    folders = [Path(name) for name in args.directories]
    found = service.renew(settings.data, folders, utc_now(), timedelta(days=args.within), args.days)
    say(args, [_of_renewal(one) for one in found], "\n".join(map(_in_words, found)) or "Nothing is to be renewed here.")
    if args.reload and any(one.made for one in found):
        # Of whoever may renew certificates, so no more than they could do themselves.
        done = subprocess.run(["/bin/sh", "-c", args.reload], check=False)
        if done.returncode:
            raise ThreenosError(f"renewed, but {args.reload!r} ended with {done.returncode}: run it again")
    return 1 if any(one.problem for one in found) else 0


def revoke(settings: Settings, args: Namespace) -> None:
    """Vouch for certificates no longer."""
    serials = service.revoke(settings.data, args.which, utc_now())
    file = settings.data / "ca" / files.REVOKED
    text = f"{len(serials)} certificates revoked" if serials else "It was revoked already"
    say(
        args,
        {"revoked": serials, "list": str(file)},
        f"{text}. The list: {file}\nWho is to refuse them has to read it again: `threenos broker-config`, then reload.",
    )


def show(settings: Settings, args: Namespace) -> None:
    """The authority by which devices know everything that it issued, and when each of that ends."""
    now = utc_now()
    found = files.existing(settings.data, now).certificate
    name = found.subject.rfc4514_string().removeprefix("CN=")
    value = {"name": name, "fingerprint": fingerprint(found), "until": format_instant(found.not_valid_after_utc)}
    file = settings.data / "ca" / files.AUTHORITY
    certificates = service.known(settings.data, now)
    listed = [_line(one) for one in certificates if one.state is not State.REPLACED]
    say(
        args,
        value | {"file": str(file), "certificates": [_of_known(one) for one in certificates]},
        "\n".join([
            f"{name}, until {_day(found.not_valid_after_utc)}: {file}", f"SHA-256 fingerprint: {value['fingerprint']}",
            *listed,
        ]),
    )  # fmt: skip


def _line(one: Known) -> str:
    c = one.certificate
    return f"{_day(c.until)}  {one.state:<9}  {c.purpose:<6}  {', '.join(c.names)}  {c.directory}  {c.serial}"


def _of_known(one: Known) -> dict[str, object]:
    c = one.certificate
    return {
        "serial": c.serial, "names": c.names, "for": c.purpose.value, "until": format_instant(c.until),
        "directory": c.directory, "state": one.state.value,
    }  # fmt: skip


def _of_renewal(one: Renewal) -> dict[str, object]:
    more = _described(one.made.certificate) if one.made else {"problem": one.problem} if one.problem else {}
    return {"directory": str(one.folder), "renewed": one.made is not None} | more


def _in_words(one: Renewal) -> str:
    if one.problem:
        return one.problem
    state = f"renewed until {_day(one.made.certificate.not_valid_after_utc)}" if one.made else "still good"
    return f"{one.folder}: {state}"


def _described(certificate: x509.Certificate) -> dict[str, object]:
    return {"names": names_of(certificate), "until": format_instant(certificate.not_valid_after_utc)}


def _day(at: datetime) -> str:
    return at.date().isoformat()
