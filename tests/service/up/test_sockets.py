"""A port that was chosen can be had again and again: a child that is killed comes back to it."""

import socket
from contextlib import closing

import pytest

from threenos_server.errors import ThreenosError
from threenos_server.up.sockets import free_port


def test_no_outgoing_connection_is_lent_the_chosen_port() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        lent = []
        for _ in range(50):
            with closing(socket.create_connection(server.getsockname())) as outgoing:
                lent.append(outgoing.getsockname()[1])
    chosen = [free_port("127.0.0.1") for _ in range(50)]
    assert max(chosen) < min(lent)


def test_a_port_that_was_asked_for_is_given_or_refused() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        with pytest.raises(ThreenosError, match=f"127.0.0.1 port {port}: .*--mqtt-port"):
            free_port("127.0.0.1", port)
    assert free_port("127.0.0.1", port) == port
