"""The example factory, as package data: what `threenos demo` runs and `threenos chain example` prints."""

from functools import cache
from importlib.resources import files

from threenos_server.chain.document import check, from_yaml
from threenos_server.chain.model import Chain


def text() -> str:
    """Its document, written by hand and with comments."""
    return files("threenos_server.chain").joinpath("example.yaml").read_text("utf-8")


@cache
def chain() -> Chain:
    """Its chain."""
    return check(from_yaml(text())).sound()
