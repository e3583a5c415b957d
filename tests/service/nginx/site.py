"""The nginx site of `deploy/nginx`, as it is but for addresses, in a real nginx."""

import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from plant import answers, end, free_port, wait_for

from threenos_server.ca import service

SITE = Path(__file__).parents[3] / "deploy" / "nginx"
NGINX = shutil.which("nginx", path="/usr/local/sbin:/usr/sbin:/usr/bin:/opt/homebrew/bin") or "nginx"
NAME = "localhost"
_MAIN = """\
daemon off;
pid {home}/pid;
error_log {home}/log notice;
worker_processes 1;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    include conf.d/*.conf;
}}
"""


class Site:
    """nginx in front of what listens on `upstream`, with a certificate of the authority of `data`."""

    def __init__(self, data: Path, upstream: int) -> None:
        self.http, self.https = free_port(), free_port()
        self.authority = data / "ca" / "ca.pem"
        # Its workers are nobody's, who could not enter a directory of root's tests.
        self.home = Path(tempfile.mkdtemp(prefix="threenos-nginx-"))
        self.home.chmod(0o755)
        service.issue(data, self.home / "web", [NAME, "127.0.0.1"], datetime.now(UTC))
        self._copy(upstream)
        command = [NGINX, "-p", str(self.home), "-e", str(self.home / "log"), "-c", str(self.home / "nginx.conf")]
        with (self.home / "out").open("wb") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=out)

    def wait(self) -> None:
        """Until it serves."""
        wait_for("nginx listens", self._listens)

    def _listens(self) -> bool:
        assert self._process.poll() is None, (self.home / "out").read_text()
        return answers("127.0.0.1", self.http) and answers("127.0.0.1", self.https)

    def _copy(self, upstream: int) -> None:
        """The files where the page says that they go; each address in them becomes one of this test."""
        (self.home / "nginx.conf").write_text(_MAIN.format(home=self.home))
        for name in ("threenos.conf", "name.conf", "tls.conf", "proxy.conf", "answers.conf"):
            folder = self.home / ("conf.d" if name == "threenos.conf" else "threenos")
            folder.mkdir(exist_ok=True)
            shutil.copy(SITE / name, folder / name)
        self._change("threenos/name.conf", "andon.plant", f"{NAME} 127.0.0.1", 1)
        self._change("threenos/tls.conf", "/etc/threenos/web", str(self.home / "web"), 2)
        self._change("threenos/answers.conf", "/var/log/nginx/access.log", str(self.home / "access"), 1)
        self._change("conf.d/threenos.conf", "listen 80;", f"listen 127.0.0.1:{self.http};", 2)
        self._change("conf.d/threenos.conf", "listen 443 ssl;", f"listen 127.0.0.1:{self.https} ssl;", 2)
        self._change("conf.d/threenos.conf", "server 127.0.0.1:8300;", f"server 127.0.0.1:{upstream};", 1)

    def _change(self, name: str, old: str, new: str, times: int) -> None:
        path = self.home / name
        text = path.read_text()
        assert text.count(old) == times, f"{name} has {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new))

    def close(self) -> None:
        try:
            end(self._process)
        finally:
            shutil.rmtree(self.home)
