"""The built web: the board and the desk are one page each, whatever follows in the address."""

from pathlib import Path

import flask
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from threenos_server.http.server import server
from threenos_server.people import first_run

#: What the build of `web/` makes: the page that answers for an address that begins with this word.
PAGES = {"board": "board.html", "desk": "desk.html"}
BUILT = Path(__file__).parent.parent / "static"
_HASHED = 365 * 24 * 3600
_NOT_BUILT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Threenos</title></head>
<body>
<h1>The pages are not built</h1>
<p>The server runs, but the pages that it would show were not built into this installation.
Run <code>make web</code> where its source is, then reload.</p>
<h1 lang="zh-CN">页面尚未构建</h1>
<p lang="zh-CN">服务器正在运行，但此安装中没有构建好的页面。请在源代码目录执行 <code>make web</code>，然后刷新。</p>
</body>
</html>
"""


def register(app: flask.Flask) -> None:
    app.add_url_rule("/", "page", _start)
    for word in PAGES:
        app.add_url_rule(f"/{word}", f"page {word}", _page, defaults={"word": word})
        app.add_url_rule(f"/{word}/<path:rest>", f"page {word} rest", _page, defaults={"word": word})
    app.add_url_rule("/assets/<path:name>", "page asset", _asset)
    app.add_url_rule("/<name>", "page file", _file)


def _start() -> Response:
    """The wall; on a system that has no administrator yet the desk, which opens the guide of the first run."""
    with server().db.read() as session:
        begins = first_run.needed(session)
    return flask.redirect("/desk" if begins else "/board")


def _page(word: str, rest: str = "") -> Response:  # noqa: ARG001 - the page reads the rest from its own address
    if not (server().static / PAGES[word]).is_file():
        return flask.Response(_NOT_BUILT, 503, mimetype="text/html")
    return _send(PAGES[word])


def _asset(name: str) -> Response:
    """A file whose name has the hash of its content: it never changes."""
    response = flask.send_from_directory(server().static / "assets", name, max_age=_HASHED)
    response.headers["Cache-Control"] = f"public, max-age={_HASHED}, immutable"
    return response


def _file(name: str) -> Response:
    """Icons, manifests, service workers: names without a hash, asked for again each time."""
    if name.endswith(".html"):
        raise NotFound
    return _send(name)


def _send(name: str) -> Response:
    response = flask.send_from_directory(server().static, name)
    response.headers["Cache-Control"] = "no-cache"
    return response
