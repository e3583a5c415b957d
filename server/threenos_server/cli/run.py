"""`threenos up`, and each of its processes apart: web, intake, clock."""

from argparse import Namespace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from threenos_server import keys
from threenos_server.broker.mosquitto import SERVER_USER
from threenos_server.cli import logs
from threenos_server.cli.open import database
from threenos_server.cli.show import say
from threenos_server.db import Database
from threenos_server.errors import Invalid, from_release
from threenos_server.outward import Hosts
from threenos_server.settings import Settings
from threenos_server.stopping import stop_on_signal

if TYPE_CHECKING:
    from threenos_server.intake.link import BrokerAddress


def up(settings: Settings, args: Namespace) -> None:
    """Everything on this machine, until SIGTERM or SIGINT."""
    from threenos_server.up import main
    from threenos_server.up.where import Where, write

    logs.configure(settings.log_level)
    check_worker(settings)

    def announce(where: Where, db: Database) -> None:
        value = where.document()
        text = f"Threenos serves {where.http}; stations: {where.mqtt_host} port {where.mqtt_port}."
        code = _first_code(db)
        if code is not None:
            value["first_code"] = code
            text += f"\nNobody administers this system yet. The code for the first who does: {code}"
        say(args, value, text)
        # Last, since who waits for it may read what was printed, or end us.
        if args.ready_file:
            write(Path(args.ready_file), where)

    main.run(settings, announce)


def _first_code(db: Database) -> str | None:
    """By which somebody becomes the first administrator, on a system that has none yet."""
    from threenos_server.people import first_run

    with db.write() as session:
        return first_run.issue(session)


def demo(settings: Settings, args: Namespace) -> None:
    """An example factory with people who use it, until SIGTERM or SIGINT."""
    from threenos_server.demo.main import TABLET, Demo
    from threenos_server.demo.plant import ACCOUNTS
    from threenos_server.up.where import Where, write

    logs.configure("warning")

    def show(where: Where, demo: Demo) -> None:
        board = f"{where.http}/board?token={demo.plant.board_token}"
        tablet = f"{demo.page}/station/{TABLET}"
        value = where.document() | {
            "board": board,
            "tablet": tablet,
            "accounts": list(ACCOUNTS),
            "password": demo.plant.password,
        }
        text = f"""
  A DEMO: the factory, its people and their presses are simulated, and are gone when the next one begins.
  演示：工厂、人员和按键都是模拟的，下次演示时清空。

  The board 看板             {board}
  A station's tablet 平板    {tablet}
  The desk 工作台            {where.http}/desk
  Accounts 账号              {", ".join(ACCOUNTS)}
  Password 密码              {demo.plant.password}

  This is not an emergency stop. 本系统不是急停装置。  Ctrl-C ends the demo 结束演示
"""
        say(args, value, text)
        if args.ready_file:
            write(Path(args.ready_file), where)

    Demo(settings, args.seed, args.pace).run(show)


def web(settings: Settings, args: Namespace) -> None:
    """The web server, until SIGTERM."""
    from threenos_server.cli.serve import Server

    logs.configure(settings.log_level)
    check_worker(settings)
    Server(settings, args.fd).run()


def intake(settings: Settings, _args: Namespace) -> None:
    """The intake, until SIGTERM."""
    from threenos_server.intake import main

    logs.configure(settings.log_level)
    broker = broker_address(settings)
    main.tune()
    with database(settings) as db:
        main.run(db, keys.load(settings.data), broker, stop_on_signal())


def clock(settings: Settings, _args: Namespace) -> None:
    """The clock of escalation and the sending of notices, until SIGTERM."""
    from threenos_server.cli import clockwork

    logs.configure(settings.log_level)
    with database(settings) as db:
        key = keys.load(settings.data).pseudonym
        hosts = Hosts(settings.notice_hosts)
        clockwork.run(db, key, settings.heartbeat_url, settings.checkpoint_to, stop_on_signal(), hosts)


def broker_address(settings: Settings) -> "BrokerAddress":
    """The broker of the settings, and who we are to it. Raises Invalid for settings that do not go together."""
    from threenos_server.intake.link import BrokerAddress

    try:
        url = urlsplit(settings.mqtt_url)
        port = url.port
    except ValueError:
        url, port = urlsplit(""), None
    if url.scheme not in ("mqtt", "mqtts") or not url.hostname:
        raise Invalid("mqtt_url says where the broker is, as in mqtt://host:1883; `threenos up` brings its own")
    tls = url.scheme == "mqtts"
    if bool(settings.mqtt_cert) != bool(settings.mqtt_key) or (settings.mqtt_cert and not tls):
        raise Invalid("mqtt_cert and mqtt_key go together, and with mqtts")
    return BrokerAddress(
        url.hostname,
        port or (8883 if tls else 1883),
        settings.mqtt_user or None,
        settings.mqtt_password or _own_password(settings),
        # In plain it is for the stations, which are told of it at their enrolment.
        ca=settings.mqtt_ca if tls and settings.mqtt_ca else None,
        cert=settings.mqtt_cert or None,
        key=settings.mqtt_key or None,
        tls=tls,
        protocol={"auto": None, "5": 5, "3.1.1": 4}[settings.mqtt_protocol],
    )


def _own_password(settings: Settings) -> str | None:
    """At a broker that `threenos broker-config` set up from the same data directory nobody has to copy a password."""
    return keys.key(settings.data, "broker").hex() if settings.mqtt_user == SERVER_USER else None


def check_worker(settings: Settings) -> None:
    """Raises Invalid for a kind of web worker that this installation cannot run well."""
    if settings.web_worker != "gevent":
        return
    if settings.database_url().startswith("sqlite"):
        raise Invalid("web_worker gevent is for PostgreSQL only: with SQLite one lock would hold up every screen")
    if find_spec("gevent") is None:
        raise Invalid(f"web_worker gevent needs the package gevent: {from_release('requirements-server.lock')}")
