"""Another site's page cannot speak to the agent, and a tablet must be paired."""

from email.message import Message

import pytest

from threenos_station.errors import Denied, NotPaired
from threenos_station.page.guard import Guard, Visit

GUARD = Guard(frozenset({"Andon-3.plant"}), True, "secret", lambda cookie: cookie == "good")


def visit(host: str = "10.0.0.5:8377", client: str = "10.0.0.9", method: str = "POST", **headers: str) -> Visit:
    message = Message()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return Visit(method, client, "10.0.0.5", message, (host,))


@pytest.mark.parametrize(
    "host", ["10.0.0.5:8377", "10.0.0.5", "andon-3.plant:8377", "ANDON-3.plant.", "localhost:1", "[::1]:8377"]
)
def test_our_own_names_are_let_in(host: str) -> None:
    """The address that was reached, the names in allow_hosts, and loopback."""
    assert GUARD.check_address(visit(host)) is None


@pytest.mark.parametrize(
    "host", ["evil.example", "10.0.0.6:8377", "evil.example:8377", "", "[", "andon-3.plant.evil.example"]
)
def test_a_name_that_was_pointed_at_us_is_refused(host: str) -> None:
    """DNS rebinding: the browser believes that it speaks to its own site."""
    with pytest.raises(Denied):
        GUARD.check_address(visit(host))


def test_two_hosts_are_refused() -> None:
    """Which of them a proxy believed, nobody knows."""
    with pytest.raises(Denied):
        GUARD.check_address(Visit("GET", "10.0.0.9", "10.0.0.5", Message(), ("10.0.0.5", "evil.example")))


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://10.0.0.5", "file://10.0.0.5:8377"])
def test_a_page_of_another_origin_is_refused(origin: str) -> None:
    """CSRF: whoever opens a foreign page on the tablet does not stop the line."""
    with pytest.raises(Denied):
        GUARD.check_address(visit(Origin=origin))


def test_our_own_page_and_scripts_without_an_origin_are_let_in() -> None:
    """A browser always names the origin of a foreign POST."""
    assert GUARD.check_address(visit(Origin="http://10.0.0.5:8377", Sec_Fetch_Site="same-origin")) is None
    assert GUARD.check_address(visit()) is None


def test_a_browser_that_says_cross_site_is_believed() -> None:
    """Also when it leaves out the origin."""
    with pytest.raises(Denied):
        GUARD.check_address(visit(Sec_Fetch_Site="cross-site"))


def test_a_tablet_needs_its_cookie() -> None:
    """Another device of the network is not a tablet."""
    with pytest.raises(NotPaired):
        GUARD.check_paired(visit())
    with pytest.raises(NotPaired):
        GUARD.check_paired(visit(Cookie="threenos_tablet=bad"))
    assert GUARD.check_paired(visit(Cookie="other=1; threenos_tablet=good")) is None


def test_this_machine_needs_none_but_only_under_a_loopback_name_and_without_a_proxy() -> None:
    """What a proxy here passes on comes from anywhere."""
    assert GUARD.check_paired(visit("127.0.0.1:8377", "127.0.0.1")) is None
    assert GUARD.check_paired(visit("localhost:8377", "::ffff:127.0.0.1")) is None
    for other in (
        visit("10.0.0.5:8377", "127.0.0.1"),
        visit("localhost:8377", "10.0.0.9"),
        visit("localhost:8377", "127.0.0.1", X_Forwarded_For="10.0.0.9"),
    ):
        with pytest.raises(NotPaired):
            GUARD.check_paired(other)


def test_loopback_can_be_distrusted_and_the_agents_token_still_works() -> None:
    """A terminal server has many people behind one loopback."""
    strict = Guard(frozenset(), False, "secret", lambda _: False)
    with pytest.raises(NotPaired):
        strict.check_paired(visit("localhost", "127.0.0.1"))
    assert strict.check_paired(visit("localhost", "127.0.0.1", Authorization="Bearer secret")) is None
