"""deploy/compose: what it mounts is there, and what it runs is understood. It is not run here."""

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from threenos_server.cli.parser import build

DEPLOY = Path(__file__).parents[3] / "deploy"
COMPOSE = DEPLOY / "compose"


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


def test_what_is_copied_is_copied_by_a_program_of_the_servers_version(services: dict[str, Any]) -> None:
    """pg_dump refuses a server that is newer than itself."""
    server = re.fullmatch(r"postgres:(\d+)-bookworm", services["postgres"]["image"])
    image = (COMPOSE / "Dockerfile").read_text()
    assert server is not None
    assert re.findall(r"\bpostgresql-client\S*", image) == [f"postgresql-client-{server[1]}"]
    assert "\nFROM debian:12-" in image


def test_nobody_begins_before_the_database_is_heard_on_the_network(services: dict[str, Any]) -> None:
    """The image's first server, which runs roles.sql, answers on a socket only and is stopped again."""
    assert "--host=127.0.0.1" in services["postgres"]["healthcheck"]["test"]
    assert services["upgrade"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    waiting = {"upgrade": {"condition": "service_completed_successfully"}}
    ours = {n: s["depends_on"] for n, s in services.items() if s["image"].startswith("threenos")}
    assert {name for name, on in ours.items() if on != waiting} == {"upgrade", "broker"}


@pytest.mark.parametrize("name", ["archive", "doctor", "backup"])
def test_what_is_kept_is_kept_as_by_systemd(services: dict[str, Any], name: str) -> None:
    """The same command with the same folders."""
    unit = (DEPLOY / "systemd" / f"threenos-{name}.service").read_text()
    (wanted,) = re.findall(r"(?m)^ExecStart=\S+ (.*)$", unit)
    service = services[name]
    said = service["healthcheck"]["test"][2:] if name == "doctor" else service["command"]
    assert wanted in " ".join(said).replace("=", " ")


def test_a_backup_that_fails_ends_its_container(services: dict[str, Any], tmp_path: Path) -> None:
    """So that it is seen, and tried again."""
    program(tmp_path, "threenos", "exit 3")
    program(tmp_path, "sleep", "exit 5")
    assert run(services["backup"], tmp_path).returncode == 3
    program(tmp_path, "threenos", "exit 0")
    assert run(services["backup"], tmp_path).returncode == 5


def test_the_proxy_has_all_its_files_and_asks_where_web_is(services: dict[str, Any], tmp_path: Path) -> None:
    """Its own line of shell, run with its folders elsewhere: a container that is made anew has another address."""
    program(tmp_path, "nginx", 'echo "$@" >> ran')
    program(tmp_path, "sleep", "exit 1")
    for folder in ("etc/threenos/web", "etc/nginx/conf.d"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc/threenos/web/tls.pem").write_text("x")
    done = run(services["proxy"], tmp_path, (" /nginx/", f" {DEPLOY}/nginx/"), ("/etc/", f"{tmp_path}/etc/"))
    assert (done.returncode, done.stderr, (tmp_path / "ran").read_text()) == (0, "", "-g daemon off;\n")
    site = (tmp_path / "etc/nginx/conf.d/default.conf").read_text()
    assert site.startswith("resolver 127.0.0.11 ")
    assert re.findall(r"(?m)^ *(?:zone|server) .*;$", site) == ["    zone threenos 64k; server web:8300 resolve;"]
    included = set(re.findall(r"include (threenos/[\w.]+);", site))
    assert {name for name in included if not (tmp_path / "etc/nginx" / name).is_file()} == set()
    assert (tmp_path / "etc/nginx/threenos/name.conf").read_text() == "server_name andon.plant;\n"


def test_the_broker_reads_again_when_it_was_told(services: dict[str, Any], tmp_path: Path) -> None:
    """Its own line of shell, with a broker that ends at SIGHUP; the file lies where broker-config touches it."""
    (tmp_path / "mosquitto.conf").write_text("x")
    waits = "tail -f /dev/null & touch .told; wait"
    program(tmp_path, "mosquitto", f"trap 'kill $!; touch gone; exit 7' HUP; {waits}")
    program(tmp_path, "sleep", "test ! -e gone && exec /bin/sleep 0.01")
    told = "/etc/threenos/broker/.told"
    assert f"--reload=touch {told}" in services["broker-config"]["command"]
    elsewhere = (
        ("/etc/threenos/broker/", f"{tmp_path}/"),
        ("/tmp/read", f"{tmp_path}/read"),
        ("-HUP 1;", "-HUP $$$$;"),
    )
    assert run(services["broker"], tmp_path, *elsewhere).returncode == 7


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


def program(folder: Path, name: str, text: str) -> None:
    """A program of that name that does no more than this."""
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def run(service: dict[str, Any], folder: Path, *moved: tuple[str, str]) -> subprocess.CompletedProcess[str]:
    """What the service runs, as the engine hands it on, with the programs of `folder` and paths that are elsewhere."""
    command = [*service.get("entrypoint", ()), *service["command"]]
    for old, new in moved:
        command = [word.replace(old, new) if " " in word else word for word in command]
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", "NAME": "andon.plant"}
    return subprocess.run(
        [word.replace("$$", "$") for word in command],
        env=environment, cwd=folder, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
