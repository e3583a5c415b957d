"""A provider of accounts as far as a sign-in sees one: a real HTTP server, a real RSA key, and every way of lying."""

import base64
import hashlib
import json
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from listening import Quiet, serving

CLIENT, SECRET = "threenos", "our secret there"
ACCOUNT = {"sub": "account-1", "preferred_username": "li na", "email": "li.na@plant.example", "email_verified": True}


@cache
def _key(name: str) -> RSAKey:
    """A key of its own for each name, made once: that takes longer than all the rest."""
    return RSAKey.generate_key(2048, {"kid": name}, private=True)


class FakeProvider:
    """`account` is who signs in there; the other fields make it lie. Codes are good once, and for their verifier."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.key = _key("k1")
        self.account: dict[str, Any] = dict(ACCOUNT)
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.signs: Callable[[dict[str, Any], dict[str, Any]], str] = self._signed
        self.metadata: dict[str, Any] = {}
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.away = False
        self._served = ExitStack()
        self.issuer = self._served.enter_context(serving(self._handler())).url

    def close(self) -> None:
        self._served.close()

    def sign_in(self, address: str) -> str:
        """The person signs in at `address`, where our page sent the browser; the query with which it comes back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert urlsplit(address).path == "/authorize"
        assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == ("code", CLIENT, "S256")
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return urlencode({"code": code, "state": asked["state"], "iss": self.issuer, "session_state": "x"})

    def new_key(self) -> None:
        """From now on it signs with another, and publishes that one only."""
        self.key = _key("k2")

    def get(self, path: str) -> tuple[int, Any]:
        if path == "/.well-known/openid-configuration":
            own = {
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
            }  # fmt: skip
            return 200, own | self.metadata
        if path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        return 404, {}

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        asked = self.codes.pop(form.get("code", ""), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        known = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        if (
            asked is None
            or form.get("redirect_uri") != asked["redirect_uri"]
            or proof.rstrip(b"=").decode() != asked["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        if authorization.removeprefix("Basic ") not in (
            known,
            base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode(),
        ):
            return 401, {"error": "invalid_client"}
        at = int(self.now().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": at, "exp": at + 300, "nonce": asked["nonce"]}
        header = {"alg": "RS256", "kid": self.key.kid} | self.header
        token = self.signs(header, claims | self.account | self.claims)
        return 200, {"access_token": "unused", "token_type": "Bearer", "expires_in": 300, "id_token": token}

    def _signed(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        return jwt.encode(header, {k: v for k, v in claims.items() if v is not None}, self.key)

    def unsigned(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """`alg: none`, which signs nothing."""
        parts = [json.dumps(part).encode() for part in ({**header, "alg": "none"}, claims)]
        return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."

    def signed_with_what_we_know(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """A MAC by the client's secret, or by the public key taken for one."""
        return jwt.encode({**header, "alg": "HS256"}, claims, OctKey.import_key(SECRET.ljust(32, "x")), ["HS256"])

    def signed_by_a_key_of_its_own(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """The key comes along in the token itself."""
        thief = RSAKey.generate_key(2048, {"kid": self.key.kid}, private=True)
        return jwt.encode({**header, "jwk": thief.as_dict(private=False)}, claims, thief)

    def _handler(self) -> type[Quiet]:
        fake = self

        class Handler(Quiet):
            def do_GET(self) -> None:
                fake.asked.append(self.path)
                self._answer(*fake.get(self.path))

            def do_POST(self) -> None:
                fake.asked.append(self.path)
                raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(raw).items()}
                self._answer(*fake.token(form, self.headers.get("Authorization", "")))

            def _answer(self, status: int, body: Any) -> None:
                raw = json.dumps(body).encode()
                self.send_response(503 if fake.away else status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

        return Handler
