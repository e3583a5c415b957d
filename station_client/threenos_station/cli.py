"""`threenos-station`: run the agent, press, see how it stands. Exit codes: 0 done, 1 failed, 2 wrong use."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from threenos_station import commands
from threenos_station.errors import BadPress, BadSettings, StationError
from threenos_station.settings import PREFIX, load
from threenos_wire.events import Kind

#: Fields of a press as flags, with what they are.
_FIELDS = {
    "defect": "defect code", "supplier": "upstream process, or the cause of a stop", "qty": "quantity",
    "severity": "minor, major or critical", "part": "part number", "lot": "lot number",
    "serials": "serials, with commas", "note": "free text", "operator": "badge", "pin": "PIN",
    "complaint": "the complaint that it is about",
    "rating": "1 to 5", "reason": "reason", "photos": "sha256:… of kept photos, with commas",
    "id": "id of the event (UUID)",
}  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    args = _parser().parse_args(argv)
    try:
        config = Path(args.config or os.environ.get(f"{PREFIX}CONFIG", "station.toml"))
        flags = {
            name: value for name, value in vars(args).items() if ("." in name or name == "data") and value is not None
        }
        if "data" in flags:
            flags["data"] = str(Path(flags["data"]).absolute())
        command = getattr(commands, args.command)
        return int(command(load(config, flags=flags), args))
    except (BadSettings, BadPress) as e:
        return _complain(e, 2)
    except StationError as e:
        return _complain(e, 1)
    except OSError as e:
        sys.stderr.write(f"threenos-station: {e}\n")
        return 1


def _complain(e: StationError, code: int) -> int:
    sys.stderr.write(f"threenos-station: {e.detail}\n")
    return code


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", help=f"station.toml (else {PREFIX}CONFIG, else ./station.toml)")
    common.add_argument("--data", help="folder of the outbox")
    common.add_argument("--json", action="store_true", help="print JSON")
    parser = argparse.ArgumentParser(prog="threenos-station", description="The station agent of Threenos.")
    commands_ = parser.add_subparsers(dest="command", required=True)
    _run(commands_.add_parser("run", parents=[common], help="serve the tablet page and bring presses to the server"))
    _press(commands_.add_parser("press", parents=[common], help="press from a script or a button"))
    commands_.add_parser("status", parents=[common], help="how the agent stands; 1 when it does not run")
    pair = commands_.add_parser("pair", parents=[common], help="give a code that pairs one tablet")
    pair.add_argument("--forget-all", action="store_true", help="unpair every tablet instead")
    parked = commands_.add_parser("parked", parents=[common], help="what the server refused")
    parked.add_argument("--station")
    what = parked.add_mutually_exclusive_group()
    what.add_argument("--retry", metavar="EVENT", help="send it again; `all` for all of the station")
    what.add_argument("--discard", metavar="EVENT", help="give it up; `all` for all of the station")
    witness = commands_.add_parser("witness", help="the hashes of the journal that this agent has seen")
    export = witness.add_subparsers(dest="action", required=True).add_parser("export", parents=[common])
    export.add_argument("file", metavar="FILE", help="one JSON object a line, for `threenos journal verify --witness`")
    return parser


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--server-host", dest="server.host")
    parser.add_argument("--server-port", dest="server.port", type=int)
    parser.add_argument("--page-host", dest="page.host")
    parser.add_argument("--page-port", dest="page.port", type=int, help="0: any free port, printed")
    parser.add_argument("--log-level", default="WARNING", choices=["DEBUG", "INFO", "WARNING", "ERROR"])


def _press(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", metavar="KIND", choices=[k.value for k in Kind], help=", ".join(Kind))
    parser.add_argument("--station", help="which station; not needed when the agent has one")
    for name, what in _FIELDS.items():
        parser.add_argument(f"--{name}", help=what)
    parser.add_argument("--drill", action="store_const", const="true", help="counts only while a drill is armed")
    parser.add_argument("--wait", type=float, metavar="S", help="wait up to S seconds until the server has recorded it")
    parser.set_defaults(fields=(*_FIELDS, "drill"))


def fields_of(args: Any) -> dict[str, str]:
    """The fields that were given as flags, still as text."""
    return {name: text for name in args.fields if (text := getattr(args, name)) is not None}


if __name__ == "__main__":
    sys.exit(main())
