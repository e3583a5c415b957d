"""deploy/compose: what it mounts is there, and what it runs is understood. It is not run here."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from threenos_server.cli.parser import build

COMPOSE = Path(__file__).parents[3] / "deploy" / "compose"


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """Every service, with what it takes from the anchor merged in."""
    found: dict[str, Any] = YAML(typ="safe").load((COMPOSE / "compose.yaml").read_text())
    return dict(found["services"])


def test_every_command_of_ours_is_understood(services: dict[str, Any]) -> None:
    """Those that are the container's own, and those in a line of shell."""
    said = [service["command"] for service in services.values() if service.get("image", "").startswith("threenos")]
    plain = [command for command in said if len(command) > 1 or command[0] in ("intake", "clock")]
    shell = [line for command in said for line in command if "threenos " in line]
    called = plain + [shlex.split(call) for line in shell for call in re.findall(r"threenos ([^;&|]+)", line)]
    for arguments in called:
        assert vars(build().parse_args(arguments))
    assert len(called) >= 8


def test_what_is_mounted_is_there(services: dict[str, Any]) -> None:
    """Files of this folder and its neighbours; a missing one would become an empty folder."""
    mounted = [v.split(":")[0] for s in services.values() for v in s.get("volumes", ()) if v.startswith(".")]
    assert mounted
    assert [path for path in mounted if not (COMPOSE / path).exists()] == []


def test_nobody_waits_for_what_is_not_there(services: dict[str, Any]) -> None:
    """Names of services, secrets and volumes."""
    whole = YAML(typ="safe").load((COMPOSE / "compose.yaml").read_text())
    waited = {name for s in services.values() for name in s.get("depends_on", ())}
    secrets = {name for s in services.values() for name in s.get("secrets", ())}
    volumes = {v.split(":")[0] for s in services.values() for v in s.get("volumes", ()) if not v.startswith(".")}
    assert (waited - set(services), secrets - set(whole["secrets"]), volumes - set(whole["volumes"])) == (set(),) * 3
