"""Looks at a board as a browser would, by TLS, and prints its snapshot. Runs on the server, with its own packages.

`board.py URL CA NAME`, with the password on standard input.
"""

import json
import ssl
import sys
import urllib.request
from urllib.parse import urlsplit

from simple_websocket import Client


def main(url: str, authority: str, name: str) -> None:
    """Sign in by https, open the board's socket by wss, print what it is told first."""
    trusted = ssl.create_default_context(cafile=authority)
    body = json.dumps({"name": name, "password": sys.stdin.readline().strip()}).encode()
    request = urllib.request.Request(f"{url}/api/v1/session", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, context=trusted) as answer:
        cookies = answer.headers.get_all("Set-Cookie")
    assert all("Secure" in cookie and "HttpOnly" in cookie for cookie in cookies), cookies
    headers = {"Cookie": "; ".join(cookie.partition(";")[0] for cookie in cookies), "Origin": url}
    socket = Client.connect(
        f"wss://{urlsplit(url).netloc}/socket.io/?EIO=4&transport=websocket", headers=headers, ssl_context=trusted
    )
    assert socket.receive(10).startswith("0")
    socket.send("40/board,")
    while not (said := socket.receive(10)).startswith('42/board,["snapshot"'):
        assert not said.startswith("44"), said
    socket.close()
    print(json.dumps(json.loads(said.partition(",")[2])[1]))


if __name__ == "__main__":
    main(*sys.argv[1:])
