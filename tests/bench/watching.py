"""A board that notes when it was shown what: a Socket.IO client, run as `python watching.py URL NAME PASSWORD`.

It prints `ready` after the snapshot; when its standard input closes it prints `[[seq, seconds], …]`: up to which row of
the journal it was shown, and when on the monotonic clock that all processes of this machine share.
"""

import json
import sys
import threading
from http.cookiejar import CookieJar
from time import monotonic
from typing import Any
from urllib.request import HTTPCookieProcessor, Request, build_opener

import socketio


def cookie(url: str, name: str, password: str) -> str:
    """Sign in; the cookie header."""
    jar = CookieJar()
    body = json.dumps({"name": name, "password": password}).encode()
    request = Request(url + "/api/v1/session", body, {"Content-Type": "application/json"})
    build_opener(HTTPCookieProcessor(jar)).open(request)
    return "; ".join(f"{c.name}={c.value}" for c in jar)


def main(url: str, name: str, password: str) -> None:
    """Watch until standard input closes."""
    shown: list[tuple[int, float]] = []
    ready = threading.Event()
    board = socketio.Client()

    def on_delta(delta: dict[str, Any]) -> None:
        shown.append((delta["seq"], monotonic()))

    board.on("snapshot", lambda _: ready.set(), namespace="/board")
    board.on("delta", on_delta, namespace="/board")
    headers = {"Cookie": cookie(url, name, password)}
    board.connect(url, headers=headers, namespaces=["/board"], transports=["websocket"], wait_timeout=20)
    ready.wait(30)
    print("ready", flush=True)
    sys.stdin.read()
    json.dump(shown, sys.stdout)
    sys.stdout.flush()
    board.disconnect()


if __name__ == "__main__":
    main(*sys.argv[1:4])
