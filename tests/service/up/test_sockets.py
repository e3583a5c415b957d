"""A port that was chosen can be had again and again: a child that is killed comes back to it."""

import socket
from contextlib import closing

import pytest
from plant import free_port

from threenos_server.errors import ThreenosError
from threenos_server.up import sockets
from threenos_server.up.sockets import KeptPort

#: From here on systems lend to outgoing connections, unless somebody has told this one something else.
LENT_FROM = 32_768


def test_no_outgoing_connection_is_lent_the_chosen_port() -> None:
    kept = [KeptPort("127.0.0.1") for _ in range(50)]
    for one in kept:
        one.close()
    assert max(one.number for one in kept) < LENT_FROM


def test_a_port_is_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both doors of a broker were once given the same one, which it then could not open, for ever."""
    monkeypatch.setattr(sockets, "TO_CHOOSE_FROM", [free_port(), free_port()])
    with pytest.raises(ThreenosError, match="no free port was found"):
        KeptPort("127.0.0.1")
    monkeypatch.setattr(sockets, "TO_CHOOSE_FROM", range(20_000, 32_768))
    kept = KeptPort("127.0.0.1")
    monkeypatch.setattr(sockets, "TO_CHOOSE_FROM", [kept.number])
    with pytest.raises(ThreenosError):
        KeptPort("127.0.0.1")
    with closing(socket.create_server(("127.0.0.1", kept.number))) as child:  # It listens where the port is kept.
        socket.create_connection(child.getsockname(), 5).close()
    kept.close()
    KeptPort("127.0.0.1").close()


def test_a_port_that_was_asked_for_is_given_or_refused() -> None:
    port = free_port()  # No outgoing connection is lent it in between.
    with (
        closing(socket.create_server(("127.0.0.1", port))),
        pytest.raises(ThreenosError, match=f"127.0.0.1 port {port}: .*--mqtt-port"),
    ):
        KeptPort("127.0.0.1", port)
    with closing(KeptPort("127.0.0.1", port)) as kept:
        assert kept.number == port
