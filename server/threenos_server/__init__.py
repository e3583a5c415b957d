"""The site's server: takes presses, keeps the journal, shows the board, escalates."""

from importlib.metadata import version

__version__ = version("threenos")
