"""What the setup guide needs of the server: the way in, the first site, and a station's file."""

import dataclasses
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import PASSWORD, Browser, MovedClock, problem, serve, signed_in
from flask import Flask
from homes import Template

from threenos_server.access import Grant, Role
from threenos_server.db import Database
from threenos_server.errors import Conflict
from threenos_server.people import first_run
from threenos_server.people.station_file import Reached
from threenos_server.settings import Settings
from threenos_server.up.reached import reached
from threenos_server.up.where import Where, kept_in, write

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
CHAIN = {
    "site": {"id": "works", "name": "Works", "timezone": "Asia/Shanghai", "currency": "CNY"},
    "lines": [{"id": "a", "name": "A"}],
    "processes": [{"id": "cut", "line": "a"}, {"id": "weld", "line": "a"}],
    "stations": [{"id": "cut-1", "process": "cut"}, {"id": "weld-1", "process": "weld"}],
    "links": [{"supplier": "cut", "customer": "weld"}, {"supplier": "weld", "customer": "final-customer"}],
}


@pytest.fixture
def empty(blank: Template) -> Iterator[Database]:
    """A database in which there is nothing yet."""
    with blank.copied() as database:
        yield database


def test_the_address_alone_leads_to_the_guide_and_then_to_the_wall(app: Flask, db: Database) -> None:
    """Whoever types the address of a system without an administrator comes to the desk."""
    browser = Browser(app)
    assert browser.page("/").headers["Location"] == "/desk"
    signed_in(app, db, "Admin", Grant(Role.ADMIN))
    assert browser.page("/").headers["Location"] == "/board"


def test_the_first_administrator_may_be_a_supervisor_too(empty: Database, clock: MovedClock) -> None:
    """Then one person alone begins the site, arms a drill of it, and ends it."""
    with empty.write() as session:
        code = first_run.issue(session)
    browser = Browser(serve(empty, clock))
    first = {"code": code, "name": "Mei", "password": PASSWORD, "supervisor": True}
    made = browser.post("/first-run", first).get_json()
    assert [r["role"] for r in made["roles"]] == ["admin", "supervisor"]
    browser.csrf = made["csrf"]
    assert browser.ask("PUT", "/chain", CHAIN).get_json()["version"] == 1
    assert browser.post("/drills", {"line": "a"}).status_code == 201
    assert browser.ask("DELETE", "/drills/a").status_code == 204


def test_without_asking_for_it_the_first_administrator_only_administers(empty: Database, clock: MovedClock) -> None:
    """Administration alone has no power over a line."""
    with empty.write() as session:
        code = first_run.issue(session)
    browser = Browser(serve(empty, clock))
    made = browser.post("/first-run", {"code": code, "name": "Mei", "password": PASSWORD}).get_json()
    browser.csrf = made["csrf"]
    browser.ask("PUT", "/chain", CHAIN)
    assert problem(browser.post("/drills", {"line": "a"}))["status"] == 403


def test_an_enrolment_is_a_whole_file_for_the_agent(db: Database, clock: MovedClock, site: str) -> None:
    """The file has the credentials of the answer, and the addresses at which this server says it is reached."""
    asked: list[str] = []

    def found(seen_as: str) -> Reached:
        asked.append(seen_as)
        return Reached("andon.plant", 8883, True, "https://andon.plant", PEM)

    admin = signed_in(serve(db, clock, reached=found), db, "Admin", Grant(Role.ADMIN))
    given = admin.post("/stations/wind-1/credentials").get_json()
    file = tomllib.loads(given["toml"])
    assert file["server"] == {
        "host": "andon.plant", "port": 8883, "tls": True, "url": "https://andon.plant", "ca": PEM,
        "upload_token": given["upload_token"],
    }  # fmt: skip
    assert file["station"] == [{"id": "wind-1", "site": site, "password": given["password"]}]
    assert (given["host"], given["port"], given["tls"], given["url"]) == (
        "andon.plant",
        8883,
        True,
        "https://andon.plant",
    )
    assert asked == ["http://localhost"]


def test_only_who_reaches_the_line_enrols_its_stations(app: Flask, db: Database) -> None:
    """A supervisor of one line gives no credentials for another, and nobody for what is not there."""
    supervisor = signed_in(app, db, "Sun", Grant(Role.SUPERVISOR, line="motor"))
    assert supervisor.post("/stations/wind-1/credentials").status_code == 201
    assert problem(supervisor.post("/stations/mill-1/credentials"))["status"] == 403
    assert problem(supervisor.post("/stations/nowhere/credentials"))["status"] == 404


def test_stations_find_us_where_the_browser_did(tmp_path: Path) -> None:
    """A server that listens everywhere is named as the browser named it; the ports are those of the run."""
    kept_in(tmp_path).parent.mkdir()
    write(kept_in(tmp_path), Where("http://127.0.0.1:40001", "127.0.0.1", 40002))
    everywhere = Settings(data=tmp_path, host="0.0.0.0", mqtt_host="0.0.0.0")
    assert reached(everywhere, "http://andon:8300") == Reached("andon", 40002, False, "http://andon:8300")
    assert reached(Settings(data=tmp_path), "http://andon:8300").host == "127.0.0.1"
    public = Settings(data=tmp_path, public_url="https://andon.plant")
    assert reached(public, "http://10.0.0.1") == Reached("andon.plant", 40002, False, "https://andon.plant")


def test_a_child_of_up_does_not_send_stations_to_the_inner_door(tmp_path: Path) -> None:
    """Its own broker has a door for the server alone; somebody else's broker is where the settings say."""
    kept_in(tmp_path).parent.mkdir()
    write(kept_in(tmp_path), Where("http://127.0.0.1:40001", "127.0.0.1", 40002))
    child = Settings(data=tmp_path, mqtt_url="mqtt://127.0.0.1:40003", mqtt_user="_server")
    assert reached(child).port == 40002
    (tmp_path / "ca.pem").write_text(PEM)
    ca = str(tmp_path / "ca.pem")
    other = Settings(data=tmp_path, mqtt_url="mqtts://broker.plant", mqtt_user="threenos", mqtt_ca=ca)
    assert reached(other, "http://andon") == Reached("broker.plant", 8883, True, "http://andon", PEM)


def test_stations_do_not_come_by_the_servers_door(tmp_path: Path) -> None:
    """Of a broker that runs apart they are told the public address; without one nobody's credentials are made void."""
    apart = Settings(data=tmp_path, mqtt_url="mqtts://localhost:8884", mqtt_user="_server")
    with pytest.raises(Conflict, match="mqtt_public_url"):
        reached(apart)
    public = dataclasses.replace(apart, mqtt_public_url="mqtts://broker.plant")
    assert reached(public, "http://andon") == Reached("broker.plant", 8883, True, "http://andon")
    no_url = dataclasses.replace(apart, mqtt_public_url="broker.plant:8883")
    no_file = dataclasses.replace(public, mqtt_ca=str(tmp_path / "none.pem"))
    for wrong in (no_url, no_file):
        with pytest.raises(Conflict):
            reached(wrong)
