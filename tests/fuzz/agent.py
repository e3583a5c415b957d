"""The station's agent under attack: `python tests/fuzz/agent.py NAME COUNT SEED` prints a result as JSON.

Its page is a real process; requests that no tablet makes come between presses that must be saved.
"""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fuzz import web
from fuzz.attacked import status_of
from fuzz.mutate import Mutator
from fuzz.program import begin
from fuzz.system import MOST_S, asked
from plant import next_line

#: A press that must be saved comes after so many others.
PRESS_EVERY = 50


def run(_name: str, count: int, seed: int, directory: Path) -> dict[str, object]:
    """Attack until the count or the time is reached."""
    config = directory / "station.toml"
    config.write_text(
        'data = "data"\n[server]\nhost = "127.0.0.1"\nport = 1\n[page]\nport = 0\n[[station]]\nid = "w2"\n'
        'site = "plant"\npassword = "p"\n'
    )
    command = [sys.executable, "-m", "threenos_station.cli", "run", "--config", str(config), "--json"]
    with (directory / "log").open("wb") as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as agent:
        try:
            url = json.loads(next_line(agent))["url"]
            return _attack(url, agent, count, seed) | {"tracebacks": (directory / "log").read_text().count("Traceback")}
        finally:
            agent.terminate()


def _attack(url: str, agent: "subprocess.Popen[bytes]", count: int, seed: int) -> dict[str, object]:
    where, target = urlsplit(url), web.page()
    mutator = Mutator(target.seeds, target.tokens, seed)
    outcomes: Counter[str] = Counter()
    began, done, early, longest, saved = monotonic(), 0, 0, 0.0, 0
    while done < count and monotonic() - began < MOST_S:
        raw = mutator.one().replace(b"localhost:1", where.netloc.encode())
        status = asked((where.hostname or "", where.port or 0), raw)
        outcomes[status] += 1
        if status in ("500", "silent"):
            print(f"{status}: {raw.hex()}", file=sys.stderr)
        done += 1
        if done % PRESS_EVERY == 0:
            at = monotonic()
            said = json.dumps({"kind": "reject", "defect": "scratch"}).encode()
            asking = Request(f"{url}/api/stations/w2/presses", said, {"Content-Type": "application/json"})
            with urlopen(asking, timeout=30) as got:
                saved += got.status == 201
            longest = max(longest, monotonic() - at)
        if not early and (done * 10 >= count or monotonic() - began > MOST_S / 10):
            early, threads = status_of(agent.pid, "VmRSS"), status_of(agent.pid, "Threads")
    return {
        "name": "agent-socket", "inputs": done, "crashes": outcomes["500"] + outcomes["silent"],
        "outcomes": len(outcomes), "most": outcomes.most_common(8), "seconds": round(monotonic() - began, 1),
        "early": early, "late": status_of(agent.pid, "VmRSS"), "threads": [threads, status_of(agent.pid, "Threads")],
        "lives": agent.poll() is None, "presses": saved, "waited_ms": round(longest * 1000),
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(begin(run))
