"""A broker that runs apart, with the files of `threenos broker-config`: who is let in, and what they may do there."""

import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from plant import wait_for
from service.broker.guests import LET_IN, OWN, House, Pass

from threenos_server.broker.mosquitto import SERVER_USER
from threenos_server.ca import service
from threenos_server.ca.certificates import Purpose
from threenos_server.cli.run import broker_address
from threenos_server.intake.link import Link
from threenos_server.settings import Settings

MINE, OTHERS = "threenos/v1/plant/weld-1/event", "threenos/v1/plant/weld-2/event"
SENT = (LET_IN, "No matching subscribers")
REFUSED = "Not authorized"


def by_password(name: str) -> Pass:
    return Pass(name, f"secret of {name}")


@pytest.fixture
def make_house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    made: list[House] = []

    def make(*, certificates: bool = False) -> House:
        made.append(House(tmp_path / "data", certificates=certificates))
        made[-1].wait()
        return made[-1]

    yield make
    for house in made:
        house.close()


@pytest.fixture
def house(make_house: Callable[..., House]) -> House:
    """A broker to which stations come with passwords."""
    return make_house()


@pytest.fixture
def strict(make_house: Callable[..., House]) -> House:
    """A broker to which stations come with certificates."""
    return make_house(certificates=True)


def shown(house: House) -> int:
    """The serial number of the certificate that the broker shows."""
    context = ssl.create_default_context(cafile=house.data / "ca" / "ca.pem")
    with (
        socket.create_connection(("127.0.0.1", house.doors.stations.port), 5) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as secure,
    ):
        return int(str((secure.getpeercert() or {})["serialNumber"]), 16)


def openssl(house: House, version: str, authority: Path | None = None) -> int:
    """The exit code of a client that speaks this version of TLS and trusts this authority, else the right one."""
    trusted = str(authority or house.data / "ca" / "ca.pem")
    address = f"127.0.0.1:{house.doors.stations.port}"
    checks = ["-CAfile", trusted, "-verify_return_error", "-verify_hostname", "localhost"]
    command = ["openssl", "s_client", "-connect", address, version, *checks]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False).returncode


def test_a_station_speaks_as_itself_and_of_its_own_site(house: House) -> None:
    """Its own events pass; another station's, another site's and the server's words do not."""
    weld = house.guest(by_password("weld-1"))
    assert weld.publish(MINE) in SENT
    for topic in (OTHERS, "threenos/v1/plant/weld-1/ack", "threenos/v1/plant/_server", "threenos/v1/x/weld-1/event"):
        assert weld.publish(topic) == REFUSED


@pytest.mark.parametrize("certificates", [False, True])
def test_a_station_hears_what_is_said_to_it_and_not_to_others(
    make_house: Callable[..., House], certificates: bool
) -> None:
    """The broker says granted to any subscription, so what counts is what arrives."""
    house = make_house(certificates=certificates)
    shows = Pass(certificate=house.certificate("weld-1")) if certificates else by_password("weld-1")
    weld, server = house.guest(shows), house.guest(Pass(SERVER_USER, OWN), server=True)
    weld.subscribe("threenos/#")
    weld.subscribe("$SYS/#")
    for leaf in ("weld-2/ack", "weld-1/event", "weld-2/state", "weld-1/ack", "_server", "_line/l1"):
        assert server.publish(f"threenos/v1/plant/{leaf}") in SENT
    heard = [weld.hears() for _ in range(3)]
    assert heard == [f"threenos/v1/plant/{leaf}" for leaf in ("weld-1/ack", "_server", "_line/l1")]
    assert weld.heard.empty()


def test_whoever_is_not_known_stays_outside(house: House, tmp_path: Path) -> None:
    """A wrong password, none, no TLS, an old TLS; and who does not trust the broker's authority leaves by itself."""
    weld = house.guest(by_password("weld-1"))
    for shows in (Pass("weld-1", "wrong"), Pass("nobody", "x"), Pass(), Pass("weld-1", ""), Pass(SERVER_USER, OWN)):
        assert house.guest(shows).said[0] == REFUSED
    assert not house.plain().let_in
    service.issue(tmp_path / "other", tmp_path / "x", ["x"], datetime.now(UTC))
    assert openssl(house, "-tls1_2") == openssl(house, "-tls1_3") == 0
    assert openssl(house, "-tls1_1") != 0
    assert openssl(house, "-tls1_3", authority=tmp_path / "other" / "ca" / "ca.pem") != 0
    assert weld.lost == 0 and weld.publish(MINE) in SENT


def test_a_station_is_whom_its_certificate_names(strict: House) -> None:
    """Whatever user name it claims; it needs no password."""
    weld = strict.guest(Pass("weld-2", "secret of weld-2", strict.certificate("weld-1")), client_id="weld-2")
    assert weld.publish(MINE) in SENT
    assert weld.publish(OTHERS) == REFUSED
    assert strict.guest(Pass(certificate=strict.certificate("weld-2"))).publish(OTHERS) in SENT
    assert weld.lost == 0


def test_without_the_right_certificate_nobody_comes_in(strict: House, tmp_path: Path) -> None:
    """None at all, a server's, one of another authority for the same name; a password makes up for none of them."""
    foreign = strict.issue("weld-1", strict.home / "foreign", Purpose.CLIENT, tmp_path / "other")
    of_server = strict.certificate("weld-1", Purpose.SERVER)
    for certificate in (None, foreign, of_server):
        guest = strict.guest(Pass("weld-1", "secret of weld-1", certificate))
        assert not guest.let_in, certificate


def test_who_is_not_enrolled_says_and_hears_nothing(strict: House) -> None:
    """Though its certificate is ours: the rules are by name."""
    guest = strict.guest(Pass(certificate=strict.certificate("weld-3")))
    guest.subscribe("threenos/#")
    assert guest.publish("threenos/v1/plant/weld-3/event") == REFUSED
    server = strict.guest(Pass(SERVER_USER, OWN), server=True)
    assert server.publish("threenos/v1/plant/_server") in SENT
    assert server.publish("threenos/v1/plant/weld-3/ack") in SENT
    assert guest.heard.empty()


def test_a_revoked_certificate_is_refused_after_a_reload(strict: House) -> None:
    """The others come and go as before, and a second revocation counts as the first did."""
    lost, stolen = (Pass(certificate=strict.certificate(name)) for name in ("weld-1", "weld-2"))
    assert strict.guest(lost).let_in and strict.guest(stolen).let_in
    service.revoke(strict.data, str(strict.certificate("weld-1")), datetime.now(UTC))
    assert strict.admit("weld-1", "weld-2"), "the list is new"
    strict.reload()
    wait_for("the revoked certificate is refused", lambda: not strict.guest(lost).let_in)
    assert strict.guest(stolen).let_in
    service.revoke(strict.data, "weld-2", datetime.now(UTC))
    strict.admit("weld-1", "weld-2")
    strict.reload()
    wait_for("this one too", lambda: not strict.guest(stolen).let_in)
    assert not strict.guest(lost).let_in


def test_a_station_that_is_revoked_is_dumb_at_once(strict: House) -> None:
    """mosquitto does not ask a connection for its certificate again; but the rules count for each message."""
    weld = strict.guest(Pass(certificate=strict.certificate("weld-1")))
    weld.subscribe("threenos/v1/plant/weld-1/ack")
    server = strict.guest(Pass(SERVER_USER, OWN), server=True)
    strict.admit("weld-2")
    strict.reload()
    wait_for("it may say nothing more", lambda: weld.publish(MINE) == REFUSED)
    server.publish("threenos/v1/plant/weld-1/ack")
    assert server.publish(OTHERS) in SENT and weld.heard.empty()


def test_enrolment_and_revocation_work_after_a_reload(house: House) -> None:
    """A new station comes in, one that is revoked is thrown out, and nothing is written when nothing has changed."""
    weld = house.guest(by_password("weld-1"))
    assert house.admit("weld-2", "weld-3")
    assert not house.admit("weld-2", "weld-3")
    house.reload()
    wait_for("weld-3 may come in", lambda: house.guest(by_password("weld-3")).let_in)
    wait_for("weld-1 is thrown out", lambda: weld.lost)


@pytest.mark.parametrize("certificates", [False, True])
def test_the_servers_door_is_the_servers(make_house: Callable[..., House], certificates: bool) -> None:
    """No station comes in there, where it could take another's client id; two intakes do, and both stay."""
    house = make_house(certificates=certificates)
    first, second = (house.guest(Pass(SERVER_USER, OWN), server=True) for _ in range(2))
    for shows in (by_password("weld-1"), Pass(certificate=house.certificate("weld-1")), Pass(SERVER_USER, "wrong")):
        assert not house.guest(shows, server=True).let_in
    for intake in (first, second):
        intake.subscribe("threenos/v1/+/+/event")
    shows = Pass(certificate=house.certificate("weld-1")) if certificates else by_password("weld-1")
    house.guest(shows).publish(MINE)
    assert first.hears() == second.hears() == MINE
    assert first.lost == second.lost == 0


def test_the_intake_shows_a_certificate_where_a_broker_asks_for_one(strict: House) -> None:
    """By `mqtt_cert` and `mqtt_key`; a broker of somebody else may know the server by that."""
    folder = strict.certificate(SERVER_USER)
    files = {"mqtt_cert": str(folder / "tls.pem"), "mqtt_key": str(folder / "tls.key")}
    url = f"mqtts://localhost:{strict.doors.stations.port}"
    shown = Settings(data=strict.data, mqtt_url=url, mqtt_ca=str(strict.data / "ca" / "ca.pem"), **files)
    link = Link(broker_address(shown))
    link.start()
    wait_for("the intake is connected", link.connected)
    link.close()


def test_a_station_cannot_throw_another_off_by_its_client_id(house: House) -> None:
    """Whatever id it claims, the broker takes its user name for it."""
    weld = house.guest(by_password("weld-1"), client_id="weld-1")
    assert house.guest(by_password("weld-2"), client_id="weld-1").let_in
    assert weld.publish(MINE) in SENT and weld.lost == 0


def test_a_renewed_certificate_is_shown_after_a_reload(house: House) -> None:
    """By name and authority the same, so a station that is connected notices nothing, and one that comes trusts it."""
    weld = house.guest(by_password("weld-1"))
    before = shown(house)
    renewed = service.renew(house.data, [], datetime.now(UTC), timedelta(days=60), 825)
    assert [one.folder for one in renewed if one.made] == [house.files]
    house.reload()
    wait_for("the new certificate is shown", lambda: shown(house) != before)
    assert house.guest(by_password("weld-2")).let_in and weld.lost == 0


def test_nobody_else_reads_the_files(house: House) -> None:
    """The broker's group may, by its folder; the rest of the machine may not."""
    modes = {path.name: oct(path.stat().st_mode & 0o7777) for path in house.files.iterdir()}
    assert modes.pop("ca.pem") == modes.pop("tls.pem") == "0o644"
    assert set(modes) == {
        "mosquitto.conf", "passwords", "rules", "server-passwords", "server-rules", "tls.key", "crl.pem",
    }  # fmt: skip
    assert set(modes.values()) == {"0o640"} and oct(house.files.stat().st_mode & 0o7777) == "0o2750"
    assert "secret" not in (house.files / "passwords").read_text()


def test_who_comes_and_who_is_refused_is_in_the_log(house: House) -> None:
    """For whoever has to find out what happened."""
    house.guest(by_password("weld-1"))
    house.guest(Pass("weld-1", "wrong"))
    wait_for("both are told", lambda: "u'weld-1'" in house.log() and "not authorised" in house.log())
    # The fixture's look whether the broker serves hangs up without a word.
    said = [line for line in house.log().splitlines() if "OpenSSL" not in line]
    assert [line for line in said if "Warning" in line or "Error" in line] == []
