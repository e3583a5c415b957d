"""Signing in with the plant's own accounts: OpenID Connect, the authorization code flow with PKCE, state and nonce.

One random secret goes into the browser before it leaves for the provider. State, nonce and PKCE verifier are derived
from it, so that what comes back is good in that browser only, and nothing has to be kept here meanwhile.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]  # Authlib has no types
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]  # as above
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]  # as above
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from threenos_server.errors import ThreenosError, Unauthenticated
from threenos_server.people import secret
from threenos_server.settings import is_loopback

#: What an id token may be signed with: the provider's private key alone, never what we know too, never nothing.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
#: Headers that we do not know mean nothing to us; above all, a key that a token brings along is not looked at.
_REGISTRY = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
SCOPE = "openid profile email"
#: What the provider publishes of itself is believed for so long; new keys are asked for when a token names one.
BELIEVED = timedelta(hours=1)
#: Who did not answer is not asked again for so long, and those who want to sign in are told at once.
PATIENCE = timedelta(seconds=10)
LEEWAY_S = 60
TIMEOUT_S = 5.0
MOST_BYTES = 256 * 1024
_AWAY = "the provider of accounts does not answer; sign in with a password of this system"
_NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")

log = structlog.get_logger("sign-in")


class ProviderAway(ThreenosError):
    """The provider cannot be asked, or says what cannot be. Local sign-in goes on."""

    status = 502
    title = "The provider of accounts does not answer"


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom we believe, as what we are known there, and which claim is the name under which a person signs in here."""

    issuer: str
    client_id: str
    client_secret: str = ""
    claim: str = "preferred_username"
    adds_unknown: bool = False
    #: How people reach us; without it, as the browser that asks does.
    here: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the provider: `subject` is its own for ever, `name` may be given to somebody else one day."""

    issuer: str
    subject: str
    name: str


class Provider:
    """Asks the provider. Everything is fetched when it is first needed: a provider that is away stops no start."""

    def __init__(self, trust: Trust) -> None:
        _check_address(trust.issuer, trust.issuer)
        self.trust = trust
        self._lock = Lock()
        self._known: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._since: datetime | None = None
        self._away: datetime | None = None

    def leave_for(self, back: str, token: str, now: datetime) -> str:
        """The address to which the browser goes to sign in. `token` is its secret; it comes back to `back`."""
        with self._session(back) as session:
            address, _ = session.create_authorization_url(
                self._metadata(now)["authorization_endpoint"],
                state=_derived(token, "state"),
                nonce=_derived(token, "nonce"),
                code_verifier=_derived(token, "verifier"),
            )
        return str(address)

    def account(
        self, back: str, token: str, state: str, code: str | None, iss: str | None, now: datetime
    ) -> Account:  # fmt: skip
        """Whose account it is that came back with `state` and `code`. Raises Unauthenticated and ProviderAway."""
        if not token or not hmac.compare_digest(state.encode(), _derived(token, "state").encode()):
            raise Unauthenticated("this sign-in was not begun in this browser, or too long ago; begin again")
        if iss not in (None, self.trust.issuer):
            raise Unauthenticated("another provider answered")
        if not code:
            raise Unauthenticated("the provider signed nobody in")
        answer = self._exchange(back, token, code, now)
        claims = self._claims(answer, _derived(token, "nonce"), now)
        name = claims.get(self.trust.claim)
        if not isinstance(name, str) or not name.strip():
            raise Unauthenticated(f"the provider says no {self.trust.claim} of this account")
        if self.trust.claim == "email" and claims.get("email_verified") is not True:
            raise Unauthenticated("the provider has not verified the address of this account")
        return Account(self.trust.issuer, str(claims["sub"]), name)

    def _exchange(self, back: str, token: str, code: str, now: datetime) -> Mapping[str, Any]:
        endpoint = self._metadata(now)["token_endpoint"]
        try:
            with self._session(back) as session:
                return dict(
                    session.fetch_token(
                        endpoint, grant_type="authorization_code", code=code, code_verifier=_derived(token, "verifier"),
                        allow_redirects=False,
                    )
                )  # fmt: skip
        except OAuthError as e:
            raise Unauthenticated("the provider does not know this sign-in, or it was used already") from e
        except (requests.RequestException, ValueError) as e:
            raise ProviderAway(_AWAY) from e

    def _claims(self, answer: Mapping[str, Any], nonce: str, now: datetime) -> Mapping[str, Any]:
        """The claims of the id token, when it is signed by the provider, for us, for this sign-in, and in its time."""
        raw = answer.get("id_token")
        if not isinstance(raw, str):
            raise Unauthenticated("the provider sent no proof of who it was")
        try:
            found = self._decoded(raw, now)
            if str(found.header.get("typ", "JWT")).upper() != "JWT":
                raise Unauthenticated("the provider sent another kind of token")
            wanted = {"iss": {"essential": True, "value": self.trust.issuer},
                      "aud": {"essential": True, "value": self.trust.client_id}}  # fmt: skip
            known = {"nonce": nonce, "client_id": self.trust.client_id, "access_token": answer.get("access_token")}
            claims = CodeIDToken(found.claims, found.header, wanted, known)
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY_S)
        except (JoseError, ValueError) as e:
            log.warning("id token refused", why=str(e))
            raise Unauthenticated("the proof that the provider sent is not good") from e
        return dict(claims)

    def _decoded(self, raw: str, now: datetime) -> jwt.Token:
        try:
            return jwt.decode(raw, self._key_set(now), registry=_REGISTRY)
        except InvalidKeyIdError:
            # The provider may have changed its keys since we asked.
            with self._lock:
                self._keys = None
            return jwt.decode(raw, self._key_set(now), registry=_REGISTRY)

    def _metadata(self, now: datetime) -> Mapping[str, Any]:
        """What the provider says of itself. Raises ProviderAway, also when it is not who we wanted to ask."""
        with self._lock:
            if self._away is not None and timedelta(0) <= now - self._away < PATIENCE:
                raise ProviderAway(_AWAY)
            if self._since is None or now - self._since >= BELIEVED:
                try:
                    self._known, self._keys = self.said_of_itself(), None
                except ProviderAway:
                    self._away = now
                    raise
                self._since, self._away = now, None
            return self._known

    def said_of_itself(self) -> dict[str, Any]:
        """Its metadata, asked for now. Raises ProviderAway, also when it is not who we wanted to ask."""
        found = _fetched(f"{self.trust.issuer.rstrip('/')}/.well-known/openid-configuration")
        if any(not isinstance(found.get(name), str) for name in _NEEDED):
            raise ProviderAway("the provider of accounts says too little of itself")
        if found["issuer"] != self.trust.issuer:
            raise ProviderAway(f"who answers for {self.trust.issuer} calls itself {found['issuer']}")
        for name in _NEEDED:
            _check_address(found[name], self.trust.issuer)
        return found

    def _key_set(self, now: datetime) -> KeySet:
        address = self._metadata(now)["jwks_uri"]
        with self._lock:
            if self._keys is None:
                try:
                    self._keys = KeySet.import_key_set(_fetched(address))  # type: ignore[arg-type]  # checked by it
                except (JoseError, ValueError, KeyError) as e:
                    raise ProviderAway("the keys of the provider of accounts cannot be read") from e
            return self._keys

    def _session(self, back: str) -> OAuth2Session:
        trust = self.trust
        return OAuth2Session(
            trust.client_id, trust.client_secret or None, scope=SCOPE, redirect_uri=back, code_challenge_method="S256",
            default_timeout=TIMEOUT_S,
        )  # fmt: skip


def _derived(token: str, what: str) -> str:
    """State, nonce or verifier: none of them tells the token or another."""
    return secret.digest(f"oidc-{what}\n{token}")


def _fetched(address: str) -> dict[str, Any]:
    """A JSON object of the provider, without being led elsewhere."""
    try:
        answer = requests.get(address, timeout=TIMEOUT_S, allow_redirects=False, stream=True)
        answer.raise_for_status()
        raw = answer.raw.read(MOST_BYTES + 1, decode_content=True)
        found = None if answer.is_redirect or len(raw) > MOST_BYTES else json.loads(raw)
    except (requests.RequestException, ValueError) as e:
        raise ProviderAway(_AWAY) from e
    if not isinstance(found, dict):
        raise ProviderAway("the provider of accounts says what cannot be understood")
    return found


def _check_address(address: str, issuer: str) -> None:
    """HTTPS, but for a provider on this very machine. Raises ProviderAway."""
    parts = urlsplit(address)
    if parts.scheme == "https" or (is_loopback(parts.hostname) and is_loopback(urlsplit(issuer).hostname)):
        return
    raise ProviderAway(f"the provider of accounts must be reached by https, not at {address}")
