"""The pages, as a browser would ask for them."""

import json
import ssl
import urllib.error
import urllib.request
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

from threenos_server.ca import files
from threenos_server.doctor.reached import Pages
from threenos_server.settings import Settings
from threenos_server.up.where import kept_in, read

ANSWER_S = 5.0


def trusted(data: Path) -> ssl.SSLContext:
    """Whom a tablet of the plant trusts: the world's authorities, and the plant's own."""
    context = ssl.create_default_context()
    with suppress(OSError):  # none, or none that can be read: the check of certificates says so
        context.load_verify_locations(data / "ca" / files.AUTHORITY)
    return context


def pages(url: str, data: Path) -> Pages:
    """What is ready behind that address."""
    try:
        with _direct(data).open(f"{url}/health/ready", timeout=ANSWER_S) as answer:
            json.loads(answer.read())
        return Pages(url)
    except urllib.error.HTTPError as e:
        return _not_ready(url, e)
    except (OSError, HTTPException, ValueError) as e:
        return Pages(url, error=str(getattr(e, "reason", e)))


def _direct(data: Path) -> urllib.request.OpenerDirector:
    """Asks without any proxy of the environment, which knows nothing of this installation's own addresses."""
    handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusted(data))
    return urllib.request.build_opener(*handlers)


def _not_ready(url: str, answer: urllib.error.HTTPError) -> Pages:
    """What the answer names as missing; another answer than ours is an error."""
    try:
        missing = json.loads(answer.read())["missing"]
        return Pages(url, tuple((str(name), str(why)) for name, why in missing.items()))
    except (OSError, HTTPException, ValueError, LookupError, TypeError, AttributeError):
        return Pages(url, error=f"HTTP {answer.code}")


def own_address(settings: Settings) -> str:
    """Where the web server of this machine listens, past any proxy."""
    running = read(kept_in(settings.data)) if settings.data.is_dir() else None
    if running is not None and not settings.mqtt_url:
        return running.http
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
