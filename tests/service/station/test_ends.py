"""A station says in time that one of its own certificates ends: in its log every day, and in its status."""

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from plant import free_port
from service.station.shopfloor import MakeAgent, StartAgent, as_json, run, until, write_config

from threenos_server.ca import service
from threenos_server.ca.certificates import Purpose
from threenos_station.ends import Ending, Ends, end_of
from threenos_station.settings import Page, Server, StationEntry

NOW = datetime.now(UTC)


@pytest.fixture
def certificate(tmp_path: Path) -> Callable[..., Path]:
    """The folder of a certificate of the plant's own authority that ends in so many days."""

    def issue(name: str, days: int, purpose: Purpose = Purpose.CLIENT) -> Path:
        service.issue(tmp_path / "ca-data", tmp_path / name, [name], NOW, days, purpose)
        return tmp_path / name

    return issue


def entry(name: str, folder: Path) -> StationEntry:
    return StationEntry(id=name, site="plant", cert=str(folder / "tls.pem"), key=str(folder / "tls.key"))


@pytest.mark.parametrize("days", [1, 29, 825])
def test_the_end_is_that_of_the_certificate(certificate: Callable[..., Path], days: int) -> None:
    """As a broker sees it; one that has ended is told as well."""
    folder = certificate("w2", days)
    at = end_of(str(folder / "tls.pem"), str(folder / "tls.key"))
    assert abs(at - (NOW + timedelta(days=days))) < timedelta(days=2)


def test_it_is_said_once_a_day_from_thirty_days_before(
    certificate: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    """The file, the day, and what renews it: for each certificate, of the page too, and when it has ended."""
    late, soon = certificate("w2", 200), certificate("w3", 40)
    lost = StationEntry(id="w4", site="plant", cert=str(late / "none.pem"), key=str(late / "none.key"))
    ends = Ends(Server(host="h", tls=True), [entry("w2", late), entry("w3", soon), entry("w5", soon), lost])
    at = end_of(str(soon / "tls.pem"), str(soon / "tls.key"))
    page = Ending("/page/tls.pem", at + timedelta(days=5))

    def said(now: datetime) -> list[str]:
        caplog.clear()
        ends.look(page, now)
        return [line.getMessage() for line in caplog.records if line.levelno == logging.WARNING]

    assert said(at - timedelta(days=31)) == []
    (told,) = said(at - timedelta(days=30))
    assert told.startswith(f"the certificate {soon}/tls.pem ends on {at.date()}; on the server `threenos ca renew`")
    assert said(at - timedelta(days=29, hours=1)) == []
    assert len(said(at - timedelta(days=29))) == 1
    assert [line.split()[2] for line in said(at - timedelta(days=20))] == [f"{soon}/tls.pem", "/page/tls.pem"]
    assert " has ended on " in said(at + timedelta(days=1))[0]
    assert len(said(at - timedelta(days=3))) == 2, "the clock was put back"


def test_the_agent_says_it_in_its_log_and_its_status(
    certificate: Callable[..., Path], tmp_path: Path, start_agent: StartAgent, capfd: pytest.CaptureFixture[str]
) -> None:
    """The real command, with a client certificate and a page's that are near their end."""
    mine, page = certificate("w2", 20), certificate("localhost", 25, Purpose.SERVER)
    server = f"tls = true\nca = '{mine}/ca.pem'\ncert = '{mine}/tls.pem'\nkey = '{mine}/tls.key'\n"
    config = write_config(tmp_path, free_port())
    text = config.read_text().replace("[page]\n", f"{server}[page]\ntls = '{page}'\n")
    config.write_text(text)
    start_agent(config)
    code, told = as_json(config, "status")
    assert code == 0
    assert [told["certificate"]["file"], told["certificates"][0]["file"]] == [f"{page}/tls.pem", f"{mine}/tls.pem"]
    lines = run(config, "status")[1].splitlines()
    assert [f"{page}/tls.pem" in line or f"{mine}/tls.pem" in line for line in lines] == [False, True, True]
    days = r"\d{4}-\d\d-\d\d"
    heard: list[str] = []

    def logged() -> bool:
        heard.append(capfd.readouterr().err)
        text = "".join(heard)
        return all(
            re.search(f"WARNING .*the certificate {folder}/tls.pem ends on {days}; on the server", text)
            for folder in (mine, page)
        )

    until(logged)


def test_what_was_renewed_is_said_no_more(certificate: Callable[..., Path], make_agent: MakeAgent) -> None:
    """Also of a page that no tablet asks."""
    page = certificate("localhost", 25, Purpose.SERVER)
    agent = make_agent(free_port(), page=Page(port=0, tls=str(page)))
    assert agent.status()["certificate"]["problem"]
    certificate("localhost", 200, Purpose.SERVER)
    assert agent.status()["certificate"]["problem"] is None
