"""A private Mosquitto for the floor, with the settings that ours has, on a free port."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from plant import free_port

CONFIG = """listener {port} 127.0.0.1
allow_anonymous true
set_tcp_nodelay true
max_queued_messages 1000000
max_inflight_messages 200
max_packet_size 262144
persistence false
log_type error
"""


def wait_for_port(port: int, seconds: float = 10) -> None:
    """Until something listens there; TimeoutError after `seconds`."""
    deadline = monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if monotonic() > deadline:
                raise TimeoutError(f"nothing listens on port {port}") from None
            sleep(0.02)


@contextmanager
def mosquitto(directory: Path) -> Iterator[int]:
    """A broker for anybody, while the block runs; gives its port."""
    port = free_port()
    config = directory / "mosquitto.conf"
    config.write_text(CONFIG.format(port=port))
    process = subprocess.Popen(["mosquitto", "-c", config])
    try:
        wait_for_port(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)
