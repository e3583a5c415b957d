"""HTTP as a person's browser and a station's tablet speak it: JSON, a session cookie and its CSRF token."""

import json
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

TIMEOUT_S = 10


class Asking:
    """One browser. Raises OSError when the other end cannot be reached; a refusal is its status and document."""

    def __init__(self, base: str) -> None:
        self._base = base
        # Without a proxy of the environment: both ends are on this machine.
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))
        self._csrf = ""

    def sign_in(self, name: str, password: str) -> None:
        status, answer = self.ask("POST", "/api/v1/session", {"name": name, "password": password})
        if status != 200:
            raise OSError(f"{name} could not sign in: {status} {answer}")
        self._csrf = answer["csrf"]

    def ask(self, method: str, path: str, body: Any = None, version: int | None = None) -> tuple[int, Any]:
        """The status and the decoded document."""
        headers = {"Content-Type": "application/json", "X-CSRF-Token": self._csrf}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        data = None if body is None else json.dumps(body).encode()
        request = Request(self._base + path, data, headers, method=method)
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except HTTPError as refused:
            return refused.code, refused.read().decode(errors="replace")
