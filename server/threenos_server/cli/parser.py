"""The grammar of the command line. It imports nothing of the commands, so that every one of them starts fast."""

from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError
from math import isfinite
from typing import Any

from threenos_server import __version__, settings
from threenos_server.access import Role

_MQTT = ("mqtt_url", "mqtt_user", "mqtt_ca", "mqtt_cert", "mqtt_key", "mqtt_protocol")
_WEB = (
    "public_url", "proxies", "web_workers", "web_threads", "web_worker", "second_factor", "sign_in_notice",
    "notice_hosts",
)  # fmt: skip
_SERVE = ("host", "port")
_CLOCK = ("heartbeat_url", "checkpoint_to")
_OWN_BROKER = ("mqtt_host", "mqtt_port")


def build() -> ArgumentParser:
    """The parser of `threenos`. Each command sets `run` to the function that does it, as `module:function`."""
    parser = ArgumentParser("threenos", description="The internal-customer complaint system of a factory floor.")
    parser.add_argument("--version", action="version", version=f"threenos {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _processes(commands)
    _chain(commands)
    _station(commands)
    _user(commands)
    _journal(commands)
    _db(commands)
    _ca(commands)
    _report(commands)
    _broker(commands)
    _doctor(commands)
    return parser


def _command(commands: Any, name: str, run: str, meaning: str, *takes: str) -> ArgumentParser:
    """A command that takes the settings `takes` as flags, besides those that all take."""
    parser: ArgumentParser = commands.add_parser(name, help=meaning, description=meaning[0].upper() + meaning[1:] + ".")
    parser.set_defaults(run=run)
    parser.add_argument("--config", metavar="FILE", help="TOML file with settings")
    parser.add_argument("--json", action="store_true", help="print JSON")
    for setting in ("data", "database", *takes):
        parser.add_argument(
            f"--{setting.replace('_', '-')}",
            dest=setting,
            default=SUPPRESS,
            choices=settings.choices(setting) or None,
            help=f"{settings.MEANINGS[setting]} (default: {settings.DEFAULTS[setting] or 'none'})",
        )
    return parser


def _group(commands: Any, name: str, meaning: str) -> Any:
    return commands.add_parser(name, help=meaning).add_subparsers(required=True, metavar="ACTION")


def _processes(commands: Any) -> None:
    up = _command(
        commands, "up", "run:up", "everything on this machine: broker, web, intake and clock",
        *_SERVE, *_OWN_BROKER, *_MQTT, "mqtt_public_url", *_WEB, *_CLOCK, "log_level",
    )  # fmt: skip
    up.add_argument("--ready-file", metavar="F", help="file that gets the addresses once everything serves")
    web = _command(commands, "web", "run:web", "the web server, apart", *_SERVE, "mqtt_public_url", *_WEB, "log_level")
    web.add_argument("--fd", type=int, help=SUPPRESS)
    _command(commands, "intake", "run:intake", "the intake of events, apart", *_MQTT, "log_level")
    _command(
        commands, "clock", "run:clock", "the clock of escalation, apart", *_CLOCK, "notice_hosts", "log_level"
    )  # fmt: skip
    demo = _command(commands, "demo", "run:demo", "an example factory with simulated presses", *_SERVE, *_OWN_BROKER)
    demo.add_argument("--ready-file", metavar="F", help="file that gets the addresses once everything serves")
    demo.add_argument("--seed", type=int, default=1, help="the same seed gives the same presses (default: 1)")
    demo.add_argument(
        "--pace", type=float, default=7200.0, help="seconds of factory in a second of demo (default: 7200)"
    )


def _chain(commands: Any) -> None:
    chain = _group(commands, "chain", "the chain of internal customers, as one document")
    check = _command(chain, "check", "chain:check_file", "report what is wrong in a chain document")
    check.add_argument("file", metavar="FILE")
    load = _command(chain, "import", "chain:load", "make a chain document the chain that counts")
    load.add_argument("file", metavar="FILE")
    export = _command(
        chain, "export", "chain:export", "write the chain that counts to a file, YAML or XLSX by its name"
    )
    export.add_argument("file", metavar="FILE")
    export.add_argument("--site", help="of which site; not needed when there is one")
    _command(chain, "example", "chain:example", "print the example factory")


def _station(commands: Any) -> None:
    station = _group(commands, "station", "the stations and their credentials")
    enroll = _command(
        station, "enroll", "station:enroll", "give a station its credentials, and take its old ones",
        "mqtt_url", "mqtt_public_url", "mqtt_ca", *_OWN_BROKER,
    )  # fmt: skip
    enroll.add_argument("station", metavar="STATION")
    enroll.add_argument("--toml", metavar="FILE", help="write a station.toml that is ready for the agent")
    enroll.add_argument(
        "--certificate", action="store_true", help="with --toml: a client certificate too, in a folder beside the file"
    )
    _command(station, "list", "station:show_all", "list the stations")
    revoke = _command(station, "revoke", "station:revoke", "take a station's credentials")
    revoke.add_argument("station", metavar="STATION")


def _user(commands: Any) -> None:
    user = _group(commands, "user", "the people who sign in")
    add = _command(user, "add", "user:add", "add a person")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", action="append", required=True, choices=[role.value for role in Role], dest="roles")
    for scope, many in (("site", "sites"), ("line", "lines"), ("process", "processes")):
        add.add_argument(f"--{scope}", action="append", default=[], dest=many, help=f"only for this {scope}")
    add.add_argument("--language", choices=("en", "zh-CN"), default="en", help="of the messages to this person")
    passwd = _command(user, "passwd", "user:passwd", "give a person another password")
    passwd.add_argument("name", metavar="NAME")
    out = _command(user, "sign-out", "user:sign_out", "end all sessions of a person, or of everybody")
    whose = out.add_mutually_exclusive_group(required=True)
    whose.add_argument("name", metavar="NAME", nargs="?")
    whose.add_argument("--everybody", action="store_true", help="as after a theft")
    lost = _command(user, "take-second-factor", "user:take_second_factor", "let a person in without the lost telephone")
    lost.add_argument("name", metavar="NAME")
    for parser in (add, passwd):
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
        parser.add_argument("--first", action="store_true", help="the person chooses another before anything else")


def _journal(commands: Any) -> None:
    journal = _group(commands, "journal", "the record of everything that happened")
    verify = _command(journal, "verify", "verify:verify", "follow the hash chain and name the first broken row")
    verify.add_argument(
        "--witness", metavar="FILE", action="append", default=[], help="hashes that a station remembers"
    )
    rebuild = _command(journal, "rebuild", "journal:rebuild_tables", "derive every table again and compare")
    export = _command(journal, "export", "journal:export", "write the journal as JSON lines, or as Parquet files")
    export.add_argument("file", metavar="FILE", nargs="?", help="for JSON lines")
    export.add_argument("--after", metavar="ROW", type=_from_0_whole, default=0, help="only what follows this row")
    export.add_argument("--archive", metavar="DIR", help="write what this folder lacks of every site, for db restore")
    export.add_argument("--follow", action="store_true", help="with --archive: go on with each row that comes")
    export.add_argument("--parquet", metavar="DIR", help="for Parquet, by site and month; needs pyarrow")
    for parser in (verify, rebuild, export):
        parser.add_argument("--site", help="of which site; all when left out")


def _db(commands: Any) -> None:
    db = _group(commands, "db", "the database")
    _command(db, "upgrade", "db:upgrade", "bring the tables to this version")
    backup = _command(db, "backup", "db:backup", "copy the database to a file while everything runs")
    backup.add_argument("file", metavar="FILE", nargs="?", help="a new file; nothing is overwritten")
    backup.add_argument("--to", metavar="DIR", help="a file in this folder instead, named by the time")
    backup.add_argument("--keep", metavar="N", type=_from_1, help="of the backups in DIR, the newest N only")
    restore = _command(db, "restore", "db:restore", "put a backup in the place of the database; nothing may run")
    restore.add_argument("file", metavar="FILE")
    restore.add_argument(
        "--with", metavar="ARCHIVE", action="append", default=[], dest="archive",
        help="a folder or file of `journal export`, whose rows are taken back behind those of the backup",
    )  # fmt: skip
    restore.add_argument("--until", metavar="POINT", help="the last row of it: a number, or an instant in RFC 3339")
    restore.add_argument("--without-manifest", action="store_true", help="for a backup whose manifest is lost")
    move = _command(db, "move", "move:database", "bring the SQLite database into an empty PostgreSQL; nothing may run")
    move.add_argument("url", metavar="URL", help="postgresql://user@host/name; leave a password to ~/.pgpass")


def _broker(commands: Any) -> None:
    meaning = "write the files of a mosquitto that runs apart, with TLS"
    broker = _command(commands, "broker-config", "broker:config", meaning, "log_level")
    broker.add_argument("directory", metavar="DIR")
    broker.add_argument(
        "--name", dest="names", action="append", default=[],
        help="under which stations reach it, for its certificate when DIR has none (default: this machine's)",
    )  # fmt: skip
    broker.add_argument(
        "--listen", metavar="ADDRESS:PORT", default="0.0.0.0:8883", help="for stations (default: 0.0.0.0:8883)"
    )
    broker.add_argument(
        "--server-listen", metavar="ADDRESS:PORT", default="127.0.0.1:8884",
        help="for the server's own processes (default: 127.0.0.1:8884)",
    )  # fmt: skip
    broker.add_argument("--plain", action="store_true", help="no TLS for the server's own processes; on loopback only")
    broker.add_argument("--certificates", action="store_true", help="stations come with client certificates")
    broker.add_argument("--watch", action="store_true", help="stay, and write again within a second of each change")
    broker.add_argument("--reload", metavar="COMMAND", help="run when something was written, to tell the broker")


def _doctor(commands: Any) -> None:
    doctor = _command(
        commands, "doctor", "doctor:look", "look at this installation and say in words what is wrong with it",
        *_SERVE, *_MQTT, *_WEB, "checkpoint_to",
    )  # fmt: skip
    doctor.add_argument("--backups", metavar="DIR", help="where backups go: look whether there is one of the last day")
    doctor.add_argument(
        "--archive", metavar="DIR", help="what journal export --archive writes: look how far it is behind"
    )
    doctor.add_argument(
        "--broker-files", metavar="DIR", help="what broker-config wrote: look whether it names the enrolled stations"
    )


def _ca(commands: Any) -> None:
    ca = _group(commands, "ca", "certificates for addresses of the plant's own network, and for its stations")
    issue = _command(ca, "issue", "ca:issue", "write a certificate, its key and the authority's to a folder")
    issue.add_argument("names", metavar="NAME", nargs="+", help="host name or address under which it is reached")
    issue.add_argument("--into", metavar="DIR", required=True, help="the folder, made when it is missing")
    issue.add_argument(
        "--for", dest="purpose", choices=("server", "client"), default="server",
        help="client: for a station, whose id is the NAME, or for our own processes, _server (default: server)",
    )  # fmt: skip
    renew = _command(ca, "renew", "ca:renew", "replace certificates that end soon by new ones for the same names")
    renew.add_argument("directories", metavar="DIR", nargs="*", help="all that were issued and are here when left out")
    renew.add_argument("--within", metavar="DAYS", type=int, default=60, help="what soon is (default: 60)")
    renew.add_argument("--reload", metavar="COMMAND", help="run once when something was renewed")
    for parser in (issue, renew):
        parser.add_argument("--days", type=int, default=825, help="so long it is good (default: 825, the most)")
    revoke = _command(ca, "revoke", "ca:revoke", "vouch for a certificate no longer, and write the revocation list")
    revoke.add_argument("which", metavar="DIR|SERIAL|NAME", help="a folder, a serial number, or all of a name")
    _command(ca, "show", "ca:show", "the authority's name, fingerprint and file, and what it issued")


def _report(commands: Any) -> None:
    report = _group(commands, "report", "figures")
    spc = _command(report, "spc", "report:spc", "draw a control chart from a CSV file; no server, no database")
    spc.add_argument(
        "--chart",
        required=True,
        choices=(
            "p", "np", "c", "u", "p-prime", "u-prime", "g", "t", "ewma", "cusum", "poisson-cusum", "funnel"
        ),
    )  # fmt: skip
    spc.add_argument("--csv", required=True, metavar="FILE", help="with a heading: label,count,size or label,value")
    spc.add_argument(
        "--exclude", metavar="LABELS", action="append", default=[], help="assigned causes; they make no limits"
    )
    spc.add_argument("--phase-at", metavar="LABEL", help="the first row after the baseline, which makes the limits")
    spc.add_argument("--phase-limits", choices=("frozen", "own"), help="each phase by its own limits (default: frozen)")
    spc.add_argument("--target", metavar="T", type=_number, help="stands in for the centre")
    spc.add_argument("--sigma", metavar="S", type=_above_0, help="ewma, cusum: stands in for its estimate")
    spc.add_argument("--k", metavar="K", type=_from_0, help="cusum: slack, in sigmas if there is one (default: 0.5)")
    spc.add_argument("--h", metavar="H", type=_above_0, help="cusum: decision interval, like the slack (default: 5)")
    spc.add_argument("--lambda", metavar="L", type=_share, help="ewma: weight of the newest (default: 0.2)")
    spc.add_argument("--l", metavar="L", type=_above_0, help="ewma: width of the limits (default: 3)")
    spc.add_argument("--limits", choices=("shewhart", "exact", "weibull"), default="shewhart")
    spc.add_argument("--rules", choices=("none", "western-electric", "nelson"), help="(default: nelson-1 to -4)")


def _number(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ArgumentTypeError(f"{text} is no finite number")
    return number


def _from_0_whole(text: str) -> int:
    return int(_within(text, text.isdecimal(), "is no whole number from 0"))


def _from_1(text: str) -> int:
    return int(_within(text, text.isdecimal() and int(text) > 0, "is no whole number from 1"))


def _from_0(text: str) -> float:
    return _within(text, _number(text) >= 0, "is under 0")


def _above_0(text: str) -> float:
    return _within(text, _number(text) > 0, "is not above 0")


def _share(text: str) -> float:
    return _within(text, 0 < _number(text) <= 1, "is not above 0 and at most 1")


def _within(text: str, sound: bool, wrong: str) -> float:
    if not sound:
        raise ArgumentTypeError(f"{text} {wrong}")
    return _number(text)
