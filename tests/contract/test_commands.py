"""The commands as documents name them."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import threenos_server.cli
from threenos_server.cli.parser import build


def commands(parser: argparse.ArgumentParser, path: str = "threenos") -> Iterator[str]:
    """Every command with its words, as it is typed."""
    groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not groups:
        yield path
    for group in groups:
        for name, child in group.choices.items():
            yield from commands(child, f"{path} {name}")


def test_every_command_is_in_the_readme_and_no_other() -> None:
    """The table of the folder that owns them."""
    readme = (Path(threenos_server.cli.__file__).parent / "README.md").read_text()
    table = "\n".join(line for line in readme.splitlines() if line.startswith("| `"))
    assert sorted(re.findall(r"`(threenos [a-z -]+)`", table)) == sorted(commands(build()))


def test_every_command_has_the_common_options() -> None:
    """`--data`, `--database`, `--config` and `--json`."""
    lacking = [
        command
        for command in commands(build())
        for option in ("--data", "--database", "--config", "--json")
        if option not in _help(command)
    ]
    assert lacking == []


def _help(command: str) -> str:
    parser = build()
    for word in command.split()[1:]:
        (group,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
        parser = group.choices[word]
    return parser.format_help()
