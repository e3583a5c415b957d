"""The agent as other programs on this machine find it: a lock on its folder, and a note of where its page is."""

import fcntl
import http.client
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from threenos_station.errors import StationError
from threenos_station.whole import put

LOCK, NOTE, DATABASE = "agent.lock", "agent.json", "station.db"


class AgentRuns(StationError):
    """Another agent has this folder; two with one client id would throw each other off the broker."""


class Note(msgspec.Struct, frozen=True):
    """Where the running agent's page is, and the token that lets programs of this user speak to it."""

    url: str
    token: str
    pid: int


class FolderLock:
    """Held while the agent runs; the system gives it back when the process dies, however it dies."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            os.close(self._fd)
            raise AgentRuns("agent-runs", f"another agent is running on {folder}") from e

    def release(self) -> None:
        os.close(self._fd)


def write_note(folder: Path, note: Note) -> None:
    """Leave the note, readable by this user only. Not lasting: after a power cut no agent runs."""
    put(folder / NOTE, msgspec.json.encode(note), lasting=False)


def remove_note(folder: Path) -> None:
    (folder / NOTE).unlink(missing_ok=True)


def read_note(folder: Path) -> Note | None:
    """The note of the agent that runs on `folder`, None when none does."""
    try:
        note = msgspec.json.decode((folder / NOTE).read_bytes(), type=Note)
        FolderLock(folder).release()
    except AgentRuns:
        return note
    except (OSError, msgspec.DecodeError):
        return None
    return None


def ask(note: Note, method: str, path: str, body: Any = None, timeout: float = 10) -> tuple[int, Any]:
    """(status, decoded JSON) of the running agent; OSError when it does not answer."""
    url = urlsplit(note.url)
    connection = http.client.HTTPConnection(url.hostname or "127.0.0.1", url.port, timeout=timeout)
    headers = {"Authorization": f"Bearer {note.token}", "Content-Type": "application/json"}
    try:
        connection.request(method, path, None if body is None else msgspec.json.encode(body), headers)
        response = connection.getresponse()
        return response.status, msgspec.json.decode(response.read())
    except (http.client.HTTPException, msgspec.DecodeError) as e:
        raise ConnectionError(f"the agent's page gave no answer: {e}") from e
    finally:
        connection.close()
