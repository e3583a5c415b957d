"""Whom the setting notice_hosts lets us ask."""

from pathlib import Path

import pytest

from threenos_server.outward import ANYBODY, Hosts
from threenos_server.settings import BadSettings, Settings, load

HOSTS = Hosts(("chat.plant", ".example.org", "10.1.2.3", "10.2.0.0/16", "fd00::/8", "Bücher.example"))


@pytest.mark.parametrize(
    "host",
    [
        "chat.plant", "CHAT.Plant", "chat.plant.", "hooks.example.org", "a.b.example.org", "10.1.2.3", "10.2.255.1",
        "fd00::1", "FD00:0::1", "bücher.example", "xn--bcher-kva.example",
    ],
)  # fmt: skip
def test_who_is_listed_is_asked(host: str) -> None:
    """A name however it is written, whatever is below a name, an address and those of a network."""
    assert HOSTS.allow(host)


@pytest.mark.parametrize(
    "host",
    [
        "plant", "xchat.plant", "a.chat.plant", "chat.plant.evil", "example.org", "evilexample.org", "10.1.2.4",
        "10.3.0.1", "::1", "0xa.1.2.3", "167838211", "", "localhost", "::ffff:10.1.2.3",
        "evil.org/.example.org", "evil.org\\@a.example.org", "evil.org .example.org", ".example.org",
        "evil.org\n.example.org", "evil.org%2F.example.org",
    ],
)  # fmt: skip
def test_nobody_else_is(host: str) -> None:
    """Neither what ends alike, nor an address in other writing."""
    assert not HOSTS.allow(host)
    assert ANYBODY.allow(host)


def test_the_list_may_stand_in_the_file_a_variable_or_a_flag(tmp_path: Path) -> None:
    """As a list of TOML, else with commas; children get the same."""
    wanted = ("chat.plant", ".example.org", "10.1.0.0/16")
    (tmp_path / "t.toml").write_text('notice_hosts = ["chat.plant", ".example.org", "10.1.0.0/16"]\n')
    in_file = load({}, {}, tmp_path / "t.toml")
    written = "chat.plant, .example.org,10.1.0.0/16,"
    assert {
        in_file.notice_hosts,
        load({}, {"THREENOS_NOTICE_HOSTS": written}).notice_hosts,
        load({"notice_hosts": written}, {}).notice_hosts,
        load({}, in_file.environment()).notice_hosts,
    } == {wanted}
    assert load({"notice_hosts": ""}, {}) == Settings()


@pytest.mark.parametrize("entry", ["https://chat.plant", "chat.plant:443", "*.plant", "a b", "10.1.0.0/33", "-a", "."])
def test_what_is_no_host_stops_the_start(entry: str) -> None:
    """It names the setting and the entry, and how one is written."""
    with pytest.raises(BadSettings, match=r"notice_hosts: .* is no host: it is written chat\.plant"):
        load({"notice_hosts": f"chat.plant,{entry}"}, {})


def test_a_list_of_anything_else_stops_the_start(tmp_path: Path) -> None:
    """A number in the file is no host."""
    (tmp_path / "t.toml").write_text("notice_hosts = [1]\n")
    with pytest.raises(BadSettings, match=r"t\.toml: notice_hosts cannot be \[1\]"):
        load({}, {}, tmp_path / "t.toml")


@pytest.mark.parametrize("name", ["heartbeat_url", "checkpoint_to"])
def test_what_the_clock_asks_by_itself_is_no_exception(name: str) -> None:
    """A setting that nothing could come of stops the start, without a word of its secret."""
    listed = {"THREENOS_NOTICE_HOSTS": "chat.plant"}
    with pytest.raises(BadSettings, match=f"{name}: nothing goes to elsewhere.plant, .* notice_hosts") as e:
        load({}, listed | {f"THREENOS_{name.upper()}": "https://elsewhere.plant/s3cret"})
    assert "s3cret" not in str(e.value)
    assert load({}, listed | {f"THREENOS_{name.upper()}": "https://chat.plant/s3cret"})
    assert load({}, listed | {"THREENOS_CHECKPOINT_TO": "/mnt/witness"})
