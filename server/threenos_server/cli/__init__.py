"""The command `threenos`. Each command lives in a module of its own that is imported only when it is called."""

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from threenos_server import settings
from threenos_server.cli import show
from threenos_server.cli.parser import build
from threenos_server.errors import ThreenosError

DONE, FAILED, WRONG_USE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 when it is done, 1 when it failed, 2 when it was used wrongly."""
    args = build().parse_args(argv)
    given = {name: value for name, value in vars(args).items() if name in settings.DEFAULTS}
    try:
        chosen = settings.load(given, config=Path(args.config) if args.config else None)
    except settings.BadSettings as e:
        show.problem(str(e), (), as_json=args.json)
        return WRONG_USE
    module, _, function = args.run.partition(":")
    try:
        return int(getattr(import_module(f"threenos_server.cli.{module}"), function)(chosen, args) or DONE)
    except ThreenosError as e:
        show.problem(e.detail, e.faults, as_json=args.json)
        return FAILED
    except KeyboardInterrupt:
        return FAILED
    except BrokenPipeError:
        # Whoever read our output has gone (`threenos … | head`); there is nobody left to tell.
        sys.stderr.close()
        return FAILED
    except OSError as e:
        # A file of another user, mostly, or none, or a full disk: what to mend is its name, and no line of ours.
        if e.filename is None:
            raise
        show.problem(f"{e.filename}: {e.strerror}", (), as_json=args.json)
        return FAILED
