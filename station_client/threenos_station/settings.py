"""Settings: flags, then THREENOS_STATION_* (with _FILE for secrets), then station.toml. Unknown keys stop the start."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from threenos_station.errors import BadSettings

PREFIX = "THREENOS_STATION_"
#: What a certificate in a setting begins with, where else the path of a file stands.
PEM = "-----BEGIN"
Id = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,31}$")]
Port = Annotated[int, Meta(ge=1, le=65535)]
LampState = Literal["saved", "recorded", "acknowledged", "stopped", "not-heard"]


class Server(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the broker is, and where photos go (`url`, with the upload token that enrolment gave).

    `ca` is the file of the broker's authority, or its certificate itself, as enrolment writes it. `cert` and `key` are
    for every station that has none of its own.
    """

    host: str
    port: Port = 1883
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    tls: bool = False
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    url: str | None = None
    upload_token: str | None = None
    upload_token_file: str | None = None


class StationEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One station of this agent. Its user name is its id unless the broker's rules say otherwise.

    `cert` and `key` are its own client certificate, where the broker knows stations by these.
    """

    id: Id
    site: Id
    username: str | None = None
    password: str | None = None
    password_file: str | None = None
    cert: str | None = None
    key: str | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The tablet page. `allow_hosts` are the names under which tablets open it, besides this machine's own.

    `tls` is the folder that `threenos ca issue` wrote: with it tablets of the network speak https on the same port.
    """

    enabled: bool = True
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8377
    allow_hosts: list[str] = []
    trust_loopback: bool = True
    tls: str | None = None


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A button: `file` (a named pipe of lines), `exec` (a program that prints lines), `keys` (a /dev/input device).

    `map` turns a line, or the number of a key, into `press KIND field=value …`.
    """

    station: Id
    kind: Literal["file", "exec", "keys"]
    path: str | None = None
    command: list[str] = []
    map: dict[str, str] = {}
    debounce_ms: Annotated[int, Meta(ge=0, le=60_000)] = 0


class Lamp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A lamp that is lit while one of `when` holds: `file` gets `on` or `off`, `exec` gets them as last argument."""

    station: Id
    kind: Literal["file", "exec"]
    when: Annotated[list[LampState], Meta(min_length=1)]
    path: str | None = None
    command: list[str] = []
    on: str = "1"
    off: str = "0"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of station.toml. Relative paths in it count from its folder."""

    server: Server
    station: Annotated[list[StationEntry], Meta(min_length=1)]
    page: Page = Page()
    input: list[Input] = []
    lamp: list[Lamp] = []
    data: str = "threenos-station-data"

    def entry(self, station: str | None) -> StationEntry:
        """The station of that id, or the only one; BadSettings when there is none."""
        if station is None and len(self.station) == 1:
            return self.station[0]
        known = ", ".join(s.id for s in self.station)
        for entry in self.station:
            if entry.id == station:
                return entry
        raise BadSettings("bad-settings", f"which station? this agent has {known}", "station")


#: What may come from the environment, and under which section and key it belongs.
FROM_ENVIRONMENT = {
    "DATA": (None, "data"),
    **{f"SERVER_{k.upper()}": ("server", k) for k in ("host", "port", "protocol", "tls", "ca", "cert", "key", "url")},
    **{f"PAGE_{k.upper()}": ("page", k) for k in ("enabled", "host", "port", "allow_hosts", "trust_loopback", "tls")},
}
#: Secrets, which may come by file too. PASSWORD is that of the only station.
SECRETS = ("UPLOAD_TOKEN", "PASSWORD")


def load(path: Path, environ: Mapping[str, str] = os.environ, flags: Mapping[str, Any] | None = None) -> Settings:
    """The file, over it the environment, over that the flags (`"server.host"`). BadSettings names what is wrong."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise BadSettings(
            "bad-settings", f"cannot read {path}: {e.strerror}; `threenos station enroll` writes it"
        ) from e
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise BadSettings("bad-settings", f"{path} is no TOML: {e}") from e
    _from_environment(tables, environ)
    for name, value in (flags or {}).items():
        section, _, key = name.rpartition(".")
        (tables.setdefault(section, {}) if section else tables)[key] = value
    try:
        settings = msgspec.convert(tables, Settings)
    except msgspec.ValidationError as e:
        raise BadSettings("bad-settings", f"{path}: {e}") from e
    return _checked(_resolved(settings, path.parent))


def _from_environment(tables: dict[str, Any], environ: Mapping[str, str]) -> None:
    for name in sorted(n for n in environ if n.startswith(PREFIX) and n != f"{PREFIX}CONFIG"):
        short = name.removeprefix(PREFIX)
        secret = short.removesuffix("_FILE")
        if secret in SECRETS:
            _secret(tables, secret, short != secret, environ[name])
        elif short in FROM_ENVIRONMENT:
            section, key = FROM_ENVIRONMENT[short]
            (tables.setdefault(section, {}) if section else tables)[key] = _typed(key, environ[name], name)
        else:
            raise BadSettings("bad-settings", f"unknown setting {name} in the environment", name)


def _secret(tables: dict[str, Any], secret: str, by_file: bool, value: str) -> None:
    key = secret.lower()
    if secret == "UPLOAD_TOKEN":
        table = tables.setdefault("server", {})
    else:
        stations = tables.get("station")
        if not isinstance(stations, list) or len(stations) != 1:
            raise BadSettings("bad-settings", f"{PREFIX}PASSWORD is for an agent with one station", f"{PREFIX}PASSWORD")
        table = stations[0]
    table.pop(key, None)
    table.pop(f"{key}_file", None)
    table[f"{key}_file" if by_file else key] = str(Path(value).absolute()) if by_file else value


def _typed(key: str, text: str, name: str) -> Any:
    if (key == "tls" and not name.endswith("PAGE_TLS")) or key in ("enabled", "trust_loopback"):
        if text.lower() not in ("true", "false"):
            raise BadSettings("bad-settings", f"{name} is true or false", name)
        return text.lower() == "true"
    if key == "port":
        if not text.isdecimal():
            raise BadSettings("bad-settings", f"{name} is a number", name)
        return int(text)
    return [h.strip() for h in text.split(",") if h.strip()] if key == "allow_hosts" else text


def _resolved(settings: Settings, base: Path) -> Settings:
    """Relative paths made absolute, and secrets read from their files."""

    def at(path: str | None) -> str | None:
        return None if path is None else str((base / path).absolute())

    s = settings.server
    server = msgspec.structs.replace(
        s, ca=s.ca if s.ca and s.ca.startswith(PEM) else at(s.ca), cert=at(s.cert), key=at(s.key),
        upload_token=_read_secret(s.upload_token, at(s.upload_token_file), "server.upload_token"),
    )  # fmt: skip
    stations = [
        msgspec.structs.replace(
            e,
            username=e.username or e.id,
            password=_read_secret(e.password, at(e.password_file), f"station {e.id}"),
            cert=at(e.cert),
            key=at(e.key),
        )
        for e in settings.station
    ]
    return msgspec.structs.replace(
        settings, server=server, station=stations, data=str(at(settings.data)),
        page=msgspec.structs.replace(settings.page, tls=at(settings.page.tls)),
        input=[msgspec.structs.replace(i, path=at(i.path)) for i in settings.input],
        lamp=[msgspec.structs.replace(p, path=at(p.path)) for p in settings.lamp],
    )  # fmt: skip


def _read_secret(value: str | None, file: str | None, name: str) -> str | None:
    if value is not None and file is not None:
        raise BadSettings("bad-settings", f"{name}: give the secret or its file, not both", name)
    if file is None:
        return value
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as e:
        raise BadSettings("bad-settings", f"{name}: cannot read {file}: {e.strerror}", name) from e


def _checked(settings: Settings) -> Settings:
    """What the types cannot say."""
    ids = [s.id for s in settings.station]
    if len(set(ids)) != len(ids):
        raise BadSettings("bad-settings", "two stations have the same id", "station")
    shown: list[tuple[str, Server | StationEntry]] = [("server", settings.server)]
    for where, one in shown + [(f"station {e.id}", e) for e in settings.station]:
        if (one.cert is None) != (one.key is None):
            raise BadSettings("bad-settings", f"{where}: `cert` and `key` go together", f"{where}.cert")
        if one.cert and not settings.server.tls:
            raise BadSettings("bad-settings", f"{where}: `cert` needs `tls = true` in [server]", "server.tls")
    if settings.server.ca and not settings.server.tls:
        raise BadSettings("bad-settings", "server: `ca` needs `tls = true`", "server.tls")
    if settings.server.url is not None and not settings.server.url.startswith(("http://", "https://")):
        raise BadSettings("bad-settings", "server: `url` begins with http:// or https://", "server.url")
    devices: list[Input | Lamp] = [*settings.input, *settings.lamp]
    for device in devices:
        what = "input" if isinstance(device, Input) else "lamp"
        if device.station not in ids:
            raise BadSettings("bad-settings", f"{what}: there is no station {device.station!r} here", f"{what}.station")
        needed = "command" if device.kind == "exec" else "path"
        if not getattr(device, needed):
            raise BadSettings("bad-settings", f"{what}: kind {device.kind} needs `{needed}`", f"{what}.{needed}")
    return settings
