"""`threenos doctor`: looks at this installation and says in words what is wrong with it."""

import dataclasses
import os
from argparse import Namespace
from pathlib import Path

from threenos_server.broker.mosquitto import SERVER_USER
from threenos_server.cli.run import broker_address
from threenos_server.cli.show import line, say
from threenos_server.clock import utc_now
from threenos_server.doctor.finding import Finding, Level, worst
from threenos_server.doctor.main import Installation, examine
from threenos_server.doctor.reached import unasked
from threenos_server.errors import ThreenosError
from threenos_server.intake.link import BrokerAddress
from threenos_server.settings import CONFIG, Settings
from threenos_server.up.where import kept_in, read

_KEY = "the --data of the installation, as the user who owns it; `threenos broker-config DIR` makes key and files"
_SIGNS = {Level.OK: "  ok     ", Level.WARNING: "! warning", Level.WRONG: "X WRONG  "}


def look(settings: Settings, args: Namespace) -> int:
    """Say each finding as it comes, and at last how it stands; 1 when something is wrong."""
    found: list[Finding] = []
    for finding in examine(_installation(settings, args), utc_now):
        found.append(finding)
        if not args.json:
            line(_in_words(finding))
    level = worst(found)
    say(args, {"level": level, "findings": [dataclasses.asdict(f) for f in found]}, _verdict(found))
    return int(level is Level.WRONG)


def _installation(settings: Settings, args: Namespace) -> Installation:
    config = args.config or os.environ.get(CONFIG)
    faults: list[Finding] = []
    return Installation(
        settings,
        Path(config) if config else None,
        broker=_broker(settings, faults),
        stations_door=_stations_door(settings, faults),
        backups=Path(args.backups) if args.backups else None,
        archive=Path(args.archive) if args.archive else None,
        broker_files=Path(args.broker_files) if args.broker_files else None,
        faults=faults,
    )


def _broker(settings: Settings, faults: list[Finding]) -> BrokerAddress | None:
    """Where our own processes find the broker; of an `up` that runs, its own. None when there is nothing to go by."""
    password = settings.data / "keys" / "broker"
    try:
        if settings.mqtt_url:
            own = settings.mqtt_user == SERVER_USER and not settings.mqtt_password
            if own and not password.is_file():  # one that is missing is not made by who only looks
                faults.append(unasked(f"{password}, our password there, is missing", _KEY))
                return None
            return broker_address(settings)
        running = read(kept_in(settings.data))
        if running is None or not password.is_file():
            return None
        return BrokerAddress(running.mqtt_host, running.mqtt_port, SERVER_USER, password.read_text().strip())
    except ThreenosError as e:
        faults.append(unasked(e.detail, "the settings mqtt_url, mqtt_cert and mqtt_key"))
    except OSError as e:
        faults.append(unasked(f"{e.filename}: {e.strerror}", _KEY))
    except ValueError:
        faults.append(unasked(f"{password} is not a whole key", _KEY))
    return None


def _stations_door(settings: Settings, faults: list[Finding]) -> BrokerAddress | None:
    if not settings.mqtt_public_url:
        return None
    door = dataclasses.replace(
        settings, mqtt_url=settings.mqtt_public_url, mqtt_user="", mqtt_password="", mqtt_cert="", mqtt_key=""
    )
    try:
        return broker_address(door)
    except ThreenosError:
        words = f"mqtt_public_url is {settings.mqtt_public_url!r}, which is no broker's address"
        faults.append(unasked(words, "the setting mqtt_public_url, as in mqtts://broker.plant:8883"))
    return None


def _in_words(finding: Finding) -> str:
    cure = f"\n            Cure: {finding.cure}" if finding.cure else ""
    return f"{_SIGNS[finding.level]}  {finding.check}: {finding.words}{cure}"


def _verdict(found: list[Finding]) -> str:
    count = {level: sum(f.level is level for f in found) for level in Level}
    if count[Level.WRONG]:
        return f"{count[Level.WRONG]} things are wrong, {count[Level.WARNING]} want looking at."
    if count[Level.WARNING]:
        return f"Nothing is wrong; {count[Level.WARNING]} things want looking at."
    return "All is well."
