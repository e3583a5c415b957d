"""A server over the example factory, see `tests/serving.py`, and the agents of `tests/service/station`."""

from service.station.conftest import broker, make_agent, server
from serving import app, cheap_passwords, clock, db, factory_made, site

__all__ = ["app", "broker", "cheap_passwords", "clock", "db", "factory_made", "make_agent", "server", "site"]
