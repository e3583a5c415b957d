"""Prometheus metrics of a web server. With PROMETHEUS_MULTIPROC_DIR each worker answers for all."""

import os
import time

import flask
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from threenos_server.http.server import server

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def register(app: flask.Flask, registry: CollectorRegistry) -> None:
    """Measure every request of the app into `registry`."""
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


def exposition() -> flask.Response:
    """What Prometheus reads."""
    registry = server().registry
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
    return flask.Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
