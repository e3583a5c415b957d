"""`threenos demo` as a visitor starts it."""

import json
import subprocess
from pathlib import Path

from plant import THREENOS, RunningSystem, wait_for

from threenos_server.demo.asking import Asking


def test_the_demo_has_live_alarms_within_seconds_and_keeps_to_itself(tmp_path: Path) -> None:
    """Its accounts sign in, its board fills, its site says that it is a demo, and another directory is left alone."""
    demo = RunningSystem(tmp_path / "data", "--json", command="demo")
    try:
        printed = json.loads(next(line for line in demo.log().splitlines() if line.startswith('{"http"')))
        assert printed["board"].startswith(f"{demo.http}/board?token=")
        director = Asking(demo.http)
        director.sign_in("director", printed["password"])

        def cards() -> list[dict[str, object]]:
            status, board = director.ask("GET", "/api/v1/board")
            assert status == 200
            return list(board["complaints"])

        wait_for("alarms are on the board", lambda: len(cards()) >= 3, 15)
        assert [p.name for p in demo.data.iterdir()] == ["demo"]
        _, chain = director.ask("GET", "/api/v1/chain")
        assert chain["site"]["name"] == {"en": "Lakeside Pump Works (demo)", "zh": "湖滨水泵厂（演示）"}
    finally:
        demo.close()


def test_a_directory_that_is_no_demos_is_never_emptied(tmp_path: Path) -> None:
    """It fails, and the file is still there."""
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "mine.txt").write_text("mine")
    command = [THREENOS, "demo", "--data", str(tmp_path), "--port", "0", "--mqtt-port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "not a demo's directory" in done.stderr) == (1, True)
    assert (tmp_path / "demo" / "mine.txt").read_text() == "mine"
