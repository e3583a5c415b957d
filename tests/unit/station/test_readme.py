"""The README names every setting, command, route and lamp state."""

import re
from pathlib import Path
from typing import get_args

from threenos_station import cli, settings
from threenos_station.page import routes

README = (Path(__file__).parents[3] / "station_client" / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_explained() -> None:
    """Each key of station.toml, each variable's end, each lamp state."""
    tables = (settings.Settings, settings.Server, settings.StationEntry, settings.Page, settings.Input, settings.Lamp)
    keys = {name for table in tables for name in table.__struct_fields__}
    missing = {key for key in keys if not re.search(rf"\b{key}\b", README)}
    ends = {name for name in settings.FROM_ENVIRONMENT if f"_{name.rpartition('_')[2]}" not in README}
    assert missing | ends | {s for s in get_args(settings.LampState) if s not in README} == set()


def test_every_command_and_route_is_explained() -> None:
    """From the code's own tables."""
    commands = re.findall(r'add_parser\("([a-z]+)"', Path(cli.__file__).read_text(encoding="utf-8"))
    assert len(commands) >= 6 and all(f"`{c}" in README or f" {c} " in README for c in commands)
    text = Path(routes.__file__).read_text(encoding="utf-8")
    paths = [p for p in re.findall(r'\("(?:GET|POST)", r"(/[a-z/]*)"', text) if len(p) > 1]
    assert len(paths) >= 6 and all(p in README for p in paths)
