"""What the agent keeps of what the server said: the last setup and state, and the journal's hashes as a witness."""

import threading
from typing import Any

import msgspec

from threenos_station.errors import NotSaved
from threenos_station.store import Store
from threenos_wire.messages import ServerBeat

_beat = msgspec.json.Decoder(ServerBeat)
LAST = "last"


class Kept:
    """Held in memory, and written to the store by `save` when something changed: no press waits for it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._documents = {(s, leaf): payload for s, leaf, payload in store.read("SELECT * FROM kept")}
        self._witness = {(site, slot): rest for site, slot, *rest in store.read("SELECT * FROM witness")}
        self._dirty_documents: set[tuple[str, str]] = set()
        self._dirty_witness: set[tuple[str, str]] = set()

    def document(self, station: str, leaf: str) -> bytes | None:
        """The JSON object last heard on that leaf, even before a restart; None when there was none."""
        return self._documents.get((station, leaf))

    def keep(self, station: str, leaf: str, payload: bytes) -> None:
        """Remember a retained document; an empty one clears. ValueError when it is no JSON object."""
        if payload:
            document = msgspec.json.decode(payload)
            if not isinstance(document, dict):
                raise ValueError(f"{leaf} is no JSON object")
            payload = msgspec.json.encode(document)  # on one line, as server-sent events need it
        with self._lock:
            if payload:
                self._documents[station, leaf] = payload
            else:
                self._documents.pop((station, leaf), None)
            self._dirty_documents.add((station, leaf))

    def witness(self, site: str, payload: bytes) -> ServerBeat:
        """Remember the journal's head of a beat, the last one and the first of each hour; the beat."""
        beat = _beat.decode(payload)
        head = [beat.seq, beat.hash, beat.at]
        with self._lock:
            for slot in (beat.at[:13], LAST):
                known = self._witness.get((site, slot))
                if known is None or (slot == LAST and known[:2] != head[:2]):
                    self._witness[site, slot] = head
                    self._dirty_witness.add((site, slot))
        return beat

    def save(self) -> None:
        """Write what has changed since the last time."""
        with self._lock:
            documents, self._dirty_documents = self._dirty_documents, set()
            heads, self._dirty_witness = self._dirty_witness, set()
            kept = [(*key, self._documents.get(key, b"")) for key in documents]
            witness = [(*key, *self._witness[key]) for key in heads]
        if not kept and not witness:
            return
        try:
            with self._store.write() as db:
                db.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", kept)
                db.execute("DELETE FROM kept WHERE payload = x''")
                db.executemany("INSERT OR REPLACE INTO witness VALUES (?, ?, ?, ?, ?)", witness)
        except NotSaved:
            with self._lock:  # the next save tries again
                self._dirty_documents |= documents
                self._dirty_witness |= heads
            raise


def heads(store: Store) -> list[dict[str, Any]]:
    """Every remembered head of every site's journal, oldest first, each once."""
    rows = store.read("SELECT DISTINCT site, seq, hash, at FROM witness ORDER BY site, seq, at")
    return [dict(zip(("site", "seq", "hash", "at"), row, strict=True)) for row in rows]
