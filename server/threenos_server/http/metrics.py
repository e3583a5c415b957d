"""Prometheus metrics of a web server. With PROMETHEUS_MULTIPROC_DIR each worker answers for all."""

import os
import time

import flask
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from threenos_server.http.server import server

#: The extension of the app under which the registry of what all workers read alike stands.
SHARED = "threenos_shared_metrics"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def register(app: flask.Flask, registry: CollectorRegistry, tables: Collector) -> None:
    """Measure every request of the app into `registry`; `tables` are read anew at each scrape, by whichever worker."""
    app.extensions[SHARED] = shared = CollectorRegistry()
    shared.register(tables)
    seconds = Histogram(
        "threenos_http_request_seconds", "Time from a request to its answer, by the route as declared.",
        ("method", "route", "status"), registry=registry, buckets=_BUCKETS,
    )  # fmt: skip

    def observe(response: flask.Response) -> flask.Response:
        # By the rule and never by the path: a path has ids in it, and each label value costs memory for ever.
        rule = flask.request.url_rule.rule if flask.request.url_rule else "unknown"
        took = time.perf_counter() - flask.g.began
        seconds.labels(flask.request.method, rule, response.status_code).observe(took)
        return response

    app.after_request(observe)


def sockets(registry: CollectorRegistry) -> Gauge:
    """To be set to how many boards look at this worker; with PROMETHEUS_MULTIPROC_DIR the sum over all that live."""
    return Gauge("threenos_board_sockets", "Boards that are connected.", registry=registry, multiprocess_mode="livesum")


def exposition() -> flask.Response:
    """What Prometheus reads."""
    registry = server().registry
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
    text = generate_latest(registry) + generate_latest(flask.current_app.extensions[SHARED])
    return flask.Response(text, content_type=CONTENT_TYPE_LATEST)
