"""What the services write down of an attack: enough to know it by, and nothing that must not be read there."""

import json
import subprocess
import sys

PROGRAM = """
import logging, structlog
from threenos_server.cli.logs import configure
configure("info")
def sign_in(name, password):
    raise ValueError("it broke")
for say in (structlog.get_logger("http").exception, logging.getLogger("library").exception):
    try:
        sign_in("Li", "correct horse battery staple")
    except ValueError:
        say("request given up")
structlog.get_logger("http").info("asked", name='x\\n{"level":"info","event":"all is well"}')
"""


def test_no_secret_and_no_forged_line_is_in_the_log() -> None:
    """A traceback says where, and not what the variables were; a text with a line break is one line all the same."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["request given up", "request given up", "asked"]
    assert "sign_in" in done.stderr
    assert "correct horse" not in done.stderr
