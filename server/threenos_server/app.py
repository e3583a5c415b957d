"""The composition of a web server: every domain's routes on one Flask app. Above all domains; imports them all."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import flask
from prometheus_client import CollectorRegistry
from werkzeug.middleware.proxy_fix import ProxyFix

from threenos_server import keys, migrations
from threenos_server.access import Actor
from threenos_server.api import Keys, Routes
from threenos_server.board import routes as board_routes
from threenos_server.chain import routes as chain_routes
from threenos_server.clock import Now, utc_now
from threenos_server.complaints import routes as complaints_routes
from threenos_server.db import Database
from threenos_server.escalation import routes as escalation_routes
from threenos_server.escalation import station_routes as station_state_routes
from threenos_server.folds import FOLDS
from threenos_server.gateway.gateway import Authenticate
from threenos_server.gateway.server import EXTENSION, attach
from threenos_server.gauges import Gauges
from threenos_server.http import (
    attachments,
    decoding,
    enrolment,
    headers,
    health,
    metrics,
    oidc,
    pages,
    photos,
    problems,
    session,
    views,
)
from threenos_server.http import second_factor as second_factor_routes
from threenos_server.http.server import COOKIE, HOST_COOKIE, Server
from threenos_server.intake import routes as intake_routes
from threenos_server.journal import routes as journal_routes
from threenos_server.moving import left
from threenos_server.notify import routes as notify_routes
from threenos_server.outward import ANYBODY, Hosts
from threenos_server.people import roster_routes, sessions, station_routes
from threenos_server.people import routes as people_routes
from threenos_server.people.second_factors import Wanted
from threenos_server.people.station_file import Reached
from threenos_server.reports import actions_routes, eight_d_routes, packs_routes
from threenos_server.reports import routes as reports_routes
from threenos_server.settings import Settings
from threenos_server.up import reached as addresses

if TYPE_CHECKING:
    from threenos_server.people.provider import Provider

#: Every route of every domain.
ROUTES: tuple[Routes, ...] = (
    session.ROUTES,
    second_factor_routes.ROUTES,
    oidc.ROUTES,
    chain_routes.ROUTES,
    board_routes.ROUTES,
    journal_routes.ROUTES,
    complaints_routes.ROUTES,
    escalation_routes.ROUTES,
    notify_routes.ROUTES,
    intake_routes.ROUTES,
    people_routes.ROUTES,
    roster_routes.ROUTES,
    station_routes.ROUTES,
    station_state_routes.ROUTES,
    reports_routes.ROUTES,
    eight_d_routes.ROUTES,
    packs_routes.ROUTES,
    actions_routes.ROUTES,
    enrolment.ROUTES,
    photos.ROUTES,
    attachments.ROUTES,
)

#: Where stations find a server that is told nothing else.
_FIND_US = partial(addresses.reached, Settings())

#: The services without which a press is not taken or nobody is told: readiness names those that fall silent.
BEATS = ("intake", "clock")


def create(settings: Settings) -> flask.Flask:
    """The app of `threenos web` and of a gunicorn of one's own: to be made in each worker, after the fork."""
    left.refuse(settings)
    db = Database(settings.database_url(), FOLDS)
    https = settings.public_url.startswith("https://")
    secrets = keys.load(settings.data)
    reached = partial(addresses.reached, settings)
    app = create_app(
        db, secrets, https=https, proxies=settings.proxies, reached=reached, provider=provider_of(settings),
        second_factor=Wanted(settings.second_factor), sign_in_notice=settings.sign_in_notice,
        hosts=Hosts(settings.notice_hosts),
    )  # fmt: skip
    attach(app, db, authenticate(db, secrets, https=https))
    app.extensions[EXTENSION].on_count = metrics.sockets(app.extensions["threenos"].registry).set
    return app


def provider_of(settings: Settings) -> "Provider | None":
    """The provider of the plant's own accounts, when there is one. It is asked when somebody signs in."""
    if not settings.oidc_issuer:
        return None
    from threenos_server.people.provider import Provider, Trust  # not without need: it brings a client for HTTP along

    return Provider(
        Trust(
            settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, settings.oidc_claim,
            settings.oidc_unknown == "add", settings.public_url,
        )
    )  # fmt: skip


def authenticate(db: Database, secrets: Keys, now: Now = utc_now, *, https: bool = False) -> Authenticate:
    """Who stands behind a board's socket: its session cookie, or its board token; asking keeps no session alive."""

    def ask(site: str, cookies: Mapping[str, str], token: str | None) -> Actor | None:
        # A browser sends the first over HTTPS alone.
        cookie = cookies.get(HOST_COOKIE) or (None if https else cookies.get(COOKIE))
        return sessions.authenticate(db, secrets.pseudonym, site, now(), cookie=cookie, bearer=token, touch=False)

    return ask


def create_app(
    db: Database,
    secrets: Keys,
    *,
    now: Now = utc_now,
    https: bool = False,
    proxies: int = 0,
    beats: tuple[str, ...] = BEATS,
    misfit: Callable[[Database], str | None] = migrations.misfit,
    static: Path = pages.BUILT,
    routes: Sequence[Routes] = (),
    reached: Callable[[str], Reached] = _FIND_US,
    provider: "Provider | None" = None,
    second_factor: Wanted = Wanted.OWN,
    sign_in_notice: str = "",
    hosts: Hosts = ANYBODY,
) -> flask.Flask:
    """A Flask app over `db`. `app.extensions["threenos"]` is its `Server`, for what is added to it.

    `https`: people reach it by HTTPS, though a proxy may speak HTTP to it. `proxies`: how many in front are
    believed in their X-Forwarded headers. `reached`, `second_factor`, `sign_in_notice`, `hosts`: see `Server`. `routes`
    are served instead of ROUTES, which a test may want.
    """
    app = flask.Flask("threenos_server", static_folder=None, template_folder=None)
    registry = CollectorRegistry()
    declared = tuple(routes) or ROUTES
    app.extensions["threenos"] = Server(
        db=db, keys=secrets, now=now, https=https, beats=beats, misfit=misfit, registry=registry, static=static,
        routes=declared, reached=reached, provider=provider, second_factor=second_factor, sign_in_notice=sign_in_notice,
        hosts=hosts,
    )  # fmt: skip
    app.config["MAX_CONTENT_LENGTH"] = decoding.MAX_UPLOAD_BYTES
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]  # as Flask's own documentation does
    headers.register(app)
    metrics.register(app, registry, Gauges(db, now))
    problems.register(app)
    health.register(app)
    views.register(app, declared)
    pages.register(app)
    return app
