"""What can be set: by flag, else by a `THREENOS_*` variable, else in a TOML file. An unknown key stops the start.

A secret may stand in a file of its own instead: `THREENOS_MQTT_PASSWORD_FILE=/run/secrets/mqtt`.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints
from unicodedata import category
from urllib.parse import unwrap, urlsplit

from threenos_server.outward import Hosts

PREFIX = "THREENOS_"
#: Variables of the station agent, which reads them itself; both may run on one machine.
STATION_PREFIX = "THREENOS_STATION_"
#: Where the file is comes before everything that stands in it.
CONFIG = "THREENOS_CONFIG"
SECRETS = frozenset({"database", "mqtt_password", "oidc_client_secret", "heartbeat_url", "checkpoint_to"})


class BadSettings(Exception):
    """A setting that is unknown or has a value it cannot have; the message names it and where it stands."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default. `web_threads` is the flag --web-threads and the variable THREENOS_WEB_THREADS."""

    data: Annotated[Path, "directory of the database file, the keys and the broker's files"] = Path("threenos-data")
    database: Annotated[str, "URL of the database; without it a SQLite file in the data directory"] = ""
    host: Annotated[str, "address on which HTTP is served"] = "127.0.0.1"
    port: Annotated[int, "port of HTTP; 0 takes a free one"] = 8300
    public_url: Annotated[str, "how people reach the server, as in https://andon.plant; https makes cookies secure"] = (
        ""
    )
    proxies: Annotated[int, "reverse proxies in front whose X-Forwarded headers are believed"] = 0
    web_workers: Annotated[int, "processes that serve HTTP"] = 1
    web_threads: Annotated[int, "threads of each; a screen with a board takes one and a half"] = 500
    web_worker: Annotated[
        Literal["gthread", "gevent"], "kind of web worker; gevent serves many screens, with PostgreSQL only"
    ] = "gthread"
    mqtt_url: Annotated[
        str, "an MQTT broker that is there already: mqtt://host:1883 or mqtts://host; without it `up` starts one"
    ] = ""
    mqtt_user: Annotated[str, "our user name at that broker"] = ""
    mqtt_password: Annotated[str, "our password at that broker"] = ""
    mqtt_ca: Annotated[str, "file of the authority that signed that broker's certificate"] = ""
    mqtt_cert: Annotated[str, "file of our client certificate, where that broker asks for one"] = ""
    mqtt_key: Annotated[str, "file of its key"] = ""
    mqtt_public_url: Annotated[
        str, "how stations reach the broker, as in mqtts://broker.plant:8883; without it as mqtt_url says"
    ] = ""
    mqtt_protocol: Annotated[
        Literal["auto", "5", "3.1.1"],
        "MQTT version at that broker; auto takes 5, else 3.1.1, where it says that it has no 5",
    ] = "auto"
    mqtt_host: Annotated[str, "address on which our own broker hears the stations"] = "127.0.0.1"
    mqtt_port: Annotated[int, "its port; 0 takes a free one"] = 1884
    heartbeat_url: Annotated[str, "asked every minute while escalation is well: for a dead man's switch outside"] = ""
    checkpoint_to: Annotated[
        str, "a file elsewhere or a URL that gets the head of each journal every hour, for journal verify --witness"
    ] = ""
    oidc_issuer: Annotated[
        str, "provider of the plant's own accounts (OpenID Connect), by which people may sign in"
    ] = ""
    oidc_client_id: Annotated[str, "as what we are registered there"] = ""
    oidc_client_secret: Annotated[str, "our secret there; none for a public client"] = ""
    oidc_claim: Annotated[str, "what of an account is the name under which a person signs in here"] = (
        "preferred_username"
    )
    oidc_unknown: Annotated[
        Literal["refuse", "add"], "an account whose name nobody has here: refuse, or add the person without any role"
    ] = "refuse"
    second_factor: Annotated[
        Literal["own", "admins", "everyone"],
        "who signs in by a password and a code of their telephone: whoever wants to, all administrators, everyone",
    ] = "own"
    sign_in_notice: Annotated[
        str, "what the plant tells everybody before they sign in, as plain text of up to 1,000 characters"
    ] = ""
    notice_hosts: Annotated[
        tuple[str, ...],
        "the only hosts to which notices, heartbeat and checkpoints go, as in chat.plant,.example.org,10.1.0.0/16; "
        "without it any",
    ] = ()
    log_level: Annotated[Literal["debug", "info", "warning", "error"], "how much is logged"] = "info"

    def database_url(self) -> str:
        """The URL of the database, be it set or the file in the data directory."""
        return self.database or f"sqlite:///{self.data.absolute() / 'threenos.db'}"

    def environment(self) -> dict[str, str]:
        """The variables that give a child process these same settings."""
        changed = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}
        return {PREFIX + name.upper(): _written(value) for name, value in changed.items()}


def _written(value: Any) -> str:
    """As it stands in a variable or behind a flag."""
    return ",".join(value) if isinstance(value, tuple) else str(value)


DEFAULTS: Mapping[str, Any] = {f.name: f.default for f in fields(Settings)}
MEANINGS: Mapping[str, str] = {
    name: get_args(hint)[1] for name, hint in get_type_hints(Settings, include_extras=True).items()
}
_TYPES = get_type_hints(Settings)
#: The least and the most of a number, where not every one can be.
RANGES: Mapping[str, tuple[int, int]] = {
    "port": (0, 65_535),
    "mqtt_port": (0, 65_535),
    "proxies": (0, 16),
    "web_workers": (1, 256),
    "web_threads": (1, 100_000),
}
#: The most characters of a text that pages show.
LONGEST: Mapping[str, int] = {"sign_in_notice": 1_000}


def choices(name: str) -> tuple[str, ...]:
    """The words among which a setting chooses; none when it takes any."""
    return get_args(_TYPES[name]) if get_origin(_TYPES[name]) is Literal else ()


def load(flags: Mapping[str, Any], environ: Mapping[str, str] = os.environ, config: Path | None = None) -> Settings:
    """The settings of this start. `flags` holds those that were given, by field name. Raises BadSettings."""
    config = config or (Path(environ[CONFIG]) if environ.get(CONFIG) else None)
    values = {} if config is None else _from_file(config)
    values |= _from_environment(environ)
    values |= {name: _parse(name, value, f"--{name.replace('_', '-')}") for name, value in flags.items()}
    found = Settings(**values)
    _check_provider(found)
    _check_hosts(found)
    return found


def is_loopback(host: str | None) -> bool:
    """Whether that name or address is this very machine's own."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _check_provider(found: Settings) -> None:
    """Here and not in a web worker, which would be started again without end."""
    if not found.oidc_issuer:
        return
    try:
        parts = urlsplit(found.oidc_issuer)
        ours = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    except ValueError:
        ours, parts = False, urlsplit("")
    if not ours or not parts.hostname:
        raise BadSettings(
            f"oidc_issuer cannot be {found.oidc_issuer!r}: it is the provider's address as the provider itself writes "
            "it, as in https://idp.plant/realms/plant"
        )
    if not found.oidc_client_id:
        raise BadSettings("oidc_issuer needs oidc_client_id: the name under which the provider knows this installation")


def _check_hosts(found: Settings) -> None:
    """What the clock asks by itself is no exception. Neither address is shown: it may hold a secret."""
    try:
        hosts = Hosts(found.notice_hosts)
    except ValueError as e:
        raise BadSettings(f"notice_hosts: {e}") from e
    for name in ("heartbeat_url", "checkpoint_to"):
        url = unwrap(getattr(found, name))  # as urllib does before it asks
        try:
            host = urlsplit(url).hostname if url.lower().startswith(("http://", "https://")) else None
        except ValueError:
            continue  # no address at all: it is said where it is asked
        if host and not hosts.allow(host):
            raise BadSettings(f"{name}: {hosts.refusal(host)}")


def _from_file(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            found = tomllib.load(file)
    except OSError as e:
        raise BadSettings(f"{path}: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise BadSettings(f"{path} is no text in UTF-8") from e
    except tomllib.TOMLDecodeError as e:
        raise BadSettings(f"{path}: {e}") from e
    return {name: _parse(name, value, str(path)) for name, value in found.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, text in environ.items():
        if not key.startswith(PREFIX) or key.startswith(STATION_PREFIX) or key == CONFIG:
            continue
        name = key.removeprefix(PREFIX).lower()
        if name.removesuffix("_file") in SECRETS and name.endswith("_file"):
            values[name.removesuffix("_file")] = _read_secret(Path(text), key)
        else:
            values[name] = _parse(name, text, f"variable {key}")
    return values


def _read_secret(path: Path, key: str) -> str:
    """What stands in the file. Nothing is no value: the default would be another database, or a door without a lock."""
    try:
        found = path.read_text("utf-8").strip()
    except OSError as e:
        raise BadSettings(f"variable {key}: {path}: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise BadSettings(f"variable {key}: {path} is no text in UTF-8") from e
    if not found:
        raise BadSettings(f"variable {key}: {path} is empty; to go without this setting, take the variable away")
    return found


def _parse(name: str, value: Any, where: str) -> Any:
    """The value in the type of its field."""
    if name not in DEFAULTS:
        raise BadSettings(f"{where}: there is no setting {name!r}")
    words = choices(name)
    if words and value not in words:
        raise BadSettings(f"{where}: {name} is one of {', '.join(words)}, not {value!r}")
    kind: Callable[[Any], Any] = _list if isinstance(DEFAULTS[name], tuple) else _TYPES[name]
    try:
        parsed = value if words else kind(value)
    except (TypeError, ValueError) as e:
        raise BadSettings(f"{where}: {name} cannot be {value!r}") from e
    least, most = RANGES.get(name, (None, None))
    if least is not None and most is not None and not least <= parsed <= most:
        raise BadSettings(f"{where}: {name} is {least} to {most}, not {parsed}")
    return _shown(name, parsed, where) if name in LONGEST else parsed


def _list(value: Any) -> tuple[str, ...]:
    """A list of the TOML file; elsewhere its parts stand behind one another with commas.

    Raises TypeError for anything else, and ValueError for one that lists nothing, as if nobody were meant; "" is none.
    """
    if value == "":
        return ()
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise TypeError("no list of texts")
    found = tuple(part.strip() for part in parts if part.strip())
    if not found:
        raise ValueError("lists nothing")
    return found


def _shown(name: str, text: str, where: str) -> str:
    """A text that pages show, without the line end that an editor leaves; one of blanks alone is none."""
    text = text.strip()
    if len(text) > LONGEST[name]:
        raise BadSettings(f"{where}: {name} has at most {LONGEST[name]:,} characters, not {len(text):,}")
    # A control character, or a byte of the environment that is no UTF-8.
    if bad := next((c for c in text if category(c) in ("Cc", "Cs") and c not in "\t\n\r"), None):
        raise BadSettings(f"{where}: {name} is text to be read, in UTF-8 and without U+{ord(bad):04X}")
    return text
