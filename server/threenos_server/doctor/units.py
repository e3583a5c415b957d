"""Which unit of systemd a cure names: of a server for a plant, or of a single PC, where `threenos up` is all. Pure."""

import re
from dataclasses import replace

from threenos_server.doctor.finding import Finding

#: What `threenos up` does by itself, where a cure starts it, stops it or looks at it.
_APART = re.compile(
    r"\b((?:status|start|stop|-u) )(?:threenos-(?:web|intake|clock)|threenos\.target|mosquitto)(?![\w-])"
)


def together(finding: Finding) -> Finding:
    """The same for who has `threenos up`: the cure names the unit that is there, or the terminal."""
    cure = _APART.sub(r"\1threenos-up", finding.cure)
    if cure == finding.cure:
        return finding
    return replace(finding, cure=f"{cure}; where no unit runs it, what `threenos up` says in its terminal")
