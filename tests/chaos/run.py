"""`make chaos N=1000`: so many kills of real processes, then the verdict.

`python tests/chaos/run.py [N=60] [SEED=…] [FAULT=…]`; the seed is printed, and the same seed makes the same plan.
Exit codes: 0 when all holds, 1 when not, 2 for a wrong use.
"""

import secrets
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from chaos.storm import Plan, run

#: A cut of the power among so many kills.
CUT_EVERY = 15


def main(arguments: list[str]) -> int:
    """Storm as the arguments say, telling as it goes."""
    given = dict(a.partition("=")[::2] for a in arguments)
    if unknown := given.keys() - {"N", "SEED", "FAULT"}:
        print(f"there is no {', '.join(sorted(unknown))}; there are N, SEED and FAULT", file=sys.stderr)
        return 2
    seed = int(given.get("SEED") or secrets.randbelow(2**32))
    plan = Plan(seed, int(given.get("N") or 60), given.get("FAULT") or None, cut_every=CUT_EVERY)
    with tempfile.TemporaryDirectory(prefix="threenos-chaos-") as directory:
        report = run(plan, Path(directory), lambda line: print(line, flush=True))
        report.history.clear()
        print(report)
        if report.violations:
            print(_logs(Path(directory)))
    return 1 if report.violations else 0


def _logs(directory: Path) -> str:
    """The end of what each process said."""
    return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}" for log in directory.glob("*.log"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
