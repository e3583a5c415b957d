"""`threenos journal verify`: the chain of every site, held against what witnesses saw of it."""

from argparse import Namespace
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from threenos_server.backups import manifest
from threenos_server.cli.open import database
from threenos_server.cli.show import say
from threenos_server.errors import Invalid, NotFound
from threenos_server.journal.model import Break, Head
from threenos_server.journal.replay import Restored, left_behind, restores
from threenos_server.journal.verify import verify_every
from threenos_server.journal.witness import Witnessed, read_witnesses
from threenos_server.settings import Settings
from threenos_wire.instants import format_instant


@dataclass(frozen=True, slots=True)
class _Told:
    """What is said of a site: where its journal ends or breaks, when it was restored, and what witnesses saw before."""

    site: str
    end: Head | Break
    restores: list[Restored]
    before: list[Witnessed]


def verify(settings: Settings, args: Namespace) -> int:
    """Follow the chain of every site; 1 when a row is broken."""
    seen = _witnesses([Path(f) for f in args.witness])
    with database(settings, create=False) as db, db.read() as session:
        told = _told(session, seen)
    if args.site is not None:
        told = [t for t in told if t.site == args.site]
        if not told:
            raise NotFound(f"there is no site {args.site!r}")
    say(args, [_document(t) for t in told], "\n".join(_words(t) for t in told) or "There is no journal yet.")
    return int(any(isinstance(t.end, Break) for t in told))


def _told(session: Session, seen: dict[str, list[Witnessed]]) -> list[_Told]:
    """What was seen of rows that a restore took back is no sign of a forger, so the chain is not held against it."""
    known = {site: restores(session, site) for site in seen}
    before = {site: [w for w in heads if left_behind(w, known[site])] for site, heads in seen.items()}
    stand = {site: [Head(w.seq, w.hash) for w in heads if w not in before[site]] for site, heads in seen.items()}
    found = verify_every(session, stand)
    return [_Told(site, end, known.get(site, []), before.get(site, [])) for site, end in found.items()]


def _document(told: _Told) -> dict[str, Any]:
    end = told.end
    said = {"site": told.site, "ok": isinstance(end, Head), "seq": end.seq}
    said |= {"hash": end.hash} if isinstance(end, Head) else {"detail": end.detail}
    if told.before:
        said["restored"] = [{"seq": r.seq, "at": format_instant(r.at)} for r in told.restores]
        said["seen_before_restore"] = [{"seq": w.seq, "hash": w.hash, "at": w.at} for w in told.before]
    return said


def _words(told: _Told) -> str:
    end = told.end
    if isinstance(end, Break):
        first = f"{told.site}: BROKEN at row {end.seq}: {end.detail}"
    else:
        first = f"{told.site}: {end.seq} rows, whole; the last hash is {end.hash}"
    if not told.before:
        return first
    rows = [w.seq for w in told.before]
    times = ", ".join(f"{format_instant(r.at)} (row {r.seq} says so)" for r in told.restores)
    return (
        f"{first}\n  The journal was restored at {times}. {len(rows)} hashes that witnesses saw before, of rows "
        f"{min(rows)} to {max(rows)}, belong to what was taken back then. That is as it should be if you restored it "
        "at that time; if nobody did, somebody has cut the journal."
    )


def _witnesses(files: list[Path]) -> dict[str, list[Witnessed]]:
    """By site, what files of witnesses and manifests of backups say."""
    found: dict[str, list[Witnessed]] = defaultdict(list)
    for path in files:
        if path.name.endswith(manifest.ENDING):
            for witnessed in manifest.read(path).witnesses():
                found[witnessed.site] += [witnessed] if witnessed.seq else []
            continue
        try:
            seen = read_witnesses(path.read_bytes().splitlines())
        except OSError as e:
            raise NotFound(f"{path}: {e.strerror}") from e
        except Invalid as e:
            raise Invalid(f"{path} is no witness file", *e.faults) from e
        for site, heads in seen.items():
            found[site] += heads
    return found
