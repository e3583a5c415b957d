"""`make fuzz N=1000000 ONLY=event,chain-yaml`: so many inputs for each parser, each in a process of its own.

`python tests/fuzz/run.py [N=100000] [ONLY=NAME,…] [SEED=…]`. A target ends after five and a half minutes, whatever N
is: the count is what was done, and sessions with other seeds add up. The same seed makes the same inputs.
Exit codes: 0 when all hold, 1 when something broke, grew, died or waited, 2 for a wrong use.
"""

import json
import secrets
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
INSIDE = ("event", "topic", "presence", "http-body", "http-query", "agent-page", "board-packet", "chain-yaml",
          "chain-json", "chain-xlsx", "photo", "spc-csv")  # fmt: skip
SYSTEM = ("mqtt-event", "mqtt-packet", "http-socket", "board-socket", "http-schema")
GUIDED = tuple(f"{name}-guided" for name in ("event", "agent-page", "chain-yaml", "chain-xlsx", "spc-csv"))
PROGRAMS = {
    **dict.fromkeys(INSIDE, "inside.py"), **dict.fromkeys(SYSTEM, "system.py"), "agent-socket": "agent.py",
    **dict.fromkeys(GUIDED, "guided.py"),
}  # fmt: skip
#: Memory may be so much more at the end than when a tenth was done, and a valid event may wait so long.
MOST_GROWTH, MOST_WAIT_MS = 1.05, 2000
#: Below this a difference is the allocator's.
NOISE_KIB = 4096
#: A target that has not ended by itself after this hangs.
MOST_S = 900


def main(arguments: list[str]) -> int:
    """Fuzz as the arguments say, and tell of each as it ends."""
    given = dict(a.partition("=")[::2] for a in arguments)
    names = [name for name in given.get("ONLY", "").split(",") if name] or _here()
    wrong = [*(given.keys() - {"N", "ONLY", "SEED"}), *(name for name in names if name not in PROGRAMS)]
    if wrong:
        print(f"there is no {', '.join(wrong)}; there are N, SEED and ONLY={','.join(PROGRAMS)}", file=sys.stderr)
        return 2
    seed = int(given.get("SEED") or secrets.randbelow(2**31))
    print(f"seed {seed}", flush=True)
    count = int(given.get("N") or 100_000)
    return int(sum(_broken(name, count, seed) for name in names) > 0)


def _here() -> list[str]:
    """The targets that this machine can run."""
    return [name for name in PROGRAMS if name not in GUIDED or find_spec("atheris")]


def _broken(name: str, count: int, seed: int) -> bool:
    """Run one and tell of it; whether something is wrong."""
    command = [sys.executable, str(HERE / PROGRAMS[name]), name.removesuffix("-guided"), str(count), str(seed)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=MOST_S)
    except subprocess.TimeoutExpired:
        print(f"{name}: had not ended after {MOST_S} s, and was killed", flush=True)
        return True
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        print(f"{name}: ended with {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-6000:]}", flush=True)
        return True
    told = json.loads(lines[-1])
    faults = _faults(told)
    print(f"{_line(told)}{''.join(f'  !! {fault}' for fault in faults)}", flush=True)
    for what, raw in told.get("first", []):
        print(f"    {what}\n    {raw[:400]}", flush=True)
    if faults and told.get("log"):
        print(told["log"], flush=True)
    if done.stderr.strip() and faults:
        print(done.stderr[-3000:], flush=True)
    return bool(faults)


def _line(told: dict[str, Any]) -> str:
    most = ", ".join(f"{what} {times}" for what, times in told["most"])
    rate = told["inputs"] / max(0.1, told["seconds"])
    waited = f", a valid one waited {told['waited_ms']} ms at most" if "waited_ms" in told else ""
    if "on_board_ms" in told:
        waited += f" ({told['presses']} presses, on the board after {told['on_board_ms']} ms at most)"
    return (
        f"{told['name']}: {told['inputs']:,} inputs in {told['seconds']} s ({rate:,.0f}/s), {told['crashes']} crashes, "
        f"{told['outcomes']} outcomes ({most}), memory {_memory(told)}, threads {told['threads']}{waited}"
    )


def _memory(told: dict[str, Any]) -> str:
    early, late = told["early"], told["late"]
    pairs = {name: (early[name], late[name]) for name in early} if isinstance(early, dict) else {"": (early, late)}
    return ", ".join(f"{name} {b / 1024:.1f} MB ({100 * b / a - 100:+.1f} %)".strip() for name, (a, b) in pairs.items())


def _faults(told: dict[str, Any]) -> list[str]:
    early, late = told["early"], told["late"]
    pairs = [(early[name], late[name]) for name in early] if isinstance(early, dict) else [(early, late)]
    found = ["memory grew" for a, b in pairs if b > a * MOST_GROWTH and b - a > NOISE_KIB]
    found += ["crashed"] if told["crashes"] else []
    found += ["a process was replaced"] if not told.get("lives", True) else []
    found += ["something was given up"] if told.get("tracebacks") else []
    found += told.get("failed", [])
    found += ["a valid one waited"] if told.get("waited_ms", 0) > MOST_WAIT_MS else []
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
