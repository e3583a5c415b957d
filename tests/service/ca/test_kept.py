"""`threenos ca`: what was issued is remembered, renewed before its end, and revoked."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from plant import at_once

from threenos_server import cli
from threenos_server.ca import files, register, service
from threenos_server.ca.certificates import Purpose, issue, make_authority, names_of, purpose_of, serial_of
from threenos_server.ca.revoked import revocation_list
from threenos_server.ca.service import State
from threenos_server.errors import Conflict, Invalid, NotFound

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=80)
SOON = timedelta(days=60)


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, Any]:
    code = cli.main(["ca", *args, "--json"])
    return code, json.loads(capsys.readouterr().out)


def certificate(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / "tls.pem").read_bytes())


def verified(folder: Path, data: Path, purpose: str) -> str:
    """What OpenSSL says of a certificate of ours, the revocation list in hand."""
    trusted = ["-CAfile", str(data / "ca" / "ca.pem"), "-crl_check", "-CRLfile", str(data / "ca" / "crl.pem")]
    command = ["openssl", "verify", *trusted, "-purpose", purpose, str(folder / "tls.pem")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr


def test_a_certificate_is_for_one_end_of_a_connection(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Else a machine that was once called like a station could speak for it."""
    for purpose, name in (("server", "broker.plant"), ("client", "cast-1")):
        into = str(tmp_path / purpose)
        issued = run(capsys, "issue", name, "--for", purpose, "--into", into, "--data", str(tmp_path))
        assert issued[0] == 0
    assert "OK" in verified(tmp_path / "server", tmp_path, "sslserver")
    assert "certificate purpose" in verified(tmp_path / "server", tmp_path, "sslclient")
    assert "OK" in verified(tmp_path / "client", tmp_path, "sslclient")
    assert "certificate purpose" in verified(tmp_path / "client", tmp_path, "sslserver")
    client = certificate(tmp_path / "client")
    assert client.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "cast-1"
    assert names_of(client) == ["cast-1"]


@pytest.mark.parametrize("names", [["a", "b"], ["Cast-1"], ["_clock"], ["a b"], ["*"], ["a" * 33], ["threenos/+"]])
def test_a_client_is_one_station_or_our_own_processes(names: list[str]) -> None:
    """A broker's rules are written with that name."""
    with pytest.raises(Invalid):
        issue(make_authority(NOW), names, NOW, 825, Purpose.CLIENT)
    assert names_of(issue(make_authority(NOW), ["_server"], NOW, 825, Purpose.CLIENT).certificate) == ["_server"]
    with pytest.raises(Invalid):
        issue(make_authority(NOW), ["_server"], NOW, 825)


def test_everything_that_is_here_is_renewed_before_it_ends(tmp_path: Path) -> None:
    """With its purpose and names; what was moved away, revoked or replaced by somebody else's is left alone."""
    web, station, moved, lost, foreign = (tmp_path / name for name in ("web", "station", "moved", "lost", "foreign"))
    service.issue(tmp_path, web, ["andon.plant", "10.0.0.5"], NOW, 100)
    service.issue(tmp_path, station, ["cast-1"], NOW, 100, Purpose.CLIENT)
    service.issue(tmp_path, tmp_path / "young", ["young"], NOW, 825)
    for folder in (moved, lost, foreign):
        service.issue(tmp_path, folder, [folder.name], NOW, 100)
    moved.rename(tmp_path / "elsewhere")
    assert len(service.revoke(tmp_path, str(lost), NOW)) == 1
    files.write(foreign, issue(other := make_authority(NOW), ["foreign"], NOW, 100), other)
    renewals = {r.folder: r for r in service.renew(tmp_path, [], LATER, SOON, 825)}
    assert {folder for folder, r in renewals.items() if r.made} == {web, station}
    assert set(renewals) == {web, station, tmp_path / "young"}
    assert names_of(certificate(web)) == ["andon.plant", "10.0.0.5"]
    assert purpose_of(certificate(station)) is Purpose.CLIENT
    assert not any(r.made for r in service.renew(tmp_path, [], LATER, SOON, 825)), "a second run of the same day"


def test_one_that_fails_keeps_no_other_from_being_renewed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said, the exit code is 1, and what is to be reloaded is told, once."""
    good, foreign, gone = tmp_path / "good", tmp_path / "foreign", tmp_path / "gone"
    service.issue(tmp_path, good, ["good"], datetime.now(UTC), 10)
    files.write(foreign, issue(other := make_authority(NOW), ["foreign"], NOW, 10), other)
    hook = ["--reload", f"echo told >> {tmp_path}/told", "--data", str(tmp_path)]
    code, told = run(capsys, "renew", str(foreign), str(gone), str(good), *hook)
    assert (code, [one["renewed"] for one in told]) == (1, [False, False, True])
    assert "another authority" in told[0]["problem"] and str(gone) in told[1]["problem"]
    assert run(capsys, "renew", *hook)[0] == 0
    assert (tmp_path / "told").read_text() == "told\n"


def test_a_hook_that_fails_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Else a server would go on with a certificate that ends."""
    service.issue(tmp_path, tmp_path / "web", ["web"], datetime.now(UTC), 10)
    assert cli.main(["ca", "renew", "--reload", "exit 7", "--data", str(tmp_path)]) == 1
    assert "ended with 7" in capsys.readouterr().err


def test_renewed_files_keep_the_rights_that_somebody_gave_them(tmp_path: Path) -> None:
    """A broker reads its key as a member of a group; what everybody could read is closed again."""
    broker, web = tmp_path / "broker", tmp_path / "web"
    for folder, mode in ((broker, 0o640), (web, 0o644)):
        service.issue(tmp_path, folder, [folder.name], NOW, 100)
        (folder / "tls.key").chmod(mode)
    service.renew(tmp_path, [], LATER, SOON, 825)
    assert {oct((folder / "tls.key").stat().st_mode & 0o777) for folder in (broker, web)} == {"0o640"}


def test_a_revoked_certificate_is_on_the_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By folder, by serial number, or all of a name; OpenSSL, as in brokers and nginx, refuses it."""
    for name in ("a", "b", "c"):
        service.issue(tmp_path, tmp_path / name, [name], NOW, 825, Purpose.CLIENT)
    service.issue(tmp_path, tmp_path / "again", ["c"], NOW, 825, Purpose.CLIENT)
    assert "OK" in verified(tmp_path / "a", tmp_path, "sslclient")
    serial = serial_of(certificate(tmp_path / "b"))
    for which, count in ((str(tmp_path / "a"), 1), (serial.lower(), 1), ("c", 2), ("c", 0)):
        code, told = run(capsys, "revoke", which, "--data", str(tmp_path))
        assert (code, len(told["revoked"])) == (0, count)
    for name in ("a", "b", "c", "again"):
        assert "certificate revoked" in verified(tmp_path / name, tmp_path, "sslclient")
    with pytest.raises(NotFound):
        service.revoke(tmp_path, "nobody", NOW)


def test_a_folder_of_before_the_register_can_be_revoked_and_renewed(tmp_path: Path) -> None:
    """Its certificate says by itself what it is."""
    signer = files.authority(tmp_path, NOW)
    for name in ("old", "older"):
        files.write(tmp_path / name, issue(signer, [name], NOW, 100), signer)
    assert service.renew(tmp_path, [tmp_path / "old"], LATER, SOON, 825)[0].made
    assert [one.certificate.names for one in service.known(tmp_path, LATER)] == [["old"]]
    assert service.revoke(tmp_path, str(tmp_path / "older"), LATER)
    assert "certificate revoked" in verified(tmp_path / "older", tmp_path, "sslserver")
    assert "revoked" in service.renew(tmp_path, [tmp_path / "older"], LATER, SOON, 825)[0].problem


def test_the_certificate_of_another_authority_is_not_ours_to_revoke(tmp_path: Path) -> None:
    """Our list would not count for it."""
    files.authority(tmp_path, NOW)
    files.write(tmp_path / "other", issue(other := make_authority(NOW), ["a"], NOW, 1), other)
    with pytest.raises(Conflict):
        service.revoke(tmp_path, str(tmp_path / "other"), NOW)


@pytest.mark.parametrize("command", [["show"], ["renew"], ["revoke", "andon.plant"]])
def test_where_there_is_no_authority_none_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    """A wrong --data would show a fingerprint that nobody trusts, or say that there is nothing to renew."""
    code, told = run(capsys, *command, "--data", str(tmp_path))
    assert code == 1 and f"no authority in {tmp_path / 'ca'}" in told["error"]
    assert list(tmp_path.iterdir()) == []


def test_a_certificate_ends_with_its_authority(tmp_path: Path) -> None:
    """Devices would refuse it from then on, whatever stands in it; what cannot be longer is not made again each day."""
    ends = files.authority(tmp_path, NOW).certificate.not_valid_after_utc
    late = ends - timedelta(days=50)
    assert service.issue(tmp_path, tmp_path / "web", ["web"], late).certificate.not_valid_after_utc == ends
    (again,) = service.renew(tmp_path, [], late, SOON, 825)
    assert again.made is None and f"it ends on {ends.date()} with its authority" in again.problem
    with pytest.raises(Conflict, match="the authority ended on"):
        service.issue(tmp_path, tmp_path / "web", ["web"], ends)
    assert "the authority ended on" in service.renew(tmp_path, [], ends, SOON, 825)[0].problem


def test_each_list_is_later_than_the_one_before(tmp_path: Path) -> None:
    """OpenSSL goes by the later of two that a broker has read; also within a second, and when the clock went back."""
    signer = files.authority(tmp_path, NOW)
    first = revocation_list(signer, {}, NOW, None)
    second = revocation_list(signer, {7: NOW}, NOW, first)
    third = revocation_list(signer, {7: NOW}, NOW - timedelta(days=3), second)
    dates = [x509.load_pem_x509_crl(pem).last_update_utc for pem in (first, second, third)]
    assert dates[0] < dates[1] < dates[2] < NOW
    ends = {x509.load_pem_x509_crl(pem).next_update_utc for pem in (first, second, third)}
    assert ends == {signer.certificate.not_valid_after_utc}, "a list that runs out would let nobody in"


def test_show_says_how_each_certificate_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its end, for a person and for a program; what was replaced is for the program only."""
    now = datetime.now(UTC)
    for name, days in (("good", 825), ("soon", 30), ("lost", 825)):
        service.issue(tmp_path, tmp_path / name, [name], now, days)
    service.issue(tmp_path, tmp_path / "gone", ["gone"], now - timedelta(days=50), 40)
    service.issue(tmp_path, tmp_path / "good", ["good"], now, 824)
    service.revoke(tmp_path, "lost", now)
    told = run(capsys, "show", "--data", str(tmp_path))[1]["certificates"]
    states = [(one["names"][0], one["state"]) for one in told]
    assert states == [
        ("good", State.REPLACED), ("soon", State.SOON), ("lost", State.REVOKED), ("gone", State.ENDED),
        ("good", State.GOOD),
    ]  # fmt: skip
    assert cli.main(["ca", "show", "--data", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert str(tmp_path / "soon") in said and told[1]["until"][:10] in said and "replaced" not in said


def test_two_that_change_the_register_lose_nothing(tmp_path: Path) -> None:
    """One waits for the other."""
    files.authority(tmp_path, NOW)
    at_once(*(partial(service.issue, tmp_path, tmp_path / f"d{n}", [f"n{n}"], NOW) for n in range(8)))
    assert sorted(line.names[0] for line in register.read(tmp_path) if isinstance(line, register.Issued)) == [
        f"n{n}" for n in range(8)
    ]


def test_a_certificate_has_a_key_usage_of_its_end_only(tmp_path: Path) -> None:
    """And a new key each time, on the curve that tablets, brokers and nginx all have."""
    made = [service.issue(tmp_path, tmp_path / "a", ["a"], NOW) for _ in range(2)]
    usages = made[0].certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usages) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert {pair.key.curve.name for pair in made} == {"secp256r1"}
    assert made[0].key_pem != made[1].key_pem


class Dies(Exception):
    """The power went."""


@contextmanager
def dying_at(number: int) -> Iterator[list[Path]]:
    """The power goes at that write of a file, counted from 0; the files that were written before."""
    written: list[Path] = []
    put = files.put

    def dying(path: Path, *content: Any, **more: Any) -> None:
        if len(written) == number:
            raise Dies
        put(path, *content, **more)
        written.append(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "put", dying)
        patch.setattr(register, "put", dying)
        yield written


def listed(data: Path) -> set[str]:
    """The serials on the revocation list."""
    found = x509.load_pem_x509_crl((data / "ca" / "crl.pem").read_bytes())
    return {f"{one.serial_number:X}" for one in found}


@pytest.mark.parametrize("number", range(3))
def test_a_revocation_that_the_power_cut_is_never_taken_back(tmp_path: Path, number: int) -> None:
    """What is on the list stays there at the next one, and the same command again completes it."""
    for name in ("a", "b"):
        service.issue(tmp_path, tmp_path / name, [name], NOW)
    a, b = (serial_of(certificate(tmp_path / name)) for name in ("a", "b"))
    with dying_at(number) as written, suppress(Dies):
        service.revoke(tmp_path, "a", NOW)
    assert len(written) == min(number, 2)
    before = listed(tmp_path)
    service.revoke(tmp_path, "b", NOW)
    assert listed(tmp_path) >= before | {b}
    service.revoke(tmp_path, "a", NOW)
    assert listed(tmp_path) == {a, b}


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("how", ["issue", "renew"])
def test_no_certificate_is_out_that_nobody_knows_of(tmp_path: Path, number: int, how: str) -> None:
    """Whenever the power goes; and what lies in a folder is renewed also when its next one did not arrive."""
    web = tmp_path / "web"
    service.issue(tmp_path, web, ["web"], NOW, 100)
    with dying_at(number) as written, suppress(Dies):
        if how == "issue":
            service.issue(tmp_path, web, ["web"], NOW, 100)
        else:
            service.renew(tmp_path, [], LATER, SOON, 100)
    assert len(written) == min(number, 4)
    known = [one.certificate.serial for one in service.known(tmp_path, LATER)]
    assert serial_of(certificate(web)) in known
    (renewal,) = service.renew(tmp_path, [], NOW + timedelta(days=170), SOON, 825)
    assert renewal.made is not None
