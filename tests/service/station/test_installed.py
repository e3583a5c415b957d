"""What a browser asks for to keep a station's page as an app."""

import json
from pathlib import Path

import pytest
from plant import free_port
from service.station.shopfloor import MakeAgent
from service.station.test_page import PAGE, Browser

from threenos_station.agent import Agent
from threenos_station.page import files
from threenos_wire.topics import Leaf


@pytest.fixture
def agent(make_agent: MakeAgent) -> Agent:
    """One that was told once what its station is called."""
    made = make_agent(free_port(), page=PAGE)
    setup = {"station": {"id": "w2", "name": {"en": "Welding 2", "zh": "焊接二"}}}
    made.kept.keep("w2", Leaf.SETUP, json.dumps(setup).encode())
    return made


@pytest.mark.parametrize(("language", "name", "tongue"), [("en", "Welding 2", "en"), ("zh", "焊接二", "zh-CN")])
def test_the_app_is_called_as_its_station_in_the_language_of_the_page(
    agent: Agent, language: str, name: str, tongue: str
) -> None:
    """It opens at its own station, whichever other one the agent has."""
    status, app, headers = Browser(agent).ask("GET", f"/station/w2/{language}.webmanifest")
    assert (status, headers["Content-Type"]) == (200, "application/manifest+json")
    assert (app["short_name"], app["lang"]) == (name, tongue)
    assert (app["start_url"], app["scope"]) == ("/station/w2", "/station/")
    assert app["display"] == "fullscreen" and {"192x192", "512x512"} <= {icon["sizes"] for icon in app["icons"]}


def test_a_station_that_nobody_named_is_called_by_its_id(make_agent: MakeAgent) -> None:
    """It can be installed before the server was ever heard."""
    app = Browser(make_agent(free_port(), page=PAGE)).ask("GET", "/station/w2/zh.webmanifest")[1]
    assert app["short_name"] == "w2"


def test_the_worker_lies_above_all_stations_and_is_asked_for_anew(
    agent: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser takes no worker for /station/ from below it, and must see a new build at once."""
    (tmp_path / "worker.js").write_text("0", encoding="utf-8")
    (tmp_path / "icons").mkdir()
    (tmp_path / "icons" / "192.png").write_bytes(b"png")
    monkeypatch.setattr(files, "_BUILT", tmp_path)
    status, body, headers = Browser(agent).ask("GET", "/worker.js")
    assert (status, body, headers["Cache-Control"]) == (200, b"0", "no-cache")
    assert headers["Content-Type"].startswith("text/javascript")
    assert Browser(agent).ask("GET", "/icons/192.png")[0] == 200
