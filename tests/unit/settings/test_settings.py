"""Where a setting comes from, and what stops a start."""

from pathlib import Path

import pytest

from threenos_server.settings import DEFAULTS, BadSettings, Settings, load


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    """Each place overrides the ones behind it, setting by setting."""
    config = tmp_path / "threenos.toml"
    config.write_text('port = 1\nhost = "file"\nlog_level = "debug"\n')
    found = load({"port": "3"}, {"THREENOS_PORT": "2", "THREENOS_HOST": "environment"}, config)
    assert (found.port, found.host, found.log_level) == (3, "environment", "debug")


def test_the_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    """THREENOS_CONFIG is where the file is."""
    (tmp_path / "t.toml").write_text("web_workers = 4\n")
    assert load({}, {"THREENOS_CONFIG": str(tmp_path / "t.toml")}).web_workers == 4


def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    """The line end that an editor leaves is not part of it."""
    (tmp_path / "secret").write_text("geheim\n")
    assert load({}, {"THREENOS_MQTT_PASSWORD_FILE": str(tmp_path / "secret")}).mqtt_password == "geheim"


def test_every_setting_that_may_hold_a_secret_takes_a_file(tmp_path: Path) -> None:
    """A password, a provider's secret, and addresses that may have a token in them."""
    (tmp_path / "secret").write_text("geheim\n")
    names = ("database", "mqtt_password", "oidc_client_secret", "heartbeat_url", "checkpoint_to")
    found = load({}, {f"THREENOS_{name.upper()}_FILE": str(tmp_path / "secret") for name in names})
    assert {getattr(found, name) for name in names} == {"geheim"}


@pytest.mark.parametrize(("content", "why"), [(b"", "empty"), (b" \n", "empty"), (b"caf\xe9", "UTF-8")])
def test_a_secret_file_without_a_secret_stops_the_start(tmp_path: Path, content: bytes, why: str) -> None:
    """Else it would be the default: a new SQLite file would take the presses of a plant on PostgreSQL."""
    (tmp_path / "secret").write_bytes(content)
    with pytest.raises(BadSettings, match=rf"THREENOS_DATABASE_FILE.*{tmp_path / 'secret'} is .*{why}"):
        load({}, {"THREENOS_DATABASE_FILE": str(tmp_path / "secret")})


def test_a_file_that_is_no_text_stops_the_start(tmp_path: Path) -> None:
    """In words that name it."""
    (tmp_path / "t.toml").write_bytes(b'host = "caf\xe9"\n')
    with pytest.raises(BadSettings, match=r"t\.toml is no text in UTF-8"):
        load({}, {}, tmp_path / "t.toml")


@pytest.mark.parametrize("issuer", ["idp.plant", "http://idp.plant", "https://", "https://[", "mqtts://idp.plant"])
def test_a_provider_whose_address_cannot_be_stops_the_start(issuer: str) -> None:
    """Not each web worker, which would be started again without end."""
    with pytest.raises(BadSettings, match=r"oidc_issuer cannot be .* as in https://"):
        load({}, {"THREENOS_OIDC_ISSUER": issuer, "THREENOS_OIDC_CLIENT_ID": "threenos"})


def test_a_provider_needs_our_name_there() -> None:
    """Without it people would be shown a button by which nobody can sign in; one on this machine may speak plain."""
    issuers = ("https://idp.plant/realms/plant", "http://127.0.0.1:9000")
    for issuer in issuers:
        with pytest.raises(BadSettings, match="oidc_issuer needs oidc_client_id"):
            load({}, {"THREENOS_OIDC_ISSUER": issuer})
    chosen = [load({}, {"THREENOS_OIDC_ISSUER": i, "THREENOS_OIDC_CLIENT_ID": "threenos"}) for i in issuers]
    assert [found.oidc_issuer for found in chosen] == list(issuers)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"THREENOS_PROT": "1"}, "prot"),
        ({"THREENOS_PORT_FILE": "/x"}, "port_file"),
        ({"THREENOS_PORT": "many"}, "port"),
        ({"THREENOS_WEB_WORKER": "eventlet"}, "web_worker"),
        ({"THREENOS_MQTT_PASSWORD_FILE": "/nowhere"}, "/nowhere"),
        ({"THREENOS_CONFIG": "/nowhere"}, "/nowhere"),
    ],
)
def test_what_is_unknown_or_impossible_stops_the_start_by_name(environment: dict[str, str], named: str) -> None:
    """The message names the key or file that is wrong."""
    with pytest.raises(BadSettings, match=named):
        load({}, environment)


def test_an_unknown_key_in_the_file_stops_the_start(tmp_path: Path) -> None:
    """It names the file too."""
    (tmp_path / "t.toml").write_text("prot = 1\n")
    with pytest.raises(BadSettings, match=r"t\.toml.*prot"):
        load({}, {}, tmp_path / "t.toml")


@pytest.mark.parametrize(
    "flags", [{"port": "65536"}, {"mqtt_port": "-1"}, {"web_workers": "0"}, {"web_threads": "0"}, {"proxies": "-1"}]
)
def test_a_number_out_of_range_stops_the_start(flags: dict[str, str]) -> None:
    """As wrong use that names the setting and its range, before anything is opened."""
    with pytest.raises(BadSettings, match=next(iter(flags))):
        load(flags, {})


def test_the_notice_before_signing_in_is_kept_line_by_line(tmp_path: Path) -> None:
    """As it was written, but for the line end that an editor leaves; and as children get it."""
    (tmp_path / "t.toml").write_text('sign_in_notice = """\nOnly for us.\n仅限本厂人员　\n"""\n', "utf-8")
    found = load({}, {}, tmp_path / "t.toml")
    assert found.sign_in_notice == "Only for us.\n仅限本厂人员"
    assert load({}, found.environment()) == found
    assert load({"sign_in_notice": "x" * 1_000}, {}).sign_in_notice == "x" * 1_000
    assert load({}, {"THREENOS_SIGN_IN_NOTICE": " \n"}) == Settings()


@pytest.mark.parametrize(
    ("notice", "why"),
    [("x" * 1_001, "at most 1,000 characters, not 1,001"), ("a\0b", "U\\+0000"), ("caf\udce9", "in UTF-8 .*U\\+DCE9")],
)
def test_a_notice_that_no_page_could_show_stops_the_start(notice: str, why: str) -> None:
    """In words that name the setting; the last is what Python makes of a byte that is no UTF-8."""
    with pytest.raises(BadSettings, match=f"sign_in_notice .*{why}"):
        load({}, {"THREENOS_SIGN_IN_NOTICE": notice})


def test_the_station_agents_variables_are_left_to_it() -> None:
    """Both may run on one machine."""
    assert load({}, {"THREENOS_STATION_DATA": "/x"}) == Settings()


def test_a_child_process_gets_the_same_settings() -> None:
    """What was chosen goes through the environment unchanged."""
    chosen = load({"port": "0", "web_worker": "gevent", "data": "/srv"}, {})
    assert load({}, chosen.environment()) == chosen


def test_every_setting_is_in_the_readme() -> None:
    """Each with its default."""
    readme = (Path(__file__).parents[3] / "deploy" / "README.md").read_text()
    written = {n: "none" if d in ("", ()) else f"`{d}`" for n, d in DEFAULTS.items()}
    missing = [n for n, default in written.items() if f"| `{n}` | {default} |" not in readme]
    assert missing == []


@pytest.mark.parametrize("nothing", [" ", ","])
def test_a_list_of_hosts_that_lists_nothing_is_refused(nothing: str) -> None:
    """It would let everything through where it may have been meant to let nothing."""
    with pytest.raises(BadSettings, match="notice_hosts cannot be"):
        load({}, {"THREENOS_NOTICE_HOSTS": nothing})


@pytest.mark.parametrize("written", [" {}", "\t{}", "<{}>", "URL:{}", "<URL:{}>"])
def test_an_address_is_held_against_the_hosts_as_it_is_asked(written: str) -> None:
    """Whoever asks it takes off what may stand around an address, and is not led past the list by that."""
    for address in ("http://elsewhere.org/x", "HTTPS://elsewhere.org/x"):
        environ = {"THREENOS_NOTICE_HOSTS": "chat.plant", "THREENOS_HEARTBEAT_URL": written.format(address)}
        with pytest.raises(BadSettings, match=r"heartbeat_url: nothing goes to elsewhere\.org"):
            load({}, environ)
