"""Signing in with the plant's own accounts: who comes in, and every lie that keeps one out."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from browser import PASSWORD, Browser, MovedClock, hire, problem, serve, turn_on
from flask import Flask
from service.security.fake_provider import CLIENT, SECRET, FakeProvider
from werkzeug.test import TestResponse

from threenos_server.access import Grant, Role
from threenos_server.app import provider_of
from threenos_server.db import Database
from threenos_server.people import identities, service
from threenos_server.people.provider import Provider, ProviderAway, Trust
from threenos_server.people.second_factors import Wanted
from threenos_server.settings import Settings

LEADER = Grant(Role.TEAM_LEADER, line="motor")
BACK = "/session/provider/back"


@pytest.fixture
def fake(clock: MovedClock) -> Iterator[FakeProvider]:
    running = FakeProvider(clock)
    yield running
    running.close()


@pytest.fixture
def make_app(db: Database, clock: MovedClock, fake: FakeProvider) -> Callable[..., Flask]:
    """A server that trusts the fake."""

    def make(https: bool = False, second_factor: Wanted = Wanted.OWN, **trust: Any) -> Flask:
        provider = Provider(Trust(fake.issuer, CLIENT, SECRET, **trust))
        return serve(db, clock, https=https, second_factor=second_factor, provider=provider)

    return make


@pytest.fixture
def app(make_app: Callable[..., Flask], db: Database) -> Flask:
    hire(db, "Li Na", LEADER)
    return make_app()


def come(browser: Browser, fake: FakeProvider, change: Callable[[str], str] = lambda query: query) -> TestResponse:
    """Press the button, sign in at the provider, and come back; `change` meddles with what one comes back with."""
    left = browser.post("/session/provider")
    assert left.status_code == 200, left.text
    return browser.get(f"{BACK}?{change(fake.sign_in(left.get_json()['address']))}")


def refused(answer: TestResponse) -> str:
    """Why the desk says that nobody was signed in."""
    assert answer.status_code == 303
    assert "threenos_session=" not in str(answer.headers.getlist("Set-Cookie"))
    where = urlsplit(answer.headers["Location"])
    assert where.path == "/desk"
    return parse_qs(where.query)["sign-in"][0]


def test_an_account_signs_the_person_of_that_name_in(app: Flask, fake: FakeProvider) -> None:
    """Away, signed in there, and back at the desk as oneself, with the roles that one has here."""
    browser = Browser(app)
    assert browser.get("/session/ways").get_json() == {"provider": True, "notice": ""}
    answer = come(browser, fake)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("threenos_session="))
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    mine = browser.get("/session").get_json()
    assert (mine["name"], [r["role"] for r in mine["roles"]]) == ("Li Na", ["team-leader"])
    browser.csrf = mine["csrf"]
    assert browser.ask("DELETE", "/session").status_code == 204
    assert browser.get("/session").status_code == 401


@pytest.mark.parametrize("has_one", [False, True])
def test_an_account_of_the_provider_is_asked_for_nothing_more(
    make_app: Callable[..., Flask], db: Database, fake: FakeProvider, clock: MovedClock, has_one: bool
) -> None:
    """Its provider asks for what it asks for: no code, no second factor, also where everyone must have one here."""
    person = hire(db, "Li Na", LEADER).id
    if has_one:
        turn_on(db, person, clock())
    browser = Browser(make_app(second_factor=Wanted.EVERYONE))
    assert come(browser, fake).headers["Location"] == "/desk"
    assert browser.get("/session").get_json()["lacks"] is None
    assert browser.get("/board").status_code == 200


def test_without_a_provider_there_is_no_button_and_no_way(db: Database, clock: MovedClock) -> None:
    """The settings decide; a password signs in with a provider as without one."""
    hire(db, "Li Na", LEADER)
    browser = Browser(serve(db, clock))
    assert browser.get("/session/ways").get_json() == {"provider": False, "notice": ""}
    assert browser.post("/session/provider").status_code == 404
    assert refused(browser.get(f"{BACK}?code=x&state=x")) == "refused"
    assert provider_of(Settings()) is None
    chosen = provider_of(Settings(oidc_issuer="https://id.plant", oidc_client_id="t", oidc_unknown="add"))
    assert chosen is not None and chosen.trust.adds_unknown
    assert browser.sign_in("Li Na").status_code == 200


def test_a_password_works_while_the_provider_is_away(app: Flask, fake: FakeProvider, clock: MovedClock) -> None:
    """For emergencies; and a provider that does not answer is not waited for by everybody, one after the other."""
    fake.away = True
    browser = Browser(app)
    assert problem(browser.post("/session/provider"))["status"] == 502
    assert browser.sign_in("Li Na", PASSWORD).status_code == 200
    fake.away = False
    assert Browser(app).post("/session/provider").status_code == 502, "it was asked just now"
    assert len(fake.asked) == 1
    clock.advance(seconds=11)
    assert Browser(app).post("/session/provider").status_code == 200


def test_what_was_not_begun_in_this_browser_is_refused(app: Flask, fake: FakeProvider) -> None:
    """Another's code, a guessed state, or a code without any secret: nobody is signed in as somebody else (CSRF)."""
    thief, victim = Browser(app), Browser(app)
    query = fake.sign_in(thief.post("/session/provider").get_json()["address"])
    assert refused(victim.get(f"{BACK}?{query}")) == "unknown"
    victim.post("/session/provider")
    assert refused(victim.get(f"{BACK}?{query}")) == "unknown"
    assert refused(come(Browser(app), fake, lambda q: q.replace("state=", "state=0"))) == "unknown"
    assert victim.get("/session").status_code == 401


def test_what_comes_back_is_good_once(app: Flask, fake: FakeProvider) -> None:
    """The secret leaves the browser with the answer, and the provider takes each code once."""
    browser = Browser(app)
    said: list[str] = []
    come(browser, fake, lambda query: said.append(query) or query)  # type: ignore[func-returns-value]  # append's None
    assert refused(browser.get(f"{BACK}?{said[0]}")) == "unknown"


def test_the_proof_key_is_asked_for(app: Flask, fake: FakeProvider) -> None:
    """A code that was seen on its way is worth nothing without the verifier, which this browser alone can give."""
    mine, other = Browser(app), Browser(app)
    seen = parse_qs(fake.sign_in(mine.post("/session/provider").get_json()["address"]))["code"][0]
    assert refused(come(other, fake, lambda q: q.replace(q.split("&")[0], f"code={seen}"))) == "unknown"


@pytest.mark.parametrize(
    "lie",
    [
        {"claims": {"nonce": "of another sign-in"}},
        {"claims": {"nonce": None}},
        {"claims": {"aud": "another client"}},
        {"claims": {"aud": [CLIENT, "another"], "azp": "another"}},
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"exp": 1}},
        {"claims": {"iat": 4_000_000_000}},
        {"claims": {"sub": None}},
        {"claims": {"preferred_username": None}},
        {"claims": {"preferred_username": ["li na"]}},
        {"claims": {"preferred_username": "somebody else"}},
        {"header": {"typ": "at+jwt"}},
        {"header": {"typ": "logout+jwt"}},
        {"signs": "unsigned"},
        {"signs": "signed_with_what_we_know"},
        {"signs": "signed_by_a_key_of_its_own"},
    ],
    ids=str,
)
def test_a_token_that_is_not_good_is_refused(app: Flask, fake: FakeProvider, lie: dict[str, Any]) -> None:
    """Signature, algorithm, key, issuer, audience, time, nonce, kind and name are each looked at."""
    for name, value in lie.items():
        setattr(fake, name, getattr(fake, value) if name == "signs" else value)
    browser = Browser(app)
    assert refused(come(browser, fake)) == "unknown"
    assert browser.get("/session").status_code == 401


def test_a_person_who_declined_is_back_at_the_desk(app: Flask, fake: FakeProvider) -> None:
    """The provider says an error instead of a code."""
    state = "&".join(("error=access_denied", "state="))
    assert refused(come(Browser(app), fake, lambda q: state + parse_qs(q)["state"][0])) == "unknown"


def test_another_provider_cannot_answer_for_ours(app: Flask, fake: FakeProvider, db: Database) -> None:
    """Neither in what comes back nor in what it says of itself; nor does it lead us to an address in plain."""
    mixed = come(Browser(app), fake, lambda q: q.replace("iss=http", "iss=https"))
    assert refused(mixed) == "unknown"
    for lie in ({"issuer": "https://evil.example"}, {"token_endpoint": "http://evil.example/token"}, {"jwks_uri": 7}):
        fake.metadata = lie
        fresh = Browser(serve(db, fake.now, provider=Provider(Trust(fake.issuer, CLIENT, SECRET))))  # type: ignore[arg-type]  # it is the moved clock
        assert fresh.post("/session/provider").status_code == 502
    with pytest.raises(ProviderAway):
        Provider(Trust("http://id.plant", CLIENT))


def test_new_keys_are_found_without_a_restart(app: Flask, fake: FakeProvider, clock: MovedClock) -> None:
    """A provider changes its keys; what it says of itself is asked once an hour and not at every sign-in."""
    assert come(Browser(app), fake).headers["Location"] == "/desk"
    fake.new_key()
    assert come(Browser(app), fake).headers["Location"] == "/desk"
    assert fake.asked.count("/.well-known/openid-configuration") == 1
    clock.advance(hours=1)
    assert come(Browser(app), fake).headers["Location"] == "/desk"
    assert fake.asked.count("/.well-known/openid-configuration") == 2


def test_the_account_counts_and_not_its_name(app: Flask, fake: FakeProvider, db: Database) -> None:
    """Once known an account may be renamed; whoever gets its old name there does not become the person here."""
    assert come(Browser(app), fake).headers["Location"] == "/desk"
    fake.account["preferred_username"] = "li na-wang"
    assert come(Browser(app), fake).headers["Location"] == "/desk"
    fake.account |= {"sub": "account-2", "preferred_username": "li na"}
    assert refused(come(Browser(app), fake)) == "unknown"
    with db.write() as session:
        identities.forget(session, service.named(session, "Li Na").id)
    assert come(Browser(app), fake).headers["Location"] == "/desk"


def test_an_inactive_person_stays_out(app: Flask, fake: FakeProvider, db: Database) -> None:
    """Also with an account that was known."""
    assert come(Browser(app), fake).headers["Location"] == "/desk"
    with db.write() as session:
        service.change(session, service.named(session, "Li Na").id, active=False)
    assert refused(come(Browser(app), fake)) == "unknown"


def test_an_unknown_account_is_added_only_where_a_setting_says_so(
    make_app: Callable[..., Flask], fake: FakeProvider
) -> None:
    """And then without any role: what one may do is said here and nowhere else."""
    fake.account |= {"preferred_username": "Wang Wei", "roles": ["admin"]}
    assert refused(come(Browser(make_app()), fake)) == "unknown"
    browser = Browser(make_app(adds_unknown=True))
    assert come(browser, fake).headers["Location"] == "/desk"
    mine = browser.get("/session").get_json()
    assert (mine["name"], mine["roles"]) == ("Wang Wei", [])
    assert browser.get("/board").status_code == 403


def test_an_address_counts_only_when_it_was_verified(
    make_app: Callable[..., Flask], fake: FakeProvider, db: Database
) -> None:
    """Where people sign in by their e-mail address."""
    hire(db, "li.na@plant.example", LEADER)
    app = make_app(claim="email")
    fake.claims = {"email_verified": False}
    assert refused(come(Browser(app), fake)) == "unknown"
    fake.claims = {}
    assert come(Browser(app), fake).headers["Location"] == "/desk"


def test_over_https_every_cookie_is_of_this_host_alone(make_app: Callable[..., Flask], fake: FakeProvider) -> None:
    """The one that goes along to the provider as well."""
    browser = Browser(make_app(https=True), base="https://localhost")
    left = browser.post("/session/provider")
    cookie = left.headers["Set-Cookie"]
    assert cookie.startswith("__Host-threenos_away=")
    assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Max-Age=600" in cookie
    assert "redirect_uri=https%3A%2F%2Flocalhost%2Fapi%2Fv1%2Fsession%2Fprovider%2Fback" in left.get_json()["address"]
    assert fake.issuer in left.get_json()["address"]


def test_guessing_is_limited_as_with_passwords(app: Flask, clock: MovedClock) -> None:
    """Fifty tries from one address, and the provider is asked no more."""
    browser = Browser(app)
    tries = {refused(browser.get(f"{BACK}?code=x&state=x")) for _ in range(50)}
    assert (tries, refused(browser.get(f"{BACK}?code=x&state=x"))) == ({"unknown"}, "wait")
    clock.advance(seconds=timedelta(minutes=16).total_seconds())
    assert refused(browser.get(f"{BACK}?code=x&state=x")) == "unknown"
