"""A server over the example factory, see `tests/serving.py`."""

from serving import app, cheap_passwords, clock, db, factory_made, site

__all__ = ["app", "cheap_passwords", "clock", "db", "factory_made", "site"]
