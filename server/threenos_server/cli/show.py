"""What a command prints: words for a person, or JSON for a program that asked for it."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import Any

import msgspec

from threenos_server.errors import Fault


def say(args: Namespace, value: Any, text: str) -> None:
    """Print `value` as JSON with --json, else `text`."""
    line(msgspec.json.encode(value).decode() if args.json else text)


def line(text: str) -> None:
    """One line that is read at once, also through a pipe."""
    print(text, flush=True)  # noqa: T201 - the one place where the command line prints


def problem(detail: str, faults: Sequence[Fault], *, as_json: bool) -> None:
    """Why a command failed: on standard error in words, on standard output as JSON."""
    if as_json:
        line(
            msgspec.json.encode(
                {"error": detail, "faults": [{"where": f.where, "detail": f.detail} for f in faults]}
            ).decode()
        )
        return
    for text in (f"threenos: {detail}", *(f"  {f.where}: {f.detail}" for f in faults)):
        print(text, file=sys.stderr)  # noqa: T201 - the one place where the command line prints
