"""Whether a broker lets somebody in: asked after an enrolment, so that credentials work when they are printed."""

from threading import Event
from time import monotonic
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

ANSWER_S = 2.0
PAUSE_S = 0.05


def wait_until_let_in(host: str, port: int, user: str, password: str, seconds: float) -> bool:
    """Try to connect until it works; False when nobody listens there, or it did not work within `seconds`."""
    until = monotonic() + seconds
    try:
        while not _let_in(host, port, user, password):
            if monotonic() > until:
                return False
            Event().wait(PAUSE_S)
    except OSError:
        return False
    return True


def _let_in(host: str, port: int, user: str, password: str) -> bool:
    """Connect once, and leave."""
    answers: list[bool] = []
    client = Client(CallbackAPIVersion.VERSION2, client_id=user)
    client.username_pw_set(user, password)

    def connected(_client: Client, _data: Any, _flags: Any, code: Any, _properties: Any) -> None:
        answers.append(not code.is_failure)

    client.on_connect = connected
    client.connect(host, port)
    until = monotonic() + ANSWER_S
    while not answers and monotonic() < until:
        client.loop(0.1)
    client.disconnect()
    return answers == [True]
