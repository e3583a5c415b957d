"""`threenos broker-config DIR`: the files of a mosquitto that runs apart."""

from argparse import Namespace
from pathlib import Path

from threenos_server.broker.mosquitto import SERVER_USER, Addresses, write_files
from threenos_server.cli.open import database
from threenos_server.cli.show import say
from threenos_server.keys import key
from threenos_server.people.broker_passwords import verifier
from threenos_server.people.stations import broker_users
from threenos_server.settings import Settings


def config(settings: Settings, args: Namespace) -> None:
    """Write configuration, passwords and access rules; again after each enrolment, then `kill -HUP` the broker."""
    directory = Path(args.directory)
    where = Addresses(settings.mqtt_host, settings.mqtt_port, settings.mqtt_port + 1)
    with database(settings) as db, db.read() as session:
        users = broker_users(session)
    password = key(settings.data, "broker").hex()
    write_files(directory, where, users | {SERVER_USER: verifier(password)}, private=False)
    own = {"url": f"mqtt://127.0.0.1:{where.server_port}", "user": SERVER_USER, "password": password}
    say(
        args,
        {"directory": str(directory), "stations": len(users), "server": own},
        f"Written to {directory}, for {len(users)} stations: mosquitto -c {directory / 'mosquitto.conf'}\n"
        f"The server connects with --mqtt-url {own['url']} --mqtt-user {SERVER_USER}; its password is in "
        f"{settings.data / 'keys' / 'broker'}.",
    )
