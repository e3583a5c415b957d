"""`threenos-station` as scripts and people use it."""

import json
from pathlib import Path
from typing import Any

import pytest
from service.station.shopfloor import Broker, FakeServer, MakeAgent, StartAgent, as_json, run, until, write_config
from service.station.test_page import PAGE

from threenos_station import cli, commands
from threenos_station.local import ask
from threenos_station.store import Store
from threenos_wire.ids import new_id


def test_a_press_without_an_agent_is_saved_and_sent_when_one_runs(
    broker: Broker, server: FakeServer, tmp_path: Path, start_agent: StartAgent
) -> None:
    """It keeps its own boot."""
    config = write_config(tmp_path, broker.port)
    code, told = as_json(config, "press", "reject", "--defect", "scratch", "--qty", "2")
    assert (code, told["saved"], told["agent"]) == (0, True, False)
    assert as_json(config, "status")[0] == 1
    agent = start_agent(config)
    until(lambda: told["id"] in server.recorded)
    assert as_json(config, "status")[1]["running"] is True
    agent.kill()
    assert (server.recorded[told["id"]]["seq"], server.recorded[told["id"]]["qty"]) == (1, 2)


def test_a_press_beside_a_running_agent_goes_through_it(
    broker: Broker, server: FakeServer, tmp_path: Path, start_agent: StartAgent
) -> None:
    """With --wait, until the server has spoken: recorded is 0, refused is 1."""
    config = write_config(tmp_path, broker.port)
    server.refuse["release"] = "not-allowed"
    agent = start_agent(config)
    code, told = as_json(config, "press", "stop", "--wait", "10")
    assert (code, told["recorded"], told["agent"]) == (0, True, True)
    code, told = as_json(config, "press", "release", "--complaint", new_id(), "--wait", "10")
    assert (code, told["recorded"], told["reason"]) == (1, False, "not-allowed")
    agent.kill()


def test_a_press_that_waits_without_an_agent_connects_itself(
    broker: Broker, server: FakeServer, tmp_path: Path
) -> None:
    """And says NOT HEARD when nobody answers in time."""
    config = write_config(tmp_path, broker.port)
    code, told = as_json(config, "press", "call", "--supplier", "maintenance", "--wait", "10")
    assert (code, told["recorded"]) == (0, True) and told["id"] in server.recorded
    broker.kill()
    code, out, _ = run(config, "press", "stop", "--wait", "0.5")
    assert code == 1 and "NOT HEARD" in out


def test_parked_events_are_listed_retried_and_given_up(
    broker: Broker, server: FakeServer, tmp_path: Path, start_agent: StartAgent
) -> None:
    """While the agent runs."""
    config = write_config(tmp_path, broker.port)
    server.refuse["stop"] = "unknown-station"
    agent = start_agent(config)
    _, told = as_json(config, "press", "stop", "--wait", "10")
    assert [p["reason"] for p in as_json(config, "parked")[1]] == ["unknown-station"]
    server.refuse.clear()
    assert as_json(config, "parked", "--retry", told["id"]) == (0, {"count": 1})
    until(lambda: told["id"] in server.recorded)
    agent.kill()
    assert as_json(config, "parked", "--discard", "all") == (1, {"count": 0})


@pytest.mark.usefixtures("server")
def test_the_witness_is_exported_a_head_a_line(broker: Broker, tmp_path: Path, start_agent: StartAgent) -> None:
    """For `threenos journal verify --witness`."""
    config = write_config(tmp_path, broker.port)
    agent = start_agent(config)
    until(agent.heard)
    assert agent.stop() == 0
    code, told = as_json(config, "witness", "export", str(tmp_path / "heads"))
    heads = [json.loads(line) for line in (tmp_path / "heads").read_text().splitlines()]
    assert code == 0 and told["count"] == len(heads) >= 1
    assert heads[-1].keys() == {"site", "seq", "hash", "at"} and heads[-1]["hash"] == f"{heads[-1]['seq']:064x}"


def test_a_code_pairs_a_tablet(broker: Broker, tmp_path: Path) -> None:
    """Shown by the command line, whether the agent runs or not."""
    config = write_config(tmp_path, broker.port)
    code, told = as_json(config, "pair")
    assert code == 0 and len(told["code"]) == 8 and told["url"].endswith(f"/pair#code={told['code']}")
    store = Store(tmp_path / "data" / "station.db")
    assert told["code"] not in str(store.read("SELECT * FROM codes")), "only its hash is kept"
    store.close()
    shown = run(config, "pair")[1]
    assert "/pair:" in shown and "▄" in shown, "the QR code, in half blocks"
    assert as_json(config, "pair", "--forget-all") == (0, {"unpaired": 0})


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (["press", "explode"], "explode"),
        (["press", "reject", "--qty", "two"], "qty"),
        (["press", "detail"], "complaint"),
        (["press", "stop", "--station", "w9"], "w2"),
        (["press", "stop", "--colour", "red"], "colour"),
        (["sing"], "sing"),
    ],
)
def test_wrong_use_is_2_and_says_what(tmp_path: Path, args: list[str], named: str) -> None:
    """Nothing is saved."""
    code, _, err = run(write_config(tmp_path, 1883), *args)
    assert code == 2 and named in err
    assert not (tmp_path / "data" / "station.db").exists() or "detail" in args


def test_an_unknown_key_stops_the_start_with_its_name(tmp_path: Path) -> None:
    """Wrong use too."""
    code, _, err = run(write_config(tmp_path, 1883, "colour = 'red'\n"), "run")
    assert code == 2 and "colour" in err


def test_people_are_spoken_to_in_their_language(tmp_path: Path) -> None:
    """By the locale."""
    (tmp_path / "zh").mkdir()
    assert "已保存" in run(write_config(tmp_path / "zh", 1883), "press", "stop")[1]


def test_a_press_whose_answer_was_lost_is_one_press(
    make_agent: MakeAgent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The agent had saved it, and the command, which cannot know, saves it under the same id."""
    agent = make_agent(1, page=PAGE)

    def lost(*asked: Any, **more: Any) -> Any:
        assert ask(*asked, **more)[0] == 201
        raise TimeoutError("no answer in time")

    monkeypatch.setattr(commands, "ask", lost)
    monkeypatch.delenv("THREENOS_STATION_CONFIG", raising=False)
    config = write_config(tmp_path, 1)
    press = ["press", "reject", "--defect", "scratch", "--qty", "2", "--config", str(config), "--json"]
    assert cli.main([*press, "--data", agent.settings.data]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["saved"], told["agent"]) == (True, True)
    assert [row.id for row in agent.outbox.waiting("w2", 0, 9)] == [told["id"]]
