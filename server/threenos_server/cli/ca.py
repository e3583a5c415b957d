"""`threenos ca`: certificates for addresses of the plant's own network."""

from argparse import Namespace
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from threenos_server.ca import files
from threenos_server.ca.certificates import fingerprint, names_of
from threenos_server.ca.certificates import issue as issue_for
from threenos_server.cli.show import say
from threenos_server.clock import utc_now
from threenos_server.settings import Settings
from threenos_wire.instants import format_instant


def issue(settings: Settings, args: Namespace) -> None:
    """Make a certificate, and the authority too when there is none yet."""
    now, folder = utc_now(), Path(args.into)
    signer = files.authority(settings.data, now)
    issued = issue_for(signer, args.names, now, args.days)
    files.write(folder, issued, signer)
    names = names_of(issued.certificate)
    hosts = ", ".join(f'"{name}"' for name in names)
    say(
        args,
        {"directory": str(folder)} | _described(issued.certificate) | {"authority": fingerprint(signer.certificate)},
        f"Written to {folder}: {files.CERTIFICATE}, {files.KEY} and {files.AUTHORITY}, good until "
        f"{_day(issued.certificate.not_valid_after_utc)}.\n"
        f"For a station's agent: copy the folder beside its station.toml, and write there\n\n"
        f'[page]\nhost = "0.0.0.0"\nallow_hosts = [{hosts}]\ntls = "{folder.name}"\n\n'
        f"Tablets learn to trust it at http://{names[0]}:8377/trust. The authority's SHA-256 fingerprint, to compare:\n"
        f"{fingerprint(signer.certificate)}",
    )


def renew(settings: Settings, args: Namespace) -> None:
    """Replace the certificates that end soon."""
    now = utc_now()
    signer = files.authority(settings.data, now)
    told = []
    for folder in map(Path, args.directories):
        new = files.renew(folder, signer, now, timedelta(days=args.within), args.days)
        told.append({"directory": str(folder), "renewed": new is not None} | (_described(new) if new else {}))
    words = [f"{t['directory']}: {'renewed until ' + str(t['until']) if t['renewed'] else 'still good'}" for t in told]
    say(args, told, "\n".join(words))


def show(settings: Settings, args: Namespace) -> None:
    """The authority by which devices know everything that it issued."""
    found = files.authority(settings.data, utc_now()).certificate
    name = found.subject.rfc4514_string().removeprefix("CN=")
    value = {"name": name, "fingerprint": fingerprint(found), "until": format_instant(found.not_valid_after_utc)}
    file = settings.data / "ca" / files.AUTHORITY
    say(
        args,
        value | {"file": str(file)},
        f"{name}, until {_day(found.not_valid_after_utc)}: {file}\nSHA-256 fingerprint: {value['fingerprint']}",
    )


def _described(certificate: x509.Certificate) -> dict[str, object]:
    return {"names": names_of(certificate), "until": format_instant(certificate.not_valid_after_utc)}


def _day(at: datetime) -> str:
    return at.date().isoformat()
