"""The station agent: keeps every press on disk before it says so, and hands it to the server until it is recorded."""

from importlib.metadata import version

__version__ = version("threenos")
